//! One try of a call, as its metrics see it.

use http::uri::PathAndQuery;
use prost::Message;
use tokio::time::Instant;
use tonic::Status;

use super::client::PreparedCall;
use crate::telemetry::{CallLabels, Labels, RequestMetrics};

pub(super) struct Measured<'a> {
    metrics: &'a RequestMetrics,
    labels: Labels,
    is_long: bool,
    began: Instant,
}

impl<'a> Measured<'a> {
    pub(super) fn begins(metrics: &'a RequestMetrics, call: &PreparedCall) -> Self {
        let operation = operation(&call.path);
        let call_labels = CallLabels {
            operation: operation.to_owned(),
            namespace: call.namespace().map(str::to_owned),
            task_queue: task_queue(operation, call.message()),
        };
        Self {
            labels: metrics.begins(call_labels, call.is_long),
            metrics,
            is_long: call.is_long,
            began: Instant::now(),
        }
    }

    pub(super) fn ended(&self, failure: Option<&Status>) {
        let took = self.began.elapsed();
        self.metrics
            .ended(&self.labels, self.is_long, failure, took);
    }
}

/// The method without its service.
fn operation(path: &PathAndQuery) -> &str {
    let path = path.as_str();
    path.rsplit_once('/').map_or(path, |(_, method)| method)
}

/// The task queue that a request names, and the worker's own one where it is a sticky one.
fn task_queue(operation: &str, message: &[u8]) -> Option<String> {
    let queue = match operation {
        "StartWorkflowExecution" | "SignalWithStartWorkflowExecution" => {
            StartOnQueue::decode(message).ok()?.task_queue?
        }
        "PollWorkflowTaskQueue" | "PollActivityTaskQueue" => {
            PollOfQueue::decode(message).ok()?.task_queue?
        }
        _ => return None,
    };
    let names = [queue.normal_name, queue.name];
    names.into_iter().find(|name| !name.is_empty())
}

/// Of requests to start a workflow, only the queue.
#[derive(prost::Message)]
struct StartOnQueue {
    #[prost(message, optional, tag = "4")]
    task_queue: Option<Queue>,
}

/// Of polls, only the queue.
#[derive(prost::Message)]
struct PollOfQueue {
    #[prost(message, optional, tag = "2")]
    task_queue: Option<Queue>,
}

#[derive(prost::Message)]
struct Queue {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "3")]
    normal_name: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protos::{taskqueue::v1::TaskQueue, workflowservice::v1 as api};

    #[test]
    fn requests_are_told_apart_by_their_queues() {
        let queue = |name: &str, normal_name: &str| {
            Some(TaskQueue {
                name: name.into(),
                normal_name: normal_name.into(),
                ..TaskQueue::default()
            })
        };
        let start = api::StartWorkflowExecutionRequest {
            namespace: "default".into(),
            task_queue: queue("q", ""),
            ..Default::default()
        };
        let again = api::SignalWithStartWorkflowExecutionRequest {
            task_queue: queue("q", ""),
            ..Default::default()
        };
        let poll = api::PollWorkflowTaskQueueRequest {
            task_queue: queue("sticky-1", "q"),
            ..Default::default()
        };
        let activities = api::PollActivityTaskQueueRequest {
            task_queue: queue("q", ""),
            ..Default::default()
        };
        for (operation, message) in [
            ("StartWorkflowExecution", start.encode_to_vec()),
            ("SignalWithStartWorkflowExecution", again.encode_to_vec()),
            ("PollWorkflowTaskQueue", poll.encode_to_vec()),
            ("PollActivityTaskQueue", activities.encode_to_vec()),
        ] {
            assert_eq!(
                task_queue(operation, &message).as_deref(),
                Some("q"),
                "{operation}"
            );
        }
        assert_eq!(
            task_queue("SignalWorkflowExecution", &start.encode_to_vec()),
            None
        );
    }
}
