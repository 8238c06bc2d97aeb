//! An activity whose end the workflow has not seen, and the wait for it.
//!
//! The wait is what `await_operation` is for other operations, with the same hops through the ready
//! queue: one from the outcome to the waiter, one from the waiter to the code that waits.

use pyo3::{
    PyTraverseError, PyVisit, exceptions::PyStopIteration, exceptions::asyncio::CancelledError,
    intern, prelude::*,
};

use super::{ActivityExecution, PendingActivities};
use crate::event_loop::{EventLoop, Ready};

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Waiter {
    /// Nobody has begun to wait.
    Absent,
    Waiting,
    Released,
    Cancelled,
}

pub(super) enum Outcome {
    Result(Py<PyAny>),
    Error(Py<PyAny>),
    /// In the place of an outcome, and gone once it was seen: another schedule is to come.
    Backoff(Py<PyAny>),
}

/// Who goes on once the waiter is released or cancelled.
pub(super) enum Wake {
    /// A task of asyncio, which has left its callback and the context to call it in.
    Task(Py<PyAny>, Option<Py<PyAny>>),
    Execution(Py<ActivityExecution>),
}

pub(super) enum Progress {
    Waits,
    Ended(Py<PyAny>),
}

/// What a codec is told of the payloads of an activity.
#[derive(Default)]
pub(super) struct Described {
    pub(super) activity_type: Option<Py<PyAny>>,
    pub(super) activity_id: Option<Py<PyAny>>,
    pub(super) task_queue: Option<Py<PyAny>>,
}

/// Awaited by a task, which it blocks as a future does.
#[pyclass(module = "temporalio.bridge._callboard")]
pub(crate) struct PendingActivity {
    pub(super) activities: Option<Py<PendingActivities>>,
    pub(super) event_loop: Option<Py<EventLoop>>,
    #[pyo3(get)]
    pub(super) sequence: u32,
    #[pyo3(get)]
    pub(super) is_local: bool,
    #[pyo3(get)]
    pub(super) awaited: bool,
    /// One request for each number that the activity is scheduled under.
    cancel_requested_for: Option<u32>,
    pub(super) waiter: Waiter,
    round: u32,
    wake: Option<Wake>,
    cancel_message: Option<Py<PyAny>>,
    blocking: bool,
    pub(super) outcome: Option<Outcome>,
    /// A `Conversion` other than that of the run, for converters that want to know their context.
    pub(super) conversion: Option<Py<PyAny>>,
    pub(super) hint: Option<Py<PyAny>>,
    pub(super) described: Described,
}

impl PendingActivity {
    pub(super) fn new(
        activities: Py<PendingActivities>,
        event_loop: Py<EventLoop>,
        sequence: u32,
        is_local: bool,
        hint: Option<Py<PyAny>>,
    ) -> Self {
        Self {
            activities: Some(activities),
            event_loop: Some(event_loop),
            sequence,
            is_local,
            awaited: false,
            cancel_requested_for: None,
            waiter: Waiter::Absent,
            round: 0,
            wake: None,
            cancel_message: None,
            blocking: false,
            outcome: None,
            conversion: None,
            hint,
            described: Described::default(),
        }
    }

    /// Goes on as a coroutine does that is sent None, or that an error is thrown into.
    pub(super) fn resume(slf: &Bound<'_, Self>, thrown: Option<PyErr>) -> PyResult<Progress> {
        let py = slf.py();
        match thrown {
            None if slf.borrow().waiter == Waiter::Absent => {
                slf.borrow_mut().awaited = true;
                Self::begin_round(slf);
                Ok(Progress::Waits)
            }
            None => Self::see_outcome(slf),
            Some(error) if error.is_instance_of::<CancelledError>(py) => {
                if slf.borrow().outcome.is_some() && Self::sees_cancel_of_settled(slf)? {
                    return Err(error);
                }
                Self::request_cancel(slf)?;
                Self::begin_round(slf);
                Ok(Progress::Waits)
            }
            Some(error) => Err(error),
        }
    }

    fn see_outcome(slf: &Bound<'_, Self>) -> PyResult<Progress> {
        let py = slf.py();
        let mut pending = slf.borrow_mut();
        match &pending.outcome {
            Some(Outcome::Result(result)) => Ok(Progress::Ended(result.clone_ref(py))),
            Some(Outcome::Error(error)) => Err(PyErr::from_value(error.bind(py).clone())),
            Some(Outcome::Backoff(needed)) => {
                let needed = PyErr::from_value(needed.bind(py).clone());
                pending.waiter = Waiter::Absent;
                let seen = pending.outcome.take();
                drop(pending);
                drop(seen);
                Err(needed)
            }
            // Whoever closes a task's coroutine early resumes it with nothing there.
            None => Ok(Progress::Waits),
        }
    }

