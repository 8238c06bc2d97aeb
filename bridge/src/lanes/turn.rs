//! A turn: one activation on its lane, and how long it has held the interpreter.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use callboard_actors::{
    kit::Sender,
    workflow::{ActivationCompleted, RunId},
};

use super::{clock::ThreadClock, lane::Run};

/// Whose turn it is. Never locked while waiting for the interpreter.
#[derive(Default)]
pub(super) struct Turn {
    /// Grows when the lane's thread is replaced; a thread of an older generation is written off.
    pub(super) generation: u64,
    pub(super) current: Option<Current>,
    /// Runs that stay with the thread of that generation until its code returns.
    pub(super) condemned: HashMap<u64, Option<Run>>,
}

pub(super) struct Current {
    pub(super) run_id: RunId,
    pub(super) reply: Sender<ActivationCompleted>,
    pub(super) evicts: bool,
    pub(super) warned: bool,
    /// The interpreter's name for the thread.
    pub(super) thread: u64,
    processor: Option<ThreadClock>,
    started: Instant,
    /// The clock stands still from here on.
    paused: Option<Instant>,
    /// Time in which the interpreter was with others.
    excused: Duration,
    /// Since when the witness waits for the interpreter, and what the thread had used by then.
    contended: Option<(Instant, Duration)>,
}

impl Current {
    /// The turn of the calling thread, from now on.
    pub(super) fn begin(
        run_id: RunId,
        reply: Sender<ActivationCompleted>,
        evicts: bool,
        thread: u64,
        processor: Option<ThreadClock>,
    ) -> Self {
        Self {
            run_id,
            reply,
            evicts,
            warned: false,
            thread,
            processor,
            started: Instant::now(),
            paused: None,
            excused: Duration::ZERO,
            contended: None,
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused.is_some()
    }

    pub(super) fn pause(&mut self) {
        self.contention_ended();
        self.paused = Some(Instant::now());
    }

    pub(super) fn resume(&mut self) {
        if let Some(paused) = self.paused.take() {
            self.started += paused.elapsed();
        }
    }

    /// The witness begins to wait for the interpreter.
    pub(super) fn contention_began(&mut self) {
        let used = self.processor.and_then(ThreadClock::used);
        if let (Some(used), None) = (used, self.paused) {
            self.contended = Some((Instant::now(), used));
        }
    }

    /// The witness has the interpreter.
    pub(super) fn contention_ended(&mut self) {
        self.excused += self.waited();
        self.contended = None;
    }

    /// How long the turn has lasted, without the time in which others had the interpreter.
    pub(super) fn held(&self) -> Duration {
        self.started
            .elapsed()
            .saturating_sub(self.excused + self.waited())
    }

    /// What the present wait of the witness excuses. A thread that uses the processor meanwhile is
    /// the one that is waited for.
    fn waited(&self) -> Duration {
        let (Some((since, before)), Some(processor)) = (self.contended, self.processor) else {
            return Duration::ZERO;
        };
        let now = processor.used().unwrap_or(before);
        since.elapsed().saturating_sub(now.saturating_sub(before))
    }
}
