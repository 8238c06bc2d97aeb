//! Where the two pollers of a worker poll.

use std::sync::Arc;

use crate::{
    connection::Call,
    protos::workflowservice::v1 as api,
    workflow::{NotATask, WorkflowTask},
};

use super::{
    current_service::CurrentService,
    poll_balance::QueueKind,
    poller::{PollSource, TaskKind},
    requests::Requests,
};

pub(super) struct WorkflowPolls {
    pub service: CurrentService,
    pub requests: Arc<Requests>,
}

impl PollSource for WorkflowPolls {
    const NAME: &'static str = "workflow poller";
    const KIND: TaskKind = TaskKind::Workflow;
    type Response = api::PollWorkflowTaskQueueResponse;
    type Task = Box<WorkflowTask>;

    fn poll(&self, queue: QueueKind) -> Call<Self::Response> {
        self.service
            .get()
            .poll_workflow_task(self.requests.poll_workflow_task(queue))
    }

    fn unpack(&self, response: Self::Response) -> Option<(Self::Task, i64)> {
        match WorkflowTask::try_from(response) {
            Ok(task) => {
                let backlog = task.backlog_count_hint;
                Some((Box::new(task), backlog))
            }
            Err(NotATask::Empty) => None,
            Err(error @ NotATask::Malformed(_)) => {
                tracing::error!(%error, "a polled workflow task is left to time out");
                None
            }
        }
    }
}

pub(super) struct ActivityPolls {
    pub service: CurrentService,
    pub requests: Arc<Requests>,
}

impl PollSource for ActivityPolls {
    const NAME: &'static str = "activity poller";
    const KIND: TaskKind = TaskKind::Activity;
    type Response = api::PollActivityTaskQueueResponse;
    type Task = Box<api::PollActivityTaskQueueResponse>;

    fn poll(&self, _: QueueKind) -> Call<Self::Response> {
        self.service
            .get()
            .poll_activity_task(self.requests.poll_activity_task())
    }

    fn unpack(&self, response: Self::Response) -> Option<(Self::Task, i64)> {
        (!response.task_token.is_empty()).then(|| (Box::new(response), 0))
    }
}
