//! What happens when an actor's logic panics, and the list of a parent's children.
//!
//! The factory builds a *new* struct; nothing of the old one is kept but what the factory itself
//! holds. The mailbox outlives the logic, so no message is lost but the one that panicked.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use super::Sender;

/// Why an actor ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitReason {
    /// Its work was done.
    Finished,
    /// Its parent told it to stop.
    Stopped,
    /// It panicked more often than its supervision allows; the text is the last panic's.
    Panicked(String),
}

/// Sent to the parent when a child has ended for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildExited {
    pub name: &'static str,
    pub reason: ExitReason,
}

/// Delays that double up to a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    pub first: Duration,
    pub max: Duration,
}

impl Backoff {
    /// The delay before try number `attempt`, where 0 is the first one to be delayed.
    pub fn delay(&self, attempt: u32) -> Duration {
        self.first
            .saturating_mul(1u32.checked_shl(attempt.min(31)).unwrap_or(u32::MAX))
            .min(self.max)
    }
}

/// How often an actor may be rebuilt after a panic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Supervision {
    /// More panics than this within `window` end the actor.
    pub restarts: u32,
    pub window: Duration,
    pub backoff: Backoff,
}

impl Supervision {
    /// The first panic ends the actor.
    pub const NEVER: Self = Self {
        restarts: 0,
        window: Duration::ZERO,
        backoff: Backoff {
            first: Duration::ZERO,
            max: Duration::ZERO,
        },
    };

    /// For actors that a worker cannot do without.
    pub const RESTART: Self = Self {
        restarts: 10,
        window: Duration::from_secs(60),
        backoff: Backoff {
            first: Duration::from_millis(50),
            max: Duration::from_secs(5),
        },
    };
}

/// Shared between an adapter and whoever looks at its health.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    pub(super) dead: AtomicBool,
    pub(super) restarts: AtomicU32,
    /// Messages put into the mailbox.
    pub(super) sent: AtomicU64,
    /// Messages that the logic was given.
    pub(super) handled: AtomicU64,
}

/// One line of a parent's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildHealth {
    pub name: &'static str,
    pub alive: bool,
    pub restarts: u32,
    /// Messages it was given.
    pub handled: u64,
    /// Messages in its mailbox.
    pub waiting: u64,
}

struct Child {
    name: &'static str,
    pulse: Arc<Pulse>,
    stop: Sender<()>,
}

/// Looks at the health of children from outside; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    pulses: Vec<(&'static str, Arc<Pulse>)>,
}

impl Watch {
    pub fn health(&self) -> Vec<ChildHealth> {
        self.pulses
            .iter()
            .map(|(name, pulse)| {
                // In this order: what is handled meanwhile must not count as handled and not as sent.
                let handled = pulse.handled.load(Ordering::Acquire);
                let sent = pulse.sent.load(Ordering::Acquire);
                ChildHealth {
                    name,
                    alive: !pulse.dead.load(Ordering::Acquire),
                    restarts: pulse.restarts.load(Ordering::Relaxed),
                    handled,
                    waiting: sent.saturating_sub(handled),
                }
            })
            .collect()
    }
}

/// A parent's one list of children, for health and for shutdown.
#[derive(Default)]
pub struct Children {
    children: Vec<Child>,
}

impl Children {
    pub(super) fn push(&mut self, name: &'static str, pulse: Arc<Pulse>, stop: Sender<()>) {
        self.children.push(Child { name, pulse, stop });
    }

    pub fn watch(&self) -> Watch {
        Watch {
            pulses: self
                .children
                .iter()
                .map(|child| (child.name, child.pulse.clone()))
                .collect(),
        }
    }

    /// Tells every child to stop, the last one added first.
    pub fn stop_all(&mut self) {
        for child in self.children.drain(..).rev() {
            // A child that is gone already has nothing to stop.
            let _ = child.stop.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_up_to_its_limit() {
        let backoff = Backoff {
            first: Duration::from_millis(200),
            max: Duration::from_secs(10),
        };
        let delays: Vec<_> = [0, 1, 2, 5, 6, 40]
            .map(|attempt| backoff.delay(attempt).as_millis())
            .into();
        assert_eq!(delays, [200, 400, 800, 6400, 10_000, 10_000]);
    }
}
