//! Which calls are long polls.

use std::time::Duration;

use bytes::Bytes;
use prost::Message;

use crate::protos::workflowservice::v1 as api;

pub(super) const GET_SYSTEM_INFO: &str =
    "/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo";

const WORKFLOW_SERVICE: &str = "/temporal.api.workflowservice.v1.WorkflowService/";

/// What a call waits for, which sets its timeout and its way of retrying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallKind {
    Plain,
    /// The server holds the call until something happens to a workflow.
    UserPoll,
    /// The server holds the call until there is a task.
    TaskPoll,
}

impl CallKind {
    /// A long poll's is a little longer than the server's own.
    pub(super) fn timeout(self) -> Duration {
        match self {
            Self::Plain => Duration::from_secs(30),
            Self::UserPoll | Self::TaskPoll => Duration::from_secs(70),
        }
    }
}

/// Tells the kind of an encoded call.
pub(super) fn of(method: &str, message: &Bytes) -> CallKind {
    match method.strip_prefix(WORKFLOW_SERVICE) {
        Some("PollWorkflowTaskQueue" | "PollActivityTaskQueue" | "PollNexusTaskQueue") => {
            CallKind::TaskPoll
        }
        Some("PollWorkflowExecutionUpdate") => CallKind::UserPoll,
        Some("GetWorkflowExecutionHistory") if waits_for_event(message) => CallKind::UserPoll,
        _ => CallKind::Plain,
    }
}

fn waits_for_event(message: &Bytes) -> bool {
    api::GetWorkflowExecutionHistoryRequest::decode(message.clone())
        .is_ok_and(|request| request.wait_new_event)
}
