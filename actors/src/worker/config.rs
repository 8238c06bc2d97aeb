//! What a worker is told at its start.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    connection::{Claim, Overlap},
    protos::enums::v1::VersioningBehavior,
};

use super::{poll_scaling::PollScale, slots::SlotSupplier};

/// Which kinds of task a worker polls for.
///
/// A worker that polls for workflows and is given activities, but does not poll for those, runs them
/// as local activities only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskTypes {
    pub workflows: bool,
    pub activities: bool,
}

/// A worker deployment, as one of its workers knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    pub name: String,
    /// The server sends tasks by version, and each workflow task says how its run stands to versions.
    pub is_versioned: bool,
    /// For workflows that say nothing themselves.
    pub default_behavior: VersioningBehavior,
}

/// Suppliers of slots by kind of task; where there is none, a fixed number is free.
#[derive(Clone, Default)]
pub struct SlotSuppliers {
    pub workflow: Option<Arc<dyn SlotSupplier>>,
    pub activity: Option<Arc<dyn SlotSupplier>>,
    pub local_activity: Option<Arc<dyn SlotSupplier>>,
}

impl fmt::Debug for SlotSuppliers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlotSuppliers")
            .field("workflow", &self.workflow.is_some())
            .field("activity", &self.activity.is_some())
            .field("local_activity", &self.local_activity.is_some())
            .finish()
    }
}

/// Everything that shapes a worker; the defaults are those of the public Python `Worker`.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    pub namespace: String,
    pub task_queue: String,
    pub identity: String,
    pub client_name: String,
    pub client_version: String,
    /// Identifies the worker's code; recorded with every workflow task it completes.
    pub build_id: String,
    /// The server sends tasks by sets of build ids; the way before deployments.
    pub use_build_id_versioning: bool,
    /// The deployment of which the worker's build is a version.
    pub deployment: Option<Deployment>,
    pub task_types: TaskTypes,
    /// Runs kept live; 0 turns the sticky queue off.
    pub max_cached_workflows: usize,
    /// For tests of replay: each run leaves the cache after its task, although the server is told
    /// to send its next one to this worker's sticky queue.
    pub evict_after_each_task: bool,
    /// Who decides over slots instead of the numbers below.
    pub slot_suppliers: SlotSuppliers,
    pub max_concurrent_workflow_tasks: usize,
    pub max_concurrent_activities: usize,
    /// Local activities run for the workflows of this worker, beside the slots of polled ones.
    pub max_concurrent_local_activities: usize,
    pub max_concurrent_workflow_task_polls: usize,
    pub max_concurrent_activity_task_polls: usize,
    /// Polls of each queue as the server suggests, instead of a fixed number of them.
    pub workflow_poll_scale: Option<PollScale>,
    pub activity_poll_scale: Option<PollScale>,
    /// How many activities of one workflow task are asked for eagerly, at most.
    pub max_eager_activities_per_workflow_task: usize,
    /// Share of the workflow polls that go to the normal queue, between 0 and 1.
    pub nonsticky_to_sticky_poll_ratio: f32,
    /// How long a task waits on the sticky queue before any worker may have it.
    pub sticky_queue_schedule_to_start_timeout: Duration,
    pub max_heartbeat_throttle_interval: Duration,
    pub default_heartbeat_throttle_interval: Duration,
    /// This worker starts no more activities per second than this.
    pub max_worker_activities_per_second: Option<f64>,
    /// The server hands out no more activities of this queue per second than this.
    pub max_task_queue_activities_per_second: Option<f64>,
    /// How long activities may go on after shutdown began, before they are cancelled.
    pub graceful_shutdown_period: Duration,
    /// Nondeterminism fails the workflow itself, for every type or for those named.
    pub nondeterminism_fails_all_workflows: bool,
    pub nondeterminism_fails_workflow_types: Vec<String>,
    /// Payloads are sent even if the namespace is known to refuse them for their size.
    pub disable_payload_error_limit: bool,
}

