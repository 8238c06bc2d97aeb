//! The shell of a replayer.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use callboard_actors::{
    host::WorkflowHost,
    protos::{history::v1::History, workflowservice::v1::RespondWorkflowTaskCompletedRequest},
    replay::{Course, ReplayConfig, ReplayReport, ReplayRequest, Replayer as Inner, TaskReport},
    workflow::TaskCompletion,
};
use prost::{
    Message,
    encoding::{WireType, encode_key, encode_varint},
};
use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyBytes, PyDict, PyList},
};

use crate::{
    connection::seconds,
    errors::BridgeError,
    lanes::{self, LanePool},
    loop_mailbox,
    runtime::{Runtime, SharedRuntime},
    wire::Wire,
};

/// Replays histories on lanes of its own.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct Replayer {
    inner: Arc<Inner>,
    lanes: Arc<LanePool>,
    runtime: Arc<SharedRuntime>,
}

#[pymethods]
impl Replayer {
    #[new]
    #[pyo3(signature = (
        *, runtime, namespace, task_queue, build_id, client_name, client_version, max_concurrent_replays,
        workflows, lanes, deadlock_timeout,
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "keywords, as in the interface file"
    )]
    fn new(
        runtime: &Runtime,
        namespace: String,
        task_queue: String,
        build_id: String,
        client_name: String,
        client_version: String,
        max_concurrent_replays: usize,
        workflows: Py<PyAny>,
        lanes: usize,
        deadlock_timeout: Option<f64>,
    ) -> PyResult<Self> {
        let config = ReplayConfig {
            namespace,
            task_queue,
            build_id,
            client_name,
            client_version,
            max_concurrent_replays,
        };
        let runtime = runtime.share();
        let deadlock_timeout = deadlock_timeout
            .map(|limit| seconds("deadlock_timeout", limit))
            .transpose()?;
        let lanes = lanes::start(workflows, lanes, deadlock_timeout)?;
        let host = Arc::clone(&lanes) as Arc<dyn WorkflowHost>;
        Ok(Self {
            inner: Arc::new(Inner::new(runtime.get()?, &config, host)),
            lanes,
            runtime,
        })
    }

    #[pyo3(signature = (workflow_id, history, *, page_sizes, every_task, evicting))]
    fn replay<'py>(
        &self,
        py: Python<'py>,
        workflow_id: String,
        history: GivenHistory<'_>,
        page_sizes: Vec<usize>,
        every_task: bool,
        evicting: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let request = ReplayRequest {
            workflow_id,
            history: read_history(&history)?,
            course: if every_task {
                Course::EveryTask { evicting }
            } else {
                Course::Whole
            },
            page_sizes,
        };
        let replayer = Arc::clone(&self.inner);
        loop_mailbox::future(py, &self.runtime, async move {
            Ok(Report(replayer.replay(request).await))
        })
    }

    fn close<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let lanes = Arc::clone(&self.lanes);
        loop_mailbox::future(py, &self.runtime, async move {
            lanes::end(lanes).await;
            Ok::<_, BridgeError>(())
        })
    }
}

/// A serialized `History`, or the serialized events of one.
#[derive(FromPyObject)]
enum GivenHistory<'py> {
    Whole(Bound<'py, PyBytes>),
    Events(Vec<Bound<'py, PyBytes>>),
}

/// Reads a history, whose payloads stay slices of one buffer.
fn read_history(given: &GivenHistory<'_>) -> PyResult<History> {
    let buffer = match given {
        GivenHistory::Whole(history) => Bytes::copy_from_slice(history.as_bytes()),
        GivenHistory::Events(events) => history_of(events),
    };
    History::decode(buffer).map_err(|error| {
        PyValueError::new_err(format!("expected serialized history events: {error}"))
    })
}

/// The `History` of serialized events.
fn history_of(events: &[Bound<'_, PyBytes>]) -> Bytes {
    const EVENTS: u32 = 1;
    // A tag, and a length of five bytes at most.
    let length = events.iter().map(|event| event.as_bytes().len() + 6).sum();
    let mut history = BytesMut::with_capacity(length);
    for event in events {
        encode_key(EVENTS, WireType::LengthDelimited, &mut history);
        encode_varint(event.as_bytes().len() as u64, &mut history);
        history.extend_from_slice(event.as_bytes());
    }
    history.freeze()
}

/// A report as a pair: the failure, and a dictionary for each task.
struct Report(ReplayReport);

impl<'py> IntoPyObject<'py> for Report {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        let failure = self.0.failure.map(|failure| {
            let reason = format!("{:?}", failure.reason);
            let task_failure = failure.task_failure.map(|failure| Wire(*failure));
            (reason, failure.message, task_failure)
        });
        let tasks = self.0.tasks.into_iter().map(|task| described(py, task));
        let tasks = PyList::new(py, tasks.collect::<PyResult<Vec<_>>>()?)?;
        Ok((failure, tasks).into_pyobject(py)?.into_any())
    }
}

fn described(py: Python<'_>, task: TaskReport) -> PyResult<Bound<'_, PyDict>> {
    let described = PyDict::new(py);
    described.set_item("started_event_id", task.started_event_id)?;
    described.set_item("activations", task.activations)?;
    described.set_item("ended_replaying", task.ended_replaying)?;
    let completion = task.completion.map(|completion| as_request(*completion));
    described.set_item("completion", completion)?;
    Ok(described)
}

fn as_request(completion: TaskCompletion) -> Wire<RespondWorkflowTaskCompletedRequest> {
    Wire(RespondWorkflowTaskCompletedRequest {
        task_token: completion.task_token,
        commands: completion.commands,
        messages: completion.messages,
        query_results: completion.query_results,
        sdk_metadata: completion.sdk_metadata,
        force_create_new_workflow_task: completion.force_new_task,
        ..RespondWorkflowTaskCompletedRequest::default()
    })
}
