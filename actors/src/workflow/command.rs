//! What workflow code answers to an activation: commands, or why it could not.

use std::{collections::HashMap, time::Duration};

use crate::protos::{
    common::v1::{Memo, Payload, Priority, RetryPolicy, SearchAttributes},
    enums::v1::WorkflowTaskFailedCause,
    failure::v1::Failure,
    sdk::v1::UserMetadata,
};

use super::activation::RunId;

/// The one answer to one [`super::Activation`].
#[derive(Clone, Debug, PartialEq)]
pub struct ActivationCompleted {
    pub run_id: RunId,
    pub outcome: Result<ActivationCommands, Box<ActivationFailure>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActivationCommands {
    pub commands: Vec<Command>,
    /// Language flags whose behaviour this activation used.
    pub used_internal_flags: Vec<u32>,
}

/// The workflow task fails; the workflow itself goes on when the cause is mended.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivationFailure {
    pub failure: Failure,
    pub cause: WorkflowTaskFailedCause,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    StartTimer {
        sequence: u32,
        duration: Duration,
        user_metadata: Option<UserMetadata>,
    },
    CancelTimer {
        sequence: u32,
    },
    ScheduleActivity(Box<ScheduleActivity>),
    RequestCancelActivity {
        sequence: u32,
    },
    CompleteWorkflow {
        result: Option<Payload>,
    },
    FailWorkflow {
        failure: Box<Failure>,
    },
    CancelWorkflow,
    ContinueAsNew(Box<ContinueAsNew>),
    RespondToQuery {
        query_id: String,
        result: Result<Option<Payload>, Box<Failure>>,
    },
    RespondToUpdate {
        protocol_instance_id: String,
        response: UpdateResponse,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum UpdateResponse {
    Accepted,
    Rejected(Box<Failure>),
    Completed(Option<Payload>),
    /// The handler failed after the update was accepted.
    Failed(Box<Failure>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScheduleActivity {
    pub sequence: u32,
    pub activity_id: String,
    pub activity_type: String,
    /// Empty means the workflow's own task queue.
    pub task_queue: String,
    pub headers: HashMap<String, Payload>,
    pub arguments: Vec<Payload>,
    pub schedule_to_close_timeout: Option<Duration>,
    pub schedule_to_start_timeout: Option<Duration>,
    pub start_to_close_timeout: Option<Duration>,
    pub heartbeat_timeout: Option<Duration>,
    pub retry_policy: Option<RetryPolicy>,
    pub cancellation_type: ActivityCancellationType,
    pub do_not_eagerly_execute: bool,
    pub versioning_intent: VersioningIntent,
    pub priority: Option<Priority>,
    pub user_metadata: Option<UserMetadata>,
}

/// The numbers are those of the public Python enum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ActivityCancellationType {
    #[default]
    TryCancel = 0,
    WaitCancellationCompleted = 1,
    Abandon = 2,
}

/// The numbers are those of the public Python enum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VersioningIntent {
    #[default]
    Unspecified = 0,
    Compatible = 1,
    Default = 2,
}

/// Fields that are unset take over the current run's value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContinueAsNew {
    pub workflow_type: String,
    pub task_queue: String,
    pub arguments: Vec<Payload>,
    pub workflow_run_timeout: Option<Duration>,
    pub workflow_task_timeout: Option<Duration>,
    pub backoff_start_interval: Option<Duration>,
    pub memo: Option<Memo>,
    pub headers: HashMap<String, Payload>,
    pub search_attributes: Option<SearchAttributes>,
    pub retry_policy: Option<RetryPolicy>,
    pub versioning_intent: VersioningIntent,
    /// Number of the proto enum `ContinueAsNewVersioningBehavior`.
    pub initial_versioning_behavior: i32,
}
