//! A server that records activity calls and answers them as it is told.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures::FutureExt;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tonic::Status;

use crate::{
    connection::{Call, ServerCapabilities, WorkerService},
    kit::Spawner,
    protos::workflowservice::v1 as api,
    worker::{
        WorkerConfig, calls::Calls, current_service::CurrentService, requests::Requests,
        shutdown::ShutdownSignal,
    },
};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    Completed(api::RespondActivityTaskCompletedRequest),
    Failed(api::RespondActivityTaskFailedRequest),
    Cancelled(api::RespondActivityTaskCanceledRequest),
    Heartbeat(api::RecordActivityTaskHeartbeatRequest),
    WorkflowFailed(api::RespondWorkflowTaskFailedRequest),
}

#[derive(Default)]
pub(super) struct Server {
    pub(super) told: Mutex<Vec<Told>>,
    pub(super) heartbeats:
        Mutex<VecDeque<Result<api::RecordActivityTaskHeartbeatResponse, Status>>>,
    /// What every report of an activity's end is answered with.
    pub(super) refuses: Mutex<Option<Status>>,
    pub(super) capabilities: ServerCapabilities,
    /// The completion of a workflow task is answered when this is notified.
    pub(super) takes_completion: Arc<Notify>,
}

pub(super) fn calls(server: Arc<Server>) -> Calls {
    let config = WorkerConfig::new("default", "queue");
    Calls {
        requests: Arc::new(Requests::new(&config, server.capabilities)),
        namespace: Default::default(),
        service: CurrentService::new(server),
        shutdown: ShutdownSignal::default(),
        spawner: Spawner::current(),
    }
}

impl Server {
    fn tell<T: Default + Send + 'static>(&self, told: Told) -> Call<T> {
        self.told.lock().push(told);
        let refusal = self.refuses.lock().clone();
        std::future::ready(refusal.map_or_else(|| Ok(T::default()), Err)).boxed()
    }
}

fn unexpected<T: Send + 'static>(call: &'static str) -> Call<T> {
    std::future::ready(Err(Status::unimplemented(call))).boxed()
}

impl WorkerService for Server {
    fn capabilities(&self) -> ServerCapabilities {
        self.capabilities
    }

    fn describe_namespace(
        &self,
        _: api::DescribeNamespaceRequest,
    ) -> Call<api::DescribeNamespaceResponse> {
        unexpected("DescribeNamespace")
    }

    fn poll_workflow_task(
        &self,
        _: api::PollWorkflowTaskQueueRequest,
        _: Duration,
    ) -> Call<api::PollWorkflowTaskQueueResponse> {
        unexpected("PollWorkflowTaskQueue")
    }

    fn complete_workflow_task(
        &self,
        _: api::RespondWorkflowTaskCompletedRequest,
    ) -> Call<api::RespondWorkflowTaskCompletedResponse> {
        let taken = self.takes_completion.clone();
        async move {
            taken.notified().await;
            Ok(api::RespondWorkflowTaskCompletedResponse::default())
        }
        .boxed()
    }

    fn fail_workflow_task(
        &self,
        request: api::RespondWorkflowTaskFailedRequest,
    ) -> Call<api::RespondWorkflowTaskFailedResponse> {
        self.tell(Told::WorkflowFailed(request))
    }

    fn respond_query(
        &self,
        _: api::RespondQueryTaskCompletedRequest,
    ) -> Call<api::RespondQueryTaskCompletedResponse> {
        unexpected("RespondQueryTaskCompleted")
    }

    fn get_history(
        &self,
        _: api::GetWorkflowExecutionHistoryRequest,
    ) -> Call<api::GetWorkflowExecutionHistoryResponse> {
        unexpected("GetWorkflowExecutionHistory")
    }

    fn poll_activity_task(
        &self,
        _: api::PollActivityTaskQueueRequest,
        _: Duration,
    ) -> Call<api::PollActivityTaskQueueResponse> {
        unexpected("PollActivityTaskQueue")
    }

    fn complete_activity(
        &self,
        request: api::RespondActivityTaskCompletedRequest,
    ) -> Call<api::RespondActivityTaskCompletedResponse> {
        self.tell(Told::Completed(request))
    }

    fn fail_activity(
        &self,
        request: api::RespondActivityTaskFailedRequest,
    ) -> Call<api::RespondActivityTaskFailedResponse> {
        self.tell(Told::Failed(request))
    }

    fn cancel_activity(
        &self,
        request: api::RespondActivityTaskCanceledRequest,
    ) -> Call<api::RespondActivityTaskCanceledResponse> {
        self.tell(Told::Cancelled(request))
    }

    fn heartbeat_activity(
        &self,
        request: api::RecordActivityTaskHeartbeatRequest,
    ) -> Call<api::RecordActivityTaskHeartbeatResponse> {
        self.told.lock().push(Told::Heartbeat(request));
        let answer = self.heartbeats.lock().pop_front();
        std::future::ready(answer.unwrap_or_else(|| Ok(Default::default()))).boxed()
    }

    fn shutdown_worker(&self, _: api::ShutdownWorkerRequest) -> Call<api::ShutdownWorkerResponse> {
        unexpected("ShutdownWorker")
    }
}
