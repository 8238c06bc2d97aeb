//! One run as the server sees it: its history, and whether a workflow task is due.

use std::time::SystemTime;

use callboard_actors::protos::{
    command::v1::{
        Command, ScheduleActivityTaskCommandAttributes, command::Attributes as CommandAttributes,
    },
    common::v1::{ActivityType, Payload, Payloads, WorkflowExecution, WorkflowType},
    enums::v1::{EventType, TaskQueueKind},
    failure::v1::Failure,
    history::v1::{
        ActivityTaskCompletedEventAttributes, ActivityTaskScheduledEventAttributes,
        ActivityTaskStartedEventAttributes, History, HistoryEvent, MarkerRecordedEventAttributes,
        TimerFiredEventAttributes, TimerStartedEventAttributes,
        WorkflowExecutionCompletedEventAttributes, WorkflowExecutionFailedEventAttributes,
        WorkflowExecutionSignaledEventAttributes, WorkflowExecutionStartedEventAttributes,
        WorkflowTaskCompletedEventAttributes, WorkflowTaskFailedEventAttributes,
        WorkflowTaskScheduledEventAttributes, WorkflowTaskStartedEventAttributes,
        history_event::Attributes,
    },
    taskqueue::v1::TaskQueue,
    workflowservice::v1 as api,
};
use prost_types::Duration;

use super::state::RunEnd;

/// Where a run's workflow task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WorkflowTask {
    None,
    Scheduled(i64),
    Started { scheduled: i64, started: i64 },
}

/// An activity that the last completed workflow task has scheduled.
pub(super) struct ScheduledActivity {
    pub(super) event_id: i64,
    pub(super) attributes: ScheduleActivityTaskCommandAttributes,
}

pub(super) struct Run {
    pub(super) workflow_id: String,
    pub(super) run_id: String,
    workflow_type: String,
    task_queue: String,
    history: Vec<HistoryEvent>,
    /// Events that arrived while a workflow task was being worked on.
    buffered: Vec<Attributes>,
    task: WorkflowTask,
    previous_started: i64,
    sticky_queue: Option<String>,
    pub(super) ended: bool,
}

impl Run {
    pub(super) fn start(
        workflow_id: String,
        run_id: String,
        workflow_type: &str,
        task_queue: &str,
        input: Vec<Payload>,
    ) -> Self {
        let mut run = Self {
            workflow_id: workflow_id.clone(),
            run_id: run_id.clone(),
            workflow_type: workflow_type.to_owned(),
            task_queue: task_queue.to_owned(),
            history: Vec::with_capacity(16),
            buffered: Vec::new(),
            task: WorkflowTask::None,
            previous_started: 0,
            sticky_queue: None,
            ended: false,
        };
        run.append(Attributes::WorkflowExecutionStartedEventAttributes(
            Box::new(WorkflowExecutionStartedEventAttributes {
                workflow_type: Some(WorkflowType {
                    name: workflow_type.to_owned(),
                }),
                task_queue: Some(queue_named(task_queue)),
                input: Some(Payloads { payloads: input }),
                workflow_task_timeout: Some(Duration {
                    seconds: 10,
                    nanos: 0,
                }),
                original_execution_run_id: run_id.clone(),
                first_execution_run_id: run_id,
                workflow_id,
                attempt: 1,
                ..Default::default()
            }),
        ));
        run.schedule_task();
        run
    }

    /// The queue on which the task that is due belongs.
    pub(super) fn queue(&self) -> &str {
        self.sticky_queue.as_deref().unwrap_or(&self.task_queue)
    }

    pub(super) fn history(&self) -> History {
        History {
            events: self.history.clone(),
        }
    }

    /// Drops the history; the run must have ended.
    pub(super) fn forget(&mut self) {
        self.history = Vec::new();
    }

    /// Begins the scheduled workflow task and describes it to the poller.
    pub(super) fn start_task(
        &mut self,
        task_token: Vec<u8>,
        sticky: bool,
    ) -> Option<api::PollWorkflowTaskQueueResponse> {
        let WorkflowTask::Scheduled(scheduled) = self.task else {
            return None;
        };
        let started = self.append(Attributes::WorkflowTaskStartedEventAttributes(Box::new(
            WorkflowTaskStartedEventAttributes {
                scheduled_event_id: scheduled,
                ..Default::default()
            },
        )));
        self.task = WorkflowTask::Started { scheduled, started };
        let first = if sticky {
            self.previous_started as usize
        } else {
            0
        };
        let now = Some(SystemTime::now().into());
        Some(api::PollWorkflowTaskQueueResponse {
            task_token: task_token.into(),
            workflow_execution: Some(WorkflowExecution {
                workflow_id: self.workflow_id.clone(),
                run_id: self.run_id.clone(),
            }),
            workflow_type: Some(WorkflowType {
                name: self.workflow_type.clone(),
            }),
            previous_started_event_id: self.previous_started,
            started_event_id: started,
            attempt: 1,
            history: Some(History {
                events: self.history[first..].to_vec(),
            }),
            workflow_execution_task_queue: Some(queue_named(&self.task_queue)),
            scheduled_time: now,
            started_time: now,
            ..Default::default()
        })
    }

