//! Where the two pollers of a worker poll.

use std::{sync::Arc, time::Duration};

use crate::{
    connection::Call,
    protos::{taskqueue::v1::PollerScalingDecision, workflowservice::v1 as api},
    telemetry::WorkerMetrics,
    workflow::{NotATask, WorkflowTask},
};

use super::{
    current_service::CurrentService,
    poll::{PollSource, Polled, TaskKind},
    poll_balance::QueueKind,
    requests::Requests,
    slots::SlotInfo,
};

pub(super) struct WorkflowPolls {
    pub service: CurrentService,
    pub requests: Arc<Requests>,
    pub metrics: WorkerMetrics,
}

impl PollSource for WorkflowPolls {
    const NAME: &'static str = "workflow poller";
    const KIND: TaskKind = TaskKind::Workflow;
    type Response = api::PollWorkflowTaskQueueResponse;
    type Task = Box<WorkflowTask>;

    fn poll(&self, queue: QueueKind, patience: Duration) -> Call<Self::Response> {
        self.service
            .get()
            .poll_workflow_task(self.requests.poll_workflow_task(queue), patience)
    }

    fn unpack(&self, response: Self::Response) -> Option<Polled<Self::Task>> {
        let suggestion = suggestion_in(response.poller_scaling_decision);
        match WorkflowTask::try_from(response) {
            Ok(task) => {
                let times = [task.scheduled_time, task.started_time];
                self.metrics.workflow_poll(Some(times));
                Some(Polled {
                    backlog: task.backlog_count_hint,
                    task: Box::new(task),
                    suggestion,
                })
            }
            Err(NotATask::Empty) => {
                self.metrics.workflow_poll(None);
                None
            }
            Err(error @ NotATask::Malformed(_)) => {
                tracing::error!(%error, "a polled workflow task is left to time out");
                None
            }
        }
    }

    fn slot_info(task: &Self::Task, queue: QueueKind) -> SlotInfo {
        SlotInfo::Workflow {
            workflow_type: task.workflow_type.clone(),
            is_sticky: queue == QueueKind::Sticky,
        }
    }
}

pub(super) struct ActivityPolls {
    pub service: CurrentService,
    pub requests: Arc<Requests>,
    pub metrics: WorkerMetrics,
}

impl PollSource for ActivityPolls {
    const NAME: &'static str = "activity poller";
    const KIND: TaskKind = TaskKind::Activity;
    type Response = api::PollActivityTaskQueueResponse;
    type Task = Box<api::PollActivityTaskQueueResponse>;

    fn poll(&self, _: QueueKind, patience: Duration) -> Call<Self::Response> {
        self.service
            .get()
            .poll_activity_task(self.requests.poll_activity_task(), patience)
    }

    fn unpack(&self, response: Self::Response) -> Option<Polled<Self::Task>> {
        if response.task_token.is_empty() {
            self.metrics.activity_poll_was_empty();
            return None;
        }
        self.metrics.activity_came(types(&response), false);
        Some(Polled {
            suggestion: suggestion_in(response.poller_scaling_decision),
            task: Box::new(response),
            backlog: 0,
        })
    }

    fn slot_info(task: &Self::Task, _: QueueKind) -> SlotInfo {
        activity_slot(task)
    }
}

fn suggestion_in(decision: Option<PollerScalingDecision>) -> Option<i32> {
    decision.map(|decision| decision.poll_request_delta_suggestion)
}

/// Types of the activity and of its workflow.
pub(super) fn types(task: &api::PollActivityTaskQueueResponse) -> (&str, &str) {
    let activity = task.activity_type.as_ref().map(|found| &*found.name);
    let workflow = task.workflow_type.as_ref().map(|found| &*found.name);
    (activity.unwrap_or_default(), workflow.unwrap_or_default())
}

/// What a supplier is told of an activity, polled or eager.
pub(super) fn activity_slot(task: &api::PollActivityTaskQueueResponse) -> SlotInfo {
    SlotInfo::Activity {
        activity_type: types(task).0.to_owned(),
    }
}
