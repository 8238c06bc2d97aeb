//! What workflow code answers to an activation: commands, or why it could not.

use std::{collections::HashMap, time::Duration};

use prost_types::Timestamp;

use crate::protos::{
    common::v1::{Memo, Payload, Priority, RetryPolicy, SearchAttributes},
    enums::v1::{VersioningBehavior, WorkflowTaskFailedCause},
    failure::v1::Failure,
    sdk::v1::UserMetadata,
    workflow::v1::VersioningOverride,
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
    /// How runs of this type stand to worker versions, if the type or the worker says so.
    pub versioning_behavior: VersioningBehavior,
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
    ScheduleLocalActivity(Box<ScheduleLocalActivity>),
    RequestCancelLocalActivity {
        sequence: u32,
    },
    StartChildWorkflow(Box<StartChildWorkflow>),
    /// Cancels a child in any state: before it is sent, while it starts, or while it runs.
    CancelChildWorkflow {
        sequence: u32,
        reason: String,
    },
    SignalExternalWorkflow(Box<SignalExternalWorkflow>),
    /// Takes a signal back that is not sent yet.
    CancelSignalWorkflow {
        sequence: u32,
    },
    RequestCancelExternalWorkflow {
        sequence: u32,
        workflow_id: String,
        /// Empty means the current run.
        run_id: String,
        reason: String,
    },
    SetPatchMarker {
        patch_id: String,
        deprecated: bool,
    },
    UpsertSearchAttributes(SearchAttributes),
    /// A null payload removes its key.
    UpsertMemo(Memo),
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

impl Command {
    /// Whether it is one of those of which a run has at most one.
    pub(super) fn ends_workflow(&self) -> bool {
        matches!(
            self,
            Self::CompleteWorkflow { .. }
                | Self::FailWorkflow { .. }
                | Self::CancelWorkflow
                | Self::ContinueAsNew(_)
        )
    }
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

/// Runs in this process; history holds a marker with its outcome.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScheduleLocalActivity {
    pub sequence: u32,
    pub activity_id: String,
    pub activity_type: String,
    /// 1, or more after a backoff.
    pub attempt: u32,
    /// When the first attempt was scheduled; set after a backoff.
    pub original_schedule_time: Option<Timestamp>,
    pub headers: HashMap<String, Payload>,
    pub arguments: Vec<Payload>,
    pub schedule_to_close_timeout: Option<Duration>,
    pub schedule_to_start_timeout: Option<Duration>,
    pub start_to_close_timeout: Option<Duration>,
    pub retry_policy: Option<RetryPolicy>,
    /// A retry that is further away than this becomes a timer of the workflow.
    pub local_retry_threshold: Option<Duration>,
    pub cancellation_type: ActivityCancellationType,
    pub user_metadata: Option<UserMetadata>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct StartChildWorkflow {
    pub sequence: u32,
    pub workflow_id: String,
    pub workflow_type: String,
    /// Empty means the workflow's own task queue.
    pub task_queue: String,
    pub arguments: Vec<Payload>,
    pub workflow_execution_timeout: Option<Duration>,
    pub workflow_run_timeout: Option<Duration>,
    pub workflow_task_timeout: Option<Duration>,
    /// Number of the proto enum `ParentClosePolicy`.
    pub parent_close_policy: i32,
    /// Number of the proto enum `WorkflowIdReusePolicy`.
    pub workflow_id_reuse_policy: i32,
    pub retry_policy: Option<RetryPolicy>,
    pub cron_schedule: String,
    pub headers: HashMap<String, Payload>,
    pub memo: HashMap<String, Payload>,
    pub search_attributes: Option<SearchAttributes>,
    pub cancellation_type: ChildWorkflowCancellationType,
    pub versioning_intent: VersioningIntent,
    /// The worker version that the child is to run on.
    pub versioning_override: Option<VersioningOverride>,
    pub priority: Option<Priority>,
    pub user_metadata: Option<UserMetadata>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SignalExternalWorkflow {
    pub sequence: u32,
    pub target: SignalTarget,
    pub signal_name: String,
    pub arguments: Vec<Payload>,
    pub headers: HashMap<String, Payload>,
    pub user_metadata: Option<UserMetadata>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignalTarget {
    /// A child of this workflow.
    Child { workflow_id: String },
    /// Any workflow of the namespace. An empty run id means the current run.
    Workflow { workflow_id: String, run_id: String },
}

/// The numbers are those of the public Python enum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChildWorkflowCancellationType {
    Abandon = 0,
    TryCancel = 1,
    #[default]
    WaitCancellationCompleted = 2,
    WaitCancellationRequested = 3,
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
