//! Which queue the next workflow poll goes to.
//!
//! Invariant: whenever a slot is free, neither queue is kept waiting by polls or tasks of the other:
//! each has an open poll, or the next free slot is its own.

/// A worker's queues for workflow tasks; activities have only the normal one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum QueueKind {
    /// Tasks for any worker of the task queue.
    Normal,
    /// Tasks of the runs that this worker keeps live.
    Sticky,
}

/// Counts of open polls, and their limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PollBalance {
    normal: Polls,
    sticky: Polls,
    sticky_backlog: bool,
    last: QueueKind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Polls {
    max: usize,
    /// With a slot, or waiting for one.
    open: usize,
    /// With a slot.
    granted: usize,
}

impl PollBalance {
    pub(super) fn normal_only(max: usize) -> Self {
        Self {
            normal: Polls {
                max: max.max(1),
                ..Polls::default()
            },
            sticky: Polls::default(),
            sticky_backlog: false,
            last: QueueKind::Sticky,
        }
    }

    /// `normal_share` of the polls go to the normal queue, at least one to each.
    pub(super) fn with_sticky(max: usize, normal_share: f32) -> Self {
        let wanted = (max as f32 * normal_share.clamp(0.0, 1.0)).floor() as usize;
        let normal = wanted.clamp(1, max.saturating_sub(1).max(1));
        let mut balance = Self::normal_only(normal);
        balance.sticky.max = max.saturating_sub(normal).max(1);
        balance
    }

    /// As many to each queue as [`PollBalance::set_max`] says later.
    pub(super) fn scaled(initial: usize, has_sticky: bool) -> Self {
        let mut balance = Self::normal_only(initial);
        if has_sticky {
            balance.sticky.max = initial.max(1);
        }
        balance
    }

    pub(super) fn has_sticky(&self) -> bool {
        self.sticky.max > 0
    }

    /// Sets how many polls of a queue are open at most. Those that are open stay.
    pub(super) fn set_max(&mut self, queue: QueueKind, max: usize) {
        self.polls(queue).max = max.max(1);
    }

    /// The queue that should get the next poll, given the number of free slots.
    pub(super) fn next(&self, free_slots: usize) -> Option<QueueKind> {
        if free_slots == 0 {
            return None;
        }
        let normal = self.may_open(self.normal, self.sticky, free_slots);
        let sticky = self.may_open(self.sticky, self.normal, free_slots);
        match (normal, sticky) {
            (false, false) => None,
            (true, false) => Some(QueueKind::Normal),
            (false, true) => Some(QueueKind::Sticky),
            (true, true) => Some(self.preferred(free_slots)),
        }
    }

    /// The queue that should get the next poll where each poll asks a supplier for its slot. Nobody
    /// knows how many there are: a queue asks for more only while the other has a poll with a slot.
    pub(super) fn next_to_ask(&self) -> Option<QueueKind> {
        let may_ask = |this: Polls, other: Polls| {
            this.open < this.max && (other.max == 0 || other.granted > 0 || this.open == 0)
        };
        match (
            may_ask(self.normal, self.sticky),
            may_ask(self.sticky, self.normal),
        ) {
            (false, false) => None,
            (true, false) => Some(QueueKind::Normal),
            (false, true) => Some(QueueKind::Sticky),
            (true, true) => Some(self.preferred(usize::MAX)),
        }
    }

    /// The queue that should take its wishes back, because the other one has no poll with a slot.
    pub(super) fn asks_too_much(&self) -> Option<QueueKind> {
        let starves = |this: Polls, other: Polls| {
            other.max > 0 && other.granted == 0 && this.granted > 0 && this.open > this.granted
        };
        if starves(self.sticky, self.normal) {
            return Some(QueueKind::Sticky);
        }
        starves(self.normal, self.sticky).then_some(QueueKind::Normal)
    }

    /// The last free slot belongs to the other queue while that has no poll open.
    fn may_open(&self, this: Polls, other: Polls, free_slots: usize) -> bool {
        let other_is_starved = other.max > 0 && other.open == 0;
        this.open < this.max && (free_slots > 1 || !other_is_starved || this.open == 0)
    }

    fn preferred(&self, free_slots: usize) -> QueueKind {
        let both_starved = self.normal.open == 0 && self.sticky.open == 0;
        if both_starved && free_slots == 1 {
            // One slot for two queues: they take turns.
            return match self.last {
                QueueKind::Normal => QueueKind::Sticky,
                QueueKind::Sticky => QueueKind::Normal,
            };
        }
        if self.sticky.open == 0 {
            QueueKind::Sticky
        } else if self.normal.open == 0 {
            QueueKind::Normal
        } else if self.sticky_backlog || self.sticky.is_emptier_than(self.normal) {
            QueueKind::Sticky
        } else {
            QueueKind::Normal
        }
    }

    /// A poll has its slot.
    pub(super) fn opened(&mut self, queue: QueueKind) {
        self.asked(queue);
        self.granted(queue);
    }

    /// A poll asks for a slot.
    pub(super) fn asked(&mut self, queue: QueueKind) {
        self.last = queue;
        self.polls(queue).open += 1;
    }

    /// A poll that has asked has its slot.
    pub(super) fn granted(&mut self, queue: QueueKind) {
        self.polls(queue).granted += 1;
    }

    pub(super) fn ended(&mut self, queue: QueueKind) {
        let polls = self.polls(queue);
        polls.open = polls.open.saturating_sub(1);
        polls.granted = polls.granted.saturating_sub(1);
    }

