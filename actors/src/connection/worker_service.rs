//! The connection as the worker sees it.

use std::{sync::Arc, time::Duration};

use super::{
    call_kind::CallKind,
    claims::{Claim, HeldClaim, Overlap},
    client::Connection,
    eager_starts::{EagerRegistration, FirstTasks},
    service::{Call, ServerCapabilities, WorkerService},
};
use crate::protos::workflowservice::v1 as api;

/// One line per call: how the worker names it, the message, the method, its kind. Polls by themselves.
macro_rules! worker_calls {
    (
        calls { $($name:ident: $request:ident => $response:ident, $method:literal, $kind:ident;)* }
        polls { $($poll:ident: $poll_request:ident => $poll_response:ident, $poll_method:literal;)* }
    ) => {
        impl WorkerService for Connection {
            fn capabilities(&self) -> ServerCapabilities {
                Connection::capabilities(self)
            }

            fn claim(
                &self,
                claim: Claim,
                instead_of: Option<&HeldClaim>,
            ) -> Result<Option<HeldClaim>, Overlap> {
                self.claims().hold(claim, instead_of).map(Some)
            }

            fn register_first_tasks(
                &self,
                namespace: &str,
                task_queue: &str,
                worker: Arc<dyn FirstTasks>,
            ) -> Option<EagerRegistration> {
                Some(self.eager_starts().register(namespace, task_queue, worker))
            }

            fn describe_namespace(
                &self,
                request: api::DescribeNamespaceRequest,
            ) -> Call<api::DescribeNamespaceResponse> {
                let connection = self.clone();
                Box::pin(async move { connection.describe_namespace(request).await })
            }

            $(
                fn $name(&self, request: api::$request) -> Call<api::$response> {
                    let connection = self.clone();
                    Box::pin(async move {
                        connection
                            .call_typed(
                                concat!("/temporal.api.workflowservice.v1.WorkflowService/", $method),
                                request.namespace.clone(),
                                request,
                                CallKind::$kind,
                            )
                            .await
                    })
                }
            )*

            $(
                fn $poll(
                    &self,
                    request: api::$poll_request,
                    patience: Duration,
                ) -> Call<api::$poll_response> {
                    let connection = self.clone();
                    Box::pin(async move {
                        connection
                            .call_typed(
                                concat!("/temporal.api.workflowservice.v1.WorkflowService/", $poll_method),
                                request.namespace.clone(),
                                request,
                                CallKind::TaskPoll(patience),
                            )
                            .await
                    })
                }
            )*
        }
    };
}

worker_calls! {
    calls {
        complete_workflow_task: RespondWorkflowTaskCompletedRequest => RespondWorkflowTaskCompletedResponse, "RespondWorkflowTaskCompleted", Plain;
        fail_workflow_task: RespondWorkflowTaskFailedRequest => RespondWorkflowTaskFailedResponse, "RespondWorkflowTaskFailed", Plain;
        respond_query: RespondQueryTaskCompletedRequest => RespondQueryTaskCompletedResponse, "RespondQueryTaskCompleted", Plain;
        get_history: GetWorkflowExecutionHistoryRequest => GetWorkflowExecutionHistoryResponse, "GetWorkflowExecutionHistory", Plain;
        complete_activity: RespondActivityTaskCompletedRequest => RespondActivityTaskCompletedResponse, "RespondActivityTaskCompleted", Plain;
        fail_activity: RespondActivityTaskFailedRequest => RespondActivityTaskFailedResponse, "RespondActivityTaskFailed", Plain;
        cancel_activity: RespondActivityTaskCanceledRequest => RespondActivityTaskCanceledResponse, "RespondActivityTaskCanceled", Plain;
        heartbeat_activity: RecordActivityTaskHeartbeatRequest => RecordActivityTaskHeartbeatResponse, "RecordActivityTaskHeartbeat", Plain;
        shutdown_worker: ShutdownWorkerRequest => ShutdownWorkerResponse, "ShutdownWorker", Once;
    }
    polls {
        poll_workflow_task: PollWorkflowTaskQueueRequest => PollWorkflowTaskQueueResponse, "PollWorkflowTaskQueue";
        poll_activity_task: PollActivityTaskQueueRequest => PollActivityTaskQueueResponse, "PollActivityTaskQueue";
    }
}
