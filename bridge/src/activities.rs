//! Activities on their way to the user's asyncio loop.

use std::sync::{Arc, OnceLock};

use callboard_actors::host::{self, ActivityHost};
use parking_lot::Mutex;
use pyo3::{PyTraverseError, PyVisit, intern, prelude::*, types::PyBytes};

use crate::{activity_task::ActivityTask, loop_mailbox::Sender};

/// Hands activities to a Python `ActivityHandler`, on the loop that the worker runs on.
#[derive(Clone)]
pub(crate) struct LoopActivities {
    inner: Arc<Inner>,
}

struct Inner {
    /// `None` once the garbage collector has cleared the worker.
    handler: Mutex<Option<Py<PyAny>>>,
    /// Known once the worker runs, before which nothing can arrive.
    mailbox: OnceLock<Sender>,
}

impl LoopActivities {
    pub(crate) fn new(handler: Py<PyAny>) -> Self {
        Self {
            inner: Arc::new(Inner {
                handler: Mutex::new(Some(handler)),
                mailbox: OnceLock::new(),
            }),
        }
    }

    /// From now on activities go to the loop of this mailbox.
    pub(crate) fn run_on(&self, mailbox: Sender) {
        // A worker runs once, so there is one loop.
        let _ = self.inner.mailbox.set(mailbox);
    }

    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        // Never contended: the lock is held for moments in which no Python runs.
        match self.inner.handler.try_lock() {
            Some(handler) => visit.call(&*handler),
            None => Ok(()),
        }
    }

    pub(crate) fn clear(&self) {
        let handler = self.inner.handler.lock().take();
        drop(handler);
    }

    fn post(&self, call: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<()> + Send + 'static) {
        let Some(mailbox) = self.inner.mailbox.get() else {
            tracing::error!("an activity arrived before the worker was running");
            return;
        };
        let inner = Arc::clone(&self.inner);
        mailbox.post(move |py| {
            let handler = inner.handler.lock().as_ref().map(|kept| kept.clone_ref(py));
            let Some(handler) = handler else { return };
            if let Err(error) = call(handler.bind(py)) {
                error.write_unraisable(py, None);
            }
        });
    }
}

impl ActivityHost for LoopActivities {
    fn start(&self, task: Box<host::ActivityTask>) {
        self.post(move |handler| {
            let task = ActivityTask::new(handler.py(), task);
            handler.call_method1(intern!(handler.py(), "start"), (task,))?;
            Ok(())
        });
    }

    fn cancel(&self, task_token: Vec<u8>, cancel: host::ActivityCancel) {
        self.post(move |handler| {
            let token = PyBytes::new(handler.py(), &task_token);
            let cancel = ActivityCancel::from(cancel);
            handler.call_method1(intern!(handler.py(), "cancel"), (token, cancel))?;
            Ok(())
        });
    }
}

/// Why an activity is asked to stop.
#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct ActivityCancel {
    not_found: bool,
    cancel_requested: bool,
    paused: bool,
    reset: bool,
    timed_out: bool,
    worker_shutdown: bool,
}

impl From<host::ActivityCancel> for ActivityCancel {
    fn from(cancel: host::ActivityCancel) -> Self {
        Self {
            not_found: cancel.not_found,
            cancel_requested: cancel.cancel_requested,
            paused: cancel.paused,
            reset: cancel.reset,
            timed_out: cancel.timed_out,
            worker_shutdown: cancel.worker_shutdown,
        }
    }
}
