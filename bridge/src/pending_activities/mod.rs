//! Activities that a run has started: how they are issued, awaited and resolved.
//!
//! No borrow of any of these objects is held while Python code runs, destructors included.

mod call;
mod execution;
mod pending;

use std::collections::HashMap;

use callboard_actors::{protos::common::v1::Payload, workflow::Command};
use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::{PyException, PyRuntimeError},
    intern,
    prelude::*,
    types::PyTuple,
};

use crate::{
    activation::ActivityJob, commands::Commands, event_loop::EventLoop, raw_payload::Carried,
    values::Values,
};

use call::{Call, Known};
pub(crate) use execution::ActivityExecution;
pub(crate) use pending::PendingActivity;
use pending::{Described, Outcome};

/// All activities of a run whose end the workflow has not seen, by sequence number.
#[pyclass(subclass, dict, weakref, module = "temporalio.bridge._callboard")]
pub(crate) struct PendingActivities {
    /// None, which is zero in memory, until the object is complete: Python makes the dict of an
    /// instance first, and may look for garbage then.
    commands: Option<Py<Commands>>,
    event_loop: Py<EventLoop>,
    values: Py<Values>,
    known: Known,
    pending: HashMap<u32, Py<PendingActivity>>,
    last_sequence: u32,
}

#[pymethods]
impl PendingActivities {
    #[new]
    #[pyo3(signature = (commands, event_loop, values, *, task_queue, disable_eager_execution,
        unset_argument, default_priority))]
    fn new(
        commands: Py<Commands>,
        event_loop: Py<EventLoop>,
        values: Py<Values>,
        task_queue: String,
        disable_eager_execution: bool,
        unset_argument: Py<PyAny>,
        default_priority: Py<PyAny>,
    ) -> Self {
        Self {
            commands: Some(commands),
            event_loop,
            values,
            known: Known {
                task_queue,
                disable_eager_execution,
                unset_argument,
                default_priority,
            },
            pending: HashMap::new(),
            last_sequence: 0,
        }
    }

    /// Starts an activity as a call of `start_activity` says it, with no interceptor in between.
    #[pyo3(signature = (*call))]
    fn start(slf: &Bound<'_, Self>, call: &Bound<'_, PyTuple>) -> PyResult<Py<PendingActivity>> {
        Ok(Self::issue(slf, call)?.unbind())
    }

    /// Starts an activity and gives what its outcome can be awaited by.
    #[pyo3(signature = (*call))]
    fn execute(
        slf: &Bound<'_, Self>,
        call: &Bound<'_, PyTuple>,
    ) -> PyResult<Py<ActivityExecution>> {
        ActivityExecution::start(&Self::issue(slf, call)?)
    }

    /// An activity under the next number, which is not scheduled yet.
    #[pyo3(signature = (*, is_local, hint, conversion, described))]
    fn prepare<'py>(
        slf: &Bound<'py, Self>,
        is_local: bool,
        hint: Option<Py<PyAny>>,
        conversion: Option<Py<PyAny>>,
        described: (Py<PyAny>, Option<Py<PyAny>>, Option<Py<PyAny>>),
    ) -> PyResult<Bound<'py, PendingActivity>> {
        let pending = Self::make(slf, is_local, hint)?;
        let mut unscheduled = pending.borrow_mut();
        unscheduled.conversion = conversion;
        unscheduled.described = Described {
            activity_type: Some(described.0),
            activity_id: described.1,
            task_queue: described.2,
        };
        drop(unscheduled);
        Ok(pending)
    }

    /// From now on the activity is resolved by jobs with its number.
    fn await_end(&mut self, pending: &Bound<'_, PendingActivity>) {
        let sequence = pending.borrow().sequence;
        self.pending.insert(sequence, pending.clone().unbind());
    }

    fn find(&self, py: Python<'_>, sequence: u32) -> Option<Py<PendingActivity>> {
        let pending = self.pending.get(&sequence);
        pending.map(|pending| pending.clone_ref(py))
    }

    /// Applies the end of an activity, or the need for another schedule.
    fn resolve(slf: &Bound<'_, Self>, job: &Bound<'_, ActivityJob>) -> PyResult<()> {
        let py = slf.py();
        let job = job.get();
        let pending = slf.borrow_mut().pending.remove(&job.sequence);
        let pending = pending
            .ok_or_else(|| {
                PyRuntimeError::new_err(format!(
                    "Failed finding activity handle for sequence {}",
                    job.sequence
                ))
            })?
            .into_bound(py);
        if let Some(backoff) = &job.backoff {
            return Self::back_off(slf, &pending, *backoff);
        }
        let outcome = match &job.failure {
            // Nobody would ever look at the failure of an activity that was given up unawaited.
            Some(_) if !pending.borrow().awaited => return Ok(()),
            Some(failure) => {
                let failure = crate::wire::to_bytes(py, &failure.0)?;
                let conversion = pending.borrow().conversion(py);
                let decode = intern!(py, "decode_failure");
                let error = slf.call_method1(decode, (failure, conversion))?;
                Outcome::Error(error.unbind())
            }
            None => {
                let result = job.result.as_ref();
                let result = result.map(|result| Self::decode(slf, &pending, &result.0));
                Outcome::Result(result.transpose()?.unwrap_or_else(|| py.None()))
            }
        };
        PendingActivity::settle(&pending, outcome);
        Ok(())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let Some(commands) = &self.commands else {
            return Ok(());
        };
        visit.call(commands)?;
        visit.call(&self.event_loop)?;
        visit.call(&self.values)?;
        for pending in self.pending.values() {
            visit.call(pending)?;
        }
        Ok(())
    }

    /// What is left refers to nothing that refers back.
    fn __clear__(&mut self) {
        self.pending.clear();
    }
}

