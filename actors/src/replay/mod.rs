//! Histories in, verdicts out: workflow code against what history says it did, with no server.
//!
//! A history is what one workflow task, or several, are made from (`plan.rs`); an actor for each
//! history drives the engine with them (`replay.rs`); another keeps two histories of one run apart
//! (`queue.rs`), because workflow code knows a run by its id.
//!
//! Nothing is executed: an activity, a child or a timer is over when history says so.

mod live;
mod order;
mod plan;
mod queue;
#[expect(clippy::module_inception, reason = "a file is named after its actor")]
mod replay;
mod report;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::{
    connection::ServerCapabilities,
    host::WorkflowHost,
    kit::{ActorRef, Stage, Supervision},
    protos::{deployment::v1::WorkerDeploymentVersion, history::v1::History},
    runtime::Runtime,
    workflow::RunSettings,
};

use order::ReplayOrder;
use queue::ReplayQueue;

pub use plan::{Course, HistoryRefused};
pub use report::{ReplayFailure, ReplayReport, TaskReport};

/// What all replays of one [`Replayer`] have in common.
#[derive(Clone, Debug)]
pub struct ReplayConfig {
    pub namespace: String,
    pub task_queue: String,
    pub build_id: String,
    pub client_name: String,
    pub client_version: String,
    /// Replays at a time; those of one run always wait for each other.
    pub max_concurrent_replays: usize,
}

impl ReplayConfig {
    /// Nondeterminism always fails the task here, also where a worker would fail the workflow: a
    /// replay is asked for to learn of it.
    fn settings(&self) -> RunSettings {
        RunSettings {
            namespace: self.namespace.clone(),
            task_queue: self.task_queue.clone(),
            server_capabilities: ServerCapabilities {
                sdk_metadata: true,
                ..ServerCapabilities::default()
            },
            cached: true,
            runs_local_activities: true,
            sdk_name: self.client_name.clone(),
            sdk_version: self.client_version.clone(),
            deployment_version: Some(WorkerDeploymentVersion {
                deployment_name: String::new(),
                build_id: self.build_id.clone(),
            }),
            ..RunSettings::default()
        }
    }
}

/// A history, and how it is to be replayed.
#[derive(Clone, Debug, Default)]
pub struct ReplayRequest {
    pub workflow_id: String,
    pub history: History,
    pub course: Course,
    /// Sizes of the pages in which the engine gets its history, the last of them again and again.
    /// None: all at once.
    pub page_sizes: Vec<usize>,
}

/// Replays histories. Dropping it lets those that are being replayed come to their end.
pub struct Replayer {
    queue: ActorRef<ReplayQueue>,
}

impl Replayer {
    pub fn new(runtime: &Runtime, config: &ReplayConfig, host: Arc<dyn WorkflowHost>) -> Self {
        Self::on_stage(runtime.stage(), config, host)
    }

    fn on_stage(stage: &Stage, config: &ReplayConfig, host: Arc<dyn WorkflowHost>) -> Self {
        let settings = Arc::new(config.settings());
        let limit = config.max_concurrent_replays.max(1);
        let on = stage.clone();
        let queue = stage.start(0, Supervision::NEVER, None, move |cradle| {
            let start = replay::starter(on.clone(), host.clone(), settings.clone());
            ReplayQueue::new(limit, start, cradle.me.sender())
        });
        Self { queue }
    }

    /// Replays a history and reports what came of it. Dropping the future stops nothing.
    pub async fn replay(&self, request: ReplayRequest) -> ReplayReport {
        let page_sizes = request.page_sizes;
        let events = request.history.events;
        let planned = plan::Plan::new(request.workflow_id, events, request.course);
        let plan = match planned {
            Ok(plan) => plan,
            Err(refused) => return ReplayReport::refused(&refused),
        };
        let (reply, answer) = oneshot::channel();
        let order = ReplayOrder {
            plan,
            page_sizes,
            reply,
        };
        // A queue that is gone has dropped the order, and with it the way to an answer.
        let _ = self.queue.tell(order);
        answer.await.unwrap_or_else(|_| ReplayReport::lost())
    }
}

impl Drop for Replayer {
    fn drop(&mut self) {
        self.queue.stop();
    }
}
