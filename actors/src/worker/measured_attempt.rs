//! An attempt of an activity, as its metrics see it.

use std::sync::Arc;

use prost_types::Timestamp;
use tokio::time::Instant;

use crate::{
    host::{ActivityOutcome, ActivityTask},
    protos::{
        enums::v1::ApplicationErrorCategory,
        failure::v1::{Failure, failure::FailureInfo},
    },
    telemetry::{ActivityMetrics, AttemptEnd, WorkerMetrics},
};

pub(super) struct MeasuredAttempt {
    metrics: Arc<ActivityMetrics>,
    began: Instant,
    /// The activity's first one.
    scheduled: Option<Timestamp>,
}

impl MeasuredAttempt {
    /// None where nothing is counted.
    pub(super) fn of(task: &ActivityTask, metrics: &WorkerMetrics, now: Instant) -> Option<Self> {
        let types = (&*task.activity_type, &*task.workflow_type);
        let metrics = if task.is_local {
            metrics.of_local_activity(types)?
        } else {
            metrics.activity_begins(task.current_attempt_scheduled_time, task.started_time);
            metrics.of_activity(types)?
        };
        metrics.begins();
        Some(Self {
            metrics,
            began: now,
            scheduled: task.scheduled_time,
        })
    }

    pub(super) fn ended(&self, outcome: &ActivityOutcome, now: Instant) {
        let end = match outcome {
            ActivityOutcome::Completed(_) => AttemptEnd::Completed,
            ActivityOutcome::Failed(failure) if is_benign(failure) => AttemptEnd::FailedBenignly,
            ActivityOutcome::Failed(_) => AttemptEnd::Failed,
            ActivityOutcome::Cancelled(_) => AttemptEnd::Cancelled,
            ActivityOutcome::CompletesLater => AttemptEnd::CompletesLater,
        };
        self.metrics.ended(end, now - self.began, self.scheduled);
    }

    pub(super) fn timed_out(&self, now: Instant) {
        let took = now - self.began;
        self.metrics
            .ended(AttemptEnd::TimedOut, took, self.scheduled);
    }
}

/// The user expects it, and it is nothing to count.
pub(super) fn is_benign(failure: &Failure) -> bool {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => {
            info.category() == ApplicationErrorCategory::Benign
        }
        _ => false,
    }
}
