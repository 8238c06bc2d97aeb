//! Slots: how many tasks of one kind a worker has in hand at most.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
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
    /// Held by polls and by tasks.
    issued: AtomicUsize,
    /// Held by tasks.
    used: AtomicUsize,
    freed: Sender<SlotFreed>,
}

/// Numbers of slots at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotCounts {
    pub size: usize,
    /// Held by polls that wait for a task, and by tasks.
    pub issued: usize,
    /// Held by tasks.
    pub used: usize,
}

impl Slots {
    /// `freed` hears of every slot that comes back.
    pub(super) fn new(size: usize, freed: Sender<SlotFreed>) -> Self {
        Self {
            shared: Arc::new(Shared {
                size,
                issued: AtomicUsize::new(0),
                used: AtomicUsize::new(0),
                freed,
            }),
        }
    }

    pub(super) fn counts(&self) -> SlotCounts {
        SlotCounts {
            size: self.shared.size,
            issued: self.shared.issued.load(Ordering::Acquire),
            used: self.shared.used.load(Ordering::Acquire),
        }
    }

    pub(super) fn free(&self) -> usize {
        self.shared
            .size
            .saturating_sub(self.shared.issued.load(Ordering::Acquire))
    }

    pub(super) fn try_take(&self) -> Option<SlotPermit> {
        let size = self.shared.size;
        self.shared
            .issued
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |issued| {
                (issued < size).then_some(issued + 1)
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
            self.shared.used.fetch_add(1, Ordering::AcqRel);
        }
    }
}

impl Drop for SlotPermit {
    fn drop(&mut self) {
        if self.is_used {
            self.shared.used.fetch_sub(1, Ordering::AcqRel);
        }
        self.shared.issued.fetch_sub(1, Ordering::AcqRel);
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
        assert_eq!((slots.counts(), slots.free()), (counts(1, 1), 1));
        drop(first);
        assert_eq!((slots.counts(), slots.free()), (counts(0, 0), 2));
        assert_eq!(heard.drain(), [SlotFreed, SlotFreed]);
    }
}
