//! Requests to cancel other workflows: those of workflow code, and those that cancel a child.
//!
//! | state | event | next state |
//! |---|---|---|
//! | issued | RequestCancelExternalWorkflowExecutionInitiated | initiated |
//! | initiated | ExternalWorkflowExecutionCancelRequested: resolved | gone |
//! | initiated | RequestCancelExternalWorkflowExecutionFailed: resolved with the failure | gone |
//!
//! A request cannot be taken back. The outcome of one that cancels a child resolves nothing: how
//! the child ends does.

use std::collections::HashMap;

use crate::{
    protos::{
        command::v1::{RequestCancelExternalWorkflowExecutionCommandAttributes, command},
        enums::v1::{CancelExternalWorkflowExecutionFailedCause as FailedCause, CommandType},
        failure::v1::Failure,
    },
    workflow::{
        activation::Job,
        commands::{CommandQueue, Issue, Issuer},
        failure::{TaskError, typed_failure},
    },
};

use super::numbers::Numbers;

/// Who is to be cancelled.
pub(super) struct Target {
    pub(super) namespace: String,
    pub(super) workflow_id: String,
    pub(super) run_id: String,
    pub(super) is_child: bool,
}

/// The requests of a run that have no outcome yet.
#[derive(Debug, Default)]
pub(crate) struct ExternalCancels {
    numbers: Numbers,
    /// By the initiated event. None for the cancel of a child.
    initiated: HashMap<i64, Option<u32>>,
}

impl ExternalCancels {
    pub(crate) fn count(&self) -> usize {
        self.initiated.len()
    }

    /// `queue` is None when the workflow has ended and takes no more commands.
    pub(super) fn request(
        &mut self,
        sequence: u32,
        target: Target,
        reason: String,
        queue: Option<&mut CommandQueue>,
    ) -> Result<(), TaskError> {
        self.numbers.take("external cancel", sequence)?;
        if let Some(queue) = queue {
            queue.issue(request_command(
                Issuer::ExternalCancel(sequence),
                target,
                reason,
            ));
        }
        Ok(())
    }

    /// History confirms the command. `sequence` is None for the cancel of a child.
    pub(crate) fn initiated(&mut self, sequence: Option<u32>, event_id: i64) {
        self.initiated.insert(event_id, sequence);
    }

    pub(crate) fn requested(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
    ) -> Result<Option<Job>, TaskError> {
        self.close(event_id, initiated_event_id, None)
    }

    pub(crate) fn failed(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
        cause: FailedCause,
    ) -> Result<Option<Job>, TaskError> {
        let failure = Box::new(failure_of(cause));
        self.close(event_id, initiated_event_id, Some(failure))
    }

    fn close(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
        failure: Option<Box<Failure>>,
    ) -> Result<Option<Job>, TaskError> {
        let Some(sequence) = self.initiated.remove(&initiated_event_id) else {
            return Err(TaskError::nondeterminism(format!(
                "event {event_id} is the outcome of the external cancel of event \
                 {initiated_event_id}, which is not open"
            )));
        };
        Ok(sequence.map(|sequence| Job::ResolveCancelExternalWorkflow { sequence, failure }))
    }
}

/// The texts are those of the official SDK: workflow code can see them.
fn failure_of(cause: FailedCause) -> Failure {
    let (why, kind) = match cause {
        FailedCause::ExternalWorkflowExecutionNotFound => {
            ("not found", "ExternalWorkflowExecutionNotFound")
        }
        FailedCause::NamespaceNotFound => ("not found", "NamespaceNotFound"),
        FailedCause::Unspecified => ("unknown", "Unspecified"),
    };
    typed_failure(
        format!("Unable to cancel external workflow because {why}"),
        kind,
    )
}

pub(super) fn request_command(issuer: Issuer, target: Target, reason: String) -> Issue {
    // What `control` was for is told by the issuer.
    #[allow(deprecated)]
    let attributes = RequestCancelExternalWorkflowExecutionCommandAttributes {
        namespace: target.namespace,
        workflow_id: target.workflow_id,
        run_id: target.run_id,
        control: String::new(),
        child_workflow_only: target.is_child,
        reason,
    };
    Issue {
        issuer,
        kind: CommandType::RequestCancelExternalWorkflowExecution,
        attributes: command::Attributes::RequestCancelExternalWorkflowExecutionCommandAttributes(
            Box::new(attributes),
        ),
        user_metadata: None,
        message: None,
    }
}
