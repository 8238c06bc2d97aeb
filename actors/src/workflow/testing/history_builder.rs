//! Writes a history the way the server does, event by event.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use prost::Message as _;
use prost_types::{Any, Timestamp};

use crate::{
    protos::{
        common::v1::{Payload, Payloads, WorkflowType},
        enums::v1::{EventType, WorkflowTaskFailedCause},
        history::v1::{history_event::Attributes, *},
        protocol::v1::{Message, message::SequencingId},
        sdk::v1::WorkflowTaskCompletedMetadata,
        taskqueue::v1::TaskQueue,
        update::v1::{Input, Meta, Request},
    },
    workflow::task::WorkflowTask,
};

use super::other_workflows::OpenChild;

/// The run id of every history that is built here.
pub const RUN_ID: &str = "0190aaaa-bbbb-7ccc-8ddd-eeeeffff0099";

const FIRST_SECOND: i64 = 1_700_000_000;

/// A JSON payload as the default converter writes it.
pub fn json_payload(json: &str) -> Payload {
    Payload {
        metadata: HashMap::from([("encoding".to_owned(), Bytes::from_static(b"json/plain"))]),
        data: Bytes::copy_from_slice(json.as_bytes()),
        ..Payload::default()
    }
}

/// A history in the making. Each event comes one second after the one before it.
#[derive(Clone, Debug)]
pub struct HistoryBuilder {
    pub events: Vec<HistoryEvent>,
    pub workflow_type: String,
    /// Started event of the last completed task.
    pub previous_started_event_id: i64,
    /// Started event of the task in progress, or of the last one.
    pub started_event_id: i64,
    /// Attempt of the task in progress.
    pub attempt: u32,
    /// Started events of timers that may fire, by timer id.
    pub open_timers: BTreeMap<String, i64>,
    /// Scheduled events of activities that may end, by activity id.
    pub open_activities: BTreeMap<String, i64>,
    /// Children that have not ended, by workflow id.
    pub open_children: BTreeMap<String, OpenChild>,
    /// Initiated events of signals to other workflows that have no outcome.
    pub open_signals: BTreeSet<i64>,
    /// Initiated events of cancels of other workflows that have no outcome.
    pub open_cancels: BTreeSet<i64>,
    /// Accepted events of updates that may be completed, by update id.
    pub open_updates: BTreeMap<String, i64>,
}

impl HistoryBuilder {
    /// Begins with the start of a workflow, event 1.
    pub fn new(workflow_type: &str) -> Self {
        let mut builder = Self {
            events: Vec::new(),
            workflow_type: workflow_type.to_owned(),
            previous_started_event_id: 0,
            started_event_id: 0,
            attempt: 1,
            open_timers: BTreeMap::new(),
            open_activities: BTreeMap::new(),
            open_children: BTreeMap::new(),
            open_signals: BTreeSet::new(),
            open_cancels: BTreeSet::new(),
            open_updates: BTreeMap::new(),
        };
        builder.add(
            EventType::WorkflowExecutionStarted,
            Attributes::WorkflowExecutionStartedEventAttributes(Box::new(
                WorkflowExecutionStartedEventAttributes {
                    workflow_type: Some(WorkflowType {
                        name: workflow_type.to_owned(),
                    }),
                    workflow_id: "workflow".into(),
                    task_queue: Some(TaskQueue {
                        name: "queue".into(),
                        ..TaskQueue::default()
                    }),
                    original_execution_run_id: RUN_ID.into(),
                    first_execution_run_id: RUN_ID.into(),
                    attempt: 1,
                    ..WorkflowExecutionStartedEventAttributes::default()
                },
            )),
        );
        builder
    }

    /// Adds an event and returns its id.
    pub fn add(&mut self, kind: EventType, attributes: Attributes) -> i64 {
        let event_id = self.last_event_id() + 1;
        self.events.push(HistoryEvent {
            event_id,
            event_time: Some(Timestamp {
                seconds: FIRST_SECOND + event_id,
                nanos: 0,
            }),
            event_type: kind.into(),
            attributes: Some(attributes),
            ..HistoryEvent::default()
        });
        event_id
    }

