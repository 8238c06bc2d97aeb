//! Keeps long polls open, one per free slot up to a limit, and hands on what they bring.
//!
//! A poll is a task of its own that holds its slot. It hands a polled task on before it reports
//! back here, so that a poller that dies holds none.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use crate::{
    connection::LONG_POLL,
    kit::{Actor, Alarm, Clock, Cradle, Handle, Mailbox, Sender, Spawner},
};

use super::{
    poll::{Assigned, PollEnd, PollSource, TaskKind, poll, request_of},
    poll_balance::QueueKind,
    poll_failures::{PollFailures, Verdict, WARN_AFTER},
    poll_scaling::{PollScale, PollScaling},
    poller_memory::{PollCounts, PollerMemory},
    rate_limit::RateLimit,
    shutdown::{POLL_END_LIMIT, ShutdownSignal},
    slots::{SlotFreed, SlotPermit, Slots},
};

/// A poll is over; its slot has gone to the task, or come back.
#[derive(Debug)]
pub(super) struct PollEnded {
    queue: QueueKind,
    end: PollEnd,
}

/// A poll that has asked a supplier has its slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct SlotGranted {
    queue: QueueKind,
    ask: u64,
}

/// Something to wait for is over: a backoff, or the pace of the rate limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resume;

/// Polls may begin: whoever takes their tasks is ready.
#[derive(Clone, Copy, Debug)]
pub(super) struct BeginPolling;

/// Begins no more polls. Open ones are dropped, or left to the server to end for a while.
#[derive(Clone, Copy, Debug)]
pub(super) struct StopPolling {
    pub server_ends_polls: bool,
}

/// Open polls have had their time.
#[derive(Clone, Copy, Debug)]
pub(super) struct DropPolls;

/// What a poller tells its worker.
#[derive(Clone, Debug)]
pub(super) enum PollerReport {
    /// No poll is open and none will be. All that was polled has been handed on.
    Stopped(TaskKind),
    /// Polls fail for good.
    Failed(TaskKind, Status),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PollerSnapshot {
    pub open: PollCounts,
    pub is_stopping: bool,
}

/// What a poller is made from.
pub(super) struct PollerConfig<S: PollSource> {
    pub source: Arc<S>,
    pub tasks: Sender<Assigned<S::Task>>,
    pub worker: Sender<PollerReport>,
    pub slots: Slots,
    pub rate_limit: Option<RateLimit>,
    /// None where the number of polls is fixed.
    pub scale: Option<PollScale>,
    pub server_suggests_polls: bool,
    pub shutdown: ShutdownSignal,
    pub spawner: Spawner,
}

impl<S: PollSource> Clone for PollerConfig<S> {
    fn clone(&self) -> Self {
        Self {
            source: self.source.clone(),
            tasks: self.tasks.clone(),
            worker: self.worker.clone(),
            slots: self.slots.clone(),
            rate_limit: self.rate_limit.clone(),
            scale: self.scale,
            server_suggests_polls: self.server_suggests_polls,
            shutdown: self.shutdown.clone(),
            spawner: self.spawner.clone(),
        }
    }
}

/// The senders by which a poller hears of its own polls and waits.
#[derive(Clone)]
pub(super) struct PollerSelf {
    pub ended: Sender<PollEnded>,
    pub granted: Sender<SlotGranted>,
    pub resume: Sender<Resume>,
    pub drop_polls: Sender<DropPolls>,
}

impl PollerSelf {
    pub(super) fn of<S: PollSource>(cradle: &Cradle<Poller<S>>) -> Self {
        Self {
            ended: cradle.me.sender(),
            granted: cradle.me.sender(),
            resume: cradle.me.sender(),
            drop_polls: cradle.me.sender(),
        }
    }
}

pub(super) struct Poller<S: PollSource> {
    config: PollerConfig<S>,
    me: PollerSelf,
    memory: Arc<PollerMemory>,
    clock: Clock,
    failures: PollFailures,
    /// Set while polls have to wait.
    pause: Option<Alarm>,
    drop_polls: Option<Alarm>,
    /// Polls that ask a supplier for their slots, and how to call them off.
    asks: HashMap<u64, (QueueKind, CancellationToken)>,
    last_ask: u64,
    /// Of the normal queue and of the sticky one, where they follow the server's suggestions.
    scaling: (Option<PollScaling>, Option<PollScaling>),
}

impl<S: PollSource> Actor for Poller<S> {
    const NAME: &'static str = S::NAME;
    /// Bounded by the slots: one message per poll or task that ends.
    const MAILBOX: Mailbox = Mailbox::lossless(1024);
    type Snapshot = PollerSnapshot;

    fn snapshot(&self) -> PollerSnapshot {
        PollerSnapshot {
            open: self.memory.open(),
            is_stopping: self.memory.is_stopping(),
        }
    }