    /// A poll has got no slot.
    pub(super) fn called_off(&mut self, queue: QueueKind) {
        let polls = self.polls(queue);
        polls.open = polls.open.saturating_sub(1);
    }

    /// What the server said about tasks still waiting on the sticky queue.
    pub(super) fn set_sticky_backlog(&mut self, count: i64) {
        self.sticky_backlog = count > 0;
    }

    pub(super) fn open(&self) -> usize {
        self.normal.open + self.sticky.open
    }

    pub(super) fn open_on(&self, queue: QueueKind) -> usize {
        match queue {
            QueueKind::Normal => self.normal.open,
            QueueKind::Sticky => self.sticky.open,
        }
    }

    fn polls(&mut self, queue: QueueKind) -> &mut Polls {
        match queue {
            QueueKind::Normal => &mut self.normal,
            QueueKind::Sticky => &mut self.sticky,
        }
    }
}

impl Polls {
    /// Compares the shares of their limits that are open.
    fn is_emptier_than(self, other: Self) -> bool {
        self.open * other.max <= other.open * self.max
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Where nobody knows the number of slots, one queue never waits behind many wishes of the other.
    #[test]
    fn a_queue_without_a_slot_goes_first() {
        use QueueKind::{Normal, Sticky};
        let mut balance = PollBalance::with_sticky(5, 0.2);
        let first = balance.next_to_ask().expect("none has asked");
        balance.asked(first);
        let second = balance.next_to_ask().expect("the other one");
        assert_ne!(first, second);
        balance.asked(second);
        assert_eq!(balance.next_to_ask(), None, "no slot was given yet");
        balance.granted(Sticky);
        assert_eq!(
            (balance.next_to_ask(), balance.asks_too_much()),
            (None, None)
        );
        balance.granted(Normal);
        assert_eq!(balance.next_to_ask(), Some(Sticky));
        balance.asked(Sticky);
        balance.asked(Sticky);
        assert_eq!(balance.asks_too_much(), None);
        balance.ended(Normal);
        assert_eq!(balance.next_to_ask(), Some(Normal));
        balance.asked(Normal);
        assert_eq!(balance.asks_too_much(), Some(Sticky));
        balance.called_off(Sticky);
        balance.called_off(Sticky);
        assert_eq!(
            (balance.next_to_ask(), balance.asks_too_much()),
            (None, None)
        );
    }

    fn open_all(balance: &mut PollBalance, mut free: usize) -> (usize, usize) {
        while let Some(queue) = balance.next(free) {
            balance.opened(queue);
            free -= 1;
        }
        (
            balance.open_on(QueueKind::Normal),
            balance.open_on(QueueKind::Sticky),
        )
    }

    #[test]
    fn shares_polls_by_the_ratio_and_gives_each_queue_one() {
        // (polls, share of the normal queue, free slots) and (normal, sticky) polls opened
        let table = [
            ((5, 0.2, 100), (1, 4)),
            ((10, 0.5, 100), (5, 5)),
            ((5, 0.0, 100), (1, 4)),
            ((5, 1.0, 100), (4, 1)),
            ((1, 0.2, 100), (1, 1)),
            ((5, 0.2, 2), (1, 1)),
            ((5, 0.2, 3), (1, 2)),
        ];
        for ((max, share, free), expected) in table {
            let mut balance = PollBalance::with_sticky(max, share);
            assert_eq!(
                open_all(&mut balance, free),
                expected,
                "{max} {share} {free}"
            );
        }
        assert_eq!(open_all(&mut PollBalance::normal_only(5), 3), (3, 0));
    }

    #[test]
    fn a_single_slot_serves_both_queues_in_turn() {
        let mut balance = PollBalance::with_sticky(5, 0.2);
        let mut turns = Vec::new();
        for _ in 0..4 {
            let queue = balance.next(1).expect("a slot is free");
            balance.opened(queue);
            assert_eq!(balance.next(0), None);
            balance.ended(queue);
            turns.push(queue);
        }
        use QueueKind::{Normal, Sticky};
        assert_eq!(turns, [Normal, Sticky, Normal, Sticky]);
    }

    #[test]
    fn a_sticky_backlog_draws_polls_but_not_the_last_slot() {
        let mut balance = PollBalance::with_sticky(10, 0.5);
        balance.set_sticky_backlog(100);
        assert_eq!(open_all(&mut balance, 4), (1, 3));
    }

    proptest! {
        /// Slots are taken by polls, stay taken by tasks for a while and come back in any order.
        #[test]
        fn no_queue_is_starved(
            slots in 2usize..12,
            max in 1usize..12,
            share in 0.0f32..=1.0,
            steps in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 1..200),
        ) {
            let mut balance = PollBalance::with_sticky(max, share);
            let mut tasks = 0usize;
            for (sticky_got_task, normal_got_task, task_ends) in steps {
                while let Some(queue) = balance.next(slots - tasks - balance.open()) {
                    balance.opened(queue);
                }
                prop_assert!(balance.open() + tasks <= slots);
                if slots > tasks + balance.open() {
                    prop_assert!(balance.open_on(QueueKind::Normal) >= 1);
                    prop_assert!(balance.open_on(QueueKind::Sticky) >= 1);
                }
                let arrivals = [(QueueKind::Sticky, sticky_got_task), (QueueKind::Normal, normal_got_task)];
                for (queue, arrived) in arrivals {
                    if arrived && balance.open_on(queue) > 0 {
                        balance.ended(queue);
                        tasks += 1;
                    }
                }
                if task_ends {
                    tasks = tasks.saturating_sub(1);
                }
            }
        }
    }
}
