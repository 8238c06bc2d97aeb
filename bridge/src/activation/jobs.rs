//! The jobs of an activation, one frozen class each.

use std::collections::HashMap;

use callboard_actors::workflow::{self, EvictionReason, Job};
use pyo3::prelude::*;

use crate::raw_payload::{self, Carried};

pub(crate) use super::initialize::InitializeJob;
use super::resolutions;

#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct PatchJob {
    patch_id: String,
}

#[pymethods]
impl PatchJob {
    #[new]
    fn new(patch_id: String) -> Self {
        Self { patch_id }
    }
}

#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct SeedJob {
    seed: u64,
}

#[pymethods]
impl SeedJob {
    #[new]
    fn new(seed: u64) -> Self {
        Self { seed }
    }
}

#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct SignalJob {
    name: String,
    input: Vec<Carried>,
    identity: String,
    headers: HashMap<String, Carried>,
}

#[pymethods]
impl SignalJob {
    #[new]
    #[pyo3(signature = (name, input, *, identity = String::new(), headers = HashMap::new()))]
    fn new(
        name: String,
        input: Vec<Carried>,
        identity: String,
        headers: HashMap<String, Carried>,
    ) -> Self {
        Self {
            name,
            input,
            identity,
            headers,
        }
    }
}

#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct UpdateJob {
    id: String,
    protocol_instance_id: String,
    name: String,
    input: Vec<Carried>,
    headers: HashMap<String, Carried>,
    identity: String,
    run_validator: bool,
}

#[pymethods]
impl UpdateJob {
    #[new]
    #[pyo3(signature = (*, id, protocol_instance_id, name, input, headers = HashMap::new(),
        identity = String::new(), run_validator = true))]
    fn new(
        id: String,
        protocol_instance_id: String,
        name: String,
        input: Vec<Carried>,
        headers: HashMap<String, Carried>,
        identity: String,
        run_validator: bool,
    ) -> Self {
        Self {
            id,
            protocol_instance_id,
            name,
            input,
            headers,
            identity,
            run_validator,
        }
    }
}

#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct TimerJob {
    sequence: u32,
}

#[pymethods]
impl TimerJob {
    #[new]
    fn new(sequence: u32) -> Self {
        Self { sequence }
    }
}

#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct CancelJob {
    reason: String,
}

#[pymethods]
impl CancelJob {
    #[new]
    #[pyo3(signature = (reason = String::new()))]
    fn new(reason: String) -> Self {
        Self { reason }
    }
}

#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct QueryJob {
    query_id: String,
    query_type: String,
    arguments: Vec<Carried>,
    headers: HashMap<String, Carried>,
}

#[pymethods]
impl QueryJob {
    #[new]
    #[pyo3(signature = (query_id, query_type, arguments, *, headers = HashMap::new()))]
    fn new(
        query_id: String,
        query_type: String,
        arguments: Vec<Carried>,
        headers: HashMap<String, Carried>,
    ) -> Self {
        Self {
            query_id,
            query_type,
            arguments,
            headers,
        }
    }
}

#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct EvictJob {
    reason: String,
    message: String,
}

#[pymethods]
impl EvictJob {
    #[new]
    #[pyo3(signature = (message = String::new()))]
    fn new(message: String) -> Self {
        Self {
            reason: format!("{:?}", EvictionReason::CacheFull),
            message,
        }
    }
}

/// In which of four sets a job is applied: patches, signals and updates, the rest, queries.
pub(super) fn batch_of(job: &Job) -> u8 {
    match job {
        Job::NotifyHasPatch { .. } => 0,
        Job::SignalWorkflow { .. } | Job::DoUpdate { .. } => 1,
        Job::QueryWorkflow { .. } => 3,
        _ => 2,
    }
}

