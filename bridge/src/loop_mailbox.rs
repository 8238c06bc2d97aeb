//! Results on their way to an asyncio loop.
//!
//! Each asyncio loop has one mailbox. Any thread puts results in, with no need of the GIL; one
//! wake-up of the loop takes out all that is ready. There are two ways to use it:
//!
//! - [`future`] runs a Rust future on a runtime and gives Python an `asyncio.Future` of the running loop for it:
//!
//!   ```ignore
//!   fn call<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
//!       let connection = self.connection.clone();
//!       loop_mailbox::future(py, &self.runtime, async move { Ok(connection.ask().await?) })
//!   }
//!   ```
//!
//!   The result is anything with `IntoPyObject`, converted on the loop's thread. If the Python
//!   future is cancelled, the Rust future is dropped at its next await. A panic in it becomes
//!   `RuntimeError` on the Python future.
//!
//! - [`LoopMailbox::running`] gives the running loop's mailbox, whose [`Sender::post`] runs a
//!   callback on that loop's thread, from any thread:
//!
//!   ```ignore
//!   let mailbox = LoopMailbox::running(py)?;             // on the loop's thread
//!   let sender = mailbox.get().sender();                 // Clone + Send, holds no Python object
//!   sender.post(move |py| start_activity(py, task));     // from any thread, never blocks
//!   ```
//!
//!   Callbacks and results arrive in the order in which they were put in. An error or panic in a
//!   callback is reported through `sys.unraisablehook` and stops no other.
//!
//! Guarantees: what is put in after the loop was closed is dropped quietly. No lock is held while
//! Python code runs. Python futures are kept here, on the Python side of the bridge, and found again
//! by number, so that Rust tasks own no Python object.
//!
//! Waking is a byte through a pipe that the loop watches with `add_reader`. A loop that cannot watch
//! one (Windows' proactor) is woken by `call_soon_threadsafe` from a thread that
//! does nothing else, because that call needs the GIL.

use std::{
    cell::RefCell,
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use crossbeam_channel::{Receiver, Sender as Queue};
use futures::FutureExt;
use parking_lot::Mutex;
use pyo3::{
    IntoPyObjectExt, PyTraverseError, PyVisit,
    exceptions::PyNotImplementedError,
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyWeakrefMethods, PyWeakrefReference},
};
use tokio::task::AbortHandle;

use crate::{errors::BridgeError, runtime::SharedRuntime, waker::Waker};

type Outcome = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;
type Callback = Box<dyn FnOnce(Python<'_>) + Send>;

enum Delivery {
    Result { future: u64, outcome: Outcome },
    Callback(Callback),
}

/// Runs `work` on a runtime and returns an `asyncio.Future` of the running loop for its result. The
/// runtime stays until then.
///
/// # Errors
/// When no loop is running in this thread, or the process is a forked child.
pub(crate) fn future<'py, F, T>(
    py: Python<'py>,
    runtime: &Arc<SharedRuntime>,
    work: F,
) -> PyResult<Bound<'py, PyAny>>
where
    F: Future<Output = Result<T, BridgeError>> + Send + 'static,
    T: for<'any> IntoPyObject<'any> + Send + 'static,
{
    let tokio = runtime.handle()?;
    let used = Arc::clone(runtime);
    let event_loop = running_loop(py)?;
    let mailbox = LoopMailbox::of(&event_loop)?;
    let future = event_loop.call_method0(intern!(py, "create_future"))?;
    let number = mailbox.get().next_future.fetch_add(1, Ordering::Relaxed);
    let sender = mailbox.get().sender();
    // An async block would have room for the work twice.
    let work = AssertUnwindSafe(work).catch_unwind().map(move |result| {
        let result = result.unwrap_or_else(|panic| Err(BridgeError::from_panic(panic.as_ref())));
        sender.put(Delivery::Result {
            future: number,
            outcome: Box::new(move |py| result?.into_py_any(py)),
        });
        drop(used);
    });
    let task = tokio.spawn(work);
    // No result is overtaking: the loop's thread takes them out, and it is this one.
    let forget = Forget {
        mailbox: mailbox.clone().unbind(),
        future: number,
        task: task.abort_handle(),
    };
    let forget = Bound::new(py, forget)?;
    future.call_method1(intern!(py, "add_done_callback"), (&forget,))?;
    let waiting = Waiting {
        future: future.clone().unbind(),
        forget: forget.unbind(),
    };
    mailbox.get().pending.lock().insert(number, waiting);
    Ok(future)
}

fn running_loop(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static GET_RUNNING_LOOP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    GET_RUNNING_LOOP
        .import(py, "asyncio", "get_running_loop")?
        .call0()
}

