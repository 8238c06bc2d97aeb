//! Signals to other workflows, children included.
//!
//! | state | cancel | event | next state |
//! |---|---|---|---|
//! | issued | withdrawn, resolved as cancelled | | gone |
//! | issued | | SignalExternalWorkflowExecutionInitiated | initiated |
//! | initiated | nothing | ExternalWorkflowExecutionSignaled: resolved | gone |
//! | initiated | nothing | SignalExternalWorkflowExecutionFailed: resolved with the failure | gone |
//! | gone | nothing | | gone |

use std::collections::HashMap;

use crate::{
    protos::{
        command::v1::{SignalExternalWorkflowExecutionCommandAttributes, command},
        common::v1::{Header, WorkflowExecution},
        enums::v1::{CommandType, SignalExternalWorkflowExecutionFailedCause as FailedCause},
        failure::v1::{CanceledFailureInfo, Failure, failure::FailureInfo},
    },
    workflow::{
        activation::Job,
        command::{SignalExternalWorkflow, SignalTarget},
        commands::{CommandQueue, Issue, Issuer, Ticket},
        failure::{TaskError, typed_failure},
    },
};

use super::numbers::Numbers;

/// The signals of a run that have no outcome yet.
#[derive(Debug, Default)]
pub(crate) struct ExternalSignals {
    numbers: Numbers,
    /// No ticket if the command was dropped because the workflow had ended.
    issued: HashMap<u32, Option<Ticket>>,
    /// By the initiated event.
    initiated: HashMap<i64, u32>,
}

impl ExternalSignals {
    pub(crate) fn count(&self) -> usize {
        self.issued.len() + self.initiated.len()
    }

    /// `queue` is None when the workflow has ended and takes no more commands.
    pub(crate) fn send(
        &mut self,
        signal: SignalExternalWorkflow,
        namespace: &str,
        queue: Option<&mut CommandQueue>,
    ) -> Result<(), TaskError> {
        let sequence = signal.sequence;
        self.numbers.take("external signal", sequence)?;
        let ticket = queue.map(|queue| queue.issue(signal_command(signal, namespace)));
        self.issued.insert(sequence, ticket);
        Ok(())
    }

    /// Takes a signal back that is not sent. Returns what workflow code hears at once.
    pub(crate) fn cancel(
        &mut self,
        sequence: u32,
        queue: &mut CommandQueue,
    ) -> Result<Option<Job>, TaskError> {
        self.numbers.expect_taken("external signal", sequence)?;
        let Some(ticket) = self.issued.remove(&sequence) else {
            return Ok(None);
        };
        if ticket.is_some_and(|ticket| !queue.withdraw(ticket)) {
            return Err(TaskError::invalid(format!(
                "external signal {sequence} was cancelled before history confirmed its command"
            )));
        }
        let failure = Failure {
            message: "Signal was cancelled before being sent".into(),
            failure_info: Some(FailureInfo::CanceledFailureInfo(
                CanceledFailureInfo::default(),
            )),
            ..Failure::default()
        };
        Ok(Some(Job::ResolveSignalExternalWorkflow {
            sequence,
            failure: Some(Box::new(failure)),
        }))
    }

    /// History confirms the command.
    pub(crate) fn initiated(&mut self, sequence: u32, event_id: i64) {
        self.issued.remove(&sequence);
        self.initiated.insert(event_id, sequence);
    }

    pub(crate) fn signaled(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
    ) -> Result<Job, TaskError> {
        self.close(event_id, initiated_event_id, None)
    }

    pub(crate) fn failed(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
        cause: FailedCause,
    ) -> Result<Job, TaskError> {
        let failure = Box::new(failure_of(cause));
        self.close(event_id, initiated_event_id, Some(failure))
    }

    fn close(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
        failure: Option<Box<Failure>>,
    ) -> Result<Job, TaskError> {
        let Some(sequence) = self.initiated.remove(&initiated_event_id) else {
            return Err(TaskError::nondeterminism(format!(
                "event {event_id} is the outcome of the external signal of event \
                 {initiated_event_id}, which is not open"
            )));
        };
        Ok(Job::ResolveSignalExternalWorkflow { sequence, failure })
    }
}

/// The texts are those of the official SDK: workflow code can see them.
fn failure_of(cause: FailedCause) -> Failure {
    let (why, kind) = match cause {
        FailedCause::ExternalWorkflowExecutionNotFound => {
            ("it was not found", "ExternalWorkflowExecutionNotFound")
        }
        FailedCause::NamespaceNotFound => ("it was not found", "NamespaceNotFound"),
        FailedCause::SignalCountLimitExceeded => (
            "The per-workflow signal limit was exceeded",
            "SignalCountLimitExceeded",
        ),
        FailedCause::Unspecified => ("unknown", "Unspecified"),
    };
    typed_failure(
        format!("Unable to signal external workflow because {why}"),
        kind,
    )
}

fn signal_command(signal: SignalExternalWorkflow, namespace: &str) -> Issue {
    let (workflow_id, run_id, child_workflow_only) = match signal.target {
        SignalTarget::Child { workflow_id } => (workflow_id, String::new(), true),
        SignalTarget::Workflow {
            workflow_id,
            run_id,
        } => (workflow_id, run_id, false),
    };
    // What `control` was for is told by the issuer.
    #[allow(deprecated)]
    let attributes = SignalExternalWorkflowExecutionCommandAttributes {
        namespace: namespace.to_owned(),
        execution: Some(WorkflowExecution {
            workflow_id,
            run_id,
        }),
        signal_name: signal.signal_name,
        input: super::payloads(signal.arguments),
        control: String::new(),
        child_workflow_only,
        header: (!signal.headers.is_empty()).then_some(Header {
            fields: signal.headers,
        }),
    };
    Issue {
        issuer: Issuer::ExternalSignal(signal.sequence),
        kind: CommandType::SignalExternalWorkflowExecution,
        attributes: command::Attributes::SignalExternalWorkflowExecutionCommandAttributes(
            Box::new(attributes),
        ),
        user_metadata: signal.user_metadata,
        message: None,
    }
}