    fn started(&mut self) {
        self.fill();
        self.report_if_stopped();
    }
}

impl<S: PollSource> Poller<S> {
    pub(super) fn new(config: PollerConfig<S>, me: PollerSelf, memory: Arc<PollerMemory>) -> Self {
        let clock = Clock::new(config.spawner.clone());
        let scaling = config.scale.map(|scale| {
            let scaling = PollScaling::new(scale, config.server_suggests_polls, clock.now());
            (scaling.clone(), scaling)
        });
        let (normal, sticky) = scaling.unzip();
        let has_sticky = memory.balance().has_sticky();
        let scaling = (normal, sticky.filter(|_| has_sticky));
        Self {
            config,
            me,
            memory,
            clock,
            failures: PollFailures::default(),
            pause: None,
            drop_polls: None,
            asks: HashMap::new(),
            last_ask: 0,
            scaling,
        }
    }

    /// Opens every poll that may be open now.
    fn fill(&mut self) {
        self.open_all();
        self.memory.show();
    }

    fn open_all(&mut self) {
        while self.pause.is_none() && self.memory.may_poll() {
            let Some(queue) = self.next_queue() else {
                return;
            };
            if let Some(limit) = &mut self.config.rate_limit
                && let Err(due) = limit.try_take(self.clock.now())
            {
                self.pause = Some(self.clock.at(due, self.me.resume.clone(), Resume));
                return;
            }
            let slots = &self.config.slots;
            if !slots.is_fixed() {
                self.ask(queue);
                continue;
            }
            let Some(permit) = slots.try_take() else {
                return;
            };
            self.open(queue, permit);
        }
    }

    /// The queue on which a poll may be opened now.
    fn next_queue(&self) -> Option<QueueKind> {
        let slots = &self.config.slots;
        let balance = self.memory.balance();
        if !slots.is_fixed() {
            // Polls wait for their slots themselves, those of one queue beside those of the other.
            return balance.next_to_ask();
        }
        let counts = slots.counts();
        if balance.open() > counts.polling() {
            // The slot of a poll that has ended may be free before its end is heard of here.
            // To share the slots out by numbers that old could leave a queue without a poll.
            return None;
        }
        balance.next(counts.free().unwrap_or_default())
    }

    fn open(&mut self, queue: QueueKind, permit: SlotPermit) {
        self.memory.balance().opened(queue);
        let (source, tasks) = (self.config.source.clone(), self.config.tasks.clone());
        let (ended, shutdown) = (self.me.ended.clone(), self.config.shutdown.clone());
        let patience = self.patience(queue);
        self.config.spawner.spawn(async move {
            let end = poll(&*source, (queue, patience), &tasks, permit, &shutdown).await;
            // The poller outlives its polls, unless the runtime is stopped.
            let _ = ended.send(PollEnded { queue, end });
        });
    }

    /// Opens a poll that asks a supplier for its slot first.
    fn ask(&mut self, queue: QueueKind) {
        self.memory.balance().asked(queue);
        self.last_ask += 1;
        let ask = self.last_ask;
        let unwanted = self.config.shutdown.reservations.child_token();
        self.asks.insert(ask, (queue, unwanted.clone()));
        let (source, tasks) = (self.config.source.clone(), self.config.tasks.clone());
        let (me, shutdown) = (self.me.clone(), self.config.shutdown.clone());
        let slots = self.config.slots.clone();
        let patience = self.patience(queue);
        self.config.spawner.spawn(async move {
            let permit = tokio::select! {
                biased;
                () = unwanted.cancelled() => None,
                permit = slots.reserve(request_of::<S>(queue)) => Some(permit),
            };
            let end = match permit {
                Some(permit) => {
                    let _ = me.granted.send(SlotGranted { queue, ask });
                    poll(&*source, (queue, patience), &tasks, permit, &shutdown).await
                }
                None => PollEnd::CalledOff { ask },
            };
            let _ = me.ended.send(PollEnded { queue, end });
        });
    }

    fn scaling(&mut self, queue: QueueKind) -> Option<&mut PollScaling> {
        match queue {
            QueueKind::Normal => self.scaling.0.as_mut(),
            QueueKind::Sticky => self.scaling.1.as_mut(),
        }
    }

    /// How long a poll may wait that begins now.
    fn patience(&mut self, queue: QueueKind) -> Duration {
        let now = self.clock.now();
        self.scaling(queue)
            .map_or(LONG_POLL, |scaling| scaling.patience(now))
    }

    fn rescale(&mut self, queue: QueueKind, change: impl FnOnce(&mut PollScaling)) {
        let memory = self.memory.clone();
        if let Some(scaling) = self.scaling(queue) {
            change(scaling);
            memory.balance().set_max(queue, scaling.target());
        }
    }

