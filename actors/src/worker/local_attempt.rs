//! One local activity on its way: what it is, how its attempts are told apart, what its end means.

use std::time::{Duration, SystemTime};

use prost_types::Timestamp;
use tokio::time::Instant;

use crate::{
    host::ActivityTask,
    kit::Sender,
    protos::{
        common::v1::Header,
        enums::v1::TimeoutType,
        failure::v1::{ApplicationFailureInfo, Failure, TimeoutFailureInfo, failure::FailureInfo},
    },
    workflow::{LocalActivityEnded, RunId, RunInput, ScheduleLocalActivity},
};

use super::{local_retries::LocalRetries, measured_attempt::MeasuredAttempt, slots::SlotPermit};

/// A retry that is further away than this becomes the workflow's to wait for.
const DEFAULT_RETRY_THRESHOLD: Duration = Duration::from_secs(60);

/// Begins the task token of each attempt. The server's tokens are messages, which never begin so.
const TOKEN_PREFIX: &[u8] = b"local_act_";

/// True for an attempt of a local activity.
pub(super) fn is_local_token(task_token: &[u8]) -> bool {
    task_token.starts_with(TOKEN_PREFIX)
}

/// Names one attempt, for as long as the worker lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct AttemptId(u64);

impl AttemptId {
    pub(super) fn next(&mut self) -> Self {
        self.0 += 1;
        *self
    }

    pub(super) fn task_token(self) -> Vec<u8> {
        [TOKEN_PREFIX, &self.0.to_le_bytes()].concat()
    }

    pub(super) fn of(task_token: &[u8]) -> Option<Self> {
        let number = task_token.strip_prefix(TOKEN_PREFIX)?;
        Some(Self(u64::from_le_bytes(number.try_into().ok()?)))
    }
}

/// Names a local activity among all runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct LocalKey {
    pub(super) run_id: RunId,
    pub(super) sequence: u32,
    /// The attempt that is left of it when its run has gone: the run may come back, and use its
    /// numbers again.
    pub(super) remains: Option<AttemptId>,
}

impl LocalKey {
    pub(super) fn new(run_id: &RunId, sequence: u32) -> Self {
        Self {
            run_id: run_id.clone(),
            sequence,
            remains: None,
        }
    }
}

/// Where a local activity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Waits for a slot.
    Queued,
    Running {
        attempt: AttemptId,
        since: Instant,
    },
    /// Waits for the time of its next attempt.
    BacksOff {
        until: Instant,
    },
}

/// What follows from the failure of an attempt.
#[derive(Debug, PartialEq)]
pub(super) enum AfterFailure {
    RetryAt(Instant),
    /// The workflow has to wait for the retry.
    BackOff(Duration),
    GiveUp,
}

/// A local activity that has no outcome.
pub(super) struct LocalActivity {
    schedule: ScheduleLocalActivity,
    workflow_id: String,
    workflow_type: String,
    /// None once its run wants to hear no more of it.
    pub(super) reply: Option<Sender<RunInput>>,
    retries: LocalRetries,
    pub(super) attempt: u32,
    /// When it was scheduled under its number.
    pub(super) scheduled: Instant,
    scheduled_time: Timestamp,
    original_schedule_time: Timestamp,
    /// The end of its schedule-to-close timeout.
    give_up: Option<Instant>,
    pub(super) phase: Phase,
    /// While an attempt runs.
    pub(super) permit: Option<SlotPermit>,
    pub(super) measured: Option<MeasuredAttempt>,
    pub(super) cancel_requested: bool,
    /// When the executor looks at it next.
    pub(super) deadline: Option<Instant>,
}

impl LocalActivity {
    pub(super) fn activity_type(&self) -> &str {
        &self.schedule.activity_type
    }

    pub(super) fn new(
        schedule: ScheduleLocalActivity,
        workflow_id: String,
        workflow_type: String,
        reply: Sender<RunInput>,
        now: Instant,
    ) -> Self {
        let wall_time = SystemTime::now();
        let scheduled_time = Timestamp::from(wall_time);
        let original_schedule_time = schedule.original_schedule_time.unwrap_or(scheduled_time);
        let elapsed = SystemTime::try_from(original_schedule_time)
            .ok()
            .and_then(|original| wall_time.duration_since(original).ok())
            .unwrap_or_default();
        let give_up = schedule
            .schedule_to_close_timeout
            .and_then(|limit| now.checked_add(limit.saturating_sub(elapsed)));
        Self {
            retries: LocalRetries::new(schedule.retry_policy.clone()),
            attempt: schedule.attempt.max(1),
            schedule,
            workflow_id,
            workflow_type,
            reply: Some(reply),
            scheduled: now,
            scheduled_time,
            original_schedule_time,
            give_up,
            phase: Phase::Queued,
            permit: None,
            measured: None,
            cancel_requested: false,
            deadline: None,
        }
    }