impl WorkerConfig {
    pub fn new(namespace: impl Into<String>, task_queue: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            task_queue: task_queue.into(),
            identity: String::new(),
            client_name: "temporal-python".into(),
            client_version: String::new(),
            build_id: String::new(),
            use_build_id_versioning: false,
            deployment: None,
            task_types: TaskTypes {
                workflows: true,
                activities: true,
            },
            max_cached_workflows: 1000,
            evict_after_each_task: false,
            slot_suppliers: SlotSuppliers::default(),
            max_concurrent_workflow_tasks: 100,
            max_concurrent_activities: 100,
            max_concurrent_local_activities: 100,
            max_concurrent_workflow_task_polls: 5,
            max_concurrent_activity_task_polls: 5,
            workflow_poll_scale: None,
            activity_poll_scale: None,
            max_eager_activities_per_workflow_task: 3,
            nonsticky_to_sticky_poll_ratio: 0.2,
            sticky_queue_schedule_to_start_timeout: Duration::from_secs(10),
            max_heartbeat_throttle_interval: Duration::from_secs(60),
            default_heartbeat_throttle_interval: Duration::from_secs(30),
            max_worker_activities_per_second: None,
            max_task_queue_activities_per_second: None,
            graceful_shutdown_period: Duration::ZERO,
            nondeterminism_fails_all_workflows: false,
            nondeterminism_fails_workflow_types: Vec::new(),
            disable_payload_error_limit: false,
        }
    }
}

/// What is wrong with a configuration. The message names the setting and what it must be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConfigError {
    #[error("{name} must be {expected}, got {value}")]
    Invalid {
        name: &'static str,
        expected: &'static str,
        value: String,
    },
    #[error("the worker has neither workflows nor activities to poll for")]
    NothingToDo,
    #[error(transparent)]
    Overlap(#[from] Overlap),
}

impl WorkerConfig {
    /// What the worker takes, for other workers to keep away from.
    pub(super) fn claim(&self) -> Claim {
        let is_in_deployment = self.deployment.is_some();
        Claim {
            namespace: self.namespace.clone(),
            task_queue: self.task_queue.clone(),
            build_id: is_in_deployment.then(|| self.build_id.clone()),
            workflows: self.task_types.workflows,
            activities: self.task_types.activities,
        }
    }

    /// Finds settings with which a worker cannot work.
    pub fn check(&self) -> Result<(), ConfigError> {
        let texts = [
            ("namespace", &self.namespace),
            ("task_queue", &self.task_queue),
        ];
        for (name, text) in texts {
            require(
                !text.is_empty(),
                name,
                "a name that is not empty",
                "an empty one",
            )?;
        }
        let counts = [
            (
                "max_concurrent_workflow_tasks",
                self.max_concurrent_workflow_tasks,
            ),
            ("max_concurrent_activities", self.max_concurrent_activities),
            (
                "max_concurrent_local_activities",
                self.max_concurrent_local_activities,
            ),
            (
                "max_concurrent_workflow_task_polls",
                self.max_concurrent_workflow_task_polls,
            ),
            (
                "max_concurrent_activity_task_polls",
                self.max_concurrent_activity_task_polls,
            ),
        ];
        for (name, count) in counts {
            require(count > 0, name, "at least 1", count)?;
        }
        let scales = [
            ("workflow_poll_scale", self.workflow_poll_scale),
            ("activity_poll_scale", self.activity_poll_scale),
        ];
        for (name, scale) in scales {
            if let Some(scale) = scale {
                let is_ordered = scale.minimum <= scale.initial && scale.initial <= scale.maximum;
                require(
                    scale.minimum > 0 && is_ordered,
                    name,
                    "at least 1, with minimum, initial and maximum in this order",
                    format!(
                        "{} to {}, {} at first",
                        scale.minimum, scale.maximum, scale.initial
                    ),
                )?;
            }
        }
        let rates = [
            (
                "max_worker_activities_per_second",
                self.max_worker_activities_per_second,
            ),
            (
                "max_task_queue_activities_per_second",
                self.max_task_queue_activities_per_second,
            ),
        ];
        for (name, rate) in rates {
            if let Some(rate) = rate {
                require(
                    rate.is_finite() && rate > 0.0,
                    name,
                    "a number above 0",
                    rate,
                )?;
            }
        }
        let ratio = self.nonsticky_to_sticky_poll_ratio;
        require(
            (0.0..=1.0).contains(&ratio),
            "nonsticky_to_sticky_poll_ratio",
            "between 0 and 1",
            ratio,
        )
    }
}

fn require(
    holds: bool,
    name: &'static str,
    expected: &'static str,
    value: impl ToString,
) -> Result<(), ConfigError> {
    if holds {
        return Ok(());
    }
    Err(ConfigError::Invalid {
        name,
        expected,
        value: value.to_string(),
    })
}
