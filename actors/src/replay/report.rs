//! What comes of a replay: a verdict, and what it was reached on.

use crate::{
    protos::failure::v1::Failure,
    workflow::{EvictionReason, TaskCompletion},
};

use super::plan::HistoryRefused;

/// What came of one history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplayReport {
    /// In order. Those after a failure are missing.
    pub tasks: Vec<TaskReport>,
    /// None: workflow code does what the history says.
    pub failure: Option<ReplayFailure>,
}

/// What workflow code did in one workflow task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskReport {
    /// The last event if history has not got the task's own, and 0 for a task that only repeats what
    /// history has already.
    pub started_event_id: i64,
    /// Without the removal of the run.
    pub activations: usize,
    /// What the last of these activations said; true if there were none.
    pub ended_replaying: bool,
    /// Commands, messages and flags that would go to the server. None for a task that failed or
    /// that still waits for a local activity.
    pub completion: Option<Box<TaskCompletion>>,
}

/// Why a history does not replay.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayFailure {
    pub reason: EvictionReason,
    pub message: String,
    /// What the server would be told of the task that failed.
    pub task_failure: Option<Box<Failure>>,
}

impl ReplayReport {
    pub(super) fn refused(refused: &HistoryRefused) -> Self {
        Self::failed(EvictionReason::Fatal, refused.to_string())
    }

    pub(super) fn lost() -> Self {
        Self::failed(EvictionReason::Fatal, "the replayer has ended".into())
    }

    pub(super) fn panicked(panic: Option<&str>) -> Self {
        let panic = panic.unwrap_or("no message");
        let message = format!("internal error, please report it: {panic}");
        Self::failed(EvictionReason::Fatal, message)
    }

    fn failed(reason: EvictionReason, message: String) -> Self {
        Self {
            tasks: Vec::new(),
            failure: Some(ReplayFailure {
                reason,
                message,
                task_failure: None,
            }),
        }
    }
}
