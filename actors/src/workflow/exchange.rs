//! What goes into a run and what comes out of it: the whole of its face.

use std::{collections::HashMap, collections::HashSet, sync::Arc, time::Duration};

use bytes::Bytes;
use prost_types::Timestamp;

use crate::{
    connection::ServerCapabilities,
    protos::{
        command::v1::Command as ApiCommand,
        deployment::v1::WorkerDeploymentVersion,
        enums::v1::{VersioningBehavior, WorkflowTaskFailedCause},
        failure::v1::Failure,
        protocol::v1::Message,
        query::v1::WorkflowQueryResult,
        sdk::v1::WorkflowTaskCompletedMetadata,
    },
};

use super::{
    activation::{Activation, EvictionReason, RunId},
    command::{ActivationCompleted, ActivationFailure, ScheduleLocalActivity},
    task::{HistoryPage, WorkflowTask},
};
use crate::protos::common::v1::Payload;

/// What every run of one worker has in common.
#[derive(Clone, Debug, Default)]
pub struct RunSettings {
    pub namespace: String,
    pub task_queue: String,
    /// `sdk_metadata` decides whether flags and the SDK's name are recorded.
    pub server_capabilities: ServerCapabilities,
    /// False with a cache of size 0: a run then leaves of its own accord after each task.
    pub cached: bool,
    /// The worker has activities, so that workflows may schedule local ones.
    pub runs_local_activities: bool,
    pub nondeterminism_fails_all_workflows: bool,
    pub nondeterminism_fails_workflow_types: HashSet<String>,
    pub sdk_name: String,
    pub sdk_version: String,
    /// The version that this worker runs, shown to workflow code outside replay.
    pub deployment_version: Option<WorkerDeploymentVersion>,
}

/// What one run is made from.
#[derive(Clone, Debug)]
pub struct RunConfig {
    pub run_id: RunId,
    pub settings: Arc<RunSettings>,
}

/// Something that happened to the run.
#[derive(Clone, Debug, PartialEq)]
pub enum RunInput {
    /// A polled task. It is buffered while another is in progress.
    TaskReceived(Box<WorkflowTask>),
    /// The answer to [`RunEffect::FetchHistory`].
    HistoryFetched(HistoryPage),
    /// The other answer to [`RunEffect::FetchHistory`]: final, after all retries.
    HistoryFetchFailed { message: String },
    /// The answer to [`RunEffect::Activate`].
    Activated(ActivationCompleted),
    /// The answer to [`RunEffect::Respond`].
    Responded(ResponseOutcome),
    /// Answers to [`RunEffect::StartLocalActivities`], to be heard together. One that is asked to stop
    /// may still end.
    LocalActivitiesEnded(Vec<LocalActivityEnded>),
    /// The answer to [`RunEffect::AwaitLocalActivities`], when its time has come.
    HeartbeatDue { task: i64 },
    /// Local activities go no further here: the worker shuts down.
    LocalActivitiesStopped,
    /// Asks the run to leave. It does so after the task in progress.
    EvictionRequested {
        reason: EvictionReason,
        message: String,
    },
}

/// What the server made of a [`TaskAnswer`].
#[derive(Clone, Debug, PartialEq)]
pub enum ResponseOutcome {
    Accepted {
        /// A task that came with the response. It takes over the slot of the task just answered.
        new_task: Option<Box<WorkflowTask>>,
        /// Not 0 when the server threw the task away (rejected updates only).
        reset_history_event_id: i64,
    },
    /// The server does not know the task any more.
    NotFound,
    /// Events have arrived that the completed task had not seen.
    UnhandledCommand,
    /// The answer cannot be sent as it is (too large): the task fails with this cause instead.
    Unsendable(Box<ActivationFailure>),
    /// Any other error: final, after all retries.
    Failed { message: String },
}