/// The Python object for a job.
pub(super) fn to_python(py: Python<'_>, job: Job) -> PyResult<Py<PyAny>> {
    Ok(match job {
        Job::Initialize(initialize) => Py::new(py, InitializeJob::from(*initialize))?.into_any(),
        Job::NotifyHasPatch { patch_id } => Py::new(py, PatchJob { patch_id })?.into_any(),
        Job::UpdateRandomSeed { seed } => Py::new(py, SeedJob { seed })?.into_any(),
        Job::SignalWorkflow {
            name,
            input,
            identity,
            headers,
        } => {
            let (input, headers) = (raw_payload::wrap(input), raw_payload::wrap_values(headers));
            let signal = SignalJob {
                name,
                input,
                identity,
                headers,
            };
            Py::new(py, signal)?.into_any()
        }
        Job::DoUpdate {
            id,
            protocol_instance_id,
            name,
            input,
            headers,
            identity,
            run_validator,
        } => {
            let update = UpdateJob {
                id,
                protocol_instance_id,
                name,
                input: raw_payload::wrap(input),
                headers: raw_payload::wrap_values(headers),
                identity,
                run_validator,
            };
            Py::new(py, update)?.into_any()
        }
        Job::FireTimer { sequence } => Py::new(py, TimerJob { sequence })?.into_any(),
        Job::CancelWorkflow { reason } => Py::new(py, CancelJob { reason })?.into_any(),
        Job::QueryWorkflow {
            query_id,
            query_type,
            arguments,
            headers,
        } => {
            let (arguments, headers) = (
                raw_payload::wrap(arguments),
                raw_payload::wrap_values(headers),
            );
            let query = QueryJob {
                query_id,
                query_type,
                arguments,
                headers,
            };
            Py::new(py, query)?.into_any()
        }
        Job::RemoveFromCache { reason, message } => {
            let reason = format!("{reason:?}");
            Py::new(py, EvictJob { reason, message })?.into_any()
        }
        resolution => return resolutions::to_python(py, resolution),
    })
}

/// The job that a Python object stands for.
pub(super) fn from_python(job: &Bound<'_, PyAny>) -> PyResult<Job> {
    if let Ok(job) = job.cast::<InitializeJob>() {
        return Ok(Job::Initialize(Box::new(job.get().inner().clone())));
    }
    if let Ok(job) = job.cast::<PatchJob>() {
        let patch_id = job.get().patch_id.clone();
        return Ok(Job::NotifyHasPatch { patch_id });
    }
    if let Ok(job) = job.cast::<SeedJob>() {
        let seed = job.get().seed;
        return Ok(Job::UpdateRandomSeed { seed });
    }
    if let Ok(job) = job.cast::<SignalJob>() {
        let job = job.get();
        return Ok(Job::SignalWorkflow {
            name: job.name.clone(),
            input: raw_payload::unwrap(job.input.clone()),
            identity: job.identity.clone(),
            headers: raw_payload::unwrap_values(job.headers.clone()),
        });
    }
    if let Ok(job) = job.cast::<UpdateJob>() {
        let job = job.get();
        return Ok(Job::DoUpdate {
            id: job.id.clone(),
            protocol_instance_id: job.protocol_instance_id.clone(),
            name: job.name.clone(),
            input: raw_payload::unwrap(job.input.clone()),
            headers: raw_payload::unwrap_values(job.headers.clone()),
            identity: job.identity.clone(),
            run_validator: job.run_validator,
        });
    }
    if let Ok(job) = job.cast::<TimerJob>() {
        let sequence = job.get().sequence;
        return Ok(Job::FireTimer { sequence });
    }
    if let Ok(job) = job.cast::<CancelJob>() {
        let reason = job.get().reason.clone();
        return Ok(Job::CancelWorkflow { reason });
    }
    if let Ok(job) = job.cast::<QueryJob>() {
        let job = job.get();
        return Ok(Job::QueryWorkflow {
            query_id: job.query_id.clone(),
            query_type: job.query_type.clone(),
            arguments: raw_payload::unwrap(job.arguments.clone()),
            headers: raw_payload::unwrap_values(job.headers.clone()),
        });
    }
    if let Ok(job) = job.cast::<EvictJob>() {
        return Ok(Job::RemoveFromCache {
            reason: EvictionReason::CacheFull,
            message: job.get().message.clone(),
        });
    }
    resolutions::from_python(job)
}

impl From<workflow::Initialize> for InitializeJob {
    fn from(inner: workflow::Initialize) -> Self {
        Self::wrapping(inner)
    }
}