    /// Takes wishes back that could keep the other queue from its first slot.
    fn call_off(&mut self) {
        let Some(queue) = self.memory.balance().asks_too_much() else {
            return;
        };
        for (asking, unwanted) in self.asks.values() {
            if *asking == queue {
                unwanted.cancel();
            }
        }
    }

    fn handle_failure(&mut self, queue: QueueKind, status: Status) {
        if self.memory.is_stopping() {
            return;
        }
        let now = self.clock.now();
        let jitter = rand::random_range(0.8..1.2);
        let verdict = self.failures.failed(&status, now, jitter);
        let failing_for = self.failures.failing_for(now).unwrap_or_default();
        if failing_for >= WARN_AFTER {
            tracing::warn!(kind = %S::KIND, ?queue, %status, ?failing_for, "no poll has succeeded for long");
        } else {
            tracing::debug!(kind = %S::KIND, ?queue, %status, "a poll failed");
        }
        match verdict {
            Verdict::Retry(delay) => {
                self.pause = Some(self.clock.after(delay, self.me.resume.clone(), Resume));
            }
            Verdict::Fatal => {
                self.memory.stop();
                // The worker answers with `StopPolling`; when it is gone there is nobody to tell.
                let _ = self
                    .config
                    .worker
                    .send(PollerReport::Failed(S::KIND, status));
            }
        }
    }

    fn report_if_stopped(&self) {
        if self.memory.is_stopping() && self.memory.balance().open() == 0 {
            let _ = self.config.worker.send(PollerReport::Stopped(S::KIND));
        }
    }
}

impl<S: PollSource> Handle<BeginPolling> for Poller<S> {
    fn handle(&mut self, BeginPolling: BeginPolling) {
        self.memory.begin();
        self.fill();
    }
}

impl<S: PollSource> Handle<PollEnded> for Poller<S> {
    fn handle(&mut self, PollEnded { queue, end }: PollEnded) {
        if let PollEnd::CalledOff { ask } = end {
            self.asks.remove(&ask);
            self.memory.balance().called_off(queue);
        } else {
            self.memory.balance().ended(queue);
        }
        match end {
            PollEnd::HandedOn {
                backlog,
                suggestion,
            } => {
                self.failures.succeeded();
                let now = self.clock.now();
                self.rescale(queue, |scaling| scaling.task_came(suggestion, now));
                if queue == QueueKind::Sticky {
                    self.memory.balance().set_sticky_backlog(backlog);
                }
            }
            PollEnd::Empty => {
                self.failures.succeeded();
                self.rescale(queue, PollScaling::came_back_empty);
                if let Some(limit) = &mut self.config.rate_limit {
                    limit.give_back(self.clock.now());
                }
                if queue == QueueKind::Sticky {
                    self.memory.balance().set_sticky_backlog(0);
                }
            }
            PollEnd::Failed(status) => {
                if status.code() == Code::ResourceExhausted {
                    self.rescale(queue, PollScaling::was_refused);
                }
                self.handle_failure(queue, status);
            }
            PollEnd::CalledOff { .. } => {
                if let Some(limit) = &mut self.config.rate_limit {
                    limit.give_back(self.clock.now());
                }
            }
            PollEnd::Dropped => {}
        }
        self.call_off();
        self.fill();
        self.report_if_stopped();
    }
}

impl<S: PollSource> Handle<SlotGranted> for Poller<S> {
    fn handle(&mut self, SlotGranted { queue, ask }: SlotGranted) {
        self.asks.remove(&ask);
        self.memory.balance().granted(queue);
        self.call_off();
        self.fill();
    }
}

impl<S: PollSource> Handle<SlotFreed> for Poller<S> {
    fn handle(&mut self, SlotFreed: SlotFreed) {
        self.fill();
    }
}

impl<S: PollSource> Handle<Resume> for Poller<S> {
    fn handle(&mut self, Resume: Resume) {
        self.pause = None;
        self.fill();
    }
}

impl<S: PollSource> Handle<StopPolling> for Poller<S> {
    fn handle(&mut self, stop: StopPolling) {
        self.memory.stop();
        self.pause = None;
        for (_, unwanted) in self.asks.values() {
            unwanted.cancel();
        }
        if stop.server_ends_polls {
            let me = self.me.drop_polls.clone();
            self.drop_polls = Some(self.clock.after(POLL_END_LIMIT, me, DropPolls));
        } else {
            self.config.shutdown.polls.cancel();
        }
        self.report_if_stopped();
    }
}

impl<S: PollSource> Handle<DropPolls> for Poller<S> {
    fn handle(&mut self, DropPolls: DropPolls) {
        self.config.shutdown.polls.cancel();
    }
}
