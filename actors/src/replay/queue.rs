//! Which replay goes first. Two histories of one run never meet: workflow code and its lane know a
//! run by its id.

use std::collections::{HashSet, VecDeque};

use crate::{
    kit::{Actor, Handle, Mailbox, Sender},
    workflow::RunId,
};

use super::order::ReplayOrder;

/// A replay has left workflow code.
pub(super) struct ReplayEnded {
    pub(super) run_id: RunId,
}

/// Starts the actor of a replay, which sends [`ReplayEnded`] whatever happens.
pub(super) type StartReplay = Box<dyn Fn(ReplayOrder, Sender<ReplayEnded>) + Send>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReplayQueueSnapshot {
    pub(super) in_flight: usize,
    pub(super) waiting: usize,
}

pub(super) struct ReplayQueue {
    limit: usize,
    start: StartReplay,
    ended: Sender<ReplayEnded>,
    in_flight: HashSet<RunId>,
    waiting: VecDeque<ReplayOrder>,
}

impl Actor for ReplayQueue {
    const NAME: &'static str = "replay queue";
    /// Whoever asks for a replay waits for it, so there are not many.
    const MAILBOX: Mailbox = Mailbox::lossless(128);
    type Snapshot = ReplayQueueSnapshot;

    fn snapshot(&self) -> ReplayQueueSnapshot {
        ReplayQueueSnapshot {
            in_flight: self.in_flight.len(),
            waiting: self.waiting.len(),
        }
    }
}

impl ReplayQueue {
    pub(super) fn new(limit: usize, start: StartReplay, ended: Sender<ReplayEnded>) -> Self {
        Self {
            limit,
            start,
            ended,
            in_flight: HashSet::new(),
            waiting: VecDeque::new(),
        }
    }

    fn start_ready(&mut self) {
        self.waiting.retain(|order| !order.reply.is_closed());
        while self.in_flight.len() < self.limit {
            let next = self
                .waiting
                .iter()
                .position(|order| !self.in_flight.contains(&order.plan.run_id));
            let Some(order) = next.and_then(|index| self.waiting.remove(index)) else {
                return;
            };
            self.in_flight.insert(order.plan.run_id.clone());
            (self.start)(order, self.ended.clone());
        }
    }
}

impl Handle<ReplayOrder> for ReplayQueue {
    fn handle(&mut self, order: ReplayOrder) {
        self.waiting.push_back(order);
        self.start_ready();
    }
}

impl Handle<ReplayEnded> for ReplayQueue {
    fn handle(&mut self, ended: ReplayEnded) {
        self.in_flight.remove(&ended.run_id);
        self.start_ready();
    }
}
