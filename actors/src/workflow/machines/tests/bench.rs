//! Drives the state machines over a history that does what their commands say.

use std::{collections::HashMap, mem, time::Duration};

use crate::{
    protos::{
        enums::v1::{
            CancelExternalWorkflowExecutionFailedCause, SignalExternalWorkflowExecutionFailedCause,
            StartChildWorkflowExecutionFailedCause, TimeoutType,
        },
        sdk::v1::WorkflowTaskCompletedMetadata,
    },
    workflow::{
        ActivityResolution, ChildWorkflowResolution, ChildWorkflowStart, Command, ScheduleActivity,
        SignalExternalWorkflow, SignalTarget, StartChildWorkflow, TaskCompletion,
        activation::Job,
        failure::TaskError,
        machines::Machines,
        testing::{HistoryBuilder, json_payload, settings},
    },
};

use super::model::Kind;

/// Something that happens to a thing that history has.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) kind: Kind,
    pub(super) number: u32,
    pub(super) what: &'static str,
    pub(super) initiated_event_id: i64,
}

pub(super) struct Bench {
    machines: Machines,
    history: HistoryBuilder,
    applied: usize,
}

impl Bench {
    /// A run in its first task.
    pub(super) fn new() -> Self {
        let mut bench = Self {
            machines: Machines::new(&settings()),
            history: HistoryBuilder::new("Modelled"),
            applied: 0,
        };
        bench.history.start_task();
        bench.apply();
        bench
    }

    /// Ends the workflow as old code did, with no flag: what comes after the end is dropped.
    pub(super) fn end_finally(&mut self) {
        self.machines.moment.replaying = true;
        let end = Command::CompleteWorkflow { result: None };
        self.machines.issue(end).unwrap();
    }

    pub(super) fn begin(&mut self, kind: Kind, number: u32) -> Vec<String> {
        self.try_begin(kind, number).unwrap()
    }

    pub(super) fn try_begin(&mut self, kind: Kind, number: u32) -> Result<Vec<String>, TaskError> {
        self.issue(match kind {
            Kind::Timer => Command::StartTimer {
                sequence: number,
                duration: Duration::from_secs(1),
                user_metadata: None,
            },
            Kind::Activity(cancellation_type) => {
                Command::ScheduleActivity(Box::new(ScheduleActivity {
                    sequence: number,
                    cancellation_type,
                    ..ScheduleActivity::default()
                }))
            }
            Kind::Child(cancellation_type) => {
                Command::StartChildWorkflow(Box::new(StartChildWorkflow {
                    sequence: number,
                    workflow_id: child_id(number),
                    cancellation_type,
                    ..StartChildWorkflow::default()
                }))
            }
            Kind::Signal => Command::SignalExternalWorkflow(Box::new(SignalExternalWorkflow {
                sequence: number,
                target: SignalTarget::Child {
                    workflow_id: "other".into(),
                },
                signal_name: String::new(),
                arguments: Vec::new(),
                headers: HashMap::new(),
                user_metadata: None,
            })),
            Kind::Cancel => Command::RequestCancelExternalWorkflow {
                sequence: number,
                workflow_id: "other".into(),
                run_id: String::new(),
                reason: String::new(),
            },
        })
    }

    pub(super) fn cancel(&mut self, kind: Kind, number: u32) -> Vec<String> {
        self.try_cancel(kind, number).unwrap()
    }

    pub(super) fn try_cancel(&mut self, kind: Kind, number: u32) -> Result<Vec<String>, TaskError> {
        self.issue(match kind {
            Kind::Timer => Command::CancelTimer { sequence: number },
            Kind::Activity(_) => Command::RequestCancelActivity { sequence: number },
            Kind::Child(_) => Command::CancelChildWorkflow {
                sequence: number,
                reason: String::new(),
            },
            Kind::Signal => Command::CancelSignalWorkflow { sequence: number },
            Kind::Cancel => return Ok(Vec::new()),
        })
    }

    fn issue(&mut self, command: Command) -> Result<Vec<String>, TaskError> {
        self.machines.issue(command)?;
        Ok(told(&mem::take(&mut self.machines.follow_ups)))
    }

    /// Sends what is unsent; returns the commands, each with the event that history has for it.
    pub(super) fn end_task(&mut self) -> Vec<(&'static str, i64)> {
        let (commands, messages) = self.machines.commands.collect();
        let kinds: Vec<_> = commands.iter().map(kind_of).collect();
        self.history.complete(&TaskCompletion {
            commands,
            messages,
            sdk_metadata: Some(WorkflowTaskCompletedMetadata {
                core_used_flags: vec![1, 2, 3],
                ..WorkflowTaskCompletedMetadata::default()
            }),
            ..TaskCompletion::default()
        });
        let first = self.history.last_event_id() - kinds.len() as i64 + 1;
        assert_eq!(self.apply(), [""; 0]);
        kinds.into_iter().zip(first..).collect()
    }

