//! A Python object whose methods are called on the asyncio loop that its worker runs on.

use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use pyo3::{PyTraverseError, PyVisit, prelude::*};

use crate::loop_mailbox::Sender;

/// The object. Clones share it.
#[derive(Clone)]
pub(crate) struct LoopHandler {
    inner: Arc<Inner>,
}

struct Inner {
    /// `None` once the garbage collector has cleared the worker.
    handler: Mutex<Option<Py<PyAny>>>,
    /// Known once the worker runs, before which there is nothing to call.
    mailbox: OnceLock<Sender>,
}

impl LoopHandler {
    pub(crate) fn new(handler: Py<PyAny>) -> Self {
        Self {
            inner: Arc::new(Inner {
                handler: Mutex::new(Some(handler)),
                mailbox: OnceLock::new(),
            }),
        }
    }

    /// From now on calls go to the loop of this mailbox.
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

    /// Calls on the loop, from any thread, without waiting.
    pub(crate) fn post(
        &self,
        call: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<()> + Send + 'static,
    ) {
        let Some(mailbox) = self.inner.mailbox.get() else {
            tracing::error!("user code was to be called before the worker was running");
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
