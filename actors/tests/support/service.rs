//! The in-memory service behind faults, with a record of what the worker told it.

use std::{sync::Mutex, time::Duration};

use callboard_actors::{
    connection::{Call, ServerCapabilities, WorkerService},
    protos::workflowservice::v1 as api,
};
use callboard_benches::stub::Stub;
use futures::FutureExt;
use tonic::Status;

/// What goes wrong from now on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    /// Every poll fails with this.
    pub polls: Option<Status>,
    /// Every call but polls is never answered.
    pub black_hole: bool,
    /// The next completion of a workflow task fails with this, after the service has not seen it.
    pub next_completion: Option<Status>,
    /// The next heartbeats are answered with these, the first first.
    pub heartbeats: Vec<Result<api::RecordActivityTaskHeartbeatResponse, Status>>,
    pub shutdown: Option<Status>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub workflow_completions: Vec<api::RespondWorkflowTaskCompletedRequest>,
    pub workflow_failures: Vec<api::RespondWorkflowTaskFailedRequest>,
    pub activity_completions: Vec<api::RespondActivityTaskCompletedRequest>,
    pub activity_failures: Vec<api::RespondActivityTaskFailedRequest>,
    pub activity_cancellations: Vec<api::RespondActivityTaskCanceledRequest>,
    pub heartbeats: Vec<api::RecordActivityTaskHeartbeatRequest>,
    pub workflow_polls: Vec<api::PollWorkflowTaskQueueRequest>,
    pub activity_polls: Vec<api::PollActivityTaskQueueRequest>,
    pub shutdowns: Vec<api::ShutdownWorkerRequest>,
}

pub(crate) struct Service {
    stub: Stub,
    pub faults: Mutex<Faults>,
    pub record: Mutex<Record>,
}

impl Service {
    pub(crate) fn new(stub: Stub) -> Self {
        Self {
            stub,
            faults: Mutex::default(),
            record: Mutex::default(),
        }
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        *self.faults.lock().expect("no test panics with it") = faults;
    }

    pub(crate) fn record(&self) -> Record {
        self.record.lock().expect("no test panics with it").clone()
    }

    fn note(&self, note: impl FnOnce(&mut Record)) {
        note(&mut self.record.lock().expect("no test panics with it"));
    }

    fn poll_fault<T: Send + 'static>(&self) -> Option<Call<T>> {
        let status = self
            .faults
            .lock()
            .expect("no test panics with it")
            .polls
            .clone()?;
        Some(std::future::ready(Err(status)).boxed())
    }

    fn unless_black_hole<T: Send + 'static>(&self, call: impl FnOnce() -> Call<T>) -> Call<T> {
        if self
            .faults
            .lock()
            .expect("no test panics with it")
            .black_hole
        {
            return std::future::pending().boxed();
        }
        call()
    }
}

fn ready<T: Send + 'static>(result: Result<T, Status>) -> Call<T> {
    std::future::ready(result).boxed()
}

impl WorkerService for Service {
    fn capabilities(&self) -> ServerCapabilities {
        self.stub.capabilities()
    }

    fn describe_namespace(
        &self,
        request: api::DescribeNamespaceRequest,
    ) -> Call<api::DescribeNamespaceResponse> {
        self.stub.describe_namespace(request)
    }

    fn poll_workflow_task(
        &self,
        request: api::PollWorkflowTaskQueueRequest,
        patience: Duration,
    ) -> Call<api::PollWorkflowTaskQueueResponse> {
        self.note(|record| record.workflow_polls.push(request.clone()));
        self.poll_fault()
            .unwrap_or_else(|| self.stub.poll_workflow_task(request, patience))
    }

    fn complete_workflow_task(
        &self,
        request: api::RespondWorkflowTaskCompletedRequest,
    ) -> Call<api::RespondWorkflowTaskCompletedResponse> {
        self.note(|record| record.workflow_completions.push(request.clone()));
        let fault = self
            .faults
            .lock()
            .expect("no test panics with it")
            .next_completion
            .take();
        match fault {
            Some(status) => ready(Err(status)),
            None => self.unless_black_hole(|| self.stub.complete_workflow_task(request)),
        }
    }

    fn fail_workflow_task(
        &self,
        request: api::RespondWorkflowTaskFailedRequest,
    ) -> Call<api::RespondWorkflowTaskFailedResponse> {
        self.note(|record| record.workflow_failures.push(request.clone()));
        self.unless_black_hole(|| self.stub.fail_workflow_task(request))
    }

    fn respond_query(
        &self,
        request: api::RespondQueryTaskCompletedRequest,
    ) -> Call<api::RespondQueryTaskCompletedResponse> {
        self.stub.respond_query(request)
    }

    fn get_history(
        &self,
        request: api::GetWorkflowExecutionHistoryRequest,
    ) -> Call<api::GetWorkflowExecutionHistoryResponse> {
        self.unless_black_hole(|| self.stub.get_history(request))
    }

    fn poll_activity_task(
        &self,
        request: api::PollActivityTaskQueueRequest,
        patience: Duration,
    ) -> Call<api::PollActivityTaskQueueResponse> {
        self.note(|record| record.activity_polls.push(request.clone()));
        self.poll_fault()
            .unwrap_or_else(|| self.stub.poll_activity_task(request, patience))
    }

    fn complete_activity(
        &self,
        request: api::RespondActivityTaskCompletedRequest,
    ) -> Call<api::RespondActivityTaskCompletedResponse> {
        self.note(|record| record.activity_completions.push(request.clone()));
        self.unless_black_hole(|| self.stub.complete_activity(request))
    }

    fn fail_activity(
        &self,
        request: api::RespondActivityTaskFailedRequest,
    ) -> Call<api::RespondActivityTaskFailedResponse> {
        self.note(|record| record.activity_failures.push(request));
        self.unless_black_hole(|| ready(Ok(Default::default())))
    }

    fn cancel_activity(
        &self,
        request: api::RespondActivityTaskCanceledRequest,
    ) -> Call<api::RespondActivityTaskCanceledResponse> {
        self.note(|record| record.activity_cancellations.push(request));
        self.unless_black_hole(|| ready(Ok(Default::default())))
    }

    fn heartbeat_activity(
        &self,
        request: api::RecordActivityTaskHeartbeatRequest,
    ) -> Call<api::RecordActivityTaskHeartbeatResponse> {
        self.note(|record| record.heartbeats.push(request));
        let mut faults = self.faults.lock().expect("no test panics with it");
        if faults.heartbeats.is_empty() {
            return ready(Ok(Default::default()));
        }
        ready(faults.heartbeats.remove(0))
    }

    fn shutdown_worker(
        &self,
        request: api::ShutdownWorkerRequest,
    ) -> Call<api::ShutdownWorkerResponse> {
        self.note(|record| record.shutdowns.push(request));
        let fault = self
            .faults
            .lock()
            .expect("no test panics with it")
            .shutdown
            .clone();
        match fault {
            Some(status) => ready(Err(status)),
            None => self.unless_black_hole(|| ready(Ok(Default::default()))),
        }
    }
}
