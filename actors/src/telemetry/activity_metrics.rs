//! What is counted of activities of one type.

use std::{sync::Arc, time::Duration};

use prost_types::Timestamp;

use super::{
    labels::Labels,
    meter::{Instrument, Kind, Meter, Series, Value},
    own::Own,
    worker_metrics::since,
};

/// The metrics of one type of activity that workflows of one type start.
pub(crate) struct ActivityMetrics {
    labels: Labels,
    /// Of activities that come from the server; with a label that is not known before.
    received: Option<Arc<dyn Instrument>>,
    /// Of attempts of local ones.
    total: Option<Own>,
    cancelled: Option<Own>,
    failed: Arc<dyn Instrument>,
    latency: Own,
    success: Own,
}

/// How an attempt ended, as far as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttemptEnd {
    Completed,
    Failed,
    /// Expected by the user: no failure to count.
    FailedBenignly,
    /// Only local activities: of others the server decides.
    TimedOut,
    Cancelled,
    CompletesLater,
}

impl ActivityMetrics {
    pub(super) fn new(meter: &Meter, worker: &Labels, types: (&str, &str)) -> Self {
        let labels = with_types(worker, types);
        Self {
            received: Some(meter.own(
                Kind::Counter,
                "activity_task_received",
                "Activity tasks that came",
            )),
            total: None,
            cancelled: None,
            failed: meter.own(
                Kind::Counter,
                "activity_execution_failed",
                "Attempts of activities that failed",
            ),
            latency: Own::new(
                meter,
                &labels,
                (
                    Kind::HistogramDuration,
                    "activity_execution_latency",
                    "Time that attempts of activities run",
                ),
            ),
            success: Own::new(
                meter,
                &labels,
                (
                    Kind::HistogramDuration,
                    "activity_succeed_endtoend_latency",
                    "Time from an activity's first schedule to its success",
                ),
            ),
            labels,
        }
    }

    pub(super) fn of_local(meter: &Meter, worker: &Labels, types: (&str, &str)) -> Self {
        let labels = with_types(worker, types);
        let own = |kind, name, description| Own::new(meter, &labels, (kind, name, description));
        Self {
            received: None,
            total: Some(own(
                Kind::Counter,
                "local_activity_total",
                "Attempts of local activities",
            )),
            cancelled: Some(own(
                Kind::Counter,
                "local_activity_execution_cancelled",
                "Attempts of local activities that were cancelled",
            )),
            failed: meter.own(
                Kind::Counter,
                "local_activity_execution_failed",
                "Attempts of local activities that failed",
            ),
            latency: own(
                Kind::HistogramDuration,
                "local_activity_execution_latency",
                "Time that attempts of local activities run",
            ),
            success: own(
                Kind::HistogramDuration,
                "local_activity_succeed_endtoend_latency",
                "Time from a local activity's first schedule to its success",
            ),
            labels,
        }
    }

    pub(super) fn received(&self, is_eager: bool) {
        if let Some(received) = &self.received {
            let labels = self
                .labels
                .with([("eager", if is_eager { "true" } else { "false" })]);
            received.series(&labels).record(Value::Whole(1));
        }
    }

    pub(crate) fn begins(&self) {
        if let Some(total) = &self.total {
            total.count();
        }
    }

    fn failed_for(&self, reason: &'static str) {
        let labels = self.labels.with([("failure_reason", reason)]);
        self.failed.series(&labels).record(Value::Whole(1));
    }

    /// An attempt has run for so long, of an activity that was scheduled at first then.
    pub(crate) fn ended(&self, end: AttemptEnd, ran: Duration, scheduled: Option<Timestamp>) {
        self.latency.record(Value::Time(ran));
        match end {
            AttemptEnd::Completed => {
                if let Some(took) = since(scheduled) {
                    self.success.record(Value::Time(took));
                }
            }
            AttemptEnd::Failed => self.failed_for("ActivityError"),
            AttemptEnd::TimedOut => self.failed_for("timeout"),
            AttemptEnd::Cancelled => {
                if let Some(cancelled) = &self.cancelled {
                    cancelled.count();
                }
            }
            AttemptEnd::FailedBenignly | AttemptEnd::CompletesLater => {}
        }
    }
}

fn with_types(worker: &Labels, (activity_type, workflow_type): (&str, &str)) -> Labels {
    worker.with([
        ("activity_type", activity_type),
        ("workflow_type", workflow_type),
    ])
}
