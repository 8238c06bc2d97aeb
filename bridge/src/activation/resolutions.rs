//! Jobs that tell how something ended that a run had started, one frozen class each.

use std::time::Duration;

use callboard_actors::{
    protos::{
        common::v1::Payload, enums::v1::StartChildWorkflowExecutionFailedCause,
        failure::v1::Failure,
    },
    workflow::{
        ActivityResolution, ChildWorkflowResolution, ChildWorkflowStart, Job, LocalActivityBackoff,
    },
};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
};

use crate::{raw_payload::Carried, wire::Wire};

use super::{to_nanoseconds, to_timestamp};

/// An activity ended: with a result, a failure, or a failure that says it was cancelled. A local one
/// may instead ask to be scheduled anew after a backoff.
#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct ActivityJob {
    pub(crate) sequence: u32,
    pub(crate) result: Option<Carried>,
    pub(crate) failure: Option<Wire<Failure>>,
    cancelled: bool,
    is_local: bool,
    /// Attempt, how long to wait, and when the first attempt was scheduled in nanoseconds.
    pub(crate) backoff: Option<(u32, Duration, i64)>,
}

#[pymethods]
impl ActivityJob {
    #[new]
    #[pyo3(signature = (sequence, *, result = None, failure = None, cancelled = false,
        is_local = false, backoff = None))]
    fn new(
        sequence: u32,
        result: Option<Carried>,
        failure: Option<Wire<Failure>>,
        cancelled: bool,
        is_local: bool,
        backoff: Option<(u32, Duration, i64)>,
    ) -> PyResult<Self> {
        if cancelled && failure.is_none() {
            return Err(PyValueError::new_err("a cancelled activity has a failure"));
        }
        Ok(Self {
            sequence,
            result,
            failure,
            cancelled,
            is_local,
            backoff,
        })
    }
}

impl ActivityJob {
    fn resolved(sequence: u32, resolution: ActivityResolution, is_local: bool) -> Self {
        let mut job = Self {
            sequence,
            result: None,
            failure: None,
            cancelled: false,
            is_local,
            backoff: None,
        };
        match resolution {
            ActivityResolution::Completed(result) => job.result = result.map(Carried),
            ActivityResolution::Failed(failure) => job.failure = Some(Wire(*failure)),
            ActivityResolution::Cancelled(failure) => {
                job.failure = Some(Wire(*failure));
                job.cancelled = true;
            }
            ActivityResolution::Backoff(again) => {
                let scheduled = to_nanoseconds(again.original_schedule_time.as_ref());
                job.backoff = Some((again.attempt, again.backoff, scheduled));
            }
        }
        job
    }

    fn resolution(&self) -> ActivityResolution {
        if let Some((attempt, backoff, scheduled)) = self.backoff {
            return ActivityResolution::Backoff(LocalActivityBackoff {
                attempt,
                backoff,
                original_schedule_time: Some(to_timestamp(scheduled)),
            });
        }
        match (&self.failure, self.cancelled) {
            (None, _) => ActivityResolution::Completed(unwrapped(&self.result)),
            (Some(failure), false) => ActivityResolution::Failed(Box::new(failure.0.clone())),
            (Some(failure), true) => ActivityResolution::Cancelled(Box::new(failure.0.clone())),
        }
    }
}

/// A child workflow was started, or could not be: with the cause and whom it was about, or with a
/// failure that says it was cancelled before.
#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct ChildWorkflowStartJob {
    sequence: u32,
    run_id: Option<String>,
    /// Workflow id, workflow type, and the number of `StartChildWorkflowExecutionFailedCause`.
    failed: Option<(String, String, i32)>,
    cancelled: Option<Wire<Failure>>,
}

#[pymethods]
impl ChildWorkflowStartJob {
    #[new]
    #[pyo3(signature = (sequence, *, run_id = None, failed = None, cancelled = None))]
    fn new(
        sequence: u32,
        run_id: Option<String>,
        failed: Option<(String, String, i32)>,
        cancelled: Option<Wire<Failure>>,
    ) -> PyResult<Self> {
        let given = [run_id.is_some(), failed.is_some(), cancelled.is_some()];
        if given.into_iter().filter(|given| *given).count() != 1 {
            return Err(PyValueError::new_err(
                "a child workflow's start has one of run_id, failed and cancelled",
            ));
        }
        Ok(Self {
            sequence,
            run_id,
            failed,
            cancelled,
        })
    }
}

impl ChildWorkflowStartJob {
    fn resolved(sequence: u32, resolution: ChildWorkflowStart) -> Self {
        let mut job = Self {
            sequence,
            run_id: None,
            failed: None,
            cancelled: None,
        };
        match resolution {
            ChildWorkflowStart::Started { run_id } => job.run_id = Some(run_id),
            ChildWorkflowStart::Failed {
                workflow_id,
                workflow_type,
                cause,
            } => job.failed = Some((workflow_id, workflow_type, cause.into())),
            ChildWorkflowStart::Cancelled(failure) => job.cancelled = Some(Wire(*failure)),
        }
        job
    }

    fn resolution(&self) -> ChildWorkflowStart {
        if let Some(failure) = &self.cancelled {
            return ChildWorkflowStart::Cancelled(Box::new(failure.0.clone()));
        }
        if let Some((workflow_id, workflow_type, cause)) = self.failed.clone() {
            let cause = StartChildWorkflowExecutionFailedCause::try_from(cause);
            return ChildWorkflowStart::Failed {
                workflow_id,
                workflow_type,
                cause: cause.unwrap_or_default(),
            };
        }
        ChildWorkflowStart::Started {
            run_id: self.run_id.clone().unwrap_or_default(),
        }
    }
}

