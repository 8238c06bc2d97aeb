//! Activities on their way to the user's asyncio loop.

use callboard_actors::host::{self, ActivityHost};
use pyo3::{intern, prelude::*, types::PyBytes};

use crate::{activity_task::ActivityTask, loop_handler::LoopHandler};

/// Hands activities to a Python `ActivityHandler`, on the loop that the worker runs on.
#[derive(Clone)]
pub(crate) struct LoopActivities(pub(crate) LoopHandler);

impl ActivityHost for LoopActivities {
    fn start(&self, task: Box<host::ActivityTask>) {
        self.0.post(move |handler| {
            let task = ActivityTask::new(handler.py(), task);
            handler.call_method1(intern!(handler.py(), "start"), (task,))?;
            Ok(())
        });
    }

    fn cancel(&self, task_token: Vec<u8>, cancel: host::ActivityCancel) {
        self.0.post(move |handler| {
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
