//! The request that starts a workflow, put together from plain values.

use std::sync::Arc;

use bytes::Bytes;
use callboard_actors::protos::{
    common::v1::{Payloads, Priority, WorkflowType},
    taskqueue::v1::TaskQueue,
    workflowservice::v1 as api,
};
use prost::Message;
use prost_types::Duration;
use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyBytes, PyDelta, PyDeltaAccess},
};
use uuid::Uuid;

use crate::{
    raw_payload::{self, Carried},
    wire,
};

/// A start as the server is asked for it. Each one made is a request of its own to the server, which
/// starts nothing for one that it has seen.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct StartRequest {
    pub(crate) inner: Arc<api::StartWorkflowExecutionRequest>,
}

#[pymethods]
impl StartRequest {
    #[new]
    #[pyo3(signature = (namespace, identity, workflow_id, workflow_type, task_queue, input, id_reuse_policy, id_conflict_policy, cron_schedule, priority, execution_timeout, run_timeout, task_timeout, start_delay, request_eager_start, rest, /))]
    #[expect(
        clippy::too_many_arguments,
        reason = "all by position: keywords would make a dictionary for each start"
    )]
    fn new(
        namespace: String,
        identity: String,
        workflow_id: String,
        workflow_type: String,
        task_queue: String,
        input: Vec<Carried>,
        id_reuse_policy: i32,
        id_conflict_policy: i32,
        cron_schedule: String,
        priority: PriorityArgument,
        execution_timeout: Option<&Bound<'_, PyDelta>>,
        run_timeout: Option<&Bound<'_, PyDelta>>,
        task_timeout: Option<&Bound<'_, PyDelta>>,
        start_delay: Option<&Bound<'_, PyDelta>>,
        request_eager_start: bool,
        rest: &[u8],
    ) -> PyResult<Self> {
        let rest = api::StartWorkflowExecutionRequest::decode(Bytes::copy_from_slice(rest))
            .map_err(|error| PyValueError::new_err(format!("expected a start request: {error}")))?;
        let inner = api::StartWorkflowExecutionRequest {
            namespace,
            identity,
            request_id: Uuid::new_v4().to_string(),
            workflow_id,
            workflow_type: Some(WorkflowType {
                name: workflow_type,
            }),
            task_queue: Some(TaskQueue {
                name: task_queue,
                ..TaskQueue::default()
            }),
            input: payloads(input),
            workflow_id_reuse_policy: id_reuse_policy,
            workflow_id_conflict_policy: id_conflict_policy,
            cron_schedule,
            priority: Some(priority_message(priority)),
            workflow_execution_timeout: execution_timeout.map(duration),
            workflow_run_timeout: run_timeout.map(duration),
            workflow_task_timeout: task_timeout.map(duration),
            workflow_start_delay: start_delay.map(duration),
            request_eager_execution: request_eager_start,
            ..rest
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The bytes of the protobuf message.
    fn serialize<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        wire::to_bytes(py, self.inner.as_ref())
    }

    /// The bytes of the message that sends a signal with the start.
    fn serialize_with_signal<'py>(
        &self,
        py: Python<'py>,
        signal: String,
        arguments: Vec<Carried>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        wire::to_bytes(
            py,
            &with_signal(self.inner.as_ref().clone(), signal, arguments),
        )
    }
}

/// Key, fairness key and fairness weight; zero and the empty string for what is unset.
type PriorityArgument = (i32, String, f32);

fn priority_message((priority_key, fairness_key, fairness_weight): PriorityArgument) -> Priority {
    Priority {
        priority_key,
        fairness_key,
        fairness_weight,
    }
}

/// No arguments leave the field unset.
fn payloads(values: Vec<Carried>) -> Option<Payloads> {
    (!values.is_empty()).then(|| Payloads {
        payloads: raw_payload::unwrap(values),
    })
}

fn duration(delta: &Bound<'_, PyDelta>) -> Duration {
    let seconds = i64::from(delta.get_days()) * 86_400 + i64::from(delta.get_seconds());
    let micros = seconds * 1_000_000 + i64::from(delta.get_microseconds());
    // In protobuf both parts have the sign of the whole.
    Duration {
        seconds: micros / 1_000_000,
        nanos: (micros % 1_000_000) as i32 * 1000,
    }
}

fn with_signal(
    start: api::StartWorkflowExecutionRequest,
    signal: String,
    arguments: Vec<Carried>,
) -> api::SignalWithStartWorkflowExecutionRequest {
    api::SignalWithStartWorkflowExecutionRequest {
        namespace: start.namespace,
        workflow_id: start.workflow_id,
        workflow_type: start.workflow_type,
        task_queue: start.task_queue,
        input: start.input,
        workflow_execution_timeout: start.workflow_execution_timeout,
        workflow_run_timeout: start.workflow_run_timeout,
        workflow_task_timeout: start.workflow_task_timeout,
        identity: start.identity,
        request_id: start.request_id,
        workflow_id_reuse_policy: start.workflow_id_reuse_policy,
        workflow_id_conflict_policy: start.workflow_id_conflict_policy,
        signal_name: signal,
        signal_input: payloads(arguments),
        retry_policy: start.retry_policy,
        cron_schedule: start.cron_schedule,
        memo: start.memo,
        search_attributes: start.search_attributes,
        header: start.header,
        workflow_start_delay: start.workflow_start_delay,
        user_metadata: start.user_metadata,
        links: start.links,
        versioning_override: start.versioning_override,
        priority: start.priority,
        time_skipping_config: start.time_skipping_config,
        ..Default::default()
    }
}
