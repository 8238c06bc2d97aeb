//! The stub as a worker's service, called without a network in between.

use std::{
    future::Future,
    time::{Duration, SystemTime},
};

use callboard_actors::{
    connection::{Call, ServerCapabilities, WorkerService},
    protos::{
        command::v1::ScheduleActivityTaskCommandAttributes, common::v1::WorkflowExecution,
        enums::v1::TaskQueueKind, namespace::v1::NamespaceInfo, workflowservice::v1 as api,
    },
};
use futures::FutureExt;
use tonic::Status;

use super::Stub;

pub(super) fn describe_activity(
    task_token: Vec<u8>,
    workflow_id: &str,
    run_id: &str,
    attributes: ScheduleActivityTaskCommandAttributes,
) -> api::PollActivityTaskQueueResponse {
    let now = Some(SystemTime::now().into());
    api::PollActivityTaskQueueResponse {
        task_token: task_token.into(),
        workflow_namespace: "default".into(),
        workflow_execution: Some(WorkflowExecution {
            workflow_id: workflow_id.to_owned(),
            run_id: run_id.to_owned(),
        }),
        activity_id: attributes.activity_id,
        activity_type: attributes.activity_type,
        input: attributes.input,
        scheduled_time: now,
        current_attempt_scheduled_time: now,
        started_time: now,
        attempt: 1,
        start_to_close_timeout: attributes.start_to_close_timeout,
        schedule_to_close_timeout: attributes.schedule_to_close_timeout,
        heartbeat_timeout: attributes.heartbeat_timeout,
        ..Default::default()
    }
}

/// The calls, once for both ways in: as a trait without a network, and over gRPC.
impl Stub {
    pub(super) async fn poll_workflow(
        self,
        request: api::PollWorkflowTaskQueueRequest,
    ) -> Result<api::PollWorkflowTaskQueueResponse, Status> {
        let queue = request
            .task_queue
            .ok_or_else(|| Status::invalid_argument("the poll names no task queue"))?;
        let sticky = queue.kind == TaskQueueKind::Sticky as i32;
        Ok(self
            .next_workflow_task(&queue.name, sticky)
            .await
            .unwrap_or_default())
    }

    pub(super) fn complete_workflow(
        &self,
        request: api::RespondWorkflowTaskCompletedRequest,
    ) -> Result<api::RespondWorkflowTaskCompletedResponse, Status> {
        self.complete_task(request)
            .ok_or_else(|| Status::not_found("no such workflow task"))
    }

    pub(super) fn fail_workflow(
        &self,
        request: api::RespondWorkflowTaskFailedRequest,
    ) -> Result<api::RespondWorkflowTaskFailedResponse, Status> {
        found(self.fail_task(&request), "no such workflow task").map(|()| Default::default())
    }

    pub(super) async fn poll_activity(
        self,
        request: api::PollActivityTaskQueueRequest,
    ) -> Result<api::PollActivityTaskQueueResponse, Status> {
        let queue = request
            .task_queue
            .ok_or_else(|| Status::invalid_argument("the poll names no task queue"))?;
        Ok(self.next_activity(&queue.name).await.unwrap_or_default())
    }

    pub(super) fn activity_done(
        &self,
        request: api::RespondActivityTaskCompletedRequest,
    ) -> Result<api::RespondActivityTaskCompletedResponse, Status> {
        found(self.complete_activity(request), "no such activity").map(|()| Default::default())
    }

    pub(super) fn start(
        &self,
        request: api::StartWorkflowExecutionRequest,
    ) -> Result<api::StartWorkflowExecutionResponse, Status> {
        let (Some(workflow_type), Some(task_queue)) = (request.workflow_type, request.task_queue)
        else {
            return Err(Status::invalid_argument(
                "a start needs a workflow type and a task queue",
            ));
        };
        let input = request.input.unwrap_or_default().payloads;
        let run_id = self.start_workflow(
            request.workflow_id,
            &workflow_type.name,
            &task_queue.name,
            input,
        );
        Ok(api::StartWorkflowExecutionResponse {
            run_id,
            started: true,
            ..Default::default()
        })
    }

