//! Threads that run workflow code.
//!
//! A run is served by one lane from its first activation to its teardown: by the one that has least to
//! do when it begins, the first one if several have as little. So few lanes are awake where few are
//! needed, and none gets new runs while its code holds it up.
//! A lane is attached to the interpreter while there is work and detached while it waits, so no actor
//! thread ever waits for the interpreter.
//!
//! A turn is one activation. Its clock starts once the lane holds the interpreter, and stands still
//! while the lane waits for a payload codec. Past the limit the lane's thread is written off: a new
//! thread takes over the queue and all other runs of the lane, which the old thread no longer touches.
//! The stuck run stays with the old thread alone, which tears it down and ends when its code returns.

mod answer;
mod clock;
mod driver;
mod exit;
mod lane;
mod queue;
mod turn;
mod watch;
mod witness;

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

use callboard_actors::{
    host::WorkflowHost,
    kit::Sender,
    telemetry::{Series, Value},
    workflow::{Activation, ActivationCompleted, RunId},
};
use parking_lot::{Condvar, Mutex};
use pyo3::{PyTraverseError, PyVisit, prelude::*};

pub(crate) use driver::LaneDriver;
pub(crate) use exit::{install as install_exit, park_thread};
use lane::{Lane, Work};
pub(crate) use lane::{count_abandoned_run, hold_if_written_off, off_the_clock};

use crate::errors::BridgeError;

/// What all lanes of a pool share.
struct Shared {
    /// A `WorkflowHandler`.
    pub(super) handler: Py<PyAny>,
    pub(super) lanes: Vec<Arc<Lane>>,
    /// In nanoseconds; 0 for none. It may change at any time.
    deadlock_limit: AtomicU64,
    pub(super) watcher: watch::Watcher,
    pub(super) witness: witness::Witness,
    /// Runs whose code would not let itself be torn down.
    abandoned_runs: AtomicU64,
    /// Set where they are counted elsewhere too.
    abandoned_counter: OnceLock<Arc<dyn Series>>,
    stopping: AtomicBool,
    /// Threads that have not ended, those written off included, with the interpreter's number of each
    /// that is attached by now.
    threads: Mutex<HashMap<std::thread::ThreadId, Option<u64>>>,
    thread_ended: Condvar,
    /// The last thread has ended after a stop; there will be none again.
    ended: AtomicBool,
}

impl Shared {
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    pub(super) fn deadlock_limit(&self) -> Option<Duration> {
        let nanoseconds = self.deadlock_limit.load(Ordering::Relaxed);
        (nanoseconds > 0).then(|| Duration::from_nanos(nanoseconds))
    }

    fn set_deadlock_limit(&self, limit: Option<Duration>) {
        let nanoseconds =
            limit.map_or(0, |limit| limit.as_nanos().clamp(1, u64::MAX.into()) as u64);
        self.deadlock_limit.store(nanoseconds, Ordering::Relaxed);
        self.watcher.wake();
    }

    pub(super) fn count_abandoned_run(&self) {
        self.abandoned_runs.fetch_add(1, Ordering::Relaxed);
        if let Some(counter) = self.abandoned_counter.get() {
            counter.record(Value::Whole(1));
        }
    }

    fn stop(&self) {
        if self.stopping.swap(true, Ordering::AcqRel) {
            return;
        }
        for lane in &self.lanes {
            lane.submit(Work::Stop);
        }
        self.witness.stop();
        self.watcher.wake();
    }

    fn join(&self, deadline: Instant) -> bool {
        let mut threads = self.threads.lock();
        while !threads.is_empty() {
            if self
                .thread_ended
                .wait_until(&mut threads, deadline)
                .timed_out()
            {
                return threads.is_empty();
            }
        }
        true
    }

    fn thread_started(&self, thread: &Thread) {
        self.threads.lock().entry(thread.id()).or_default();
    }

    fn thread_attached(&self, number: u64) {
        self.threads
            .lock()
            .insert(std::thread::current().id(), Some(number));
    }

    /// The calling thread does no more for the pool.
    fn thread_ended(&self) {
        let mut threads = self.threads.lock();
        threads.remove(&std::thread::current().id());
        if threads.is_empty() && self.is_stopping() {
            self.ended.store(true, Ordering::Release);
        }
        drop(threads);
        self.thread_ended.notify_all();
    }

    /// The interpreter's numbers of the threads that have not ended.
    fn attached_threads(&self) -> Vec<u64> {
        self.threads
            .lock()
            .values()
            .filter_map(|number| *number)
            .collect()
    }
}

/// Starts a thread of a pool, which counts until its end.
fn start_thread(
    shared: &Arc<Shared>,
    name: String,
    serve: impl FnOnce() + Send + 'static,
) -> std::io::Result<()> {
    let counted = shared.clone();
    // Nobody may find the pool without threads before this one has begun.
    let (begin, begun) = crossbeam_channel::bounded::<()>(0);
    let spawned = thread::Builder::new().name(name).spawn(move || {
        // The sender is dropped once this thread is counted.
        let _ = begun.recv();
        serve();
        counted.thread_ended();
    });
    shared.thread_started(spawned?.thread());
    drop(begin);
    Ok(())
}