    pub fn last_event_id(&self) -> i64 {
        self.events.len() as i64
    }

    /// Adds a scheduled and a started event.
    pub fn start_task(&mut self) -> i64 {
        let scheduled_event_id = self.add(
            EventType::WorkflowTaskScheduled,
            Attributes::WorkflowTaskScheduledEventAttributes(Box::default()),
        );
        self.started_event_id = self.add(
            EventType::WorkflowTaskStarted,
            Attributes::WorkflowTaskStartedEventAttributes(Box::new(
                WorkflowTaskStartedEventAttributes {
                    scheduled_event_id,
                    history_size_bytes: scheduled_event_id * 100,
                    ..WorkflowTaskStartedEventAttributes::default()
                },
            )),
        );
        self.started_event_id
    }

    pub fn complete_task(&mut self, sdk_metadata: Option<WorkflowTaskCompletedMetadata>) -> i64 {
        self.previous_started_event_id = self.started_event_id;
        self.attempt = 1;
        self.add(
            EventType::WorkflowTaskCompleted,
            Attributes::WorkflowTaskCompletedEventAttributes(Box::new(
                WorkflowTaskCompletedEventAttributes {
                    started_event_id: self.started_event_id,
                    sdk_metadata,
                    ..WorkflowTaskCompletedEventAttributes::default()
                },
            )),
        )
    }

    /// Scheduled, started and completed, with the flags that a new worker records.
    pub fn run_task(&mut self) -> i64 {
        self.start_task();
        self.complete_task(Some(WorkflowTaskCompletedMetadata {
            core_used_flags: vec![1, 2, 3],
            ..WorkflowTaskCompletedMetadata::default()
        }))
    }

    pub fn fail_task(&mut self, cause: WorkflowTaskFailedCause) -> i64 {
        self.attempt += 1;
        self.add(
            EventType::WorkflowTaskFailed,
            Attributes::WorkflowTaskFailedEventAttributes(Box::new(
                WorkflowTaskFailedEventAttributes {
                    started_event_id: self.started_event_id,
                    cause: cause.into(),
                    new_run_id: if cause == WorkflowTaskFailedCause::ResetWorkflow {
                        "the-run-after-the-reset".into()
                    } else {
                        String::new()
                    },
                    ..WorkflowTaskFailedEventAttributes::default()
                },
            )),
        )
    }

    pub fn time_task_out(&mut self) -> i64 {
        self.attempt += 1;
        self.add(
            EventType::WorkflowTaskTimedOut,
            Attributes::WorkflowTaskTimedOutEventAttributes(Box::default()),
        )
    }

    pub fn signal(&mut self, name: &str) -> i64 {
        self.add(
            EventType::WorkflowExecutionSignaled,
            Attributes::WorkflowExecutionSignaledEventAttributes(Box::new(
                WorkflowExecutionSignaledEventAttributes {
                    signal_name: name.to_owned(),
                    input: Some(Payloads {
                        payloads: vec![json_payload("1")],
                    }),
                    identity: "a client".into(),
                    ..WorkflowExecutionSignaledEventAttributes::default()
                },
            )),
        )
    }

    pub fn request_cancel(&mut self, cause: &str) -> i64 {
        self.add(
            EventType::WorkflowExecutionCancelRequested,
            Attributes::WorkflowExecutionCancelRequestedEventAttributes(Box::new(
                WorkflowExecutionCancelRequestedEventAttributes {
                    cause: cause.to_owned(),
                    ..WorkflowExecutionCancelRequestedEventAttributes::default()
                },
            )),
        )
    }

    pub fn terminate(&mut self) -> i64 {
        self.add(
            EventType::WorkflowExecutionTerminated,
            Attributes::WorkflowExecutionTerminatedEventAttributes(Box::default()),
        )
    }

