//! What is known of one child workflow, and the failures that tell of it.
//!
//! Texts and details are those of the official SDK: workflow code can see them. They come from the
//! command; of the events only the run id, their own ids and the child's failure count.

use crate::{
    protos::{
        common::v1::{WorkflowExecution, WorkflowType},
        enums::v1::{RetryState, TimeoutType},
        failure::v1::{
            CanceledFailureInfo, ChildWorkflowExecutionFailureInfo, Failure, TerminatedFailureInfo,
            TimeoutFailureInfo, failure::FailureInfo,
        },
        history::v1::StartChildWorkflowExecutionInitiatedEventAttributes,
        sdk::v1::UserMetadata,
    },
    workflow::{
        commands::{Issue, Issuer},
        failure::TaskError,
    },
};

use super::external_cancel::{Target, request_command};

#[derive(Debug, Default)]
pub(super) struct ChildFacts {
    pub(super) workflow_id: String,
    pub(super) workflow_type: String,
    /// Empty until the child has started.
    pub(super) run_id: String,
    /// 0 until history has it.
    pub(super) initiated_event_id: i64,
    /// 0 until history has it.
    pub(super) started_event_id: i64,
    /// Repeated by each command that cancels it.
    pub(super) user_metadata: Option<Box<UserMetadata>>,
}

impl ChildFacts {
    pub(super) fn cancel_command(&self, sequence: u32, reason: String, namespace: &str) -> Issue {
        let target = Target {
            namespace: namespace.to_owned(),
            workflow_id: self.workflow_id.clone(),
            run_id: self.run_id.clone(),
            is_child: true,
        };
        Issue {
            user_metadata: self.user_metadata.as_deref().cloned(),
            ..request_command(Issuer::ChildWorkflowCancel(sequence), target, reason)
        }
    }

    pub(super) fn compare(
        &self,
        event_id: i64,
        attributes: &StartChildWorkflowExecutionInitiatedEventAttributes,
    ) -> Result<(), TaskError> {
        let recorded_type = attributes
            .workflow_type
            .as_ref()
            .map_or("", |kind| kind.name.as_str());
        let (what, recorded, issued) = if attributes.workflow_id != self.workflow_id {
            ("id", attributes.workflow_id.as_str(), &self.workflow_id)
        } else if recorded_type != self.workflow_type {
            ("type", recorded_type, &self.workflow_type)
        } else {
            return Ok(());
        };
        Err(TaskError::nondeterminism(format!(
            "event {event_id} (START_CHILD_WORKFLOW_EXECUTION_INITIATED) has the child workflow \
             {what} '{recorded}', but the command START_CHILD_WORKFLOW_EXECUTION has '{issued}'"
        )))
    }

    pub(super) fn failed(
        &self,
        namespace: &str,
        retry_state: RetryState,
        cause: Option<Failure>,
    ) -> Box<Failure> {
        self.failure(
            "Child Workflow execution failed",
            namespace,
            retry_state,
            cause,
        )
    }

    pub(super) fn timed_out(&self, namespace: &str, retry_state: RetryState) -> Box<Failure> {
        let info = FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
            timeout_type: TimeoutType::StartToClose.into(),
            ..TimeoutFailureInfo::default()
        });
        let cause = Some(cause("Timed out", info));
        self.failure(
            "Child Workflow execution timed out",
            namespace,
            retry_state,
            cause,
        )
    }

    pub(super) fn terminated(&self, namespace: &str) -> Box<Failure> {
        let info = FailureInfo::TerminatedFailureInfo(TerminatedFailureInfo::default());
        self.failure(
            "Child Workflow execution terminated",
            namespace,
            RetryState::NonRetryableFailure,
            Some(cause("Terminated", info)),
        )
    }

    pub(super) fn cancelled(&self, namespace: &str) -> Box<Failure> {
        self.cancellation("Child Workflow execution cancelled", namespace)
    }

    pub(super) fn cancelled_before_sent(&self, reason: &str, namespace: &str) -> Box<Failure> {
        let message = format!("Child Workflow Execution cancelled before scheduled: {reason}");
        self.cancellation(&message, namespace)
    }

    fn cancellation(&self, message: &str, namespace: &str) -> Box<Failure> {
        let info = FailureInfo::CanceledFailureInfo(CanceledFailureInfo::default());
        let cause = Some(cause("", info));
        self.failure(message, namespace, RetryState::NonRetryableFailure, cause)
    }

    fn failure(
        &self,
        message: &str,
        namespace: &str,
        retry_state: RetryState,
        cause: Option<Failure>,
    ) -> Box<Failure> {
        let info = ChildWorkflowExecutionFailureInfo {
            namespace: namespace.to_owned(),
            workflow_execution: Some(WorkflowExecution {
                workflow_id: self.workflow_id.clone(),
                run_id: self.run_id.clone(),
            }),
            workflow_type: Some(WorkflowType {
                name: self.workflow_type.clone(),
            }),
            initiated_event_id: self.initiated_event_id,
            started_event_id: self.started_event_id,
            retry_state: retry_state.into(),
        };
        Box::new(Failure {
            message: message.to_owned(),
            cause: cause.map(Box::new),
            failure_info: Some(FailureInfo::ChildWorkflowExecutionFailureInfo(info)),
            ..Failure::default()
        })
    }
}

fn cause(message: &str, info: FailureInfo) -> Failure {
    Failure {
        message: message.to_owned(),
        failure_info: Some(info),
        ..Failure::default()
    }
}
