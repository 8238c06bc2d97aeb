//! Activities in flight: started in user code, cancelled, reported to the server.
//!
//! Invariant: an activity holds its slot, and counts as in flight, until the call that reports its
//! end has been answered.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use tonic::Status;

use crate::{
    host::{ActivityCancel, ActivityHost, ActivityOutcome},
    kit::{Actor, Alarm, Clock, Handle, Mailbox, Sender},
    protos::{common::v1::Payloads, workflowservice::v1::PollActivityTaskQueueResponse},
    telemetry::WorkerMetrics,
};

use super::{
    activity_reports::{self, application_failure},
    activity_task::activity_task,
    calls::{Calls, is_not_found},
    heartbeat::{CancelActivity, FinishHeartbeats, HeartbeatsFinished, TrackHeartbeats},
    measured_attempt::MeasuredAttempt,
    poll::Assigned,
    slots::SlotPermit,
};

/// A polled activity task with its slot.
pub(super) type AssignedActivityTask = Assigned<Box<PollActivityTaskQueueResponse>>;

/// User code says how an attempt ended.
#[derive(Clone, Debug)]
pub(super) struct CompleteActivity {
    pub task_token: Vec<u8>,
    pub outcome: ActivityOutcome,
}

/// The server has answered the report of an activity's end.
#[derive(Debug)]
pub(super) struct ActivityReported {
    pub task_token: Bytes,
    pub result: Result<(), Status>,
}

/// The worker shuts down: what runs may go on for the grace period.
#[derive(Clone, Copy, Debug)]
pub(super) struct BeginGrace;

/// The grace period is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct GraceElapsed;

/// No more tasks will come.
#[derive(Clone, Copy, Debug)]
pub(super) struct DrainActivities;

/// Nothing is in flight, nothing will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ActivitiesDrained;

#[derive(Clone)]
pub(super) struct ActivityExecutorConfig {
    pub calls: Calls,
    pub clock: Clock,
    pub host: Arc<dyn ActivityHost>,
    pub grace: Duration,
    pub track: Sender<TrackHeartbeats>,
    pub finish: Sender<FinishHeartbeats>,
    pub worker: Sender<ActivitiesDrained>,
    pub reported: Sender<ActivityReported>,
    pub grace_elapsed: Sender<GraceElapsed>,
    /// Hears how many are in flight; for those who look from outside.
    pub watch: Sender<usize>,
    pub metrics: WorkerMetrics,
}

struct InFlight {
    _permit: SlotPermit,
    /// Why user code was asked to stop.
    cancel: Option<ActivityCancel>,
    phase: Phase,
    measured: Option<MeasuredAttempt>,
}

enum Phase {
    Running,
    /// Waits for the last heartbeat details.
    Ended(ActivityOutcome),
    Reporting,
}

pub(super) struct ActivityExecutor {
    config: ActivityExecutorConfig,
    in_flight: HashMap<Bytes, InFlight>,
    grace: Option<Alarm>,
    grace_is_over: bool,
    draining: bool,
}

impl Actor for ActivityExecutor {
    const NAME: &'static str = "activity executor";
    /// Bounded by the slots: a few messages per activity in flight.
    const MAILBOX: Mailbox = Mailbox::lossless(16 * 1024);
    /// Activities in flight.
    type Snapshot = usize;

    fn snapshot(&self) -> usize {
        self.in_flight.len()
    }
}

impl ActivityExecutor {
    pub(super) fn new(config: ActivityExecutorConfig) -> Self {
        Self {
            config,
            in_flight: HashMap::new(),
            grace: None,
            grace_is_over: false,
            draining: false,
        }
    }

    fn cancel(&mut self, task_token: Bytes, cancel: ActivityCancel) {
        let Some(activity) = self.in_flight.get_mut(&task_token) else {
            return;
        };
        if activity.cancel.is_some() || !matches!(activity.phase, Phase::Running) {
            return;
        }
        activity.cancel = Some(cancel);
        let host = &self.config.host;
        let asked = catch_unwind(AssertUnwindSafe(|| host.cancel(task_token.into(), cancel)));
        if asked.is_err() {
            tracing::error!("user code's side panicked when asked to cancel an activity");
        }
    }

    fn end(&mut self, task_token: &[u8], outcome: ActivityOutcome) {
        let Some((key, _)) = self.in_flight.get_key_value(task_token) else {
            tracing::warn!("an activity ended that is not in flight");
            return;
        };
        let key = key.clone();
        let Some(activity) = self.in_flight.get_mut(&key) else {
            return;
        };
        if !matches!(activity.phase, Phase::Running) {
            tracing::warn!("an activity ended more than once; only its first end counts");
            return;
        }
        if let Some(measured) = activity.measured.take() {
            measured.ended(&outcome, self.config.clock.now());
        }
        activity.phase = Phase::Ended(outcome);
        if self
            .config
            .finish
            .send(FinishHeartbeats(key.clone()))
            .is_err()
        {
            self.report(key, None);
        }
    }

