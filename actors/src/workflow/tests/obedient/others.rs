//! What the workflow code of the scenarios has to do with other workflows.

use std::collections::HashMap;

use bytes::Bytes;

use crate::{
    protos::{
        common::v1::{Memo, Payload, SearchAttributes},
        failure::v1::Failure,
    },
    workflow::{
        ChildWorkflowCancellationType, ChildWorkflowResolution, ChildWorkflowStart, Command,
        SignalExternalWorkflow, SignalTarget, StartChildWorkflow, activation::Job,
        testing::json_payload,
    },
};

use super::summary;

#[derive(Default)]
pub(super) struct Others {
    children: u32,
    signals: u32,
    cancels: u32,
}

impl Others {
    pub(super) fn do_as_told(&mut self, what: &str, commands: &mut Vec<Command>) {
        use ChildWorkflowCancellationType as Type;
        match what {
            "child" => commands.push(self.child(Type::default())),
            "child wait" => commands.push(self.child(Type::WaitCancellationCompleted)),
            "child requested" => commands.push(self.child(Type::WaitCancellationRequested)),
            "child try" => commands.push(self.child(Type::TryCancel)),
            "child abandon" => commands.push(self.child(Type::Abandon)),
            "cancel child" => commands.push(self.cancel_child()),
            "child and cancel" => {
                commands.push(self.child(Type::default()));
                commands.push(self.cancel_child());
                commands.push(self.cancel_child());
            }
            "signal other" => commands.push(self.signal()),
            "signal child" => commands.push(self.signal_child()),
            "take signal back" => commands.push(self.take_signal_back()),
            "signal other and take it back" => {
                commands.push(self.signal());
                commands.push(self.take_signal_back());
                commands.push(self.take_signal_back());
            }
            "cancel other" => {
                self.cancels += 1;
                commands.push(Command::RequestCancelExternalWorkflow {
                    sequence: self.cancels,
                    workflow_id: "other".into(),
                    run_id: "run".into(),
                    reason: "enough".into(),
                });
            }
            "remember" => commands.push(Command::UpsertMemo(Memo {
                fields: HashMap::from([("kept".to_owned(), json_payload("1"))]),
            })),
            _ => {
                if let Some(pairs) = what.strip_prefix("upsert ") {
                    commands.push(upsert(pairs));
                }
            }
        }
    }

    fn child(&mut self, cancellation_type: ChildWorkflowCancellationType) -> Command {
        self.children += 1;
        Command::StartChildWorkflow(Box::new(StartChildWorkflow {
            sequence: self.children,
            workflow_id: format!("child-{}", self.children),
            workflow_type: "Child".into(),
            cancellation_type,
            user_metadata: summary("a child"),
            ..StartChildWorkflow::default()
        }))
    }

    fn cancel_child(&self) -> Command {
        Command::CancelChildWorkflow {
            sequence: self.children,
            reason: "enough".into(),
        }
    }

    fn signal(&mut self) -> Command {
        self.signal_to(SignalTarget::Workflow {
            workflow_id: "other".into(),
            run_id: "run".into(),
        })
    }

    fn signal_child(&mut self) -> Command {
        self.signal_to(SignalTarget::Child {
            workflow_id: format!("child-{}", self.children),
        })
    }

    fn signal_to(&mut self, target: SignalTarget) -> Command {
        self.signals += 1;
        Command::SignalExternalWorkflow(Box::new(SignalExternalWorkflow {
            sequence: self.signals,
            target,
            signal_name: "poke".into(),
            arguments: vec![json_payload("1")],
            headers: HashMap::new(),
            user_metadata: None,
        }))
    }

    fn take_signal_back(&self) -> Command {
        Command::CancelSignalWorkflow {
            sequence: self.signals,
        }
    }
}

/// `Key=value` sets, `Key=` removes.
fn upsert(pairs: &str) -> Command {
    let fields = pairs.split(' ').map(|pair| {
        let (key, value) = pair.split_once('=').unwrap();
        let value = if value.is_empty() {
            Payload {
                metadata: HashMap::from([(
                    "encoding".to_owned(),
                    Bytes::from_static(b"binary/null"),
                )]),
                ..Payload::default()
            }
        } else {
            json_payload(value)
        };
        (key.to_owned(), value)
    });
    Command::UpsertSearchAttributes(SearchAttributes {
        indexed_fields: fields.collect(),
    })
}

/// What a job says, for the log.
pub(super) fn happened(job: &Job) -> String {
    match job {
        Job::ResolveChildWorkflowStart {
            sequence,
            resolution,
        } => match resolution {
            ChildWorkflowStart::Started { run_id } => {
                assert!(!run_id.is_empty());
                format!("child {sequence} started")
            }
            ChildWorkflowStart::Failed { cause, .. } => {
                format!("child {sequence} not started: {cause:?}")
            }
            ChildWorkflowStart::Cancelled(failure) => {
                format!("child {sequence} not started: {}", failure.message)
            }
        },
        Job::ResolveChildWorkflow {
            sequence,
            resolution,
        } => match resolution {
            ChildWorkflowResolution::Completed(_) => format!("child {sequence} completed"),
            ChildWorkflowResolution::Failed(failure)
            | ChildWorkflowResolution::Cancelled(failure) => {
                format!("child {sequence}: {}", failure.message)
            }
        },
        Job::ResolveSignalExternalWorkflow { sequence, failure } => {
            format!("signal {sequence} {}", outcome(failure.as_deref()))
        }
        Job::ResolveCancelExternalWorkflow { sequence, failure } => {
            format!("cancel {sequence} {}", outcome(failure.as_deref()))
        }
        other => panic!("no order is given with the job {other:?}"),
    }
}

fn outcome(failure: Option<&Failure>) -> &str {
    failure.map_or("delivered", |failure| &failure.message)
}