    /// Applies the commands of a completed task. `None` when no such task is in progress.
    pub(super) fn complete_task(
        &mut self,
        request: api::RespondWorkflowTaskCompletedRequest,
    ) -> Option<Completed> {
        let WorkflowTask::Started { scheduled, started } = self.task else {
            return None;
        };
        self.sticky_queue = request
            .sticky_attributes
            .and_then(|attributes| attributes.worker_task_queue)
            .map(|queue| queue.name);
        self.previous_started = started;
        self.task = WorkflowTask::None;
        self.append(Attributes::WorkflowTaskCompletedEventAttributes(Box::new(
            WorkflowTaskCompletedEventAttributes {
                scheduled_event_id: scheduled,
                started_event_id: started,
                sdk_metadata: request.sdk_metadata,
                ..Default::default()
            },
        )));
        let mut completed = Completed::default();
        for command in request.commands {
            self.apply(command, &mut completed);
        }
        if !self.ended {
            self.release_buffered(&mut completed, request.force_create_new_workflow_task);
        }
        Some(completed)
    }

    /// Records a failed task and schedules the next attempt. False when none is in progress.
    pub(super) fn fail_task(&mut self, request: &api::RespondWorkflowTaskFailedRequest) -> bool {
        let WorkflowTask::Started { scheduled, started } = self.task else {
            return false;
        };
        self.append(Attributes::WorkflowTaskFailedEventAttributes(Box::new(
            WorkflowTaskFailedEventAttributes {
                scheduled_event_id: scheduled,
                started_event_id: started,
                cause: request.cause,
                failure: request.failure.clone(),
                ..Default::default()
            },
        )));
        self.sticky_queue = None;
        self.schedule_task();
        true
    }

    /// Adds events from outside; true when they made a workflow task due.
    pub(super) fn arrive(&mut self, events: impl IntoIterator<Item = Attributes>) -> bool {
        match self.task {
            WorkflowTask::Started { .. } => {
                self.buffered.extend(events);
                false
            }
            WorkflowTask::Scheduled(_) => {
                for event in events {
                    self.append(event);
                }
                false
            }
            WorkflowTask::None => {
                for event in events {
                    self.append(event);
                }
                self.schedule_task();
                true
            }
        }
    }

    fn release_buffered(&mut self, completed: &mut Completed, forced: bool) {
        let due = forced || completed.timer_fired || !self.buffered.is_empty();
        for event in std::mem::take(&mut self.buffered) {
            self.append(event);
        }
        if due {
            self.schedule_task();
            completed.task_due = true;
        }
    }

    fn apply(&mut self, command: Command, completed: &mut Completed) {
        match command.attributes {
            Some(CommandAttributes::ScheduleActivityTaskCommandAttributes(attributes)) => {
                let event_id = self.append(activity_scheduled(&attributes));
                completed.activities.push(ScheduledActivity {
                    event_id,
                    attributes: *attributes,
                });
            }
            Some(CommandAttributes::StartTimerCommandAttributes(attributes)) => {
                let timer_id = attributes.timer_id;
                let started_event_id = self.append(Attributes::TimerStartedEventAttributes(
                    Box::new(TimerStartedEventAttributes {
                        timer_id: timer_id.clone(),
                        start_to_fire_timeout: attributes.start_to_fire_timeout,
                        ..Default::default()
                    }),
                ));
                self.buffered
                    .push(Attributes::TimerFiredEventAttributes(Box::new(
                        TimerFiredEventAttributes {
                            timer_id,
                            started_event_id,
                        },
                    )));
                completed.timer_fired = true;
            }
            Some(CommandAttributes::RecordMarkerCommandAttributes(marker)) => {
                self.append(Attributes::MarkerRecordedEventAttributes(Box::new(
                    MarkerRecordedEventAttributes {
                        marker_name: marker.marker_name,
                        details: marker.details,
                        failure: marker.failure,
                        ..Default::default()
                    },
                )));
            }
            Some(CommandAttributes::CompleteWorkflowExecutionCommandAttributes(attributes)) => {
                let result = attributes.result.clone();
                self.append(Attributes::WorkflowExecutionCompletedEventAttributes(
                    Box::new(WorkflowExecutionCompletedEventAttributes {
                        result: attributes.result,
                        ..Default::default()
                    }),
                ));
                self.end(
                    completed,
                    RunEnd::Completed(result.unwrap_or_default().payloads),
                );
            }
            Some(CommandAttributes::FailWorkflowExecutionCommandAttributes(attributes)) => {
                let failure = attributes.failure.clone().unwrap_or_default();
                self.append(Attributes::WorkflowExecutionFailedEventAttributes(
                    Box::new(WorkflowExecutionFailedEventAttributes {
                        failure: attributes.failure,
                        ..Default::default()
                    }),
                ));
                self.end(completed, RunEnd::Failed(Box::new(failure)));
            }
            other => {
                let message = format!("the stub service does not know the command {other:?}");
                self.end(
                    completed,
                    RunEnd::Failed(Box::new(Failure {
                        message,
                        ..Default::default()
                    })),
                );
            }
        }
    }