    pub(super) fn read_history(
        &self,
        request: &api::GetWorkflowExecutionHistoryRequest,
    ) -> Result<api::GetWorkflowExecutionHistoryResponse, Status> {
        let run_id = request.execution.clone().unwrap_or_default().run_id;
        let history = self
            .history(&run_id)
            .ok_or_else(|| Status::not_found("no such run"))?;
        Ok(api::GetWorkflowExecutionHistoryResponse {
            history: Some(history),
            ..Default::default()
        })
    }
}

pub(super) fn describe_default_namespace() -> api::DescribeNamespaceResponse {
    api::DescribeNamespaceResponse {
        namespace_info: Some(NamespaceInfo {
            name: "default".into(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

pub(super) fn system_info() -> api::GetSystemInfoResponse {
    api::GetSystemInfoResponse {
        server_version: "1.30.0".into(),
        capabilities: Some(api::get_system_info_response::Capabilities {
            activity_failure_include_heartbeat: true,
            sdk_metadata: true,
            ..Default::default()
        }),
    }
}

fn found(found: bool, otherwise: &'static str) -> Result<(), Status> {
    if found {
        Ok(())
    } else {
        Err(Status::not_found(otherwise))
    }
}

fn answered<T: Send + 'static>(result: Result<T, Status>) -> Call<T> {
    std::future::ready(result).boxed()
}

fn later<T>(call: impl Future<Output = Result<T, Status>> + Send + 'static) -> Call<T> {
    call.boxed()
}

fn unsupported<T: Send + 'static>(call: &'static str) -> Call<T> {
    answered(Err(Status::unimplemented(call)))
}

impl WorkerService for Stub {
    fn capabilities(&self) -> ServerCapabilities {
        ServerCapabilities {
            activity_failure_include_heartbeat: true,
            sdk_metadata: true,
            ..Default::default()
        }
    }

    fn describe_namespace(
        &self,
        _: api::DescribeNamespaceRequest,
    ) -> Call<api::DescribeNamespaceResponse> {
        answered(Ok(describe_default_namespace()))
    }

    fn poll_workflow_task(
        &self,
        request: api::PollWorkflowTaskQueueRequest,
        _: Duration,
    ) -> Call<api::PollWorkflowTaskQueueResponse> {
        later(self.clone().poll_workflow(request))
    }

    fn complete_workflow_task(
        &self,
        request: api::RespondWorkflowTaskCompletedRequest,
    ) -> Call<api::RespondWorkflowTaskCompletedResponse> {
        answered(self.complete_workflow(request))
    }

    fn fail_workflow_task(
        &self,
        request: api::RespondWorkflowTaskFailedRequest,
    ) -> Call<api::RespondWorkflowTaskFailedResponse> {
        answered(self.fail_workflow(request))
    }

    fn respond_query(
        &self,
        _: api::RespondQueryTaskCompletedRequest,
    ) -> Call<api::RespondQueryTaskCompletedResponse> {
        unsupported("RespondQueryTaskCompleted")
    }

    fn get_history(
        &self,
        request: api::GetWorkflowExecutionHistoryRequest,
    ) -> Call<api::GetWorkflowExecutionHistoryResponse> {
        answered(self.read_history(&request))
    }

    fn poll_activity_task(
        &self,
        request: api::PollActivityTaskQueueRequest,
        _: Duration,
    ) -> Call<api::PollActivityTaskQueueResponse> {
        later(self.clone().poll_activity(request))
    }

    fn complete_activity(
        &self,
        request: api::RespondActivityTaskCompletedRequest,
    ) -> Call<api::RespondActivityTaskCompletedResponse> {
        answered(self.activity_done(request))
    }

    fn fail_activity(
        &self,
        _: api::RespondActivityTaskFailedRequest,
    ) -> Call<api::RespondActivityTaskFailedResponse> {
        unsupported("RespondActivityTaskFailed")
    }

    fn cancel_activity(
        &self,
        _: api::RespondActivityTaskCanceledRequest,
    ) -> Call<api::RespondActivityTaskCanceledResponse> {
        unsupported("RespondActivityTaskCanceled")
    }

    fn heartbeat_activity(
        &self,
        _: api::RecordActivityTaskHeartbeatRequest,
    ) -> Call<api::RecordActivityTaskHeartbeatResponse> {
        answered(Ok(Default::default()))
    }

    fn shutdown_worker(&self, _: api::ShutdownWorkerRequest) -> Call<api::ShutdownWorkerResponse> {
        answered(Ok(Default::default()))
    }
}