    /// When something happens to it if nothing else does.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Queued => least(self.start_limit(), self.give_up),
            Phase::Running { since, .. } => {
                let limit = self.schedule.start_to_close_timeout;
                least(
                    limit.and_then(|limit| since.checked_add(limit)),
                    self.give_up,
                )
            }
            Phase::BacksOff { until } => Some(until),
        }
    }

    /// As in 1.35.0, a retry has to start within the limit too, counted from the first attempt.
    fn start_limit(&self) -> Option<Instant> {
        let limit = self.schedule.schedule_to_start_timeout?;
        self.scheduled.checked_add(limit)
    }

    /// The timeout that is over.
    pub(super) fn timeout(&self, now: Instant) -> Option<TimeoutType> {
        let is_over = |limit: Option<Instant>| limit.is_some_and(|limit| limit <= now);
        if is_over(self.give_up) {
            return Some(TimeoutType::ScheduleToClose);
        }
        match self.phase {
            Phase::Queued => is_over(self.start_limit()).then_some(TimeoutType::ScheduleToStart),
            Phase::Running { .. } => {
                is_over(self.next_deadline()).then_some(TimeoutType::StartToClose)
            }
            Phase::BacksOff { .. } => None,
        }
    }

    /// The task of a new attempt.
    pub(super) fn task(
        &self,
        run_id: &RunId,
        namespace: &str,
        attempt: AttemptId,
    ) -> Box<ActivityTask> {
        let schedule = &self.schedule;
        Box::new(ActivityTask {
            task_token: attempt.task_token(),
            workflow_namespace: namespace.to_owned(),
            workflow_type: self.workflow_type.clone(),
            workflow_id: self.workflow_id.clone(),
            workflow_run_id: run_id.to_string(),
            activity_id: schedule.activity_id.clone(),
            activity_type: schedule.activity_type.clone(),
            activity_run_id: String::new(),
            header: (!schedule.headers.is_empty()).then(|| Header {
                fields: schedule.headers.clone(),
            }),
            input: schedule.arguments.clone(),
            heartbeat_details: Vec::new(),
            scheduled_time: Some(self.scheduled_time),
            current_attempt_scheduled_time: Some(self.scheduled_time),
            started_time: Some(SystemTime::now().into()),
            attempt: self.attempt,
            schedule_to_close_timeout: schedule.schedule_to_close_timeout,
            start_to_close_timeout: least(
                schedule.start_to_close_timeout,
                schedule.schedule_to_close_timeout,
            ),
            heartbeat_timeout: None,
            retry_policy: Some(self.retries.policy()),
            priority: None,
            is_local: true,
        })
    }

    /// What follows when the attempt has failed so.
    pub(super) fn after_failure(&self, failure: &Failure, now: Instant) -> AfterFailure {
        if self.cancel_requested || self.reply.is_none() {
            return AfterFailure::GiveUp;
        }
        let Some(delay) = self.retries.delay(self.attempt, failure) else {
            return AfterFailure::GiveUp;
        };
        let Some(until) = now.checked_add(delay) else {
            return AfterFailure::BackOff(delay);
        };
        // As the server does: a retry that would come too late is none.
        if self.give_up.is_some_and(|give_up| give_up <= until) {
            return AfterFailure::GiveUp;
        }
        let threshold = self
            .schedule
            .local_retry_threshold
            .unwrap_or(DEFAULT_RETRY_THRESHOLD);
        if delay > threshold {
            AfterFailure::BackOff(delay)
        } else {
            AfterFailure::RetryAt(until)
        }
    }

    /// What the run hears of its end.
    pub(super) fn ended(
        &self,
        sequence: u32,
        outcome: LocalOutcome,
        backoff: Option<Duration>,
        now: Instant,
    ) -> LocalActivityEnded {
        LocalActivityEnded {
            sequence,
            attempt: self.attempt,
            outcome,
            backoff,
            run_time: match self.phase {
                Phase::Running { since, .. } => now.saturating_duration_since(since),
                Phase::Queued => now.saturating_duration_since(self.scheduled),
                Phase::BacksOff { .. } => Duration::ZERO,
            },
            complete_time: None,
            original_schedule_time: Some(self.original_schedule_time),
        }
    }
}

/// A result, or why there is none.
pub(super) type LocalOutcome = Result<Option<crate::protos::common::v1::Payload>, Box<Failure>>;

/// The end of one that was cancelled while no attempt ran.
pub(super) fn cancelled_between_attempts(sequence: u32) -> LocalActivityEnded {
    LocalActivityEnded {
        sequence,
        attempt: 0,
        outcome: Err(Box::new(crate::workflow::local_activity_cancelled())),
        backoff: None,
        run_time: Duration::ZERO,
        complete_time: None,
        original_schedule_time: None,
    }
}

pub(super) fn timed_out(kind: TimeoutType) -> Failure {
    Failure {
        message: crate::workflow::LOCAL_ACTIVITY_TIMED_OUT.to_owned(),
        failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
            timeout_type: kind.into(),
            ..TimeoutFailureInfo::default()
        })),
        ..Failure::default()
    }
}

/// A failure that is not retried.
pub(super) fn final_failure(r#type: &str, message: &str) -> Failure {
    Failure {
        message: message.to_owned(),
        failure_info: Some(FailureInfo::ApplicationFailureInfo(
            ApplicationFailureInfo {
                r#type: r#type.to_owned(),
                non_retryable: true,
                ..ApplicationFailureInfo::default()
            },
        )),
        ..Failure::default()
    }
}

/// The lesser of those that there are.
fn least<T: Ord>(left: Option<T>, right: Option<T>) -> Option<T> {
    left.into_iter().chain(right).min()
}
