//! The event loop of one run: a ready queue and server timers.
//!
//! `asyncio.Task` and `asyncio.Future` stay CPython's, so the number of hops through the ready queue
//! is that of any asyncio program, which histories depend on. The Python subclass adds tasks and
//! inherits `asyncio.AbstractEventLoop`, so that whatever a workflow cannot do is not implemented.
//!
//! No borrow of the loop is held while Python code runs, destructors included.

mod handle;
mod tasks;

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use callboard_actors::workflow::Command;
use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::{PyKeyboardInterrupt, PyOverflowError, PyRuntimeError, PySystemExit},
    ffi, intern,
    prelude::*,
    types::{PyDict, PyTuple},
};

pub(crate) use handle::{Handle, TimerHandle};

use crate::{
    commands::{Commands, to_metadata},
    pending_activities::{ActivityExecution, PendingActivity},
    raw_payload::Carried,
};
use handle::Callback;
use tasks::{STEPS_BETWEEN_LOOKS, Tasks};

/// What waits for its turn. Only what Python code asked for needs a handle.
pub(crate) enum Ready {
    Callback(Py<Handle>),
    /// A callback of a task, its argument, and the context to call it in.
    Call(Py<PyAny>, Py<PyAny>, Option<Py<PyAny>>),
    /// The outcome of an activity, on its way to the waiter of that round.
    Release(Py<PendingActivity>, u32),
    Step(Py<ActivityExecution>),
}

#[pyclass(subclass, dict, weakref, module = "temporalio.bridge._callboard")]
pub(crate) struct EventLoop {
    commands: Option<Py<Commands>>,
    /// A context variable: the summary of timers that the context starts, a payload or None.
    timer_summary: Option<Py<PyAny>>,
    ready: VecDeque<Ready>,
    tasks: Option<Tasks>,
    timers: HashMap<u32, Py<TimerHandle>>,
    last_timer: u32,
    time_ns: u64,
    halted: bool,
}

#[pymethods]
impl EventLoop {
    #[new]
    fn new(
        py: Python<'_>,
        commands: Py<Commands>,
        timer_summary: Py<PyAny>,
        task_suffix: String,
    ) -> PyResult<Self> {
        Ok(Self {
            commands: Some(commands),
            timer_summary: Some(timer_summary),
            ready: VecDeque::new(),
            tasks: Some(Tasks::new(py, task_suffix)?),
            timers: HashMap::new(),
            last_timer: 0,
            time_ns: 0,
            halted: false,
        })
    }

    /// Sets workflow time, which only the server moves.
    fn set_time_ns(&mut self, time_ns: u64) {
        self.time_ns = time_ns;
    }

    fn time_ns(&self) -> u64 {
        self.time_ns
    }

    fn time(&self) -> f64 {
        self.time_ns as f64 / 1e9
    }

    fn get_debug(&self) -> bool {
        false
    }

    fn is_running(&self) -> bool {
        true
    }

    fn is_closed(&self) -> bool {
        false
    }

    fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    #[pyo3(signature = (callback, *args, context = None))]
    fn call_soon(
        slf: &Bound<'_, Self>,
        callback: Py<PyAny>,
        args: Py<PyTuple>,
        context: Option<Py<PyAny>>,
    ) -> PyResult<Py<Handle>> {
        let py = slf.py();
        slf.borrow().commands(py)?.borrow().admit_callback(py)?;
        let handle = Py::new(py, Handle::create(py, callback, args, context)?)?;
        let ready = Ready::Callback(handle.clone_ref(py));
        slf.borrow_mut().push(ready);
        Ok(handle)
    }

    #[pyo3(signature = (delay, callback, *args, context = None))]
    fn call_later(
        slf: &Bound<'_, Self>,
        delay: f64,
        callback: Py<PyAny>,
        args: Py<PyTuple>,
        context: Option<Py<PyAny>>,
    ) -> PyResult<Py<TimerHandle>> {
        let summary = slf.borrow().current_timer_summary(slf.py())?;
        Self::begin_timer(slf, delay, summary, callback, args, context)
    }

