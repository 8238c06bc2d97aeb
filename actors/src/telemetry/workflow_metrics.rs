//! What is counted of workflows of one type.

use std::{sync::Arc, time::Duration};

use prost_types::Timestamp;

use super::{
    labels::Labels,
    meter::{Instrument, Kind, Meter, Series, Value},
    own::Own,
    worker_metrics::since,
};

pub(crate) struct WorkflowMetrics {
    labels: Labels,
    completed: Own,
    failed: Own,
    cancelled: Own,
    continued_as_new: Own,
    end_to_end: Own,
    task_latency: Own,
    replay_latency: Own,
    cache_hit: Own,
    task_failed: Arc<dyn Instrument>,
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkflowEnd {
    Completed,
    Failed,
    /// Expected by the user: no failure to count.
    FailedBenignly,
    Cancelled,
    ContinuedAsNew,
}

impl WorkflowMetrics {
    pub(super) fn new(meter: &Meter, worker: &Labels, workflow_type: &str) -> Self {
        let labels = worker.with([("workflow_type", workflow_type)]);
        let own = |kind, name, description| Own::new(meter, &labels, (kind, name, description));
        let counter = |name, description| own(Kind::Counter, name, description);
        let latency = |name, description| own(Kind::HistogramDuration, name, description);
        Self {
            completed: counter("workflow_completed", "Workflows that completed"),
            failed: counter("workflow_failed", "Workflows that failed"),
            cancelled: counter("workflow_canceled", "Workflows that were cancelled"),
            continued_as_new: counter(
                "workflow_continue_as_new",
                "Workflows that continued as new runs",
            ),
            end_to_end: latency(
                "workflow_endtoend_latency",
                "Time from a run's start to its end",
            ),
            task_latency: latency(
                "workflow_task_execution_latency",
                "Time from a workflow task's arrival to its answer",
            ),
            replay_latency: latency(
                "workflow_task_replay_latency",
                "Time that a workflow task replays before it goes on",
            ),
            cache_hit: counter(
                "sticky_cache_hit",
                "Workflow tasks whose run was in the cache",
            ),
            task_failed: meter.own(
                Kind::Counter,
                "workflow_task_execution_failed",
                "Workflow tasks that failed",
            ),
            labels,
        }
    }

    pub(crate) fn found_in_cache(&self) {
        self.cache_hit.count();
    }

    pub(crate) fn ended(&self, end: WorkflowEnd, started: Option<Timestamp>) {
        match end {
            WorkflowEnd::Completed => self.completed.count(),
            WorkflowEnd::Failed => self.failed.count(),
            WorkflowEnd::FailedBenignly => {}
            WorkflowEnd::Cancelled => self.cancelled.count(),
            WorkflowEnd::ContinuedAsNew => self.continued_as_new.count(),
        }
        if let Some(took) = since(started) {
            self.end_to_end.record(Value::Time(took));
        }
    }

    pub(crate) fn replayed(&self, took: Duration) {
        self.replay_latency.record(Value::Time(took));
    }

    pub(crate) fn task_answered(&self, took: Duration) {
        self.task_latency.record(Value::Time(took));
    }

    pub(crate) fn task_failed(&self, reason: &'static str) {
        let labels = self.labels.with([("failure_reason", reason)]);
        self.task_failed.series(&labels).record(Value::Whole(1));
    }
}
