//! The actors of a worker, one file each, and the plain types that they are built on.
//!
//! A workflow task goes poller → run cache → run → workflow code → run → server; an activity task goes
//! poller → activity executor → activity code → activity executor → server.

mod activity_executor;
mod activity_reports;
mod activity_task;
mod assemble;
mod assemble_activities;
mod assemble_local;
mod calls;
mod completion;
mod config;
mod current_service;
mod eager;
mod first_tasks;
mod handed_over;
mod handle;
mod heartbeat;
mod local_activities;
mod local_attempt;
mod local_retries;
mod local_stops;
mod measured_attempt;
mod measured_run;
mod namespace;
mod payload_limits;
mod poll;
mod poll_balance;
mod poll_failures;
mod poll_scaling;
mod poller;
mod poller_memory;
mod rate_limit;
mod recency;
mod requests;
mod run;
mod run_answers;
mod run_cache;
mod run_local;
mod run_memory;
mod run_recovery;
mod run_removal;
mod shutdown;
mod slots;
mod slow_tasks;
mod sources;
#[cfg(test)]
mod tests;
mod throttle;
#[expect(clippy::module_inception, reason = "a file is named after its actor")]
mod worker;

pub use activity_task::activity_task;
pub use config::{ConfigError, Deployment, SlotSuppliers, TaskTypes, WorkerConfig};
pub use handle::{Worker, WorkerSnapshot};
pub use local_activities::LocalActivitiesSnapshot;
pub use poll::TaskKind;
pub use poll_scaling::PollScale;
pub use poller_memory::PollCounts;
pub use run_cache::RunCacheSnapshot;
pub use shutdown::{LifeState, WorkerError};
pub use slots::{
    ResourceLimits, ResourceSlots, ResourceTuner, SlotCounts, SlotGrant, SlotInfo, SlotKind,
    SlotRequest, SlotSupplier, TargetUsage,
};

use crate::kit::Actor;

const NAME_OF_WORKFLOW_POLLER: &str = <poller::Poller<sources::WorkflowPolls> as Actor>::NAME;
const NAME_OF_ACTIVITY_POLLER: &str = <poller::Poller<sources::ActivityPolls> as Actor>::NAME;
const NAME_OF_RUN_CACHE: &str = <run_cache::RunCache as Actor>::NAME;
const NAME_OF_ACTIVITY_EXECUTOR: &str = <activity_executor::ActivityExecutor as Actor>::NAME;
const NAME_OF_LOCAL_ACTIVITY_EXECUTOR: &str =
    <local_activities::LocalActivityExecutor as Actor>::NAME;