/// A Python future that waits for its result.
struct Waiting {
    future: Py<PyAny>,
    forget: Py<Forget>,
}

/// Ends the Rust task of a Python future that was done by somebody else: that was cancelled.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
struct Forget {
    mailbox: Py<LoopMailbox>,
    future: u64,
    task: AbortHandle,
}

#[pymethods]
impl Forget {
    fn __call__(&self, _future: &Bound<'_, PyAny>) {
        self.task.abort();
        drop(self.mailbox.get().take(self.future));
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.mailbox)
    }
}

/// The mailbox of one asyncio loop.
#[pyclass(frozen, weakref, module = "temporalio.bridge._callboard")]
pub(crate) struct LoopMailbox {
    arrived: Receiver<Delivery>,
    sender: Sender,
    next_future: AtomicU64,
    pending: Mutex<HashMap<u64, Waiting>>,
}

/// Puts things into a mailbox from any thread. Never blocks and needs no GIL.
#[derive(Clone)]
pub(crate) struct Sender {
    queue: Queue<Delivery>,
    signal: Arc<Signal>,
}

struct Signal {
    /// A wake-up is under way; whoever sets this does the waking.
    raised: AtomicBool,
    closed: AtomicBool,
    waker: Waker,
}

/// How often in one wake-up the mailbox looks for what has arrived during the last look.
const DRAIN_ROUNDS: usize = 4;

impl Sender {
    /// Runs `callback` on the loop's thread.
    pub(crate) fn post(&self, callback: impl FnOnce(Python<'_>) + Send + 'static) {
        self.put(Delivery::Callback(Box::new(callback)));
    }

    fn put(&self, delivery: Delivery) {
        if self.signal.closed.load(Ordering::Acquire) || self.queue.send(delivery).is_err() {
            return;
        }
        self.wake();
    }

    fn wake(&self) {
        if !self.signal.raised.swap(true, Ordering::AcqRel) {
            self.signal.waker.wake();
        }
    }
}

#[pymethods]
impl LoopMailbox {
    /// Called by the loop after a wake-up.
    fn drain(&self, py: Python<'_>) {
        let signal = &self.sender.signal;
        signal.waker.consume();
        // What arrives meanwhile needs no wake-up. The loop has other work too, so there is an end.
        for _ in 0..DRAIN_ROUNDS {
            if !self.drain_ready(py) {
                break;
            }
        }
        // Acquires what was put in by those who saw the signal raised, so none is overlooked.
        signal.raised.swap(false, Ordering::AcqRel);
        if !self.arrived.is_empty() {
            self.sender.wake();
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // Never contended: the lock is held for moments in which no Python runs.
        if let Some(pending) = self.pending.try_lock() {
            for waiting in pending.values() {
                visit.call(&waiting.future)?;
                visit.call(&waiting.forget)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        self.close();
    }
}

impl LoopMailbox {
    /// The mailbox of the loop that runs in this thread.
    ///
    /// # Errors
    /// `RuntimeError` when no loop is running.
    pub(crate) fn running(py: Python<'_>) -> PyResult<Bound<'_, Self>> {
        Self::of(&running_loop(py)?)
    }

    pub(crate) fn sender(&self) -> Sender {
        self.sender.clone()
    }

    fn of<'py>(event_loop: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        if let Some(last) = last_used(event_loop) {
            return Ok(last);
        }
        let mailbox = Self::known_or_new(event_loop)?;
        let last = LastUsed {
            event_loop: PyWeakrefReference::new(event_loop)?.unbind(),
            mailbox: PyWeakrefReference::new(&mailbox)?.unbind(),
        };
        let before = LAST_USED.replace(Some(last));
        drop(before);
        Ok(mailbox)
    }

    fn known_or_new<'py>(event_loop: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        let py = event_loop.py();
        let known = mailboxes(py)?;
        let found = known.call_method1(intern!(py, "get"), (event_loop,))?;
        if !found.is_none() {
            return Ok(found.cast_into::<Self>()?);
        }
        drop_closed(known)?;
        let mailbox = Self::open(event_loop)?;
        known.set_item(event_loop, &mailbox)?;
        Ok(mailbox)
    }

    fn open<'py>(event_loop: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        let py = event_loop.py();
        if let Some((waker, descriptor)) = Waker::pipe()? {
            let mailbox = Bound::new(py, Self::new(waker))?;
            let drain = mailbox.getattr(intern!(py, "drain"))?;
            match event_loop.call_method1(intern!(py, "add_reader"), (descriptor, drain)) {
                Ok(_) => return Ok(mailbox),
                Err(error) if error.is_instance_of::<PyNotImplementedError>(py) => {}
                Err(error) => return Err(error),
            }
        }
        let (waker, soon_call) = Waker::thread();
        let mailbox = Bound::new(py, Self::new(waker))?;
        let drain = mailbox.getattr(intern!(py, "drain"))?;
        let soon = event_loop.getattr(intern!(py, "call_soon_threadsafe"))?;
        let call = py
            .import(intern!(py, "functools"))?
            .call_method1(intern!(py, "partial"), (soon, drain))?;
        soon_call.get_or_init(|| call.unbind());
        Ok(mailbox)
    }

