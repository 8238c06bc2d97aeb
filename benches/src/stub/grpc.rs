//! The stub over gRPC, so that any worker can be pointed at it.

use std::{future::Future, io, net::SocketAddr};

use callboard_actors::protos::workflowservice::v1::{
    self as api,
    workflow_service_server::{WorkflowService, WorkflowServiceServer},
};
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    codec::CompressionEncoding,
    transport::{Server, server::TcpIncoming},
};

use super::{
    Stub,
    service::{describe_default_namespace, system_info},
};

/// Listens on a free port of this machine. The server runs for as long as the future is polled.
pub async fn serve(
    stub: Stub,
) -> io::Result<(
    SocketAddr,
    impl Future<Output = Result<(), tonic::transport::Error>>,
)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    // A real server takes what clients compress, and answers them in the same way.
    let service = WorkflowServiceServer::new(stub)
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip);
    let server = Server::builder()
        .add_service(service)
        .serve_with_incoming(incoming);
    Ok((address, server))
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl WorkflowService for Stub {
    async fn describe_namespace(
        &self,
        _: Request<api::DescribeNamespaceRequest>,
    ) -> Answer<api::DescribeNamespaceResponse> {
        Ok(Response::new(describe_default_namespace()))
    }

    async fn get_system_info(
        &self,
        _: Request<api::GetSystemInfoRequest>,
    ) -> Answer<api::GetSystemInfoResponse> {
        Ok(Response::new(system_info()))
    }

    async fn start_workflow_execution(
        &self,
        request: Request<api::StartWorkflowExecutionRequest>,
    ) -> Answer<api::StartWorkflowExecutionResponse> {
        self.start(request.into_inner()).map(Response::new)
    }

    async fn poll_workflow_task_queue(
        &self,
        request: Request<api::PollWorkflowTaskQueueRequest>,
    ) -> Answer<api::PollWorkflowTaskQueueResponse> {
        self.clone()
            .poll_workflow(request.into_inner())
            .await
            .map(Response::new)
    }

    async fn respond_workflow_task_completed(
        &self,
        request: Request<api::RespondWorkflowTaskCompletedRequest>,
    ) -> Answer<api::RespondWorkflowTaskCompletedResponse> {
        self.complete_workflow(request.into_inner())
            .map(Response::new)
    }

    async fn respond_workflow_task_failed(
        &self,
        request: Request<api::RespondWorkflowTaskFailedRequest>,
    ) -> Answer<api::RespondWorkflowTaskFailedResponse> {
        self.fail_workflow(request.into_inner()).map(Response::new)
    }

    async fn get_workflow_execution_history(
        &self,
        request: Request<api::GetWorkflowExecutionHistoryRequest>,
    ) -> Answer<api::GetWorkflowExecutionHistoryResponse> {
        self.read_history(request.get_ref()).map(Response::new)
    }

    async fn poll_activity_task_queue(
        &self,
        request: Request<api::PollActivityTaskQueueRequest>,
    ) -> Answer<api::PollActivityTaskQueueResponse> {
        self.clone()
            .poll_activity(request.into_inner())
            .await
            .map(Response::new)
    }

    async fn respond_activity_task_completed(
        &self,
        request: Request<api::RespondActivityTaskCompletedRequest>,
    ) -> Answer<api::RespondActivityTaskCompletedResponse> {
        self.activity_done(request.into_inner()).map(Response::new)
    }

    async fn record_activity_task_heartbeat(
        &self,
        _: Request<api::RecordActivityTaskHeartbeatRequest>,
    ) -> Answer<api::RecordActivityTaskHeartbeatResponse> {
        Ok(Response::new(Default::default()))
    }

    async fn shutdown_worker(
        &self,
        _: Request<api::ShutdownWorkerRequest>,
    ) -> Answer<api::ShutdownWorkerResponse> {
        Ok(Response::new(Default::default()))
    }
}
