//! Lanes without a worker, for tests and measurements from Python.

use std::time::Duration;

use callboard_actors::{
    host::WorkflowHost,
    kit::{Closed, Sender},
    workflow::ActivationCompleted,
};
use pyo3::{
    exceptions::{PyRuntimeError, PyTimeoutError},
    prelude::*,
    types::PyDict,
};

use super::LanePool;
use crate::{activation::Activation, commands::readable, wire::Wire};

/// Hands activations to lanes and collects the answers.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct LaneDriver {
    pool: LanePool,
    reply: Sender<ActivationCompleted>,
    answers: crossbeam_channel::Receiver<ActivationCompleted>,
}

#[pymethods]
impl LaneDriver {
    #[new]
    #[pyo3(signature = (handler, *, lanes, deadlock_timeout))]
    fn new(handler: Py<PyAny>, lanes: usize, deadlock_timeout: Option<f64>) -> PyResult<Self> {
        let (sender, answers) = crossbeam_channel::unbounded();
        let limit = deadlock_timeout.map(Duration::from_secs_f64);
        let pool = LanePool::start(handler, lanes, limit)
            .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        Ok(Self {
            pool,
            reply: Sender::new(move |answer| sender.send(answer).map_err(|_| Closed)),
            answers,
        })
    }

    fn activate(&self, activation: &Bound<'_, Activation>) {
        let activation = activation.borrow_mut().take();
        self.pool.activate(activation, self.reply.clone());
    }

    /// The next answer: run id, commands, used flags, and a failure with its cause's number.
    #[allow(clippy::type_complexity)]
    fn next_answer<'py>(
        &self,
        py: Python<'py>,
        timeout: f64,
    ) -> PyResult<(
        String,
        Vec<Bound<'py, PyDict>>,
        Vec<u32>,
        Option<(Bound<'py, PyAny>, i32)>,
    )> {
        let limit = Duration::from_secs_f64(timeout);
        let answer = py
            .detach(|| self.answers.recv_timeout(limit))
            .map_err(|_| PyTimeoutError::new_err("no lane has answered in time"))?;
        let run_id = answer.run_id.to_string();
        match answer.outcome {
            Ok(done) => {
                let commands = done.commands.into_iter();
                let commands = commands
                    .map(|command| readable::command(py, command))
                    .collect::<PyResult<_>>()?;
                Ok((run_id, commands, done.used_internal_flags, None))
            }
            Err(failed) => {
                let failure = Wire(failed.failure).into_pyobject(py)?.into_any();
                let cause = failed.cause as i32;
                Ok((run_id, Vec::new(), Vec::new(), Some((failure, cause))))
            }
        }
    }

    fn set_deadlock_timeout(&self, seconds: Option<f64>) {
        self.pool
            .set_deadlock_limit(seconds.map(Duration::from_secs_f64));
    }

    fn abandoned_runs(&self) -> u64 {
        self.pool.abandoned_runs()
    }

    /// Stops the lanes and waits for their threads; false if one has not ended in time.
    fn stop(&self, py: Python<'_>, timeout: f64) -> bool {
        py.detach(|| {
            self.pool.stop();
            self.pool.join(Duration::from_secs_f64(timeout))
        })
    }
}