    pub(super) fn unsent(&mut self) -> Vec<&'static str> {
        let (commands, _) = self.machines.commands.collect();
        commands.iter().map(kind_of).collect()
    }

    pub(super) fn happen(&mut self, event: &Event) -> Vec<String> {
        let history = &mut self.history;
        let id = event.number.to_string();
        let child = child_id(event.number);
        match (event.kind, event.what) {
            (Kind::Timer, _) => history.fire_timer(&id),
            (Kind::Activity(_), "completes") => history.complete_activity(&id, json_payload("1")),
            (Kind::Activity(_), "fails") => history.fail_activity(&id, "broken"),
            (Kind::Activity(_), "times out") => {
                history.time_activity_out(&id, TimeoutType::StartToClose)
            }
            (Kind::Activity(_), _) => history.cancel_activity(&id),
            (Kind::Child(_), "starts") => history.start_child(&child),
            (Kind::Child(_), "does not start") => history.fail_child_start(
                &child,
                StartChildWorkflowExecutionFailedCause::WorkflowAlreadyExists,
            ),
            (Kind::Child(_), "completes") => history.complete_child(&child, json_payload("1")),
            (Kind::Child(_), "fails") => history.fail_child(&child, "broken"),
            (Kind::Child(_), "times out") => history.time_child_out(&child),
            (Kind::Child(_), "is cancelled") => history.cancel_child(&child),
            (Kind::Child(_), _) => history.terminate_child(&child),
            (Kind::Signal, "completes") => history.deliver_signal(event.initiated_event_id),
            (Kind::Signal, _) => history.fail_signal(
                event.initiated_event_id,
                SignalExternalWorkflowExecutionFailedCause::NamespaceNotFound,
            ),
            (Kind::Cancel, "completes") => history.deliver_cancel(event.initiated_event_id),
            (Kind::Cancel, _) => history.fail_cancel(
                event.initiated_event_id,
                CancelExternalWorkflowExecutionFailedCause::NamespaceNotFound,
            ),
        };
        self.apply()
    }

    /// Applies what is new in history; says what workflow code hears.
    fn apply(&mut self) -> Vec<String> {
        for event in &self.history.events[self.applied..] {
            self.machines.apply(event.clone()).unwrap();
        }
        self.applied = self.history.events.len();
        told(&mem::take(&mut self.machines.jobs))
    }
}

fn child_id(number: u32) -> String {
    format!("child-{number}")
}

fn kind_of(command: &crate::protos::command::v1::Command) -> &'static str {
    command
        .command_type()
        .as_str_name()
        .trim_start_matches("COMMAND_TYPE_")
}

fn told(jobs: &[Job]) -> Vec<String> {
    jobs.iter().filter_map(tell).collect()
}

fn tell(job: &Job) -> Option<String> {
    Some(match job {
        Job::Initialize(_) => return None,
        Job::FireTimer { sequence } => format!("timer {sequence} fired"),
        Job::ResolveActivity {
            sequence,
            resolution,
            ..
        } => {
            let how = match resolution {
                ActivityResolution::Completed(_) => "completed",
                ActivityResolution::Failed(_) => "failed",
                ActivityResolution::Cancelled(_) => "cancelled",
                ActivityResolution::Backoff(_) => "backs off",
            };
            format!("activity {sequence} {how}")
        }
        Job::ResolveChildWorkflowStart {
            sequence,
            resolution,
        } => match resolution {
            ChildWorkflowStart::Started { .. } => format!("child {sequence} started"),
            _ => format!("child {sequence} not started"),
        },
        Job::ResolveChildWorkflow {
            sequence,
            resolution,
        } => {
            let how = match resolution {
                ChildWorkflowResolution::Completed(_) => "completed",
                ChildWorkflowResolution::Failed(_) => "failed",
                ChildWorkflowResolution::Cancelled(_) => "cancelled",
            };
            format!("child {sequence} {how}")
        }
        Job::ResolveSignalExternalWorkflow { sequence, failure } => {
            format!("signal {sequence} {}", outcome(failure.is_some()))
        }
        Job::ResolveCancelExternalWorkflow { sequence, failure } => {
            format!("cancel {sequence} {}", outcome(failure.is_some()))
        }
        other => panic!("no thing is begun with the job {other:?}"),
    })
}

fn outcome(failed: bool) -> &'static str {
    if failed { "failed" } else { "completed" }
}
