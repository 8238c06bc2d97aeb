//! An activity that is started and awaited in one: no handle is seen, so no task is made for it.
//!
//! What a task of asyncio would do in its place is done here, hop by hop: a step to begin with, one
//! for each wake-up, and what it does with cancellations that come before, between and after these.

use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::{PyRuntimeError, PyStopIteration, asyncio::CancelledError},
    prelude::*,
};

use super::pending::{PendingActivity, Progress, Wake, cancelled_error};
use crate::event_loop::{EventLoop, Ready};

/// Awaited once, by a task that it blocks as a future does.
#[pyclass(module = "temporalio.bridge._callboard")]
pub(crate) struct ActivityExecution {
    pending: Option<Py<PendingActivity>>,
    begun: bool,
    must_cancel: bool,
    cancel_message: Option<Py<PyAny>>,
    blocking: bool,
    outcome: Option<Result<Py<PyAny>, Py<PyAny>>>,
    /// Who is blocked, with the context to call back in.
    callback: Option<(Py<PyAny>, Option<Py<PyAny>>)>,
}

impl ActivityExecution {
    /// Begins one hop from now.
    pub(super) fn start(pending: &Bound<'_, PendingActivity>) -> PyResult<Py<Self>> {
        let execution = Py::new(
            pending.py(),
            Self {
                pending: Some(pending.clone().unbind()),
                begun: false,
                must_cancel: false,
                cancel_message: None,
                blocking: false,
                outcome: None,
                callback: None,
            },
        )?;
        let first = Ready::Step(execution.clone_ref(pending.py()));
        PendingActivity::push(pending, first);
        Ok(execution)
    }

    /// Goes on, at the start or after a wake-up.
    pub(crate) fn step(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let (pending, begun, cancel) = {
            let mut execution = slf.borrow_mut();
            let cancel = std::mem::take(&mut execution.must_cancel)
                .then(|| cancelled_error(py, execution.cancel_message.as_ref()));
            let begun = std::mem::replace(&mut execution.begun, true);
            (execution.pending(py)?, begun, cancel)
        };
        let woken_with = pending.borrow().thrown(py);
        let thrown = woken_with.or(cancel);
        let progress = match thrown {
            // What has not begun ends with the error, and none of it ever runs.
            Some(error) if !begun => Err(error),
            thrown => PendingActivity::resume(&pending, thrown),
        };
        match progress {
            Ok(Progress::Waits) => {
                let wake = Wake::Execution(slf.clone().unbind());
                pending.borrow_mut().set_wake(wake);
            }
            Ok(Progress::Ended(result)) => Self::finish(slf, &pending, Ok(result)),
            Err(error) => {
                let error = error.into_value(py).into_any();
                Self::finish(slf, &pending, Err(error));
            }
        }
        Ok(())
    }

    fn finish(
        slf: &Bound<'_, Self>,
        pending: &Bound<'_, PendingActivity>,
        outcome: Result<Py<PyAny>, Py<PyAny>>,
    ) {
        let callback = {
            let mut execution = slf.borrow_mut();
            execution.outcome = Some(outcome);
            execution.callback.take()
        };
        if let Some((callback, context)) = callback {
            let call = Ready::Call(callback, slf.clone().into_any().unbind(), context);
            PendingActivity::push(pending, call);
        }
    }

    fn pending<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PendingActivity>> {
        let pending = self.pending.as_ref();
        pending
            .map(|pending| pending.bind(py).clone())
            .ok_or_else(|| PyRuntimeError::new_err("activity was torn down"))
    }

    fn ended(&self, py: Python<'_>) -> Option<PyResult<Py<PyAny>>> {
        Some(match self.outcome.as_ref()? {
            Ok(result) => Ok(result.clone_ref(py)),
            Err(error) => Err(PyErr::from_value(error.bind(py).clone())),
        })
    }
}

#[pymethods]
impl ActivityExecution {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(slf: &Bound<'_, Self>) -> PyResult<Py<Self>> {
        let ended = slf.borrow().ended(slf.py());
        match ended {
            Some(outcome) => Err(PyStopIteration::new_err((outcome?,))),
            None => {
                slf.borrow_mut().blocking = true;
                Ok(slf.clone().unbind())
            }
        }
    }

    // ---- as the future that blocks a task ----

    #[getter(_asyncio_future_blocking)]
    fn blocking(&self) -> bool {
        self.blocking
    }

    #[setter(_asyncio_future_blocking)]
    fn set_blocking(&mut self, blocking: bool) {
        self.blocking = blocking;
    }

    fn get_loop(&self, py: Python<'_>) -> PyResult<Option<Py<EventLoop>>> {
        let pending = self.pending(py)?;
        let event_loop = pending.borrow().event_loop(py);
        Ok(event_loop)
    }

    #[pyo3(signature = (callback, *, context = None))]
    fn add_done_callback(
        slf: &Bound<'_, Self>,
        callback: Py<PyAny>,
        context: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let pending = slf.borrow().pending(slf.py())?;
        let ended = slf.borrow().outcome.is_some();
        if ended {
            let call = Ready::Call(callback, slf.clone().into_any().unbind(), context);
            PendingActivity::push(&pending, call);
        } else {
            slf.borrow_mut().callback = Some((callback, context));
        }
        Ok(())
    }

    /// Asks for the activity to be cancelled, as cancelling its handle does.
    #[pyo3(signature = (msg = None))]
    fn cancel(slf: &Bound<'_, Self>, msg: Option<Py<PyAny>>) -> PyResult<bool> {
        let py = slf.py();
        let pending = slf.borrow().pending(py)?;
        let ended = slf.borrow().outcome.is_some();
        PendingActivity::admit_cancel(&pending, ended)?;
        if ended {
            return Ok(false);
        }
        let message = msg.as_ref().map(|message| message.clone_ref(py));
        if !PendingActivity::cancel_waiter(&pending, message) {
            let before = {
                let mut execution = slf.borrow_mut();
                execution.must_cancel = true;
                std::mem::replace(&mut execution.cancel_message, msg)
            };
            drop(before);
        }
        Ok(true)
    }

    fn result(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.ended(py)
            .unwrap_or_else(|| Err(PyRuntimeError::new_err("result is not ready")))
    }

    fn done(&self) -> bool {
        self.outcome.is_some()
    }

    fn cancelled(&self, py: Python<'_>) -> bool {
        match &self.outcome {
            Some(Err(error)) => {
                PyErr::from_value(error.bind(py).clone()).is_instance_of::<CancelledError>(py)
            }
            _ => false,
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.pending)?;
        visit.call(&self.cancel_message)?;
        if let Some(Ok(value) | Err(value)) = &self.outcome {
            visit.call(value)?;
        }
        if let Some((callback, context)) = &self.callback {
            visit.call(callback)?;
            visit.call(context)?;
        }
        Ok(())
    }

    fn __clear__(&mut self) {
        self.pending = None;
        self.cancel_message = None;
        self.outcome = None;
        self.callback = None;
    }
}