/// A child workflow ended: with a result, a failure, or a failure that says it was cancelled.
#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct ChildWorkflowJob {
    sequence: u32,
    result: Option<Carried>,
    failure: Option<Wire<Failure>>,
    cancelled: bool,
}

#[pymethods]
impl ChildWorkflowJob {
    #[new]
    #[pyo3(signature = (sequence, *, result = None, failure = None, cancelled = false))]
    fn new(
        sequence: u32,
        result: Option<Carried>,
        failure: Option<Wire<Failure>>,
        cancelled: bool,
    ) -> PyResult<Self> {
        if cancelled && failure.is_none() {
            return Err(PyValueError::new_err(
                "a cancelled child workflow has a failure",
            ));
        }
        Ok(Self {
            sequence,
            result,
            failure,
            cancelled,
        })
    }
}

impl ChildWorkflowJob {
    fn resolved(sequence: u32, resolution: ChildWorkflowResolution) -> Self {
        let (result, failure, cancelled) = match resolution {
            ChildWorkflowResolution::Completed(result) => (result, None, false),
            ChildWorkflowResolution::Failed(failure) => (None, Some(*failure), false),
            ChildWorkflowResolution::Cancelled(failure) => (None, Some(*failure), true),
        };
        Self {
            sequence,
            result: result.map(Carried),
            failure: failure.map(Wire),
            cancelled,
        }
    }

    fn resolution(&self) -> ChildWorkflowResolution {
        match (&self.failure, self.cancelled) {
            (None, _) => ChildWorkflowResolution::Completed(unwrapped(&self.result)),
            (Some(failure), false) => ChildWorkflowResolution::Failed(Box::new(failure.0.clone())),
            (Some(failure), true) => {
                ChildWorkflowResolution::Cancelled(Box::new(failure.0.clone()))
            }
        }
    }
}

/// A signal to another workflow was delivered, or failed.
#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct ExternalSignalJob {
    sequence: u32,
    failure: Option<Wire<Failure>>,
}

#[pymethods]
impl ExternalSignalJob {
    #[new]
    #[pyo3(signature = (sequence, *, failure = None))]
    fn new(sequence: u32, failure: Option<Wire<Failure>>) -> Self {
        Self { sequence, failure }
    }
}

/// Another workflow was asked to cancel, or could not be.
#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct ExternalCancelJob {
    sequence: u32,
    failure: Option<Wire<Failure>>,
}

#[pymethods]
impl ExternalCancelJob {
    #[new]
    #[pyo3(signature = (sequence, *, failure = None))]
    fn new(sequence: u32, failure: Option<Wire<Failure>>) -> Self {
        Self { sequence, failure }
    }
}

/// The Python object for a job of this kind.
pub(super) fn to_python(py: Python<'_>, job: Job) -> PyResult<Py<PyAny>> {
    Ok(match job {
        Job::ResolveActivity {
            sequence,
            resolution,
            is_local,
        } => Py::new(py, ActivityJob::resolved(sequence, resolution, is_local))?.into_any(),
        Job::ResolveChildWorkflowStart {
            sequence,
            resolution,
        } => Py::new(py, ChildWorkflowStartJob::resolved(sequence, resolution))?.into_any(),
        Job::ResolveChildWorkflow {
            sequence,
            resolution,
        } => Py::new(py, ChildWorkflowJob::resolved(sequence, resolution))?.into_any(),
        Job::ResolveSignalExternalWorkflow { sequence, failure } => {
            let failure = failure.map(|failure| Wire(*failure));
            Py::new(py, ExternalSignalJob { sequence, failure })?.into_any()
        }
        Job::ResolveCancelExternalWorkflow { sequence, failure } => {
            let failure = failure.map(|failure| Wire(*failure));
            Py::new(py, ExternalCancelJob { sequence, failure })?.into_any()
        }
        other => {
            return Err(PyTypeError::new_err(format!(
                "no Python class stands for the job {other:?}"
            )));
        }
    })
}

/// The job that a Python object stands for.
pub(super) fn from_python(job: &Bound<'_, PyAny>) -> PyResult<Job> {
    if let Ok(job) = job.cast::<ActivityJob>() {
        let job = job.get();
        return Ok(Job::ResolveActivity {
            sequence: job.sequence,
            resolution: job.resolution(),
            is_local: job.is_local,
        });
    }
    if let Ok(job) = job.cast::<ChildWorkflowStartJob>() {
        let (sequence, resolution) = (job.get().sequence, job.get().resolution());
        return Ok(Job::ResolveChildWorkflowStart {
            sequence,
            resolution,
        });
    }
    if let Ok(job) = job.cast::<ChildWorkflowJob>() {
        let (sequence, resolution) = (job.get().sequence, job.get().resolution());
        return Ok(Job::ResolveChildWorkflow {
            sequence,
            resolution,
        });
    }
    if let Ok(job) = job.cast::<ExternalSignalJob>() {
        let job = job.get();
        return Ok(Job::ResolveSignalExternalWorkflow {
            sequence: job.sequence,
            failure: boxed(&job.failure),
        });
    }
    if let Ok(job) = job.cast::<ExternalCancelJob>() {
        let job = job.get();
        return Ok(Job::ResolveCancelExternalWorkflow {
            sequence: job.sequence,
            failure: boxed(&job.failure),
        });
    }
    Err(PyTypeError::new_err(format!(
        "expected a job, got {}",
        job.get_type()
    )))
}

fn unwrapped(result: &Option<Carried>) -> Option<Payload> {
    result.as_ref().map(|result| result.0.clone())
}

fn boxed(failure: &Option<Wire<Failure>>) -> Option<Box<Failure>> {
    failure.as_ref().map(|failure| Box::new(failure.0.clone()))
}
