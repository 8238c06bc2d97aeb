//! Slots: how many tasks of one kind a worker has in hand at most.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::kit::Sender;

/// A slot has come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SlotFreed;

/// The slots of one kind of task.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    size: usize,
    /// Held by polls and by tasks in the low half, by tasks in the high half: one word, so that
    /// whoever reads both reads one moment.
    held: AtomicU64,
    freed: Sender<SlotFreed>,
}

const ISSUED: u64 = 1;
const USED: u64 = 1 << 32;

/// Numbers of slots at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotCounts {
    pub size: usize,
    /// Held by polls that wait for a task, and by tasks.
    pub issued: usize,
    /// Held by tasks.
    pub used: usize,
}

impl SlotCounts {
    pub fn free(&self) -> usize {
        self.size.saturating_sub(self.issued)
    }

    /// Polls that wait for a task.
    pub fn polling(&self) -> usize {
        self.issued - self.used
    }
}

impl Slots {
    /// `freed` hears of every slot that comes back.
    pub(super) fn new(size: usize, freed: Sender<SlotFreed>) -> Self {
        Self {
            shared: Arc::new(Shared {
                size,
                held: AtomicU64::new(0),
                freed,
            }),
        }
    }

    pub(super) fn counts(&self) -> SlotCounts {
        let held = self.shared.held.load(Ordering::Acquire);
        SlotCounts {
            size: self.shared.size,
            issued: (held % USED) as usize,
            used: (held / USED) as usize,
        }
    }

    pub(super) fn try_take(&self) -> Option<SlotPermit> {
        let size = self.shared.size as u64;
        self.shared
            .held
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |held| {
                (held % USED < size).then_some(held + ISSUED)
            })
            .ok()?;
        Some(SlotPermit {
            shared: self.shared.clone(),
            is_used: false,
        })
    }
}

/// One slot. It comes back when this is dropped, whatever the reason.
#[derive(Debug)]
pub(super) struct SlotPermit {
    shared: Arc<Shared>,
    is_used: bool,
}

impl SlotPermit {
    /// From now on a task holds the slot, and not only a poll.
    pub(super) fn mark_used(&mut self) {
        if !self.is_used {
            self.is_used = true;
            self.shared.held.fetch_add(USED, Ordering::AcqRel);
        }
    }
}

impl Drop for SlotPermit {
    fn drop(&mut self) {
        let held = if self.is_used { ISSUED + USED } else { ISSUED };
        self.shared.held.fetch_sub(held, Ordering::AcqRel);
        // After the poller has ended nobody fills slots any more.
        let _ = self.shared.freed.send(SlotFreed);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::inbox;

    use super::*;

    #[test]
    fn a_slot_always_comes_back_and_its_poller_hears_of_it() {
        let (freed, heard) = inbox();
        let slots = Slots::new(2, freed);
        let mut first = slots.try_take().expect("free");
        let second = slots.try_take().expect("free");
        assert!(slots.try_take().is_none());
        first.mark_used();
        first.mark_used();
        let counts = |issued, used| SlotCounts {
            size: 2,
            issued,
            used,
        };
        assert_eq!(slots.counts(), counts(2, 1));
        drop(second);
        assert_eq!((slots.counts(), slots.counts().free()), (counts(1, 1), 1));
        drop(first);
        assert_eq!((slots.counts(), slots.counts().free()), (counts(0, 0), 2));
        assert_eq!(heard.drain(), [SlotFreed, SlotFreed]);
    }
}
