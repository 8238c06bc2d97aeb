//! Runs the local activities of a worker's workflows: attempts, retries and timeouts, in memory.
//!
//! An activity is queued until a slot is free, runs, and is tried again after its backoff; its run
//! hears only of the end. What its run wants to hear no more of is asked to stop, and holds its slot
//! until user code has ended or its timeout is over.
//!
//! After a panic nothing of it comes back: the worker ends, and the activities run again where
//! their workflows go on.

use std::{
    collections::{HashMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    host::{ActivityHost, ActivityOutcome},
    kit::{Actor, Alarm, Clock, Deadlines, Handle, Mailbox, Sender, Spawner},
    protos::failure::v1::Failure,
    telemetry::WorkerMetrics,
    workflow::{RunId, RunInput, StartLocalActivities},
};

use super::{
    activity_executor::{CompleteActivity, GraceElapsed},
    local_attempt::{
        AfterFailure, AttemptId, LocalActivity, LocalKey, LocalOutcome, Phase, final_failure,
        timed_out,
    },
    local_stops::{AbandonLocalActivities, LocalActivitiesDrained, TIMED_OUT},
    measured_attempt::MeasuredAttempt,
    slots::{SlotCounts, SlotInfo, SlotKind, SlotPermit, SlotRequest, Slots},
};

/// A run wants local activities to be run.
pub(super) struct RunLocalActivities {
    pub run_id: RunId,
    pub start: StartLocalActivities,
    pub reply: Sender<RunInput>,
}

/// A timeout or a backoff may be over.
#[derive(Clone, Copy, Debug)]
pub(super) struct CheckLocalActivities;

/// A supplier has given a slot.
pub(super) struct LocalSlotReserved(SlotPermit);

const REQUEST: SlotRequest = SlotRequest {
    kind: SlotKind::LocalActivity,
    is_sticky: false,
};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalActivitiesSnapshot {
    pub slots: SlotCounts,
    pub queued: usize,
    pub running: usize,
    pub backing_off: usize,
}

#[derive(Clone)]
pub(super) struct LocalActivityExecutorConfig {
    pub namespace: String,
    pub slots: Slots,
    pub host: Arc<dyn ActivityHost>,
    pub clock: Clock,
    pub spawner: Spawner,
    pub grace: Duration,
    pub worker: Sender<LocalActivitiesDrained>,
    pub check: Sender<CheckLocalActivities>,
    pub grace_elapsed: Sender<GraceElapsed>,
    pub abandon: Sender<AbandonLocalActivities>,
    pub reserved: Sender<LocalSlotReserved>,
    /// Hears of every change; for those who look from outside.
    pub watch: Sender<LocalActivitiesSnapshot>,
    pub metrics: WorkerMetrics,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Working,
    /// The grace period is over: nothing is started any more.
    Stopping,
    /// Even what still runs is given up.
    Abandoning,
}

pub(super) struct LocalActivityExecutor {
    pub(super) config: LocalActivityExecutorConfig,
    pub(super) activities: HashMap<LocalKey, LocalActivity>,
    queue: VecDeque<LocalKey>,
    running: HashMap<AttemptId, LocalKey>,
    /// Set while a supplier is asked for a slot; dropping it takes the wish back.
    asking: Option<DropGuard>,
    /// Slots that a supplier has given.
    reserved: Vec<SlotPermit>,
    deadlines: Deadlines<LocalKey>,
    alarm: Option<Alarm>,
    last_attempt: AttemptId,
    pub(super) life: Life,
    pub(super) shutdown_alarm: Option<Alarm>,
    pub(super) draining: bool,
}

impl Actor for LocalActivityExecutor {
    const NAME: &'static str = "local activity executor";
    /// Bounded by what workflow tasks in progress schedule: a few messages per local activity.
    const MAILBOX: Mailbox = Mailbox::lossless(16 * 1024);
    type Snapshot = LocalActivitiesSnapshot;

    fn snapshot(&self) -> LocalActivitiesSnapshot {
        let running = self.running.len();
        let queued = self.queue.len();
        LocalActivitiesSnapshot {
            slots: self.config.slots.counts(),
            queued,
            running,
            backing_off: self.activities.len().saturating_sub(running + queued),
        }
    }
}

impl LocalActivityExecutor {
    pub(super) fn new(config: LocalActivityExecutorConfig) -> Self {
        Self {
            config,
            activities: HashMap::new(),
            queue: VecDeque::new(),
            running: HashMap::new(),
            asking: None,
            reserved: Vec::new(),
            deadlines: Deadlines::default(),
            alarm: None,
            last_attempt: AttemptId::default(),
            life: Life::Working,
            shutdown_alarm: None,
            draining: false,
        }
    }

    /// Moves an activity to its next phase, and its deadline with it.
    pub(super) fn enter(&mut self, key: &LocalKey, phase: Phase) {
        let Some(activity) = self.activities.get_mut(key) else {
            return;
        };
        if let Phase::Running { attempt, .. } = activity.phase {
            self.running.remove(&attempt);
        }
        if let Some(deadline) = activity.deadline.take() {
            self.deadlines.remove(deadline, key.clone());
        }
        if !matches!(phase, Phase::Running { .. }) {
            activity.permit = None;
        }
        activity.phase = phase;
        match phase {
            Phase::Queued => self.queue.push_back(key.clone()),
            Phase::Running { attempt, .. } => {
                self.running.insert(attempt, key.clone());
            }
            Phase::BacksOff { .. } => {}
        }
        activity.deadline = activity.next_deadline();
        if let Some(deadline) = activity.deadline {
            self.deadlines.insert(deadline, key.clone());
        }
    }

    pub(super) fn remove(&mut self, key: &LocalKey) -> Option<LocalActivity> {
        let activity = self.activities.remove(key)?;
        match activity.phase {
            Phase::Queued => self.queue.retain(|queued| queued != key),
            Phase::Running { attempt, .. } => {
                self.running.remove(&attempt);
            }
            Phase::BacksOff { .. } => {}
        }
        if let Some(deadline) = activity.deadline {
            self.deadlines.remove(deadline, key.clone());
        }
        Some(activity)
    }

    /// Starts what waits while slots are free.
    fn serve_queue(&mut self) {
        while !self.queue.is_empty() {
            let Some(permit) = self.next_slot() else {
                break;
            };
            if let Some(key) = self.queue.pop_front() {
                self.start(&key, permit);
            }
        }
        if self.queue.is_empty() {
            // Nobody wants those any more.
            self.asking = None;
            self.reserved.clear();
        }
    }

    fn next_slot(&mut self) -> Option<SlotPermit> {
        if self.config.slots.is_fixed() {
            return self.config.slots.try_take();
        }
        if self.reserved.is_empty() && self.asking.is_none() {
            self.ask_for_slot();
        }
        self.reserved.pop()
    }

    fn ask_for_slot(&mut self) {
        let token = CancellationToken::new();
        self.asking = Some(token.clone().drop_guard());
        let (slots, reserved) = (self.config.slots.clone(), self.config.reserved.clone());
        self.config.spawner.spawn(async move {
            let permit = tokio::select! {
                biased;
                () = token.cancelled() => return,
                permit = slots.reserve(REQUEST) => permit,
            };
            // An executor that has ended starts nothing.
            let _ = reserved.send(LocalSlotReserved(permit));
        });
    }

    fn start(&mut self, key: &LocalKey, mut permit: SlotPermit) {
        let now = self.config.clock.now();
        let Some(activity) = self.activities.get_mut(key) else {
            return;
        };
        if activity.timeout(now).is_some() {
            // Its deadline is due, and is dealt with there.
            self.queue.push_front(key.clone());
            return self.time_out(key);
        }
        permit.mark_used(|| SlotInfo::LocalActivity {
            activity_type: activity.activity_type().to_owned(),
        });
        activity.permit = Some(permit);
        let attempt = self.last_attempt.next();
        let task = activity.task(&key.run_id, &self.config.namespace, attempt);
        activity.measured = MeasuredAttempt::of(&task, &self.config.metrics, now);
        self.enter(
            key,
            Phase::Running {
                attempt,
                since: now,
            },
        );
        let host = &self.config.host;
        if catch_unwind(AssertUnwindSafe(|| host.start(task))).is_err() {
            let failure =
                final_failure("ActivityStartPanicked", "the activity could not be started");
            self.end(key, Err(Box::new(failure)), None);
        }
    }

    /// The activity is over for its run.
    fn end(&mut self, key: &LocalKey, outcome: LocalOutcome, backoff: Option<Duration>) {
        let now = self.config.clock.now();
        let Some(activity) = self.remove(key) else {
            return;
        };
        let ended = activity.ended(key.sequence, outcome, backoff, now);
        tell(&activity, RunInput::LocalActivitiesEnded(vec![ended]));
    }

    /// An attempt has failed, or was found to be over.
    fn fail(&mut self, key: &LocalKey, failure: Failure) {
        let now = self.config.clock.now();
        let Some(activity) = self.activities.get_mut(key) else {
            return;
        };
        match activity.after_failure(&failure, now) {
            AfterFailure::GiveUp => self.end(key, Err(Box::new(failure)), None),
            AfterFailure::BackOff(delay) => self.end(key, Err(Box::new(failure)), Some(delay)),
            AfterFailure::RetryAt(until) if self.life == Life::Working => {
                activity.attempt += 1;
                self.enter(key, Phase::BacksOff { until });
            }
            AfterFailure::RetryAt(_) => self.give_back(key),
        }
    }

    /// It will be run by whoever goes on with its workflow.
    pub(super) fn give_back(&mut self, key: &LocalKey) {
        if let Some(activity) = self.remove(key) {
            tell(&activity, RunInput::LocalActivitiesStopped);
        }
    }

    fn time_out(&mut self, key: &LocalKey) {
        let now = self.config.clock.now();
        let Some(activity) = self.activities.get_mut(key) else {
            return;
        };
        let Some(kind) = activity.timeout(now) else {
            return self.enter(key, Phase::Queued);
        };
        if let Some(measured) = activity.measured.take() {
            measured.timed_out(now);
        }
        if let Phase::Running { attempt, .. } = activity.phase {
            self.ask_to_stop(attempt, TIMED_OUT);
        }
        self.fail(key, timed_out(kind));
    }

    fn finish(&mut self, key: &LocalKey, outcome: ActivityOutcome) {
        let now = self.config.clock.now();
        let Some(activity) = self.activities.get_mut(key) else {
            return;
        };
        if let Some(measured) = activity.measured.take() {
            measured.ended(&outcome, now);
        }
        let wanted = activity.cancel_requested;
        match outcome {
            ActivityOutcome::Completed(result) => self.end(key, Ok(result), None),
            ActivityOutcome::Failed(failure) => self.fail(key, *failure),
            // The shutdown has cancelled it, not the workflow.
            ActivityOutcome::Cancelled(_) if self.life != Life::Working && !wanted => {
                self.give_back(key);
            }
            ActivityOutcome::Cancelled(failure) => self.end(key, Err(failure), None),
            ActivityOutcome::CompletesLater => {
                let failure = final_failure(
                    "LocalActivityCompletesLater",
                    "a local activity cannot be completed from outside",
                );
                self.end(key, Err(Box::new(failure)), None);
            }
        }
    }

    /// One alarm serves all deadlines. It may go off early.
    fn arm(&mut self) {
        let Some(due) = self.deadlines.earliest() else {
            self.alarm = None;
            return;
        };
        if self.alarm.as_ref().is_none_or(|alarm| alarm.due() > due) {
            let check = self.config.check.clone();
            self.alarm = Some(self.config.clock.at(due, check, CheckLocalActivities));
        }
    }

    /// Comes after every message.
    pub(super) fn settle(&mut self) {
        self.serve_queue();
        self.arm();
        let _ = self.config.watch.send(self.snapshot());
        if self.draining && self.activities.is_empty() {
            let _ = self.config.worker.send(LocalActivitiesDrained);
        }
    }
}

/// A run that is gone does not want to know.
pub(super) fn tell(activity: &LocalActivity, input: RunInput) {
    if let Some(reply) = &activity.reply {
        let _ = reply.send(input);
    }
}

impl Handle<RunLocalActivities> for LocalActivityExecutor {
    fn handle(&mut self, run: RunLocalActivities) {
        if self.life != Life::Working {
            // The run may have ended meanwhile.
            let _ = run.reply.send(RunInput::LocalActivitiesStopped);
            return;
        }
        let now = self.config.clock.now();
        let StartLocalActivities {
            workflow_id,
            workflow_type,
            activities,
        } = run.start;
        for schedule in activities {
            let key = LocalKey::new(&run.run_id, schedule.sequence);
            let (id, kind) = (workflow_id.clone(), workflow_type.clone());
            let activity = LocalActivity::new(schedule, id, kind, run.reply.clone(), now);
            self.activities.insert(key.clone(), activity);
            self.enter(&key, Phase::Queued);
        }
        self.settle();
    }
}

impl Handle<LocalSlotReserved> for LocalActivityExecutor {
    fn handle(&mut self, LocalSlotReserved(permit): LocalSlotReserved) {
        self.asking = None;
        self.reserved.push(permit);
        self.settle();
    }
}

impl Handle<CompleteActivity> for LocalActivityExecutor {
    fn handle(&mut self, complete: CompleteActivity) {
        let key = AttemptId::of(&complete.task_token)
            .and_then(|attempt| self.running.get(&attempt).cloned());
        match key {
            Some(key) => self.finish(&key, complete.outcome),
            None => tracing::debug!("a local activity ended after it was given up"),
        }
        self.settle();
    }
}

impl Handle<CheckLocalActivities> for LocalActivityExecutor {
    fn handle(&mut self, CheckLocalActivities: CheckLocalActivities) {
        self.alarm = None;
        while let Some(key) = self.deadlines.pop_due(self.config.clock.now()) {
            if let Some(activity) = self.activities.get_mut(&key) {
                activity.deadline = None;
            }
            self.time_out(&key);
        }
        self.settle();
    }
}