    /// Starts a timer for a point in loop time.
    ///
    /// Floats do not hold nanoseconds well, and `when` comes from an addition to `time()`: so what
    /// is left after the subtraction is rounded to the millisecond.
    #[pyo3(signature = (when, callback, *args, context = None))]
    fn call_at(
        slf: &Bound<'_, Self>,
        when: f64,
        callback: Py<PyAny>,
        args: Py<PyTuple>,
        context: Option<Py<PyAny>>,
    ) -> PyResult<Py<TimerHandle>> {
        let py = slf.py();
        let left = when - slf.borrow().time();
        // Python's own rounding is part of what histories hold.
        let delay = left
            .into_pyobject(py)?
            .call_method1(intern!(py, "__round__"), (3,))?
            .extract()?;
        Self::call_later(slf, delay, callback, args, context)
    }

    /// Starts a timer that carries a summary of its own.
    #[pyo3(signature = (delay, summary, callback))]
    fn start_timer(
        slf: &Bound<'_, Self>,
        delay: f64,
        summary: Option<Carried>,
        callback: Py<PyAny>,
    ) -> PyResult<Py<TimerHandle>> {
        let nothing = PyTuple::empty(slf.py()).unbind();
        Self::begin_timer(slf, delay, summary, callback, nothing, None)
    }

    /// Moves a fired timer's callback to the ready queue. One that was cancelled is no more here.
    fn fire_timer(&mut self, py: Python<'_>, sequence: u32) {
        if let Some(timer) = self.timers.remove(&sequence) {
            let handle = timer.into_bound(py).into_super().unbind();
            self.push(Ready::Callback(handle));
        }
    }

    /// Runs callbacks in the order they became ready, until none is left or the loop is halted.
    fn run_until_idle(slf: &Bound<'_, Self>) -> PyResult<()> {
        slf.borrow_mut().halted = false;
        let mut steps = 0;
        loop {
            let next = slf.borrow_mut().next_ready();
            match next {
                Some(ready) => Self::run_one(slf, ready)?,
                None => return Self::forget_done_after(slf, steps),
            }
            steps += 1;
            if steps == STEPS_BETWEEN_LOOKS {
                Self::forget_done_after(slf, std::mem::take(&mut steps))?;
            }
        }
    }

    /// Ends `run_until_idle` after the callback that runs now.
    fn halt(&mut self) {
        self.halted = true;
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // Python makes the dict of an instance before the rest, and may look for garbage then.
        let Some(commands) = &self.commands else {
            return Ok(());
        };
        visit.call(commands)?;
        visit.call(&self.timer_summary)?;
        for ready in &self.ready {
            match ready {
                Ready::Callback(handle) => visit.call(handle)?,
                Ready::Call(callback, argument, context) => {
                    visit.call(callback)?;
                    visit.call(argument)?;
                    visit.call(context)?;
                }
                Ready::Release(pending, _) => visit.call(pending)?,
                Ready::Step(execution) => visit.call(execution)?,
            }
        }
        if let Some(tasks) = &self.tasks {
            visit.call(&tasks.alive)?;
        }
        for timer in self.timers.values() {
            visit.call(timer)?;
        }
        Ok(())
    }

    fn __clear__(&mut self) {
        self.commands = None;
        self.timer_summary = None;
        self.ready.clear();
        self.tasks = None;
        self.timers.clear();
    }
}

impl EventLoop {
    fn next_ready(&mut self) -> Option<Ready> {
        match self.halted {
            true => None,
            false => self.ready.pop_front(),
        }
    }

    pub(crate) fn push(&mut self, ready: Ready) {
        self.ready.push_back(ready);
    }

    fn commands<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, Commands>> {
        self.commands
            .as_ref()
            .map(|commands| commands.bind(py).clone())
            .ok_or_else(|| PyRuntimeError::new_err("event loop was torn down"))
    }