impl PendingActivities {
    fn issue<'py>(
        slf: &Bound<'py, Self>,
        call: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PendingActivity>> {
        let py = slf.py();
        let commands = slf.borrow().commands(py);
        commands.borrow().admit(py, "start activity")?;
        let call = Call::read(&slf.borrow().known, call)?;
        call.demand_timeout()?;
        let pending = Self::make(slf, false, call.hint())?;
        let sequence = pending.borrow().sequence;
        let values = slf.borrow().values.clone_ref(py);
        let activity = call.to_command(&slf.borrow().known, values.get(), sequence)?;
        commands
            .borrow_mut()
            .issue(py, Command::ScheduleActivity(Box::new(activity)))?;
        pending.borrow_mut().described = call.described();
        slf.borrow_mut().await_end(&pending);
        Ok(pending)
    }

    fn make<'py>(
        slf: &Bound<'py, Self>,
        is_local: bool,
        hint: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PendingActivity>> {
        let (sequence, event_loop) = {
            let mut activities = slf.borrow_mut();
            activities.last_sequence += 1;
            let event_loop = activities.event_loop.clone_ref(slf.py());
            (activities.last_sequence, event_loop)
        };
        let activities = slf.clone().unbind();
        let pending = PendingActivity::new(activities, event_loop, sequence, is_local, hint);
        Bound::new(slf.py(), pending)
    }

    /// The activity takes the number of its next schedule, and who waits for it waits until then.
    fn back_off(
        slf: &Bound<'_, Self>,
        pending: &Bound<'_, PendingActivity>,
        backoff: (u32, std::time::Duration, i64),
    ) -> PyResult<()> {
        let sequence = {
            let mut activities = slf.borrow_mut();
            activities.last_sequence += 1;
            activities.last_sequence
        };
        pending.borrow_mut().sequence = sequence;
        if pending.borrow().awaited {
            let needed = intern!(slf.py(), "backoff_needed");
            let needed = slf.call_method1(needed, backoff)?;
            PendingActivity::settle(pending, Outcome::Backoff(needed.unbind()));
        }
        Ok(())
    }

    /// A result that cannot be decoded is the workflow task's problem.
    fn decode(
        slf: &Bound<'_, Self>,
        pending: &Bound<'_, PendingActivity>,
        payload: &Payload,
    ) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let (hint, conversion) = {
            let pending = pending.borrow();
            let hint = pending.hint.as_ref().map(|hint| hint.clone_ref(py));
            (hint, pending.conversion(py))
        };
        if conversion.is_some() {
            let payload = Carried(payload.clone());
            let decode = intern!(py, "decode_result");
            let result = slf.call_method1(decode, (payload, hint, conversion))?;
            return Ok(result.unbind());
        }
        let values = slf.borrow().values.clone_ref(py);
        let hint = hint.as_ref().map(|hint| hint.bind(py));
        match values.get().decode(py, payload, hint) {
            Ok(value) => Ok(value.unbind()),
            Err(error) if error.is_instance_of::<PyException>(py) => {
                let undecodable = intern!(py, "undecodable");
                Err(PyErr::from_value(
                    slf.call_method1(undecodable, (error.into_value(py),))?,
                ))
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn commands<'py>(&self, py: Python<'py>) -> Bound<'py, Commands> {
        let commands = self.commands.as_ref();
        commands.expect("the constructor sets it").bind(py).clone()
    }
}
