//! Calls of a client about one workflow, of which no protobuf message is made in Python.

use std::{collections::HashMap, sync::Arc};

use callboard_actors::{
    connection::{CallOptions, NoCloseEvent, RunName, encode_headers},
    protos::{
        common::v1::Payload,
        history::v1::{HistoryEvent, history_event::Attributes},
        workflowservice::v1 as api,
    },
};
use pyo3::{prelude::*, types::PyBytes};

use crate::{
    connection::{Connection, HeaderArgument, headers, optional_seconds},
    errors::BridgeError,
    loop_mailbox,
    raw_payload::RawPayload,
    start_request::StartRequest,
    wire::{self, Wire},
};

const ENCODING: &str = "encoding";

/// Encodings of values that are themselves in the payload, and of the simplest converters.
const PLAIN_ENCODINGS: [&[u8]; 3] = [b"json/plain", b"binary/null", b"binary/plain"];

#[pymethods]
impl Connection {
    #[pyo3(signature = (request, *, metadata, timeout))]
    fn start_workflow<'py>(
        &self,
        py: Python<'py>,
        request: &StartRequest,
        metadata: HashMap<String, HeaderArgument>,
        timeout: Option<f64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (connection, request) = (self.share(), Arc::clone(&request.inner));
        let options = options(metadata, timeout)?;
        loop_mailbox::future(py, self.runtime(), async move {
            let answer = connection.start_workflow(&request, &options).await?;
            Ok(StartAnswer { inner: answer })
        })
    }

    /// The start and the wait are one crossing of the bridge.
    #[pyo3(signature = (request, *, metadata, timeout))]
    fn execute_workflow<'py>(
        &self,
        py: Python<'py>,
        request: &StartRequest,
        metadata: HashMap<String, HeaderArgument>,
        timeout: Option<f64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (connection, request) = (self.share(), Arc::clone(&request.inner));
        let options = options(metadata, timeout)?;
        loop_mailbox::future(py, self.runtime(), async move {
            let answer = connection.start_workflow(&request, &options).await?;
            let run = RunName {
                namespace: request.namespace.clone(),
                workflow_id: request.workflow_id.clone(),
                run_id: answer.run_id,
            };
            // The user's options are those of the start alone.
            let options = CallOptions::default();
            Ok(CloseEvent(connection.close_event(run, &options).await?))
        })
    }

    #[pyo3(signature = (*, namespace, workflow_id, run_id, metadata, timeout))]
    fn close_event<'py>(
        &self,
        py: Python<'py>,
        namespace: String,
        workflow_id: String,
        run_id: String,
        metadata: HashMap<String, HeaderArgument>,
        timeout: Option<f64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let connection = self.share();
        let options = options(metadata, timeout)?;
        let run = RunName {
            namespace,
            workflow_id,
            run_id,
        };
        loop_mailbox::future(py, self.runtime(), async move {
            Ok(CloseEvent(connection.close_event(run, &options).await?))
        })
    }
}

fn options(
    metadata: HashMap<String, HeaderArgument>,
    timeout: Option<f64>,
) -> PyResult<CallOptions> {
    Ok(CallOptions {
        headers: encode_headers(&headers(metadata)).map_err(BridgeError::from)?,
        timeout: optional_seconds("timeout", timeout)?,
    })
}

impl From<NoCloseEvent> for BridgeError {
    fn from(error: NoCloseEvent) -> Self {
        match error {
            NoCloseEvent::Refused(status) => Self::Rpc(status),
            NoCloseEvent::RawHistory | NoCloseEvent::NotSent { .. } => {
                Self::State(error.to_string())
            }
        }
    }
}

/// What the server answers to a start.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct StartAnswer {
    inner: api::StartWorkflowExecutionResponse,
}

#[pymethods]
impl StartAnswer {
    #[getter]
    fn run_id(&self) -> &str {
        &self.inner.run_id
    }

    #[getter]
    fn first_execution_run_id(&self) -> &str {
        &self.inner.first_execution_run_id
    }

    /// True when a worker of the connection has got the first task with it.
    #[getter]
    fn eagerly_started(&self) -> bool {
        self.inner.eager_workflow_task.is_some()
    }

    /// The bytes of the protobuf message.
    fn serialize<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        wire::to_bytes(py, &self.inner)
    }
}

/// How a run ended: for Python its result, if that is one plain value and nothing comes after it,
/// and else the serialized event.
struct CloseEvent(HistoryEvent);

impl<'py> IntoPyObject<'py> for CloseEvent {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        match one_plain_result(self.0) {
            Ok(result) => Ok(Bound::new(py, RawPayload::from(result))?.into_any()),
            Err(event) => Ok(Wire(*event).into_pyobject(py)?.into_any()),
        }
    }
}

fn one_plain_result(mut event: HistoryEvent) -> Result<Payload, Box<HistoryEvent>> {
    if let Some(Attributes::WorkflowExecutionCompletedEventAttributes(completed)) =
        &mut event.attributes
        && completed.new_execution_run_id.is_empty()
        && let Some(result) = &mut completed.result
        && let [payload] = result.payloads.as_mut_slice()
        && is_plain(payload)
    {
        return Ok(std::mem::take(payload));
    }
    Err(Box::new(event))
}

fn is_plain(payload: &Payload) -> bool {
    payload.metadata.len() == 1
        && payload
            .metadata
            .get(ENCODING)
            .is_some_and(|encoding| PLAIN_ENCODINGS.contains(&encoding.as_ref()))
}
