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

use super::witness::Warning;
use super::{
    Shared, answer,
    lane::{self, Lane},
};
use crate::wire::Wire;

/// How seldom busy lanes are looked at, at most.
const LONGEST_TICK: Duration = Duration::from_millis(250);

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
    evicts: bool,
    owed: Owed,
}

impl Report {
    /// Answers with the stuck code's stack, then interrupts that code.
    pub(super) fn make(self, py: Python<'_>, shared: &Shared, lane: &Lane) {
        if self.evicts {
            self.tell_of_eviction(py, shared);
        } else {
            self.answer(py, shared);
        }
        if let Err(error) = self.interrupt(py, shared, lane) {
            error.write_unraisable(py, None);
        }
    }

    /// The eviction itself is answered already.
    fn tell_of_eviction(&self, py: Python<'_>, shared: &Shared) {
        let told = shared.handler.bind(py).call_method1(
            intern!(py, "report_stuck_eviction"),
            (&*self.run_id, self.stuck_thread, self.limit.as_secs_f64()),
        );
        if let Err(error) = told {
            error.write_unraisable(py, None);
        }
    }

    fn answer(&self, py: Python<'_>, shared: &Shared) {
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
    let weak = Arc::downgrade(shared);
    let handle = thread::Builder::new()
        .name("temporal_deadlock_watch".into())
        .spawn(move || watch(&weak))?;
    *shared.watcher.thread.lock() = Some(handle.thread().clone());
    Ok(())
}

fn watch(shared: &Weak<Shared>) {
    let mut unanswered: Vec<Unanswered> = Vec::new();
    loop {
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let limit = shared.deadlock_limit();
        let tick = limit.unwrap_or(LONGEST_TICK) / 8;
        let tick = tick.clamp(Duration::from_millis(2), LONGEST_TICK);
        let mut busy = !unanswered.is_empty();
        let mut slow = false;
        for lane in &shared.lanes {
            match limit.map_or(Found::Idle, |limit| inspect(&shared, lane, limit)) {
                Found::Idle => {}
                Found::Busy => busy = true,
                Found::Slow => (busy, slow) = (true, true),
                Found::Stuck(stuck) => {
                    busy = true;
                    unanswered.push(stuck);
                }
            }
        }
        if slow {
            shared.witness.probe(tick * 2);
        }
        unanswered.retain(|stuck| !stuck.settle());
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
    /// It takes long enough to look whether others are to blame.
    Slow,
    Stuck(Unanswered),
}

/// A stuck run whose answer somebody else is to give.
struct Unanswered {
    since: Instant,
    run_id: RunId,
    limit: Duration,
    owed: Owed,
}

fn inspect(shared: &Arc<Shared>, lane: &Arc<Lane>, limit: Duration) -> Found {
    let mut turn = lane.turn.lock();
    let Some(current) = &mut turn.current else {
        return Found::Idle;
    };
    if current.is_paused() {
        return Found::Busy;
    }
    let held = current.held();
    if held < limit {
        if held > limit / 2 && !current.warned {
            current.warned = true;
            shared.witness.warn(Warning {
                run_id: current.run_id.clone(),
                thread: current.thread,
                held,
                limit,
            });
        }
        return if held > limit / 8 {
            Found::Slow
        } else {
            Found::Busy
        };
    }
    let current = turn.current.take().expect("it was there under this lock");
    let stuck_generation = turn.generation;
    lane.condemn(&mut turn, &current.run_id);
    let generation = turn.generation;
    drop(turn);
    if current.evicts {
        shared.count_abandoned_run();
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
        evicts: current.evicts,
        owed: owed.clone(),
    };
    if let Err(error) = lane::spawn(shared, lane, generation, Some(report)) {
        tracing::error!(%error, "could not start a thread in the place of one that is stuck");
    }
    Found::Stuck(Unanswered {
        since: Instant::now(),
        run_id: current.run_id,
        limit,
        owed,
    })
}

impl Unanswered {
    /// Whether the answer is given. Past the limit it goes out without the stuck code's stack: that
    /// code holds the interpreter and lets nobody else have it.
    fn settle(&self) -> bool {
        let mut owed = self.owed.lock();
        if owed.is_some() && self.since.elapsed() > self.limit {
            let reply = owed.take().expect("it was there under this lock");
            let failed = answer::deadlocked(self.limit.as_secs_f64());
            answer::send(&reply, &self.run_id, Err(failed));
        }
        owed.is_none()
    }
}