/// Something to be done for the run.
#[derive(Clone, Debug, PartialEq)]
pub enum RunEffect {
    /// Hand it to workflow code; answer with [`RunInput::Activated`]. At most one is outstanding.
    Activate(Activation),
    /// Get a page; answer with one of the `HistoryFetch…` inputs. At most one is outstanding.
    FetchHistory {
        workflow_id: String,
        run_id: RunId,
        /// Empty means: from the first event.
        next_page_token: Bytes,
    },
    /// Send it to the server; answer with [`RunInput::Responded`]. At most one is outstanding.
    Respond(TaskAnswer),
    /// Run them in this process; each ends with a [`RunInput::LocalActivitiesEnded`].
    StartLocalActivities(StartLocalActivities),
    /// Ask these to stop. The answer is awaited only where the workflow waits for it.
    CancelLocalActivities(Vec<u32>),
    /// The task waits for local activities. So that the server does not give up on it, answer with
    /// [`RunInput::HeartbeatDue`] when so long has passed since the task came. Only the newest
    /// request counts.
    AwaitLocalActivities {
        task: i64,
        heartbeat_after: Duration,
    },
    /// A task is over, its slot is free. Comes once per [`RunInput::TaskReceived`], except for the
    /// tasks that [`RunEffect::Evicted`] hands back.
    TaskFinished,
    /// The run is gone, and takes no further input.
    Evicted {
        reason: EvictionReason,
        /// Tasks that had arrived but were not begun, in the order in which a new run should get
        /// them. They still hold their slots.
        #[allow(clippy::vec_box, reason = "they go on as `RunInput::TaskReceived`")]
        unstarted_tasks: Vec<Box<WorkflowTask>>,
    },
}

/// Local activities that a run wants to be run.
#[derive(Clone, Debug, PartialEq)]
pub struct StartLocalActivities {
    pub workflow_id: String,
    pub workflow_type: String,
    pub activities: Vec<ScheduleLocalActivity>,
}

/// How a local activity ended, after all attempts that were made in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalActivityEnded {
    pub sequence: u32,
    /// The last attempt; 0 if it was cancelled between two of them.
    pub attempt: u32,
    pub outcome: Result<Option<Payload>, Box<Failure>>,
    /// Set when the next attempt is so far away that the workflow has to wait for it.
    pub backoff: Option<Duration>,
    /// How long the last attempt took.
    pub run_time: Duration,
    /// When it ended in workflow time, where a history tells; else that follows from `run_time`.
    pub complete_time: Option<Timestamp>,
    /// When its first attempt was scheduled.
    pub original_schedule_time: Option<Timestamp>,
}

/// The answer to a workflow task, less what is the worker's to add (identity, sticky queue, …).
#[derive(Clone, Debug, PartialEq)]
pub enum TaskAnswer {
    Complete(Box<TaskCompletion>),
    Fail {
        task_token: Bytes,
        cause: WorkflowTaskFailedCause,
        failure: Box<Failure>,
    },
    Query {
        task_token: Bytes,
        result: Result<Option<Payload>, QueryFailure>,
    },
}

impl TaskAnswer {
    /// Names the task that is answered.
    pub fn task_token(&self) -> &Bytes {
        match self {
            Self::Complete(completion) => &completion.task_token,
            Self::Fail { task_token, .. } | Self::Query { task_token, .. } => task_token,
        }
    }

    /// Nothing comes after it, unless the server cannot take it.
    pub fn ends_workflow(&self) -> bool {
        matches!(self, Self::Complete(completion) if completion.ends_workflow)
    }
}

/// A completed workflow task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskCompletion {
    pub task_token: Bytes,
    pub commands: Vec<ApiCommand>,
    pub messages: Vec<Message>,
    pub query_results: HashMap<String, WorkflowQueryResult>,
    pub sdk_metadata: Option<WorkflowTaskCompletedMetadata>,
    pub force_new_task: bool,
    /// How runs of this type stand to worker versions, if workflow code said so.
    pub versioning_behavior: VersioningBehavior,
    /// One of the commands ends the workflow.
    pub ends_workflow: bool,
}

/// Why a query-only task could not be answered.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryFailure {
    pub cause: WorkflowTaskFailedCause,
    pub failure: Box<Failure>,
}

/// A cheap look at a run, for tests and for people.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSnapshot {
    pub run_id: RunId,
    pub waiting_for: WaitingFor,
    pub task_in_progress: bool,
    pub buffered_tasks: usize,
    /// Id of the last history event that the run has seen.
    pub last_event_id: i64,
    pub open_timers: usize,
    pub open_activities: usize,
    pub open_local_activities: usize,
    pub open_child_workflows: usize,
    /// Signals to and cancels of other workflows whose outcome is not known yet.
    pub open_external_requests: usize,
    pub open_updates: usize,
    pub eviction_requested: Option<EvictionReason>,
}

/// What the run needs to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitingFor {
    Task,
    History,
    Activation,
    /// The outcome of a local activity, or the time to tell the server that they still run.
    LocalActivities,
    Response,
    /// The last activation, which removes the run from workflow code's cache.
    Removal,
    /// It is gone.
    Nothing,
}
