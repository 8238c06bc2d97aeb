//! The connection as the worker sees it.

use std::{sync::Arc, time::Duration};

use prost::Message;

use super::{
    call_kind::CallKind,
    claims::{Claim, HeldClaim, Overlap},
    client::Connection,
    eager_starts::{EagerRegistration, FirstTasks},
    service::{Call, ServerCapabilities, WorkerService},
};
use crate::protos::workflowservice::v1 as api;

macro_rules! method {
    ($name:literal) => {
        concat!("/temporal.api.workflowservice.v1.WorkflowService/", $name)
    };
}

/// The call on its way.
fn called<Q, A>(
    connection: &Connection,
    method: &'static str,
    namespace: String,
    request: Q,
    kind: CallKind,
) -> Call<A>
where
    Q: Message + 'static,
    A: Message + Default + 'static,
{
    let connection = connection.clone();
    Box::pin(async move {
        connection
            .call_typed(method, namespace, request, kind)
            .await
    })
}

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
                    let namespace = request.namespace.clone();
                    called(self, method!($method), namespace, request, CallKind::$kind)
                }
            )*

            $(
                fn $poll(
                    &self,
                    request: api::$poll_request,
                    patience: Duration,
                ) -> Call<api::$poll_response> {
                    let namespace = request.namespace.clone();
                    let kind = CallKind::TaskPoll(patience);
                    called(self, method!($poll_method), namespace, request, kind)
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