/// Runs workflow code on a fixed number of lanes.
pub(crate) struct LanePool {
    shared: Arc<Shared>,
    /// The lane of each run, by its index.
    homes: Mutex<HashMap<RunId, usize>>,
}

impl LanePool {
    /// Starts the lanes. `handler` is a `WorkflowHandler`.
    pub(crate) fn start(
        handler: Py<PyAny>,
        lanes: usize,
        deadlock_timeout: Option<Duration>,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            handler,
            lanes: (0..lanes.max(1))
                .map(|index| Arc::new(Lane::new(index)))
                .collect(),
            deadlock_limit: AtomicU64::new(0),
            watcher: watch::Watcher::default(),
            witness: witness::Witness::default(),
            abandoned_runs: AtomicU64::new(0),
            abandoned_counter: OnceLock::new(),
            stopping: AtomicBool::new(false),
            threads: Mutex::default(),
            thread_ended: Condvar::new(),
            ended: AtomicBool::new(false),
        });
        for lane in &shared.lanes {
            lane::spawn(&shared, lane, 0, None)?;
        }
        shared.set_deadlock_limit(deadlock_timeout);
        watch::spawn(&shared)?;
        witness::spawn(&shared)?;
        exit::register(&shared);
        Ok(Self {
            shared,
            homes: Mutex::default(),
        })
    }

    /// Sets how long workflow code may hold the interpreter in one turn, those under way included.
    pub(crate) fn set_deadlock_limit(&self, limit: Option<Duration>) {
        self.shared.set_deadlock_limit(limit);
    }

    /// How many runs would not let themselves be torn down so far.
    pub(crate) fn abandoned_runs(&self) -> u64 {
        self.shared.abandoned_runs.load(Ordering::Relaxed)
    }

    /// Lets the lanes end once they have done what is queued. Returns at once.
    pub(crate) fn stop(&self) {
        self.shared.stop();
    }

    /// Waits until every lane's thread has ended; false if one has not in time.
    ///
    /// Must not be called while attached to the interpreter: the lanes need it to end.
    pub(crate) fn join(&self, limit: Duration) -> bool {
        self.shared.join(Instant::now() + limit)
    }

    /// Whether no thread is left, for good.
    pub(crate) fn have_ended(&self) -> bool {
        self.shared.ended.load(Ordering::Acquire)
    }

    /// Shows the garbage collector what the lanes hold.
    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.shared.handler)
    }

    fn lane_of(&self, activation: &Activation) -> &Lane {
        let run_id = &activation.run_id;
        let mut homes = self.homes.lock();
        let home = match activation.removes() {
            true => homes.remove(run_id),
            false => homes.get(run_id).copied(),
        };
        let home = home.unwrap_or_else(|| {
            let idlest = self.idlest();
            if lane::starts(activation) {
                homes.insert(run_id.clone(), idlest);
            }
            idlest
        });
        &self.shared.lanes[home]
    }

    fn idlest(&self) -> usize {
        let lanes = self.shared.lanes.iter().enumerate();
        let idlest = lanes.min_by_key(|(_, lane)| lane.load());
        idlest.map_or(0, |(index, _)| index)
    }
}

impl WorkflowHost for LanePool {
    fn activate(&self, activation: Activation, reply: Sender<ActivationCompleted>) {
        if self.shared.is_stopping() {
            // Nobody would answer later: the pool's threads are on their way out.
            answer::send(&reply, &activation.run_id, Err(answer::stopped()));
            return;
        }
        self.lane_of(&activation)
            .submit(Work::Activate(Box::new(activation), reply));
    }

    fn count_abandoned_runs(&self, counter: Arc<dyn Series>) {
        // Lanes serve one worker, which runs once.
        let _ = self.shared.abandoned_counter.set(counter);
    }
}

impl Drop for LanePool {
    fn drop(&mut self) {
        self.stop();
    }
}

/// How long lanes may take to end once nothing is left for them to do.
const END_LIMIT: Duration = Duration::from_secs(2);

/// Starts lanes that serve `handler`, a `WorkflowHandler`.
pub(crate) fn start(
    handler: Py<PyAny>,
    lanes: usize,
    deadlock_timeout: Option<Duration>,
) -> Result<Arc<LanePool>, BridgeError> {
    LanePool::start(handler, lanes, deadlock_timeout)
        .map(Arc::new)
        .map_err(|error| BridgeError::State(format!("cannot start lanes: {error}")))
}

/// Lets the lanes go with the one whose runs they served.
pub(crate) async fn end(lanes: Arc<LanePool>) {
    lanes.stop();
    let joined = tokio::task::spawn_blocking(move || lanes.join(END_LIMIT)).await;
    if !joined.unwrap_or(false) {
        tracing::warn!("workflow code still runs after all other work has stopped");
    }
}
