//! Logic from its birth to its end: opens the tracing span of each message, and turns a panic into
//! a new struct or an exit reason. Where it runs, and what waits for it, is not its concern.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{sync::oneshot, time::Instant};

use super::{Actor, ActorRef, ChildExited, ExitReason, Sender, Supervision, stage::Tally};

pub(super) type Factory<L> = Box<dyn FnMut(&Cradle<L>) -> L + Send>;

/// What a factory is told about the actor it builds.
pub struct Cradle<L: Actor> {
    /// The actor's own address; the same for every incarnation.
    pub me: ActorRef<L>,
    /// 0 for the first.
    pub incarnation: u32,
    /// The panic that ended the one before.
    pub last_panic: Option<String>,
}

/// Everything a life starts with.
pub(super) struct Birth<L: Actor> {
    pub(super) address: ActorRef<L>,
    pub(super) supervision: Supervision,
    pub(super) exits: Option<Sender<ChildExited>>,
    pub(super) tally: Arc<Tally>,
    /// Messages that the actor has handled.
    pub(super) handled: u64,
    pub(super) factory: Factory<L>,
}

// A birth that never reaches its thread must not count as alive.
impl<L: Actor> Drop for Birth<L> {
    fn drop(&mut self) {
        self.address.pulse().dead.store(true, Ordering::Release);
        self.tally.handled.fetch_add(self.handled, Ordering::AcqRel);
        self.tally.alive.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What is to be done after a message.
#[must_use]
pub(super) enum Turn {
    GoesOn,
    /// [`Life::build`] is due after the delay. Messages wait meanwhile.
    Pauses {
        delay: Duration,
        panic: String,
    },
    Over,
}

pub(super) struct Life<L: Actor> {
    birth: Birth<L>,
    /// None before its birth, after a panic until the factory has built the next, and after its end.
    logic: Option<L>,
    incarnation: u32,
    panics_in_window: u32,
    window_start: Instant,
}

impl<L: Actor> Life<L> {
    pub(super) fn new(birth: Birth<L>) -> Self {
        Self {
            birth,
            logic: None,
            incarnation: 0,
            panics_in_window: 0,
            window_start: Instant::now(),
        }
    }

    /// Has the logic handle a message. `message` names its type.
    pub(super) fn handle(&mut self, message: &'static str, work: impl FnOnce(&mut L)) -> Turn {
        let Some(logic) = self.logic.as_mut() else {
            return Turn::GoesOn;
        };
        self.birth.handled += 1;
        let pulse = self.birth.address.pulse();
        pulse.handled.store(self.birth.handled, Ordering::Release);
        let span = tracing::debug_span!("message", actor = L::NAME, message);
        let outcome = span.in_scope(|| catch_unwind(AssertUnwindSafe(|| work(logic))));
        match outcome {
            Ok(()) if logic.has_finished() => self.end(ExitReason::Finished),
            Ok(()) => Turn::GoesOn,
            Err(panic) => self.recover(panic_text(&*panic)),
        }
    }

    /// Makes the struct, the first one or that after a panic.
    pub(super) fn build(&mut self, last_panic: Option<String>) -> Turn {
        let cradle = Cradle {
            me: self.birth.address.clone(),
            incarnation: self.incarnation,
            last_panic,
        };
        let factory = &mut self.birth.factory;
        let built = catch_unwind(AssertUnwindSafe(|| {
            let mut logic = factory(&cradle);
            logic.started();
            logic
        }));
        match built {
            Ok(logic) => {
                let has_finished = logic.has_finished();
                self.logic = Some(logic);
                if has_finished {
                    return self.end(ExitReason::Finished);
                }
                Turn::GoesOn
            }
            Err(panic) => self.recover(panic_text(&*panic)),
        }
    }

    pub(super) fn take_snapshot(&mut self, reply: oneshot::Sender<L::Snapshot>) -> Turn {
        self.handle("TakeSnapshot", |logic| {
            // Whoever asked may have gone.
            let _ = reply.send(logic.snapshot());
        })
    }

    pub(super) fn stop(&mut self) -> Turn {
        self.end(ExitReason::Stopped)
    }

    /// After a panic: a new struct after a delay, or the end.
    fn recover(&mut self, panic: String) -> Turn {
        self.drop_logic();
        let supervision = self.birth.supervision;
        if self.window_start.elapsed() > supervision.window {
            self.window_start = Instant::now();
            self.panics_in_window = 0;
        }
        self.panics_in_window += 1;
        if self.panics_in_window > supervision.restarts {
            tracing::error!(
                actor = L::NAME,
                panic,
                "actor panicked and is not restarted"
            );
            return self.end(ExitReason::Panicked(panic));
        }
        let delay = supervision.backoff.delay(self.panics_in_window - 1);
        tracing::error!(
            actor = L::NAME,
            panic,
            ?delay,
            "actor panicked and is restarted"
        );
        self.incarnation += 1;
        let pulse = self.birth.address.pulse();
        pulse.restarts.fetch_add(1, Ordering::Relaxed);
        if delay.is_zero() {
            return self.build(Some(panic));
        }
        Turn::Pauses { delay, panic }
    }

    fn end(&mut self, reason: ExitReason) -> Turn {
        self.drop_logic();
        if let Some(exits) = self.birth.exits.take() {
            // A parent that has ended does not care.
            let _ = exits.send(ChildExited {
                name: L::NAME,
                reason,
            });
        }
        Turn::Over
    }

    /// Logic that panicked may panic again while it is dropped.
    fn drop_logic(&mut self) {
        let logic = self.logic.take();
        if catch_unwind(AssertUnwindSafe(|| drop(logic))).is_err() {
            tracing::error!(actor = L::NAME, "actor panicked while it was dropped");
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text.clone()
    } else {
        "panic without a text".to_owned()
    }
}