    fn report(&mut self, task_token: Bytes, unsent: Option<Payloads>) {
        let Some(activity) = self.in_flight.get_mut(&task_token) else {
            return;
        };
        let Phase::Ended(outcome) = std::mem::replace(&mut activity.phase, Phase::Reporting) else {
            return;
        };
        let cancel = activity.cancel.unwrap_or_default();
        if cancel.not_found {
            // The server has forgotten it: there is nobody to report to.
            return self.reported(&task_token, Ok(()));
        }
        let report = activity_reports::report(
            &self.config.calls,
            task_token.clone(),
            outcome,
            cancel,
            unsent,
        );
        let to = self.config.reported.clone();
        self.config
            .calls
            .send(report, to, move |result| ActivityReported {
                task_token,
                result,
            });
    }

    fn reported(&mut self, task_token: &Bytes, result: Result<(), Status>) {
        match result {
            Ok(()) => {}
            Err(status) if is_not_found(&status) => {
                tracing::warn!(%status, "the server does not know an activity that has ended");
            }
            Err(status) => {
                tracing::error!(%status, "the end of an activity could not be reported");
            }
        }
        self.in_flight.remove(task_token);
        self.note_change();
    }

    fn note_change(&self) {
        let _ = self.config.watch.send(self.in_flight.len());
        if self.draining && self.in_flight.is_empty() {
            let _ = self.config.worker.send(ActivitiesDrained);
        }
    }
}

impl Handle<AssignedActivityTask> for ActivityExecutor {
    fn handle(&mut self, Assigned { task, permit }: AssignedActivityTask) {
        let token = task.task_token.clone();
        let task = activity_task(*task);
        let activity = InFlight {
            _permit: permit,
            cancel: None,
            phase: Phase::Running,
            measured: MeasuredAttempt::of(&task, &self.config.metrics, self.config.clock.now()),
        };
        self.in_flight.insert(token.clone(), activity);
        // Without a heartbeat actor the worker is about to end.
        let _ = self.config.track.send(TrackHeartbeats {
            task_token: token.clone(),
            heartbeat_timeout: task.heartbeat_timeout,
            start_to_close_timeout: task.start_to_close_timeout,
        });
        self.note_change();
        let host = &self.config.host;
        if catch_unwind(AssertUnwindSafe(|| host.start(Box::new(task)))).is_err() {
            let failure =
                application_failure("ActivityStartPanicked", "the activity could not be started");
            self.end(&token, ActivityOutcome::Failed(Box::new(failure)));
        } else if self.grace_is_over {
            self.cancel(token, SHUTDOWN);
        }
    }
}

const SHUTDOWN: ActivityCancel = ActivityCancel {
    not_found: false,
    cancel_requested: false,
    paused: false,
    reset: false,
    timed_out: false,
    worker_shutdown: true,
};

impl Handle<CompleteActivity> for ActivityExecutor {
    fn handle(&mut self, complete: CompleteActivity) {
        self.end(&complete.task_token, complete.outcome);
    }
}

impl Handle<HeartbeatsFinished> for ActivityExecutor {
    fn handle(&mut self, finished: HeartbeatsFinished) {
        self.report(finished.task_token, finished.unsent);
    }
}

impl Handle<ActivityReported> for ActivityExecutor {
    fn handle(&mut self, reported: ActivityReported) {
        self.reported(&reported.task_token, reported.result);
    }
}

impl Handle<CancelActivity> for ActivityExecutor {
    fn handle(&mut self, cancel: CancelActivity) {
        self.cancel(cancel.task_token, cancel.cancel);
    }
}

impl Handle<BeginGrace> for ActivityExecutor {
    fn handle(&mut self, BeginGrace: BeginGrace) {
        let elapsed = self.config.grace_elapsed.clone();
        self.grace = Some(
            self.config
                .clock
                .after(self.config.grace, elapsed, GraceElapsed),
        );
    }
}

impl Handle<GraceElapsed> for ActivityExecutor {
    fn handle(&mut self, GraceElapsed: GraceElapsed) {
        self.grace_is_over = true;
        let tokens: Vec<Bytes> = self.in_flight.keys().cloned().collect();
        for token in tokens {
            self.cancel(token, SHUTDOWN);
        }
    }
}

impl Handle<DrainActivities> for ActivityExecutor {
    fn handle(&mut self, DrainActivities: DrainActivities) {
        self.draining = true;
        self.note_change();
    }
}
