//! The replay of one history: an actor between the engine of a run and workflow code.
//!
//! What the engine wants of a server is answered on the spot; workflow code alone takes time. After a
//! panic a new actor without an engine has workflow code forget the run, and the verdict says so.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{
    host::WorkflowHost,
    kit::{Actor, Backoff, Cradle, Handle, Mailbox, Sender, Stage, Supervision},
    workflow::{
        Activation, ActivationCompleted, EvictionReason, RunEffect, RunId, RunInput, RunSettings,
    },
};

use super::{
    live::Live,
    queue::{ReplayEnded, StartReplay},
    report::ReplayReport,
};

/// An actor that panicked comes back only to clear up.
const SUPERVISION: Supervision = Supervision {
    restarts: 3,
    window: std::time::Duration::from_secs(3600),
    backoff: Backoff {
        first: std::time::Duration::ZERO,
        max: std::time::Duration::ZERO,
    },
};

/// What starts the actors of replays.
pub(super) fn starter(
    stage: Stage,
    host: Arc<dyn WorkflowHost>,
    settings: Arc<RunSettings>,
) -> StartReplay {
    Box::new(move |order, ended| {
        let run_id = order.plan.run_id.clone();
        let memory = Arc::new(Memory {
            run_id: run_id.clone(),
            ended,
            facts: Mutex::new(Facts {
                reply: Some(order.reply),
                ..Facts::default()
            }),
        });
        let mut live = Some(Live::new(order.plan, order.page_sizes, settings.clone()));
        let host = host.clone();
        // Between two activations it has little to do: not worth a change of thread each time.
        stage.start_guest(SUPERVISION, None, move |cradle| {
            Replay::new(host.clone(), memory.clone(), live.take(), cradle)
        });
    })
}

/// What outlives a panic.
struct Memory {
    run_id: RunId,
    ended: Sender<ReplayEnded>,
    facts: Mutex<Facts>,
}

#[derive(Default)]
struct Facts {
    /// An activation is with workflow code.
    host_is_busy: bool,
    /// Workflow code holds something for the run.
    host_knows_run: bool,
    reply: Option<oneshot::Sender<ReplayReport>>,
}

// The run's place must not stay taken, however its actor has ended.
impl Drop for Memory {
    fn drop(&mut self) {
        // Without a queue nobody waits for the place.
        let _ = self.ended.send(ReplayEnded {
            run_id: self.run_id.clone(),
        });
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReplaySnapshot {
    pub(super) run_id: RunId,
    pub(super) tasks_done: usize,
}

enum Phase {
    Live(Box<Live>),
    /// The engine is gone; workflow code has still to forget the run.
    Clearing(ReplayReport),
    Over,
}

pub(super) struct Replay {
    host: Arc<dyn WorkflowHost>,
    memory: Arc<Memory>,
    answers: Sender<ActivationCompleted>,
    phase: Phase,
}

impl Actor for Replay {
    const NAME: &'static str = "replay";
    /// One activation is under way at a time.
    const MAILBOX: Mailbox = Mailbox::lossless(4);
    type Snapshot = ReplaySnapshot;

    fn snapshot(&self) -> ReplaySnapshot {
        let report = match &self.phase {
            Phase::Live(live) => Some(&live.report),
            Phase::Clearing(report) => Some(report),
            Phase::Over => None,
        };
        ReplaySnapshot {
            run_id: self.memory.run_id.clone(),
            tasks_done: report.map_or(0, |report| report.tasks.len()),
        }
    }

    fn started(&mut self) {
        match &mut self.phase {
            Phase::Live(live) => {
                if let Some(first) = live.go_on() {
                    self.apply(first);
                }
            }
            Phase::Clearing(_) => self.clear(),
            Phase::Over => {}
        }
    }

    fn has_finished(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }
}

impl Replay {
    fn new(
        host: Arc<dyn WorkflowHost>,
        memory: Arc<Memory>,
        live: Option<Live>,
        cradle: &Cradle<Self>,
    ) -> Self {
        let phase = match live {
            Some(live) => Phase::Live(Box::new(live)),
            None => Phase::Clearing(ReplayReport::panicked(cradle.last_panic.as_deref())),
        };
        Self {
            host,
            memory,
            answers: cradle.me.sender(),
            phase,
        }
    }

    fn apply(&mut self, input: RunInput) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            let Phase::Live(live) = &mut self.phase else {
                return;
            };
            for effect in live.engine.handle(input) {
                match effect {
                    RunEffect::Activate(activation) => {
                        live.note_activation(&activation);
                        activate(&*self.host, &self.memory, activation, &self.answers);
                    }
                    RunEffect::Evicted { reason, .. } => {
                        next = live.begin_anew(reason);
                        if next.is_none() {
                            let report = std::mem::take(&mut live.report);
                            return self.end(report);
                        }
                    }
                    other => next = live.perform(other).or(next),
                }
            }
            next = next.or_else(|| live.go_on());
        }
    }

    fn end(&mut self, report: ReplayReport) {
        self.phase = Phase::Over;
        if let Some(reply) = self.memory.facts.lock().reply.take() {
            // Whoever asked may have gone.
            let _ = reply.send(report);
        }
    }

    /// Has workflow code forget the run as soon as it is at rest, then ends.
    fn clear(&mut self) {
        let (busy, known) = {
            let facts = self.memory.facts.lock();
            (facts.host_is_busy, facts.host_knows_run)
        };
        if busy {
            return;
        }
        if known {
            let removal = Activation::removal(
                &self.memory.run_id,
                EvictionReason::Fatal,
                "the replay cannot go on",
            );
            return activate(&*self.host, &self.memory, removal, &self.answers);
        }
        if let Phase::Clearing(report) = &mut self.phase {
            let report = std::mem::take(report);
            self.end(report);
        }
    }
}

fn activate(
    host: &dyn WorkflowHost,
    memory: &Memory,
    activation: Activation,
    answers: &Sender<ActivationCompleted>,
) {
    let removes = activation.removes();
    host.activate(activation, answers.clone());
    // Not before: a host that panics has taken nothing.
    let mut facts = memory.facts.lock();
    facts.host_is_busy = true;
    facts.host_knows_run = !removes;
}

impl Handle<ActivationCompleted> for Replay {
    fn handle(&mut self, completed: ActivationCompleted) {
        self.memory.facts.lock().host_is_busy = false;
        match self.phase {
            Phase::Live(_) => self.apply(RunInput::Activated(completed)),
            Phase::Clearing(_) => self.clear(),
            Phase::Over => {}
        }
    }
}
