//! Finds lanes whose workflow code does not yield, and replaces their threads.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, Thread},
    time::{Duration, Instant},
};

use callboard_actors::{
    kit::Sender,
    protos::failure::v1::Failure,
    workflow::{ActivationCompleted, RunId},
};
use parking_lot::Mutex;
use pyo3::{ffi, intern, prelude::*};

use super::{
    Shared, answer,
    lane::{self, Lane},
};
use crate::wire::Wire;

/// The watching thread, which sleeps while no lane is busy.
#[derive(Default)]
pub(crate) struct Watcher {
    thread: Mutex<Option<Thread>>,
    asleep: AtomicBool,
}

impl Watcher {
    pub(super) fn wake_if_asleep(&self) {
        if self.asleep.swap(false, Ordering::AcqRel) {
            self.wake();
        }
    }

    pub(super) fn wake(&self) {
        if let Some(thread) = &*self.thread.lock() {
            thread.unpark();
        }
    }
}

/// An answer that is owed, given by whoever comes first.
type Owed = Arc<Mutex<Option<Sender<ActivationCompleted>>>>;

/// Tells of a stuck thread, from a thread that may wait for the interpreter.
pub(super) struct Report {
    run_id: RunId,
    stuck_thread: u64,
    stuck_generation: u64,
    limit: Duration,
    owed: Owed,
}

impl Report {
    /// Answers with the stuck code's stack, then interrupts that code.
    pub(super) fn make(self, py: Python<'_>, shared: &Shared, lane: &Lane) {
        let seconds = self.limit.as_secs_f64();
        let describe = || -> PyResult<Wire<Failure>> {
            let handler = shared.handler.bind(py);
            handler
                .call_method1(
                    intern!(py, "describe_deadlock"),
                    (&*self.run_id, self.stuck_thread, seconds),
                )?
                .extract()
        };
        let failed = match describe() {
            Ok(failure) => answer::failed(failure.0, 0),
            Err(error) => {
                error.write_unraisable(py, None);
                answer::deadlocked(seconds)
            }
        };
        if let Some(reply) = self.owed.lock().take() {
            answer::send(&reply, &self.run_id, Err(failed));
        }
        if let Err(error) = self.interrupt(py, shared, lane) {
            error.write_unraisable(py, None);
        }
    }

    fn interrupt(&self, py: Python<'_>, shared: &Shared, lane: &Lane) -> PyResult<()> {
        let interruption = shared
            .handler
            .bind(py)
            .getattr(intern!(py, "interruption"))?;
        // Under the lock the stuck thread cannot go on to anything but its stuck code.
        let turn = lane.turn.lock();
        if turn.condemned.contains_key(&self.stuck_generation) {
            // SAFETY: attached, and the argument is a live exception type.
            unsafe {
                ffi::PyThreadState_SetAsyncExc(
                    self.stuck_thread as std::ffi::c_long,
                    interruption.as_ptr(),
                );
            }
        }
        Ok(())
    }
}

pub(super) fn spawn(shared: &Arc<Shared>) -> std::io::Result<()> {
    let Some(limit) = shared.deadlock_timeout else {
        return Ok(());
    };
    let weak = Arc::downgrade(shared);
    let handle = thread::Builder::new()
        .name("temporal_deadlock_watch".into())
        .spawn(move || watch(&weak, limit))?;
    *shared.watcher.thread.lock() = Some(handle.thread().clone());
    Ok(())
}

fn watch(shared: &Weak<Shared>, limit: Duration) {
    let tick = (limit / 8).clamp(Duration::from_millis(2), Duration::from_millis(250));
    let mut unanswered: Vec<(Instant, RunId, Owed)> = Vec::new();
    loop {
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let mut busy = !unanswered.is_empty();
        for lane in &shared.lanes {
            match inspect(&shared, lane, limit) {
                Found::Idle => {}
                Found::Busy => busy = true,
                Found::Stuck(run_id, owed) => {
                    busy = true;
                    unanswered.push((Instant::now(), run_id, owed));
                }
            }
        }
        unanswered.retain(|(since, run_id, owed)| !settle(*since, run_id, owed, limit));
        if !busy && shared.is_stopping() {
            return;
        }
        if !busy {
            // A lane that takes a turn from here on wakes this thread; look once more before sleeping.
            let was_asleep = shared.watcher.asleep.swap(true, Ordering::AcqRel);
            busy = !was_asleep;
        }
        drop(shared);
        if busy {
            thread::park_timeout(tick);
        } else {
            thread::park();
        }
    }
}

enum Found {
    Idle,
    Busy,
    Stuck(RunId, Owed),
}

fn inspect(shared: &Arc<Shared>, lane: &Arc<Lane>, limit: Duration) -> Found {
    let mut turn = lane.turn.lock();
    let Some(current) = &mut turn.current else {
        return Found::Idle;
    };
    if current.paused.is_some() {
        return Found::Busy;
    }
    let held = current.started.elapsed();
    if held < limit {
        if held > limit / 2 && !current.warned {
            current.warned = true;
            let (run_id, held) = (&current.run_id, held.as_secs_f64());
            tracing::warn!(%run_id, held, "workflow has not yielded for half of the deadlock limit");
        }
        return Found::Busy;
    }
    let current = turn.current.take().expect("it was there under this lock");
    let stuck_generation = turn.generation;
    lane.condemn(&mut turn, &current.run_id);
    let generation = turn.generation;
    drop(turn);
    if current.evicts {
        tracing::error!(
            run_id = %current.run_id,
            "workflow code keeps its run from being evicted; the run is abandoned"
        );
        answer::send(&current.reply, &current.run_id, Ok(Default::default()));
    }
    let owed = Arc::new(Mutex::new((!current.evicts).then_some(current.reply)));
    let report = Report {
        run_id: current.run_id.clone(),
        stuck_thread: current.thread,
        stuck_generation,
        limit,
        owed: owed.clone(),
    };
    if let Err(error) = lane::spawn(shared, lane, generation, Some(report)) {
        tracing::error!(%error, "could not start a thread in the place of one that is stuck");
    }
    Found::Stuck(current.run_id, owed)
}

/// Whether the answer is given. Past the limit it goes out without the stuck code's stack: that code
/// holds the interpreter and lets nobody else have it.
fn settle(since: Instant, run_id: &RunId, owed: &Owed, limit: Duration) -> bool {
    let mut owed = owed.lock();
    if owed.is_some() && since.elapsed() > limit {
        let reply = owed.take().expect("it was there under this lock");
        answer::send(&reply, run_id, Err(answer::deadlocked(limit.as_secs_f64())));
    }
    owed.is_none()
}
