//! The interruption of threads that run a synchronous activity.

use std::ffi::c_long;

use parking_lot::Mutex;
use pyo3::{ffi, prelude::*, types::PyType};

/// Raises one exception into the thread that is attached to it, and never into what that thread does
/// afterwards.
///
/// Every method holds the interpreter from its first step to its last, so whether there is a thread
/// to interrupt and its interruption cannot be parted by a switch of threads.
#[derive(Default)]
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct ThreadInterrupt {
    state: Mutex<Interruption>,
}

#[derive(Default)]
struct Interruption {
    thread: Option<c_long>,
    shields: usize,
    waiting: bool,
    raised: bool,
}

#[pymethods]
impl ThreadInterrupt {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Names the thread to interrupt; true if the caller has to raise at once, in its own code.
    fn attach(&self, thread: c_long) -> bool {
        let mut state = self.state.lock();
        state.thread = Some(thread);
        state.take_waiting()
    }

    /// Lets go of the thread, and takes an exception back that has not reached it yet.
    fn detach(&self) {
        let mut state = self.state.lock();
        if let Some(thread) = state.thread.take()
            && state.raised
        {
            set_asynchronous_exception(thread, None);
        }
    }

    fn shield(&self) {
        self.state.lock().shields += 1;
    }

    /// Ends a shield; true if the caller has to raise now, in its own code.
    fn unshield(&self) -> bool {
        let mut state = self.state.lock();
        state.shields = state.shields.saturating_sub(1);
        state.shields == 0 && state.take_waiting()
    }

    /// Raises now if a thread is attached and not shielded, otherwise once that is so.
    fn interrupt(&self, exception: &Bound<'_, PyType>) {
        let mut state = self.state.lock();
        if state.raised {
            return;
        }
        match state.thread {
            Some(thread) if state.shields == 0 => {
                state.raised = true;
                set_asynchronous_exception(thread, Some(exception));
            }
            _ => state.waiting = true,
        }
    }
}

impl Interruption {
    fn take_waiting(&mut self) -> bool {
        let waiting = std::mem::take(&mut self.waiting);
        self.raised |= waiting;
        waiting
    }
}

fn set_asynchronous_exception(thread: c_long, exception: Option<&Bound<'_, PyType>>) {
    let exception = exception.map_or(std::ptr::null_mut(), |exception| exception.as_ptr());
    // SAFETY: called from Python code only, so this thread is attached to the interpreter. The
    // exception is a type that the caller keeps alive; CPython takes a reference of its own. A
    // thread id that is not known any more is ignored.
    unsafe { ffi::PyThreadState_SetAsyncExc(thread, exception) };
}
