//! What the loop hands out for a scheduled callback, with the behaviour of asyncio's own handles.

use pyo3::{PyTraverseError, PyVisit, ffi, intern, prelude::*, types::PyTuple};

use super::EventLoop;

/// A callback that waits in the ready queue, with the context that it runs in.
#[pyclass(subclass, module = "temporalio.bridge._callboard")]
pub(crate) struct Handle {
    callback: Option<(Py<PyAny>, Py<PyTuple>)>,
    context: Option<Py<PyAny>>,
    cancelled: bool,
}

impl Handle {
    pub(super) fn create(
        py: Python<'_>,
        callback: Py<PyAny>,
        arguments: Py<PyTuple>,
        context: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let context = match context {
            Some(context) => context,
            None => copy_current_context(py)?,
        };
        Ok(Self {
            callback: Some((callback, arguments)),
            context: Some(context),
            cancelled: false,
        })
    }

    /// Takes what there is to run; nothing once cancelled or run.
    pub(super) fn take(&mut self) -> Option<Callback> {
        let (callback, arguments) = self.callback.take()?;
        Some(Callback {
            callback,
            arguments: Arguments::Several(arguments),
            context: Some(self.context.take()?),
        })
    }
}

#[pymethods]
impl Handle {
    fn cancel(slf: &Bound<'_, Self>) {
        let dropped = {
            let mut handle = slf.borrow_mut();
            handle.cancelled = true;
            handle.take()
        };
        // A destructor may run Python code, so no borrow is held here.
        drop(dropped);
    }

    fn cancelled(&self) -> bool {
        self.cancelled
    }

    fn get_context(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.context.as_ref().map(|context| context.clone_ref(py))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Some((callback, arguments)) = &self.callback {
            visit.call(callback)?;
            visit.call(arguments)?;
        }
        visit.call(&self.context)
    }

    fn __clear__(&mut self) {
        self.callback = None;
        self.context = None;
    }
}

/// A callback that waits for a server timer.
#[pyclass(extends = Handle, module = "temporalio.bridge._callboard")]
pub(crate) struct TimerHandle {
    sequence: u32,
    when: f64,
    event_loop: Option<Py<EventLoop>>,
}

impl TimerHandle {
    pub(super) fn create(sequence: u32, when: f64, event_loop: Py<EventLoop>) -> Self {
        Self {
            sequence,
            when,
            event_loop: Some(event_loop),
        }
    }
}

#[pymethods]
impl TimerHandle {
    /// Gives the timer up. One that the server knows of is cancelled there.
    fn cancel(slf: &Bound<'_, Self>) -> PyResult<()> {
        let first = !slf.as_super().borrow().cancelled;
        Handle::cancel(slf.as_super());
        if !first {
            return Ok(());
        }
        let (sequence, event_loop) = {
            let mut timer = slf.borrow_mut();
            (timer.sequence, timer.event_loop.take())
        };
        match event_loop {
            Some(event_loop) => EventLoop::give_up_timer(event_loop.bind(slf.py()), sequence),
            None => Ok(()),
        }
    }

    /// The loop's time at which the timer is due, in seconds.
    fn when(&self) -> f64 {
        self.when
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.event_loop)
    }

    fn __clear__(&mut self) {
        self.event_loop = None;
    }
}

/// A callback on its way out of its handle.
pub(super) struct Callback {
    callback: Py<PyAny>,
    arguments: Arguments,
    /// Without one, the callback runs in the context of the loop.
    context: Option<Py<PyAny>>,
}

enum Arguments {
    One(Py<PyAny>),
    Several(Py<PyTuple>),
}

impl Callback {
    pub(super) fn of_one(
        callback: Py<PyAny>,
        argument: Py<PyAny>,
        context: Option<Py<PyAny>>,
    ) -> Self {
        Self {
            callback,
            arguments: Arguments::One(argument),
            context,
        }
    }

    /// Calls back within the callback's context.
    pub(super) fn run(&self, py: Python<'_>) -> PyResult<()> {
        let context = self.context.as_ref();
        let _entered = context
            .map(|context| EnteredContext::enter(py, context))
            .transpose()?;
        match &self.arguments {
            Arguments::One(argument) => self.callback.call1(py, (argument,))?,
            Arguments::Several(arguments) => self.callback.call1(py, arguments.bind(py))?,
        };
        Ok(())
    }

    /// How asyncio names a callback in its reports.
    pub(super) fn describe(&self, py: Python<'_>) -> String {
        let source = || -> PyResult<String> {
            let arguments = match &self.arguments {
                Arguments::One(argument) => PyTuple::new(py, [argument])?,
                Arguments::Several(arguments) => arguments.bind(py).clone(),
            };
            py.import(intern!(py, "asyncio.format_helpers"))?
                .getattr(intern!(py, "_format_callback_source"))?
                .call1((self.callback.bind(py), arguments))?
                .extract()
        };
        source().unwrap_or_else(|_| "<unprintable callback>".into())
    }
}

/// Leaves the context when dropped.
struct EnteredContext<'a, 'py> {
    py: Python<'py>,
    context: &'a Py<PyAny>,
}

impl<'a, 'py> EnteredContext<'a, 'py> {
    fn enter(py: Python<'py>, context: &'a Py<PyAny>) -> PyResult<Self> {
        // SAFETY: attached, and the pointer is a live object; a wrong type is reported as an error.
        if unsafe { ffi::PyContext_Enter(context.as_ptr()) } != 0 {
            return Err(PyErr::fetch(py));
        }
        Ok(Self { py, context })
    }
}

impl Drop for EnteredContext<'_, '_> {
    fn drop(&mut self) {
        // An error that the callback raised is held in Rust by now, so no exception is set here.
        // SAFETY: attached, and this thread entered this context last.
        if unsafe { ffi::PyContext_Exit(self.context.as_ptr()) } != 0 {
            PyErr::fetch(self.py).write_unraisable(self.py, None);
        }
    }
}

fn copy_current_context(py: Python<'_>) -> PyResult<Py<PyAny>> {
    // SAFETY: attached; the call returns a new reference, or null with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyContext_CopyCurrent()) }.map(Bound::unbind)
}