    pub fn start_timer(&mut self, timer_id: &str) -> i64 {
        let event_id = self.add(
            EventType::TimerStarted,
            Attributes::TimerStartedEventAttributes(Box::new(TimerStartedEventAttributes {
                timer_id: timer_id.to_owned(),
                ..TimerStartedEventAttributes::default()
            })),
        );
        self.open_timers.insert(timer_id.to_owned(), event_id);
        event_id
    }

    pub fn fire_timer(&mut self, timer_id: &str) -> i64 {
        let started_event_id = self.open_timers.remove(timer_id).unwrap_or_default();
        self.add(
            EventType::TimerFired,
            Attributes::TimerFiredEventAttributes(Box::new(TimerFiredEventAttributes {
                timer_id: timer_id.to_owned(),
                started_event_id,
            })),
        )
    }

    pub fn cancel_timer(&mut self, timer_id: &str) -> i64 {
        let started_event_id = self.open_timers.remove(timer_id).unwrap_or_default();
        self.add(
            EventType::TimerCanceled,
            Attributes::TimerCanceledEventAttributes(Box::new(TimerCanceledEventAttributes {
                timer_id: timer_id.to_owned(),
                started_event_id,
                ..TimerCanceledEventAttributes::default()
            })),
        )
    }

    /// An update request as a message of the task in progress.
    pub fn update_request(&self, update_id: &str, name: &str) -> Message {
        Message {
            id: format!("{update_id}/request"),
            protocol_instance_id: update_id.to_owned(),
            sequencing_id: Some(SequencingId::EventId(self.started_event_id - 1)),
            body: Some(Any {
                type_url: "type.googleapis.com/temporal.api.update.v1.Request".into(),
                value: Request {
                    meta: Some(Meta {
                        update_id: update_id.to_owned(),
                        identity: "a client".into(),
                    }),
                    input: Some(Input {
                        name: name.to_owned(),
                        ..Input::default()
                    }),
                    ..Request::default()
                }
                .encode_to_vec(),
            }),
        }
    }

    /// The task in progress with the whole history.
    pub fn task(&self) -> WorkflowTask {
        self.task_from(1)
    }

    /// The task in progress as a sticky queue has it: with what came after the last task.
    pub fn sticky_task(&self) -> WorkflowTask {
        self.task_from(self.previous_started_event_id + 1)
    }

    fn task_from(&self, first_event_id: i64) -> WorkflowTask {
        WorkflowTask {
            task_token: Bytes::from(format!("task {}", self.started_event_id)),
            workflow_id: "workflow".into(),
            run_id: RUN_ID.into(),
            workflow_type: self.workflow_type.clone(),
            attempt: self.attempt,
            previous_started_event_id: self.previous_started_event_id,
            started_event_id: self.started_event_id,
            history: self.events[first_event_id as usize - 1..].to_vec(),
            next_page_token: Bytes::new(),
            query: None,
            queries: HashMap::new(),
            messages: Vec::new(),
            scheduled_time: None,
            started_time: None,
            backlog_count_hint: 0,
        }
    }

    pub fn admit_update(&mut self, request: Request) -> i64 {
        self.add(
            EventType::WorkflowExecutionUpdateAdmitted,
            Attributes::WorkflowExecutionUpdateAdmittedEventAttributes(Box::new(
                WorkflowExecutionUpdateAdmittedEventAttributes {
                    request: Some(request),
                    ..WorkflowExecutionUpdateAdmittedEventAttributes::default()
                },
            )),
        )
    }

    pub fn accept_update(
        &mut self,
        update_id: &str,
        sequencing_event_id: i64,
        request: Option<Request>,
    ) -> i64 {
        self.add(
            EventType::WorkflowExecutionUpdateAccepted,
            Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(Box::new(
                WorkflowExecutionUpdateAcceptedEventAttributes {
                    protocol_instance_id: update_id.to_owned(),
                    accepted_request_message_id: format!("{update_id}/request"),
                    accepted_request_sequencing_event_id: sequencing_event_id,
                    accepted_request: request,
                },
            )),
        )
    }
}
