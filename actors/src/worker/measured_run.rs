//! A run, as its metrics see it.

use std::sync::Arc;

use prost_types::Timestamp;
use tokio::time::Instant;

use crate::{
    protos::{
        command::v1::{Command, command::Attributes},
        enums::v1::WorkflowTaskFailedCause,
    },
    telemetry::{WorkerMetrics, WorkflowEnd, WorkflowMetrics},
    workflow::{Activation, Job, TaskAnswer, WorkflowTask},
};

use super::measured_attempt::is_benign;

/// What is known of a run where its metrics are counted.
pub(super) struct MeasuredRun {
    worker: WorkerMetrics,
    metrics: Option<Arc<WorkflowMetrics>>,
    /// Its first event.
    started: Option<Timestamp>,
    task_came: Option<Instant>,
    /// Set until the task in progress comes to what is new.
    replays_since: Option<Instant>,
}

impl MeasuredRun {
    pub(super) fn new(worker: WorkerMetrics) -> Self {
        Self {
            worker,
            metrics: None,
            started: None,
            task_came: None,
            replays_since: None,
        }
    }

    pub(super) fn task_came(&mut self, task: &WorkflowTask, now: Instant) {
        if self.metrics.is_none() {
            self.metrics = self.worker.of_workflow(&task.workflow_type);
        }
        if self.metrics.is_some() && !task.is_query_only() {
            self.task_came = Some(now);
            self.replays_since = (task.previous_started_event_id > 0).then_some(now);
        }
    }

    pub(super) fn activated(&mut self, activation: &Activation, now: Instant) {
        let Some(metrics) = &self.metrics else {
            return;
        };
        if let Some(Job::Initialize(initialize)) = activation.jobs.first() {
            self.started = initialize.start_time;
        }
        if !activation.is_replaying
            && let Some(since) = self.replays_since.take()
        {
            metrics.replayed(now - since);
        }
    }

    pub(super) fn answered(&mut self, answer: &TaskAnswer, now: Instant) {
        let Some(metrics) = &self.metrics else {
            return;
        };
        match answer {
            TaskAnswer::Complete(completion) => {
                let end = completion.commands.iter().rev().find_map(end_by);
                if let Some(end) = end.filter(|_| completion.ends_workflow) {
                    metrics.ended(end, self.started);
                }
            }
            TaskAnswer::Fail { cause, .. } => metrics.task_failed(reason(*cause)),
            TaskAnswer::Query { .. } => return,
        }
        if let Some(came) = self.task_came.take() {
            metrics.task_answered(now - came);
        }
    }
}

/// How a command ends its workflow, if it does.
fn end_by(command: &Command) -> Option<WorkflowEnd> {
    Some(match command.attributes.as_ref()? {
        Attributes::CompleteWorkflowExecutionCommandAttributes(_) => WorkflowEnd::Completed,
        Attributes::CancelWorkflowExecutionCommandAttributes(_) => WorkflowEnd::Cancelled,
        Attributes::ContinueAsNewWorkflowExecutionCommandAttributes(_) => {
            WorkflowEnd::ContinuedAsNew
        }
        Attributes::FailWorkflowExecutionCommandAttributes(failed) => {
            match failed.failure.as_ref().is_some_and(is_benign) {
                true => WorkflowEnd::FailedBenignly,
                false => WorkflowEnd::Failed,
            }
        }
        _ => return None,
    })
}

fn reason(cause: WorkflowTaskFailedCause) -> &'static str {
    match cause {
        WorkflowTaskFailedCause::NonDeterministicError => "NonDeterminismError",
        WorkflowTaskFailedCause::GrpcMessageTooLarge => "GrpcMessageTooLarge",
        _ => "WorkflowError",
    }
}