    fn begin_round(slf: &Bound<'_, Self>) {
        let (round, settled) = {
            let mut pending = slf.borrow_mut();
            pending.round += 1;
            pending.waiter = Waiter::Waiting;
            (pending.round, pending.outcome.is_some())
        };
        if settled {
            Self::push(slf, Ready::Release(slf.clone().unbind(), round));
        }
    }

    /// The outcome is there: in a hop from now the waiter hears of it.
    pub(super) fn settle(slf: &Bound<'_, Self>, outcome: Outcome) {
        let waits = {
            let mut pending = slf.borrow_mut();
            pending.outcome = Some(outcome);
            (pending.waiter == Waiter::Waiting).then_some(pending.round)
        };
        if let Some(round) = waits {
            Self::push(slf, Ready::Release(slf.clone().unbind(), round));
        }
    }

    /// Releases the waiter, unless it was cancelled before or belongs to an earlier round.
    pub(crate) fn release(slf: &Bound<'_, Self>, round: u32) {
        let wake = {
            let mut pending = slf.borrow_mut();
            if pending.round != round || pending.waiter != Waiter::Waiting {
                return;
            }
            pending.waiter = Waiter::Released;
            pending.wake.take()
        };
        Self::wake(slf, wake);
    }

    /// Cancels the waiter, if it still waits.
    pub(super) fn cancel_waiter(slf: &Bound<'_, Self>, message: Option<Py<PyAny>>) -> bool {
        let (wake, before) = {
            let mut pending = slf.borrow_mut();
            if pending.waiter != Waiter::Waiting {
                return false;
            }
            pending.waiter = Waiter::Cancelled;
            let before = std::mem::replace(&mut pending.cancel_message, message);
            (pending.wake.take(), before)
        };
        drop(before);
        Self::wake(slf, wake);
        true
    }

    fn wake(slf: &Bound<'_, Self>, wake: Option<Wake>) {
        match wake {
            Some(Wake::Task(callback, context)) => {
                let waiter = slf.clone().into_any().unbind();
                Self::push(slf, Ready::Call(callback, waiter, context));
            }
            Some(Wake::Execution(execution)) => Self::push(slf, Ready::Step(execution)),
            None => {}
        }
    }

    /// What the waiter throws into the code that waits, if it was cancelled.
    pub(super) fn thrown(&self, py: Python<'_>) -> Option<PyErr> {
        (self.waiter == Waiter::Cancelled)
            .then(|| cancelled_error(py, self.cancel_message.as_ref()))
    }

    pub(super) fn set_wake(&mut self, wake: Wake) {
        self.wake = Some(wake);
    }

    pub(super) fn push(slf: &Bound<'_, Self>, ready: Ready) {
        let event_loop = {
            let pending = slf.borrow();
            pending
                .event_loop
                .as_ref()
                .map(|event_loop| event_loop.bind(slf.py()).clone())
        };
        if let Some(event_loop) = event_loop {
            event_loop.borrow_mut().push(ready);
        }
    }

    fn sees_cancel_of_settled(slf: &Bound<'_, Self>) -> PyResult<bool> {
        let activities = slf.borrow().activities(slf.py());
        let Some(activities) = activities else {
            return Ok(false);
        };
        activities
            .call_method0(intern!(slf.py(), "sees_cancel_of_settled"))?
            .extract()
    }

    pub(super) fn conversion(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let conversion = self.conversion.as_ref();
        conversion.map(|conversion| conversion.clone_ref(py))
    }

    pub(super) fn event_loop(&self, py: Python<'_>) -> Option<Py<EventLoop>> {
        let event_loop = self.event_loop.as_ref();
        event_loop.map(|event_loop| event_loop.clone_ref(py))
    }

    fn activities<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PendingActivities>> {
        let activities = self.activities.as_ref();
        activities.map(|activities| activities.bind(py).clone())
    }
}

#[pymethods]
impl PendingActivity {
    /// Sends the request, once. During teardown this raises, which ends the task.
    pub(super) fn request_cancel(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let (activities, sequence, is_local, again) = {
            let pending = slf.borrow();
            let again = pending.cancel_requested_for == Some(pending.sequence);
            let activities = pending.activities(py);
            (activities, pending.sequence, pending.is_local, again)
        };
        let Some(activities) = activities else {
            return Ok(());
        };
        let commands = activities.borrow().commands(py);
        if again && !commands.borrow().is_evicting() {
            return Ok(());
        }
        slf.borrow_mut().cancel_requested_for = Some(sequence);
        commands
            .borrow_mut()
            .request_cancel_of_activity(py, sequence, is_local)
    }

