//! Activities on their way to the user's asyncio loop, and the interruption of threads that run one.

use std::{
    collections::HashMap,
    ffi::c_long,
    sync::{Arc, OnceLock},
    time::Duration,
};

use callboard_actors::host::{self, ActivityHost};
use parking_lot::Mutex;
use prost::Message;
use prost_types::Timestamp;
use pyo3::{
    PyTraverseError, PyVisit, ffi, intern,
    prelude::*,
    types::{PyBytes, PyType},
};

use crate::loop_mailbox::Sender;

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
            let task = ActivityTask::new(handler.py(), *task);
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

/// One attempt of an activity.
#[pyclass(frozen, get_all, module = "temporalio.bridge._callboard")]
pub(crate) struct ActivityTask {
    task_token: Py<PyBytes>,
    workflow_namespace: String,
    workflow_type: String,
    workflow_id: String,
    workflow_run_id: String,
    activity_id: String,
    activity_type: String,
    activity_run_id: String,
    headers: HashMap<String, Vec<u8>>,
    input: Vec<Vec<u8>>,
    heartbeat_details: Vec<Vec<u8>>,
    scheduled_time: Option<f64>,
    current_attempt_scheduled_time: Option<f64>,
    started_time: Option<f64>,
    attempt: u32,
    schedule_to_close_timeout: Option<f64>,
    start_to_close_timeout: Option<f64>,
    heartbeat_timeout: Option<f64>,
    retry_policy: Option<Vec<u8>>,
    priority: Option<Vec<u8>>,
    is_local: bool,
}

impl ActivityTask {
    fn new(py: Python<'_>, task: host::ActivityTask) -> Self {
        let headers = task.header.map(|header| header.fields).unwrap_or_default();
        Self {
            task_token: PyBytes::new(py, &task.task_token).unbind(),
            workflow_namespace: task.workflow_namespace,
            workflow_type: task.workflow_type,
            workflow_id: task.workflow_id,
            workflow_run_id: task.workflow_run_id,
            activity_id: task.activity_id,
            activity_type: task.activity_type,
            activity_run_id: task.activity_run_id,
            headers: headers
                .into_iter()
                .map(|(name, payload)| (name, payload.encode_to_vec()))
                .collect(),
            input: serialized(&task.input),
            heartbeat_details: serialized(&task.heartbeat_details),
            scheduled_time: task.scheduled_time.map(seconds_since_epoch),
            current_attempt_scheduled_time: task
                .current_attempt_scheduled_time
                .map(seconds_since_epoch),
            started_time: task.started_time.map(seconds_since_epoch),
            attempt: task.attempt,
            schedule_to_close_timeout: task.schedule_to_close_timeout.map(whole_microseconds),
            start_to_close_timeout: task.start_to_close_timeout.map(whole_microseconds),
            heartbeat_timeout: task.heartbeat_timeout.map(whole_microseconds),
            retry_policy: task.retry_policy.map(|policy| policy.encode_to_vec()),
            priority: task.priority.map(|priority| priority.encode_to_vec()),
            is_local: task.is_local,
        }
    }
}

fn serialized(payloads: &[impl Message]) -> Vec<Vec<u8>> {
    payloads.iter().map(Message::encode_to_vec).collect()
}

/// Python's times have microseconds; what is below is cut off, as protobuf's own conversion does,
/// and not left to the rounding of a float.
fn seconds_since_epoch(time: Timestamp) -> f64 {
    time.seconds as f64 + f64::from(time.nanos / 1_000) / 1e6
}

fn whole_microseconds(duration: Duration) -> f64 {
    duration.as_secs() as f64 + f64::from(duration.subsec_micros()) / 1e6
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
