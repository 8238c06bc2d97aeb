//! A client's calls about one workflow, typed: its start, and the wait for its end.

use std::time::Duration;

use tonic::{Status, metadata::MetadataMap};

use super::{
    call_kind::{CallKind, GET_HISTORY, START_WORKFLOW},
    client::Connection,
};
use crate::protos::{
    common::v1::WorkflowExecution, enums::v1::HistoryEventFilterType, history::v1::HistoryEvent,
    workflowservice::v1 as api,
};

/// What a user may say about a call.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// Win over the headers of the connection.
    pub headers: MetadataMap,
    /// Of each try; `None` takes the default of the call's kind.
    pub timeout: Option<Duration>,
}

/// A run of a workflow; without a run id, the latest.
#[derive(Clone, Debug)]
pub struct RunName {
    pub namespace: String,
    pub workflow_id: String,
    pub run_id: String,
}

/// Why there is no close event.
#[derive(Debug, thiserror::Error)]
pub enum NoCloseEvent {
    #[error(transparent)]
    Refused(#[from] Status),
    #[error("the server sent a raw history, which was not asked for")]
    RawHistory,
    #[error("the server sent no close event for workflow {workflow_id:?}, run {run}")]
    NotSent { workflow_id: String, run: String },
}

impl Connection {
    /// Starts a workflow. If its first task comes with the answer, a worker of this connection gets it.
    pub async fn start_workflow(
        &self,
        request: &api::StartWorkflowExecutionRequest,
        options: &CallOptions,
    ) -> Result<api::StartWorkflowExecutionResponse, Status> {
        if !request.request_eager_execution {
            return self.send_start(request, options).await;
        }
        let mut request = request.clone();
        let first_task = self.reserve_first_task(&mut request);
        let mut answer = self.send_start(&request, options).await?;
        if let Some(first_task) = first_task
            && let Some(task) = &mut answer.eager_workflow_task
        {
            first_task.start(std::mem::take(task));
        }
        Ok(answer)
    }

    async fn send_start(
        &self,
        request: &api::StartWorkflowExecutionRequest,
        options: &CallOptions,
    ) -> Result<api::StartWorkflowExecutionResponse, Status> {
        let (namespace, kind) = (&request.namespace, CallKind::Plain);
        self.call_for_user(START_WORKFLOW, namespace, request, kind, options)
            .await
    }

    /// Waits for the event that ends a run, however long that takes.
    pub async fn close_event(
        &self,
        run: RunName,
        options: &CallOptions,
    ) -> Result<HistoryEvent, NoCloseEvent> {
        let kind = CallKind::HistoryPoll;
        let mut request = ask_for_close_event(run);
        loop {
            let namespace = &request.namespace;
            let answer: api::GetWorkflowExecutionHistoryResponse = self
                .call_for_user(GET_HISTORY, namespace, &request, kind, options)
                .await?;
            if !answer.raw_history.is_empty() {
                return Err(NoCloseEvent::RawHistory);
            }
            let events = answer.history.map(|history| history.events);
            if let Some(event) = events.into_iter().flatten().next() {
                return Ok(event);
            }
            if answer.next_page_token.is_empty() {
                return Err(not_sent(request));
            }
            request.next_page_token = answer.next_page_token;
        }
    }
}

fn ask_for_close_event(run: RunName) -> api::GetWorkflowExecutionHistoryRequest {
    api::GetWorkflowExecutionHistoryRequest {
        namespace: run.namespace,
        execution: Some(WorkflowExecution {
            workflow_id: run.workflow_id,
            run_id: run.run_id,
        }),
        wait_new_event: true,
        history_event_filter_type: HistoryEventFilterType::CloseEvent.into(),
        skip_archival: true,
        ..Default::default()
    }
}

fn not_sent(request: api::GetWorkflowExecutionHistoryRequest) -> NoCloseEvent {
    let WorkflowExecution {
        workflow_id,
        run_id,
    } = request.execution.unwrap_or_default();
    let run = match run_id.is_empty() {
        true => "latest".into(),
        false => run_id,
    };
    NoCloseEvent::NotSent { workflow_id, run }
}
