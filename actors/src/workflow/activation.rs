//! What a run actor hands to workflow code: one activation, a list of jobs.
//!
//! All of it is plain data, so that a lane can be a thread here or a process elsewhere.

use std::{collections::HashMap, sync::Arc, time::Duration};

use prost_types::Timestamp;

use crate::protos::{
    common::v1::Payload, deployment::v1::WorkerDeploymentVersion,
    enums::v1::StartChildWorkflowExecutionFailedCause, failure::v1::Failure,
    history::v1::WorkflowExecutionStartedEventAttributes,
};

/// Identifies one run of a workflow; cheap to clone.
pub type RunId = Arc<str>;

/// A batch of jobs for one run, applied in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation {
    pub run_id: RunId,
    /// Workflow time. Never goes back within a run.
    pub timestamp: Option<Timestamp>,
    pub is_replaying: bool,
    /// Number of history events as of this activation.
    pub history_length: u32,
    pub history_size_bytes: u64,
    pub continue_as_new_suggested: bool,
    pub target_worker_deployment_version_changed: bool,
    /// Language flags that hold for this workflow task; see [`crate::workflow::flags`].
    pub available_internal_flags: Vec<u32>,
    pub deployment_version_for_current_task: Option<WorkerDeploymentVersion>,
    pub jobs: Vec<Job>,
}

impl Activation {
    /// Whether workflow code is to forget the run: then this is its last activation.
    pub fn removes(&self) -> bool {
        matches!(self.jobs[..], [Job::RemoveFromCache { .. }])
    }

    /// Tells workflow code to forget a run, as far as that can be said without its engine.
    pub(crate) fn removal(run_id: &RunId, reason: EvictionReason, message: &str) -> Self {
        Self {
            run_id: run_id.clone(),
            timestamp: None,
            is_replaying: false,
            history_length: 0,
            history_size_bytes: 0,
            continue_as_new_suggested: false,
            target_worker_deployment_version_changed: false,
            available_internal_flags: Vec::new(),
            deployment_version_for_current_task: None,
            jobs: vec![Job::RemoveFromCache {
                reason,
                message: message.into(),
            }],
        }
    }
}

/// One thing that happened to a run.
///
/// Order within an activation: [`Job::Initialize`], patches, seed, signals and updates in history
/// order, the rest, queries (an activation of their own), [`Job::RemoveFromCache`] (likewise).
#[derive(Clone, Debug, PartialEq)]
pub enum Job {
    Initialize(Box<Initialize>),
    NotifyHasPatch {
        patch_id: String,
    },
    UpdateRandomSeed {
        seed: u64,
    },
    SignalWorkflow {
        name: String,
        input: Vec<Payload>,
        identity: String,
        headers: HashMap<String, Payload>,
    },
    DoUpdate {
        /// The update's id, unique within the run.
        id: String,
        /// Names the update in the commands that answer it.
        protocol_instance_id: String,
        name: String,
        input: Vec<Payload>,
        headers: HashMap<String, Payload>,
        identity: String,
        /// False in replay: an update that history holds was accepted once already.
        run_validator: bool,
    },
    FireTimer {
        sequence: u32,
    },
    /// Remote and local activities share one count of numbers. Resolutions of local ones come last
    /// among the jobs that work.
    ResolveActivity {
        sequence: u32,
        resolution: ActivityResolution,
        is_local: bool,
    },
    ResolveChildWorkflowStart {
        sequence: u32,
        resolution: ChildWorkflowStart,
    },
    ResolveChildWorkflow {
        sequence: u32,
        resolution: ChildWorkflowResolution,
    },
    /// No failure: the signal was delivered.
    ResolveSignalExternalWorkflow {
        sequence: u32,
        failure: Option<Box<Failure>>,
    },
    /// No failure: the other workflow was asked to cancel.
    ResolveCancelExternalWorkflow {
        sequence: u32,
        failure: Option<Box<Failure>>,
    },
    CancelWorkflow {
        reason: String,
    },
    QueryWorkflow {
        query_id: String,
        query_type: String,
        arguments: Vec<Payload>,
        headers: HashMap<String, Payload>,
    },
    RemoveFromCache {
        reason: EvictionReason,
        message: String,
    },
}

/// The start of a run: what its first history event says, and what follows from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Initialize {
    pub workflow_id: String,
    /// Seed of the run's random stream, from the original execution run id.
    pub randomness_seed: u64,
    /// Time of the first history event.
    pub start_time: Option<Timestamp>,
    pub started: WorkflowExecutionStartedEventAttributes,
}

/// How an activity ended, as the workflow sees it.
#[derive(Clone, Debug, PartialEq)]
pub enum ActivityResolution {
    Completed(Option<Payload>),
    Failed(Box<Failure>),
    Cancelled(Box<Failure>),
    /// A local activity that is to be tried again after a time too long to wait for in memory:
    /// workflow code starts a timer, then schedules it anew under its next number.
    Backoff(LocalActivityBackoff),
}

/// What the next schedule of a local activity has to say.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalActivityBackoff {
    /// The attempt that comes after the backoff.
    pub attempt: u32,
    pub backoff: Duration,
    /// When its first attempt was scheduled.
    pub original_schedule_time: Option<Timestamp>,
}

/// How the start of a child workflow ended.
#[derive(Clone, Debug, PartialEq)]
pub enum ChildWorkflowStart {
    Started {
        run_id: String,
    },
    Failed {
        workflow_id: String,
        workflow_type: String,
        cause: StartChildWorkflowExecutionFailedCause,
    },
    /// Cancelled before it was started.
    Cancelled(Box<Failure>),
}

/// How a child workflow that was started ended.
#[derive(Clone, Debug, PartialEq)]
pub enum ChildWorkflowResolution {
    Completed(Option<Payload>),
    Failed(Box<Failure>),
    Cancelled(Box<Failure>),
}

/// Why a run leaves the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EvictionReason {
    /// Another run needed its place.
    CacheFull,
    /// The run has ended: nothing will follow.
    WorkflowExecutionEnding,
    Nondeterminism,
    /// Workflow code failed the task.
    HostFail,
    /// New events had arrived when the task was completed.
    UnhandledCommand,
    /// The server did not know the task any more.
    TaskNotFound,
    /// History could not be fetched.
    PaginationOrHistoryFetch,
    /// An invariant of the runtime broke, or the run's actor panicked.
    Fatal,
    /// The worker is shutting down.
    WorkerShutdown,
}
