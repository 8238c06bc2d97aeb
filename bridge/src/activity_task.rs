//! One attempt of an activity, as Python reads it.

use std::{collections::HashMap, time::Duration};

use callboard_actors::{
    host,
    protos::{common::v1::Payload, workflowservice::v1::PollActivityTaskQueueResponse},
    worker::activity_task,
};
use prost_types::Timestamp;
use pyo3::{prelude::*, types::PyBytes};

use crate::{
    raw_payload::Carried,
    storage_reference::is_storage_reference,
    wire::{Wire, to_bytes},
};

/// One attempt of an activity. What Python does not ask for is not made.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct ActivityTask {
    task_token: Py<PyBytes>,
    polled: Box<host::ActivityTask>,
}

impl ActivityTask {
    pub(crate) fn new(py: Python<'_>, polled: Box<host::ActivityTask>) -> Self {
        Self {
            task_token: PyBytes::new(py, &polled.task_token).unbind(),
            polled,
        }
    }
}

#[pymethods]
impl ActivityTask {
    /// A task as a server would send it.
    #[new]
    fn of_response(py: Python<'_>, response: Wire<PollActivityTaskQueueResponse>) -> Self {
        Self::new(py, Box::new(activity_task(response.0)))
    }

    #[getter]
    fn task_token(&self, py: Python<'_>) -> Py<PyBytes> {
        self.task_token.clone_ref(py)
    }

    #[getter]
    fn workflow_namespace(&self) -> &str {
        &self.polled.workflow_namespace
    }

    #[getter]
    fn workflow_type(&self) -> &str {
        &self.polled.workflow_type
    }

    #[getter]
    fn workflow_id(&self) -> &str {
        &self.polled.workflow_id
    }

    #[getter]
    fn workflow_run_id(&self) -> &str {
        &self.polled.workflow_run_id
    }

    #[getter]
    fn activity_id(&self) -> &str {
        &self.polled.activity_id
    }

    #[getter]
    fn activity_type(&self) -> &str {
        &self.polled.activity_type
    }

    #[getter]
    fn activity_run_id(&self) -> &str {
        &self.polled.activity_run_id
    }

    #[getter]
    fn headers(&self) -> HashMap<&str, Carried> {
        let header = self.polled.header.as_ref();
        header.map_or_else(HashMap::new, |header| {
            header
                .fields
                .iter()
                .map(|(name, payload)| (name.as_str(), Carried(payload.clone())))
                .collect()
        })
    }

    #[getter]
    fn input(&self) -> Vec<Carried> {
        carried(&self.polled.input)
    }

    #[getter]
    fn heartbeat_details(&self) -> Vec<Carried> {
        carried(&self.polled.heartbeat_details)
    }

    /// Whether arguments or details are elsewhere, where nobody here can reach them.
    #[getter]
    fn refers_to_storage(&self) -> bool {
        let mut payloads = self
            .polled
            .input
            .iter()
            .chain(&self.polled.heartbeat_details);
        payloads.any(is_storage_reference)
    }

    #[getter]
    fn scheduled_time(&self) -> Option<f64> {
        self.polled.scheduled_time.map(seconds_since_epoch)
    }

    #[getter]
    fn current_attempt_scheduled_time(&self) -> Option<f64> {
        self.polled
            .current_attempt_scheduled_time
            .map(seconds_since_epoch)
    }

    #[getter]
    fn started_time(&self) -> Option<f64> {
        self.polled.started_time.map(seconds_since_epoch)
    }

    #[getter]
    fn attempt(&self) -> u32 {
        self.polled.attempt
    }

    #[getter]
    fn schedule_to_close_timeout(&self) -> Option<f64> {
        self.polled
            .schedule_to_close_timeout
            .map(whole_microseconds)
    }

    #[getter]
    fn start_to_close_timeout(&self) -> Option<f64> {
        self.polled.start_to_close_timeout.map(whole_microseconds)
    }

    #[getter]
    fn heartbeat_timeout(&self) -> Option<f64> {
        self.polled.heartbeat_timeout.map(whole_microseconds)
    }

    #[getter]
    fn retry_policy<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let policy = self.polled.retry_policy.as_ref();
        policy.map(|policy| to_bytes(py, policy)).transpose()
    }

    #[getter]
    fn priority<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let priority = self.polled.priority.as_ref();
        priority.map(|priority| to_bytes(py, priority)).transpose()
    }

    #[getter]
    fn is_local(&self) -> bool {
        self.polled.is_local
    }
}

/// Payload data are shared, not copied.
fn carried(payloads: &[Payload]) -> Vec<Carried> {
    payloads.iter().cloned().map(Carried).collect()
}

/// Python's times have microseconds; what is below is cut off, as protobuf's own conversion does,
/// and not left to the rounding of a float.
fn seconds_since_epoch(time: Timestamp) -> f64 {
    time.seconds as f64 + f64::from(time.nanos / 1_000) / 1e6
}

fn whole_microseconds(duration: Duration) -> f64 {
    duration.as_secs() as f64 + f64::from(duration.subsec_micros()) / 1e6
}
