//! Activities that run in this process; history holds a marker with their outcome.
//!
//! | state | cancel | an outcome, live or from history | next state |
//! |---|---|---|---|
//! | waiting | live: marker, resolved as cancelled | | resolved |
//! | waiting | in replay, WAIT: resolved if its marker is next in history | | resolved or waiting |
//! | waiting | | dispatched live | running |
//! | waiting, running | TRY_CANCEL: asked to stop; marker, resolved as cancelled | | resolved |
//! | waiting, running | ABANDON: marker, resolved as cancelled | | resolved |
//! | running | WAIT: asked to stop | | cancelling |
//! | running, cancelling | | marker, resolved | resolved |
//! | resolved | nothing | nothing | resolved |
//! | resolved | | MarkerRecorded | gone |
//! | cancelling, gone | nothing | nothing | the same |
//!
//! Compatibility, local activities: the marker is queued at the moment of resolution, so before all
//! that workflow code issues in reaction to it.

use std::{collections::HashMap, time::Duration};

use prost_types::Timestamp;

use crate::{
    protos::{
        command::v1::command,
        common::v1::{ActivityType, Payload},
        enums::v1::{CommandType, RetryState},
        failure::v1::{ActivityFailureInfo, CanceledFailureInfo, Failure, failure::FailureInfo},
        sdk::v1::UserMetadata,
    },
    workflow::{
        activation::{ActivityResolution, Job, LocalActivityBackoff},
        command::{ActivityCancellationType, ScheduleLocalActivity},
        commands::{Issue, Issuer},
        exchange::LocalActivityEnded,
        failure::TaskError,
    },
};

use super::local_activity_marker::LocalActivityMarker;

/// The message of a timeout that the runtime itself has found.
pub(crate) const TIMED_OUT: &str = "Activity timed out";

#[derive(Debug)]
struct LocalActivity {
    id: String,
    kind: String,
    cancellation_type: ActivityCancellationType,
    user_metadata: Option<UserMetadata>,
    /// Workflow time when it was scheduled.
    scheduled_at: Option<Timestamp>,
    original_schedule_time: Option<Timestamp>,
    /// The attempt that a backoff has come to; 0 for an activity that is new.
    attempt: u32,
    state: State,
}

#[derive(Debug)]
enum State {
    Waiting(Box<ScheduleLocalActivity>),
    Running,
    /// It was asked to stop, and its outcome is what workflow code waits for.
    Cancelling,
    /// Workflow code has its outcome; the marker's event is still to come.
    Resolved,
}

/// How a local activity stands to an outcome that history has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Workflow code has not scheduled it, or it is gone.
    Unknown,
    Open,
    Resolved,
}

/// What a cancellation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cancellation {
    Nothing,
    /// Workflow code hears at once that it is cancelled.
    Resolve,
    /// Workflow code hears at once what history has, if it has that just here.
    ResolveAsRecorded,
}

/// The local activities of a run that have no marker in history yet.
#[derive(Debug, Default)]
pub(super) struct LocalActivities {
    open: HashMap<u32, LocalActivity>,
    /// In the order in which workflow code has scheduled them.
    waiting: Vec<u32>,
    to_cancel: Vec<u32>,
}

impl LocalActivities {
    /// Those that have no outcome.
    pub(super) fn count(&self) -> usize {
        let is_open = |one: &&LocalActivity| !matches!(one.state, State::Resolved);
        self.open.values().filter(is_open).count()
    }

    /// Those that are started and have no outcome.
    pub(super) fn running(&self) -> impl Iterator<Item = u32> {
        self.open
            .iter()
            .filter(|(_, one)| matches!(one.state, State::Running | State::Cancelling))
            .map(|(sequence, _)| *sequence)
    }

    pub(super) fn schedule(&mut self, mut schedule: ScheduleLocalActivity, now: Option<Timestamp>) {
        let sequence = schedule.sequence;
        if schedule.activity_id.is_empty() {
            schedule.activity_id = sequence.to_string();
        }
        schedule.attempt = schedule.attempt.max(1);
        self.waiting.push(sequence);
        let activity = LocalActivity {
            id: schedule.activity_id.clone(),
            kind: schedule.activity_type.clone(),
            cancellation_type: schedule.cancellation_type,
            user_metadata: schedule.user_metadata.take(),
            scheduled_at: now,
            original_schedule_time: schedule.original_schedule_time.or(now),
            attempt: if schedule.attempt > 1 {
                schedule.attempt
            } else {
                0
            },
            state: State::Waiting(Box::new(schedule)),
        };
        self.open.insert(sequence, activity);
    }