    /// Takes out what is there now; false if that was nothing.
    fn drain_ready(&self, py: Python<'_>) -> bool {
        let ready = self.arrived.len();
        for delivery in self.arrived.try_iter().take(ready) {
            let handled = catch_unwind(AssertUnwindSafe(|| self.handle(py, delivery)));
            let error = match handled {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => error,
                Err(panic) => BridgeError::from_panic(panic.as_ref()).into(),
            };
            error.write_unraisable(py, None);
        }
        ready > 0
    }

    fn new(waker: Waker) -> Self {
        let (queue, arrived) = crossbeam_channel::unbounded();
        Self {
            arrived,
            sender: Sender {
                queue,
                signal: Arc::new(Signal {
                    raised: AtomicBool::new(false),
                    closed: AtomicBool::new(false),
                    waker,
                }),
            },
            next_future: AtomicU64::new(0),
            pending: Mutex::default(),
        }
    }

    fn take(&self, number: u64) -> Option<Waiting> {
        self.pending.lock().remove(&number)
    }

    fn handle(&self, py: Python<'_>, delivery: Delivery) -> PyResult<()> {
        match delivery {
            Delivery::Result { future, outcome } => match self.take(future) {
                Some(waiting) => resolve(py, &waiting, outcome),
                // Cancelled meanwhile.
                None => Ok(()),
            },
            Delivery::Callback(callback) => {
                callback(py);
                Ok(())
            }
        }
    }

    /// Drops all that waits, and all that still comes.
    fn close(&self) {
        self.sender.signal.closed.store(true, Ordering::Release);
        let pending = std::mem::take(&mut *self.pending.lock());
        drop(pending);
        self.arrived.try_iter().for_each(drop);
    }
}

fn resolve(py: Python<'_>, waiting: &Waiting, outcome: Outcome) -> PyResult<()> {
    let future = waiting.future.bind(py);
    if future.call_method0(intern!(py, "done"))?.is_truthy()? {
        return Ok(());
    }
    // There is nothing left to end, and the loop is spared a call.
    future.call_method1(
        intern!(py, "remove_done_callback"),
        (waiting.forget.bind(py),),
    )?;
    match outcome(py) {
        Ok(value) => future.call_method1(intern!(py, "set_result"), (value,))?,
        Err(error) => future.call_method1(intern!(py, "set_exception"), (error,))?,
    };
    Ok(())
}

/// The loop that a thread used last, which is most often the one that it uses next.
struct LastUsed {
    event_loop: Py<PyWeakrefReference>,
    mailbox: Py<PyWeakrefReference>,
}

thread_local! {
    static LAST_USED: RefCell<Option<LastUsed>> = const { RefCell::new(None) };
}

fn last_used<'py>(event_loop: &Bound<'py, PyAny>) -> Option<Bound<'py, LoopMailbox>> {
    let py = event_loop.py();
    LAST_USED.with_borrow(|used| {
        let used = used.as_ref()?;
        if !used.event_loop.bind(py).upgrade()?.is(event_loop) {
            return None;
        }
        used.mailbox.bind(py).upgrade()?.cast_into().ok()
    })
}

/// All mailboxes by loop, in a `WeakKeyDictionary`.
fn mailboxes(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static MAILBOXES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let made = MAILBOXES.get_or_try_init(py, || {
        let weak_keys = py.import("weakref")?.getattr("WeakKeyDictionary")?;
        weak_keys.call0().map(Bound::unbind)
    })?;
    Ok(made.bind(py))
}

/// Forgets closed loops. What waits for a closed loop can keep it alive, so the weak keys alone
/// would not do; new loops are rare enough to look through the old ones.
fn drop_closed(known: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = known.py();
    let entries = known.call_method0(intern!(py, "items"))?;
    let entries: Vec<(Bound<'_, PyAny>, Bound<'_, LoopMailbox>)> = entries
        .try_iter()?
        .map(|entry| entry?.extract())
        .collect::<PyResult<_>>()?;
    for (event_loop, mailbox) in entries {
        if event_loop
            .call_method0(intern!(py, "is_closed"))?
            .is_truthy()?
        {
            mailbox.get().close();
            known.call_method1(intern!(py, "pop"), (event_loop, py.None()))?;
        }
    }
    Ok(())
}