    fn end(&mut self, completed: &mut Completed, end: RunEnd) {
        self.ended = true;
        completed.end = Some(end);
    }

    fn schedule_task(&mut self) {
        let id = self.append(Attributes::WorkflowTaskScheduledEventAttributes(Box::new(
            WorkflowTaskScheduledEventAttributes {
                task_queue: Some(queue_named(self.queue())),
                start_to_close_timeout: Some(Duration {
                    seconds: 10,
                    nanos: 0,
                }),
                attempt: 1,
            },
        )));
        self.task = WorkflowTask::Scheduled(id);
    }

    fn append(&mut self, mut attributes: Attributes) -> i64 {
        let event_id = self.history.len() as i64 + 1;
        if let Attributes::ActivityTaskCompletedEventAttributes(completed) = &mut attributes {
            // Always appended right behind its started event.
            completed.started_event_id = event_id - 1;
        }
        self.history.push(HistoryEvent {
            event_id,
            event_time: Some(SystemTime::now().into()),
            event_type: event_type(&attributes) as i32,
            attributes: Some(attributes),
            ..Default::default()
        });
        event_id
    }
}

/// What follows from a completed workflow task.
#[derive(Default)]
pub(super) struct Completed {
    pub(super) activities: Vec<ScheduledActivity>,
    pub(super) end: Option<RunEnd>,
    pub(super) task_due: bool,
    timer_fired: bool,
}

pub(super) fn signaled(name: &str, input: Vec<Payload>) -> Attributes {
    Attributes::WorkflowExecutionSignaledEventAttributes(Box::new(
        WorkflowExecutionSignaledEventAttributes {
            signal_name: name.to_owned(),
            input: Some(Payloads { payloads: input }),
            ..Default::default()
        },
    ))
}

pub(super) fn activity_completed(
    scheduled_event_id: i64,
    result: Option<Payloads>,
) -> [Attributes; 2] {
    [
        Attributes::ActivityTaskStartedEventAttributes(Box::new(
            ActivityTaskStartedEventAttributes {
                scheduled_event_id,
                attempt: 1,
                ..Default::default()
            },
        )),
        Attributes::ActivityTaskCompletedEventAttributes(Box::new(
            ActivityTaskCompletedEventAttributes {
                scheduled_event_id,
                result,
                ..Default::default()
            },
        )),
    ]
}

fn activity_scheduled(attributes: &ScheduleActivityTaskCommandAttributes) -> Attributes {
    Attributes::ActivityTaskScheduledEventAttributes(Box::new(
        ActivityTaskScheduledEventAttributes {
            activity_id: attributes.activity_id.clone(),
            activity_type: Some(ActivityType {
                name: attributes.activity_type.clone().unwrap_or_default().name,
            }),
            task_queue: attributes.task_queue.clone(),
            input: attributes.input.clone(),
            start_to_close_timeout: attributes.start_to_close_timeout,
            ..Default::default()
        },
    ))
}

fn queue_named(name: &str) -> TaskQueue {
    TaskQueue {
        name: name.to_owned(),
        kind: TaskQueueKind::Normal as i32,
        ..Default::default()
    }
}

/// Covers the events that this file writes.
fn event_type(attributes: &Attributes) -> EventType {
    use Attributes as A;
    match attributes {
        A::WorkflowExecutionStartedEventAttributes(_) => EventType::WorkflowExecutionStarted,
        A::WorkflowExecutionCompletedEventAttributes(_) => EventType::WorkflowExecutionCompleted,
        A::WorkflowExecutionFailedEventAttributes(_) => EventType::WorkflowExecutionFailed,
        A::WorkflowExecutionSignaledEventAttributes(_) => EventType::WorkflowExecutionSignaled,
        A::WorkflowTaskScheduledEventAttributes(_) => EventType::WorkflowTaskScheduled,
        A::WorkflowTaskStartedEventAttributes(_) => EventType::WorkflowTaskStarted,
        A::WorkflowTaskCompletedEventAttributes(_) => EventType::WorkflowTaskCompleted,
        A::WorkflowTaskFailedEventAttributes(_) => EventType::WorkflowTaskFailed,
        A::ActivityTaskScheduledEventAttributes(_) => EventType::ActivityTaskScheduled,
        A::ActivityTaskStartedEventAttributes(_) => EventType::ActivityTaskStarted,
        A::ActivityTaskCompletedEventAttributes(_) => EventType::ActivityTaskCompleted,
        A::TimerStartedEventAttributes(_) => EventType::TimerStarted,
        A::TimerFiredEventAttributes(_) => EventType::TimerFired,
        A::MarkerRecordedEventAttributes(_) => EventType::MarkerRecorded,
        _ => EventType::Unspecified,
    }
}