    pub(super) fn standing(&self, sequence: u32) -> Standing {
        match self.open.get(&sequence).map(|activity| &activity.state) {
            None => Standing::Unknown,
            Some(State::Resolved) => Standing::Resolved,
            Some(_) => Standing::Open,
        }
    }

    pub(super) fn cancel(&mut self, sequence: u32, replaying: bool) -> Cancellation {
        let Some(activity) = self.open.get_mut(&sequence) else {
            return Cancellation::Nothing;
        };
        let waits =
            activity.cancellation_type == ActivityCancellationType::WaitCancellationCompleted;
        match activity.state {
            State::Resolved | State::Cancelling => Cancellation::Nothing,
            // It may have run in the life that is replayed.
            State::Waiting(_) if replaying && waits => Cancellation::ResolveAsRecorded,
            State::Waiting(_) => Cancellation::Resolve,
            State::Running if waits => {
                activity.state = State::Cancelling;
                self.to_cancel.push(sequence);
                Cancellation::Nothing
            }
            State::Running => {
                if activity.cancellation_type == ActivityCancellationType::TryCancel {
                    self.to_cancel.push(sequence);
                }
                Cancellation::Resolve
            }
        }
    }

    /// The marker of a cancellation that does not wait for an outcome.
    pub(super) fn cancelled_marker(
        &self,
        sequence: u32,
        index: u32,
    ) -> Option<LocalActivityMarker> {
        let activity = self.open.get(&sequence)?;
        // 1.35.0 takes the one that is waited for as having run, in no time at all.
        let waits =
            activity.cancellation_type == ActivityCancellationType::WaitCancellationCompleted;
        Some(LocalActivityMarker {
            sequence,
            // 1.35.0 does not say which attempt was running, but where a backoff led.
            attempt: activity.attempt,
            activity_id: activity.id.clone(),
            activity_type: activity.kind.clone(),
            complete_time: activity.scheduled_at.filter(|_| waits),
            backoff: None,
            original_schedule_time: activity.original_schedule_time,
            activation_index: Some(index),
            outcome: Err(Box::new(cancelled())),
        })
    }

    /// The marker of an outcome that has arrived; none if nobody waits for it any more.
    pub(super) fn marker_of(
        &self,
        ended: LocalActivityEnded,
        index: u32,
    ) -> Option<LocalActivityMarker> {
        let activity = self
            .open
            .get(&ended.sequence)
            .filter(|activity| matches!(activity.state, State::Running | State::Cancelling))?;
        Some(LocalActivityMarker {
            sequence: ended.sequence,
            attempt: ended.attempt,
            activity_id: activity.id.clone(),
            activity_type: activity.kind.clone(),
            complete_time: ended.complete_time.or_else(|| {
                activity
                    .scheduled_at
                    .and_then(|time| later(time, ended.run_time))
            }),
            backoff: ended.backoff,
            original_schedule_time: ended.original_schedule_time,
            activation_index: Some(index),
            outcome: ended.outcome,
        })
    }

    /// Resolves an open one: the command that records it, and what workflow code hears.
    pub(super) fn resolve(&mut self, marker: LocalActivityMarker) -> Option<(Issue, Job)> {
        let activity = self.open.get_mut(&marker.sequence)?;
        if matches!(activity.state, State::Resolved) {
            return None;
        }
        activity.state = State::Resolved;
        let job = Job::ResolveActivity {
            sequence: marker.sequence,
            resolution: resolution(&marker, activity),
            is_local: true,
        };
        let issue = Issue {
            issuer: Issuer::LocalActivity(marker.sequence),
            kind: CommandType::RecordMarker,
            user_metadata: activity.user_metadata.take(),
            attributes: command::Attributes::RecordMarkerCommandAttributes(Box::new(
                marker.write(),
            )),
            message: None,
        };
        Some((issue, job))
    }

    /// Compares what history has with what workflow code scheduled. `compare` is false where old
    /// histories were not compared.
    pub(super) fn check(
        &self,
        event_id: i64,
        marker: &LocalActivityMarker,
        compare: bool,
    ) -> Result<(), TaskError> {
        let Some(activity) = self.open.get(&marker.sequence).filter(|_| compare) else {
            return Ok(());
        };
        let (what, recorded, scheduled) = if marker.activity_id != activity.id {
            ("activity id", &marker.activity_id, &activity.id)
        } else if marker.activity_type != activity.kind {
            ("activity type", &marker.activity_type, &activity.kind)
        } else {
            return Ok(());
        };
        Err(TaskError::nondeterminism(format!(
            "event {event_id} (MARKER_RECORDED) is about local activity {} with the {what} \
             '{recorded}', but the workflow scheduled it with '{scheduled}'",
            marker.sequence
        )))
    }

