//! What a worker's namespace can do, and how much it takes.

use crate::protos::workflowservice::v1::DescribeNamespaceResponse;

/// What is not known is not there: no capability, and no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct NamespaceFacts {
    /// Polls end by themselves when their worker has said that it shuts down.
    pub(super) ends_polls: bool,
    /// A completion may come in several pages.
    pub(super) takes_pages: bool,
    /// The server suggests with tasks how many polls there should be.
    pub(super) suggests_polls: bool,
    /// Bytes of one field that holds payloads.
    pub(super) blob_limit: Option<usize>,
    /// Bytes of a memo.
    pub(super) memo_limit: Option<usize>,
    /// Bytes of a completion that comes in pages.
    pub(super) completion_limit: Option<usize>,
}

impl From<DescribeNamespaceResponse> for NamespaceFacts {
    fn from(described: DescribeNamespaceResponse) -> Self {
        let info = described.namespace_info.unwrap_or_default();
        let capabilities = info.capabilities.unwrap_or_default();
        let limits = info.limits.unwrap_or_default();
        Self {
            ends_polls: capabilities.worker_poll_complete_on_shutdown,
            takes_pages: capabilities.workflow_task_completion_pagination,
            suggests_polls: capabilities.poller_autoscaling,
            blob_limit: limit(limits.blob_size_limit_error),
            memo_limit: limit(limits.memo_size_limit_error),
            completion_limit: limit(limits.workflow_task_completion_size_limit_error),
        }
    }
}

fn limit(bytes: i64) -> Option<usize> {
    usize::try_from(bytes).ok().filter(|bytes| *bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_told_is_not_there() {
        let facts = NamespaceFacts::from(DescribeNamespaceResponse::default());
        assert_eq!(facts, NamespaceFacts::default());
        assert_eq!(limit(2_097_152), Some(2_097_152));
        assert_eq!((limit(0), limit(-1)), (None, None));
    }
}
