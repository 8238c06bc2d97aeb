//! What a worker asks of the server, as a trait: the gRPC connection is one implementation, the
//! stub services of tests and benches are others.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tonic::Status;

use super::{Claim, EagerRegistration, FirstTasks, HeldClaim, Overlap};
use crate::protos::workflowservice::v1 as api;

/// A call on its way. Dropping it cancels it.
pub type Call<T> = BoxFuture<'static, Result<T, Status>>;

/// Which optional parts of the contract this server has (from `GetSystemInfo`, all false when the
/// server does not know that call).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerCapabilities {
    pub sdk_metadata: bool,
    pub internal_error_differentiation: bool,
    pub activity_failure_include_heartbeat: bool,
    pub encoded_failure_attributes: bool,
    pub eager_workflow_start: bool,
    pub build_id_based_versioning: bool,
    pub upsert_memo: bool,
    pub count_group_by_execution_status: bool,
}

/// Every call a worker makes. Implementations retry all but the polls (see `connection::retry`), so
/// an error that comes back is final for that call; a poll's error is that of its only try.
pub trait WorkerService: Send + Sync + 'static {
    fn capabilities(&self) -> ServerCapabilities;

    /// Notes what a worker takes from which queue; an error when another one takes it already. A
    /// service that knows no other workers has nothing to say to this.
    fn claim(
        &self,
        _claim: Claim,
        _instead_of: Option<&HeldClaim>,
    ) -> Result<Option<HeldClaim>, Overlap> {
        Ok(None)
    }

    /// Has a worker get the first tasks of workflows that are started by way of this service.
    fn register_first_tasks(
        &self,
        _namespace: &str,
        _task_queue: &str,
        _worker: Arc<dyn FirstTasks>,
    ) -> Option<EagerRegistration> {
        None
    }

    fn describe_namespace(
        &self,
        request: api::DescribeNamespaceRequest,
    ) -> Call<api::DescribeNamespaceResponse>;

    /// Waits for a task, for so long at most.
    fn poll_workflow_task(
        &self,
        request: api::PollWorkflowTaskQueueRequest,
        patience: Duration,
    ) -> Call<api::PollWorkflowTaskQueueResponse>;

    fn complete_workflow_task(
        &self,
        request: api::RespondWorkflowTaskCompletedRequest,
    ) -> Call<api::RespondWorkflowTaskCompletedResponse>;

    fn fail_workflow_task(
        &self,
        request: api::RespondWorkflowTaskFailedRequest,
    ) -> Call<api::RespondWorkflowTaskFailedResponse>;

    fn respond_query(
        &self,
        request: api::RespondQueryTaskCompletedRequest,
    ) -> Call<api::RespondQueryTaskCompletedResponse>;

    fn get_history(
        &self,
        request: api::GetWorkflowExecutionHistoryRequest,
    ) -> Call<api::GetWorkflowExecutionHistoryResponse>;

    /// Waits for a task, for so long at most.
    fn poll_activity_task(
        &self,
        request: api::PollActivityTaskQueueRequest,
        patience: Duration,
    ) -> Call<api::PollActivityTaskQueueResponse>;

    fn complete_activity(
        &self,
        request: api::RespondActivityTaskCompletedRequest,
    ) -> Call<api::RespondActivityTaskCompletedResponse>;

    fn fail_activity(
        &self,
        request: api::RespondActivityTaskFailedRequest,
    ) -> Call<api::RespondActivityTaskFailedResponse>;

    fn cancel_activity(
        &self,
        request: api::RespondActivityTaskCanceledRequest,
    ) -> Call<api::RespondActivityTaskCanceledResponse>;

    fn heartbeat_activity(
        &self,
        request: api::RecordActivityTaskHeartbeatRequest,
    ) -> Call<api::RecordActivityTaskHeartbeatResponse>;

    fn shutdown_worker(
        &self,
        request: api::ShutdownWorkerRequest,
    ) -> Call<api::ShutdownWorkerResponse>;
}