    /// The marker's event is in history.
    pub(super) fn recorded(&mut self, sequence: u32) {
        self.open.remove(&sequence);
    }

    /// Takes those that are to be started, in the order in which they were scheduled.
    pub(super) fn dispatch(&mut self) -> Vec<ScheduleLocalActivity> {
        let mut starting = Vec::with_capacity(self.waiting.len());
        for sequence in self.waiting.drain(..) {
            let Some(activity) = self.open.get_mut(&sequence) else {
                continue;
            };
            if !matches!(activity.state, State::Waiting(_)) {
                continue;
            }
            if let State::Waiting(schedule) = std::mem::replace(&mut activity.state, State::Running)
            {
                starting.push(*schedule);
            }
        }
        starting
    }

    /// Takes those that are to be asked to stop.
    pub(super) fn take_cancels(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.to_cancel)
    }
}

/// What workflow code hears. Live and in replay it is made from the same marker.
fn resolution(marker: &LocalActivityMarker, activity: &LocalActivity) -> ActivityResolution {
    if let Some(backoff) = marker.backoff {
        return ActivityResolution::Backoff(LocalActivityBackoff {
            attempt: marker.attempt.saturating_add(1),
            backoff,
            original_schedule_time: marker.original_schedule_time,
        });
    }
    match &marker.outcome {
        Ok(result) => ActivityResolution::Completed(result.clone() as Option<Payload>),
        Err(failure) if is_cancelled(failure) => {
            ActivityResolution::Cancelled(wrapped(failure, "Local Activity cancelled", activity))
        }
        // 1.35.0 wraps a timeout too, though only outside of replay. A run that sees one error when
        // it is live and another in replay cannot be right, so here it is the first in both.
        Err(failure) if is_own_timeout(failure) => {
            ActivityResolution::Failed(wrapped(failure, "Local Activity timed out", activity))
        }
        Err(failure) => ActivityResolution::Failed(failure.clone()),
    }
}

/// Compatibility, formats: the failure, or its direct cause, is a cancelled failure.
fn is_cancelled(failure: &Failure) -> bool {
    let says_so = |failure: &Failure| {
        matches!(
            failure.failure_info,
            Some(FailureInfo::CanceledFailureInfo(_))
        )
    };
    says_so(failure) || failure.cause.as_deref().is_some_and(says_so)
}

/// A timeout that user code raised says something of its own.
fn is_own_timeout(failure: &Failure) -> bool {
    failure.message == TIMED_OUT
        && matches!(
            failure.failure_info,
            Some(FailureInfo::TimeoutFailureInfo(_))
        )
}

fn wrapped(failure: &Failure, message: &str, activity: &LocalActivity) -> Box<Failure> {
    if matches!(
        failure.failure_info,
        Some(FailureInfo::ActivityFailureInfo(_))
    ) {
        return Box::new(failure.clone());
    }
    Box::new(Failure {
        message: message.to_owned(),
        cause: Some(Box::new(failure.clone())),
        failure_info: Some(FailureInfo::ActivityFailureInfo(ActivityFailureInfo {
            activity_type: Some(ActivityType {
                name: activity.kind.clone(),
            }),
            activity_id: activity.id.clone(),
            // So says 1.35.0, of timeouts too.
            retry_state: RetryState::CancelRequested.into(),
            ..ActivityFailureInfo::default()
        })),
        ..Failure::default()
    })
}

/// The failure of a local activity that is cancelled before it has ended.
pub(crate) fn cancelled() -> Failure {
    Failure {
        message: "Activity cancelled".to_owned(),
        failure_info: Some(FailureInfo::CanceledFailureInfo(
            CanceledFailureInfo::default(),
        )),
        ..Failure::default()
    }
}

fn later(time: Timestamp, by: Duration) -> Option<Timestamp> {
    let nanos = i64::from(time.nanos) + i64::from(by.subsec_nanos());
    let seconds = i64::try_from(by.as_secs()).ok()?;
    Some(Timestamp {
        seconds: time
            .seconds
            .checked_add(seconds)?
            .checked_add(nanos / 1_000_000_000)?,
        nanos: i32::try_from(nanos % 1_000_000_000).ok()?,
    })
}
