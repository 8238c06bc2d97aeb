//! Which calls are long polls.

use std::time::Duration;

use bytes::Bytes;
use prost::Message;

use crate::protos::workflowservice::v1 as api;

pub(super) const GET_SYSTEM_INFO: &str =
    "/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo";

pub(super) const DESCRIBE_NAMESPACE: &str =
    "/temporal.api.workflowservice.v1.WorkflowService/DescribeNamespace";

pub(super) const GET_HISTORY: &str =
    "/temporal.api.workflowservice.v1.WorkflowService/GetWorkflowExecutionHistory";

pub(super) const START_WORKFLOW: &str =
    "/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution";

/// Whether the server holds a call until there is something to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallKind {
    Plain,
    /// Not worth another try.
    Once,
    /// Waits for a workflow's next event.
    HistoryPoll,
    /// A worker waits for a task, so long.
    TaskPoll(Duration),
}

/// A little longer than the server's own limit.
pub const LONG_POLL: Duration = Duration::from_secs(70);

impl CallKind {
    /// Whether it is counted as a long poll.
    pub(super) fn is_long(self) -> bool {
        matches!(self, Self::HistoryPoll | Self::TaskPoll(_))
    }

    /// Of each try.
    pub(super) fn timeout(self) -> Duration {
        match self {
            Self::Plain | Self::Once => Duration::from_secs(30),
            Self::HistoryPoll => LONG_POLL,
            Self::TaskPoll(patience) => patience,
        }
    }
}

/// Tells the kind of a user's call. Only waiting for history counts as a long poll there: the
/// server answers all others well within the plain timeout.
pub(super) fn of_user_call(method: &str, message: &Bytes) -> CallKind {
    if method == GET_HISTORY && waits_for_event(message) {
        CallKind::HistoryPoll
    } else {
        CallKind::Plain
    }
}

fn waits_for_event(message: &Bytes) -> bool {
    api::GetWorkflowExecutionHistoryRequest::decode(message.clone())
        .is_ok_and(|request| request.wait_new_event)
}