    fn current_timer_summary(&self, py: Python<'_>) -> PyResult<Option<Carried>> {
        let Some(variable) = &self.timer_summary else {
            return Ok(None);
        };
        let mut value = std::ptr::null_mut();
        // SAFETY: attached; the variable is live, and the value is a new reference or null.
        let value = unsafe {
            if ffi::PyContextVar_Get(variable.as_ptr(), std::ptr::null_mut(), &mut value) != 0 {
                return Err(PyErr::fetch(py));
            }
            Bound::from_owned_ptr_or_opt(py, value)
        };
        value.map_or(Ok(None), |value| value.extract())
    }

    fn begin_timer(
        slf: &Bound<'_, Self>,
        delay: f64,
        summary: Option<Carried>,
        callback: Py<PyAny>,
        args: Py<PyTuple>,
        context: Option<Py<PyAny>>,
    ) -> PyResult<Py<TimerHandle>> {
        let py = slf.py();
        let commands = slf.borrow().commands(py)?;
        commands.borrow().admit(py, "schedule timer")?;
        let duration = timer_duration(delay)?;
        let handle = Handle::create(py, callback, args, context)?;
        let (sequence, when) = {
            let mut event_loop = slf.borrow_mut();
            event_loop.last_timer += 1;
            (event_loop.last_timer, event_loop.time() + delay)
        };
        let timer = TimerHandle::create(sequence, when, slf.clone().unbind());
        let timer = Py::new(py, PyClassInitializer::from(handle).add_subclass(timer))?;
        commands.borrow_mut().push(Command::StartTimer {
            sequence,
            duration,
            user_metadata: to_metadata(summary, None),
        });
        slf.borrow_mut()
            .timers
            .insert(sequence, timer.clone_ref(py));
        Ok(timer)
    }

    /// Cancels a timer that has not fired. While the run is torn down, nothing is sent.
    fn give_up_timer(slf: &Bound<'_, Self>, sequence: u32) -> PyResult<()> {
        let py = slf.py();
        let Some(timer) = slf.borrow_mut().timers.remove(&sequence) else {
            return Ok(());
        };
        let commands = slf.borrow().commands(py)?;
        if !commands.borrow().is_evicting() {
            commands.borrow().admit(py, "cancel timer")?;
            commands
                .borrow_mut()
                .push(Command::CancelTimer { sequence });
        }
        drop(timer);
        Ok(())
    }

    fn run_one(slf: &Bound<'_, Self>, ready: Ready) -> PyResult<()> {
        let py = slf.py();
        let (callback, handle) = match ready {
            Ready::Release(pending, round) => {
                PendingActivity::release(pending.bind(py), round);
                return Ok(());
            }
            Ready::Step(execution) => return ActivityExecution::step(execution.bind(py)),
            Ready::Call(callback, argument, context) => {
                (Callback::of_one(callback, argument, context), None)
            }
            Ready::Callback(handle) => {
                let Some(callback) = handle.bind(py).borrow_mut().take() else {
                    return Ok(());
                };
                (callback, Some(handle))
            }
        };
        let Err(error) = callback.run(py) else {
            return Ok(());
        };
        if error.is_instance_of::<PySystemExit>(py)
            || error.is_instance_of::<PyKeyboardInterrupt>(py)
        {
            return Err(error);
        }
        let report = PyDict::new(py);
        let message = format!("Exception in callback {}", callback.describe(py));
        report.set_item("message", message)?;
        report.set_item("exception", error.into_value(py))?;
        report.set_item("handle", handle)?;
        slf.call_method1(intern!(py, "call_exception_handler"), (report,))?;
        Ok(())
    }
}

/// A delay in seconds as Python gives it, cut to whole nanoseconds.
fn timer_duration(delay: f64) -> PyResult<Duration> {
    if delay < 0.0 || delay.is_nan() {
        return Err(PyRuntimeError::new_err(format!(
            "timer delay must not be negative, got {delay} seconds"
        )));
    }
    // Protobuf durations end near 10,000 years.
    if delay > 315_576_000_000.0 {
        return Err(PyOverflowError::new_err(format!(
            "timer delay of {delay} seconds is too long"
        )));
    }
    let nanoseconds = (delay * 1e9) as u128;
    let seconds = (nanoseconds / 1_000_000_000) as u64;
    Ok(Duration::new(seconds, (nanoseconds % 1_000_000_000) as u32))
}