    /// Takes the cancellation of what awaits the activity, `ended` or not, before it is carried out.
    pub(super) fn admit_cancel(slf: &Bound<'_, Self>, ended: bool) -> PyResult<()> {
        let py = slf.py();
        let (activities, awaited) = {
            let pending = slf.borrow();
            (pending.activities(py), pending.awaited)
        };
        let Some(activities) = activities else {
            return Ok(());
        };
        let commands = activities.borrow().commands(py);
        if commands.borrow().is_evicting() {
            return Ok(());
        }
        commands.borrow().admit(py, "cancel activity handle")?;
        // A task that has not begun never gets to see its cancellation.
        if !awaited && !ended {
            Self::request_cancel(slf)?;
        }
        Ok(())
    }

    /// The name, the id if one was chosen, and the task queue if one was.
    fn described(&self, py: Python<'_>) -> [Option<Py<PyAny>>; 3] {
        let Described {
            activity_type,
            activity_id,
            task_queue,
        } = &self.described;
        [activity_type, activity_id, task_queue]
            .map(|value| value.as_ref().map(|value| value.clone_ref(py)))
    }

    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(slf: &Bound<'_, Self>) -> PyResult<Py<Self>> {
        Self::answer_task(slf, None)
    }

    #[pyo3(signature = (kind, value = None, traceback = None))]
    fn throw(
        slf: &Bound<'_, Self>,
        kind: Bound<'_, PyAny>,
        value: Option<Bound<'_, PyAny>>,
        traceback: Option<Py<PyAny>>,
    ) -> PyResult<Py<Self>> {
        let _ = traceback;
        let thrown = value.filter(|value| !value.is_none()).unwrap_or(kind);
        Self::answer_task(slf, Some(PyErr::from_value(thrown)))
    }

    fn close(&self) {}

    // ---- as the future that blocks a task ----

    #[getter(_asyncio_future_blocking)]
    fn blocking(&self) -> bool {
        self.blocking
    }

    #[setter(_asyncio_future_blocking)]
    fn set_blocking(&mut self, blocking: bool) {
        self.blocking = blocking;
    }

    fn get_loop(&self, py: Python<'_>) -> Option<Py<EventLoop>> {
        self.event_loop(py)
    }

    #[pyo3(signature = (callback, *, context = None))]
    fn add_done_callback(slf: &Bound<'_, Self>, callback: Py<PyAny>, context: Option<Py<PyAny>>) {
        let wake = Wake::Task(callback, context);
        if slf.borrow().waiter == Waiter::Waiting {
            slf.borrow_mut().wake = Some(wake);
        } else {
            Self::wake(slf, Some(wake));
        }
    }

    #[pyo3(signature = (msg = None))]
    fn cancel(slf: &Bound<'_, Self>, msg: Option<Py<PyAny>>) -> bool {
        Self::cancel_waiter(slf, msg)
    }

    fn result(&self, py: Python<'_>) -> PyResult<()> {
        self.thrown(py).map_or(Ok(()), Err)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.activities)?;
        visit.call(&self.event_loop)?;
        visit.call(&self.cancel_message)?;
        visit.call(&self.conversion)?;
        visit.call(&self.hint)?;
        match &self.outcome {
            Some(Outcome::Result(value) | Outcome::Error(value) | Outcome::Backoff(value)) => {
                visit.call(value)?;
            }
            None => {}
        }
        match &self.wake {
            Some(Wake::Task(callback, context)) => {
                visit.call(callback)?;
                visit.call(context)
            }
            Some(Wake::Execution(execution)) => visit.call(execution),
            None => Ok(()),
        }
    }

    fn __clear__(&mut self) {
        self.activities = None;
        self.event_loop = None;
        self.cancel_message = None;
        self.conversion = None;
        self.hint = None;
        self.outcome = None;
        self.wake = None;
    }
}

impl PendingActivity {
    /// Goes on for the coroutine of a task, which is blocked by what it gets.
    fn answer_task(slf: &Bound<'_, Self>, thrown: Option<PyErr>) -> PyResult<Py<Self>> {
        let cancelled = thrown.is_some();
        match Self::resume(slf, thrown)? {
            Progress::Ended(result) => Err(PyStopIteration::new_err((result,))),
            Progress::Waits => {
                if cancelled {
                    forget_cancellation(slf.py())?;
                }
                slf.borrow_mut().blocking = true;
                Ok(slf.clone().unbind())
            }
        }
    }
}

/// A task that goes on although it was cancelled must not be seen as being cancelled.
fn forget_cancellation(py: Python<'_>) -> PyResult<()> {
    let asyncio = py.import(intern!(py, "asyncio"))?;
    let task = asyncio.call_method0(intern!(py, "current_task"))?;
    // Before 3.11, tasks do not count their cancellations.
    if !task.is_none() && py.version_info() >= (3, 11) {
        task.call_method0(intern!(py, "uncancel"))?;
    }
    Ok(())
}

pub(super) fn cancelled_error(py: Python<'_>, message: Option<&Py<PyAny>>) -> PyErr {
    match message {
        Some(message) => CancelledError::new_err((message.clone_ref(py),)),
        None => CancelledError::new_err(()),
    }
}
