//! A worker as its owner sees it.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use parking_lot::Mutex;
use tonic::Status;

use crate::{
    connection::{HeldClaim, Overlap, WorkerService},
    host::{ActivityHost, ActivityOutcome, HeartbeatRecorded, WorkflowHost},
    kit::{ChildHealth, Sender, Stage, Watch},
    runtime::Runtime,
    telemetry::WorkerMetrics,
    workflow::RunId,
};

use super::{
    activity_executor::CompleteActivity,
    assemble::{Blueprint, assemble},
    config::{ConfigError, WorkerConfig},
    current_service::CurrentService,
    first_tasks::Registration,
    local_activities::LocalActivitiesSnapshot,
    local_attempt::is_local_token,
    namespace::NamespaceFacts,
    poll::TaskKind,
    poller::BeginPolling,
    poller_memory::{PollCounts, PollerMemory},
    requests::Requests,
    run_cache::{BreakRun, RunCacheSnapshot},
    shutdown::{LifeState, WorkerError},
    slots::{SlotCounts, Slots},
    worker::BeginShutdown,
};

/// The state of a worker at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkerSnapshot {
    pub state: LifeState,
    pub workflow_slots: SlotCounts,
    pub activity_slots: SlotCounts,
    pub workflow_polls: PollCounts,
    pub activity_polls: PollCounts,
    pub activities_in_flight: usize,
    pub local_activities: LocalActivitiesSnapshot,
    pub runs: RunCacheSnapshot,
    /// The worker's actors less the runs; empty before it was run.
    pub actors: Vec<ChildHealth>,
}

/// What actors publish about themselves.
#[derive(Default)]
pub(super) struct Vitals {
    pub(super) runs: Mutex<RunCacheSnapshot>,
    state: Mutex<LifeState>,
    activities_in_flight: AtomicUsize,
    pub(super) local_activities: Mutex<LocalActivitiesSnapshot>,
    workflow_slots: OnceLock<Slots>,
    activity_slots: OnceLock<Slots>,
    workflow_polls: OnceLock<Arc<PollerMemory>>,
    activity_polls: OnceLock<Arc<PollerMemory>>,
}

impl Vitals {
    pub(super) fn set_state(&self, state: LifeState) {
        *self.state.lock() = state;
    }

    pub(super) fn set_activities_in_flight(&self, count: usize) {
        self.activities_in_flight.store(count, Ordering::Release);
    }

    pub(super) fn set_workflow_slots(&self, slots: Slots) {
        // A worker runs once, so this is set once.
        let _ = self.workflow_slots.set(slots);
    }

    pub(super) fn set_activity_slots(&self, slots: Slots) {
        let _ = self.activity_slots.set(slots);
    }

    pub(super) fn set_polls(&self, kind: TaskKind, polls: Arc<PollerMemory>) {
        let place = match kind {
            TaskKind::Workflow => &self.workflow_polls,
            TaskKind::Activity => &self.activity_polls,
        };
        let _ = place.set(polls);
    }
}

/// Where the owner's wishes go.
pub(super) struct WorkerPorts {
    pub(super) shutdown: Sender<BeginShutdown>,
    pub(super) complete: Option<Sender<CompleteActivity>>,
    pub(super) complete_local: Option<Sender<CompleteActivity>>,
    pub(super) heartbeat: Option<Sender<HeartbeatRecorded>>,
    pub(super) break_run: Option<Sender<BreakRun>>,
    pub(super) first_tasks: Option<Arc<Registration>>,
    pub(super) begin: Vec<Sender<BeginPolling>>,
    pub(super) actors: Watch,
}

/// Polls for tasks and works on them until it is shut down.
///
/// Dropping it begins a shutdown; what has begun is finished as long as the runtime lives.
pub struct Worker {
    stage: Stage,
    config: Arc<WorkerConfig>,
    service: CurrentService,
    workflows: Option<Arc<dyn WorkflowHost>>,
    activities: Option<Arc<dyn ActivityHost>>,
    vitals: Arc<Vitals>,
    namespace: Mutex<NamespaceFacts>,
    was_run: AtomicBool,
    shutdown_requested: AtomicBool,
    ports: OnceLock<WorkerPorts>,
    metrics: WorkerMetrics,
    /// Until the worker has ended.
    claim: Mutex<Option<HeldClaim>>,
}

impl Worker {
    /// Checks the configuration; nothing is started before [`Worker::run`].
    pub fn new(
        runtime: &Runtime,
        config: WorkerConfig,
        service: Arc<dyn WorkerService>,
        workflows: Option<Arc<dyn WorkflowHost>>,
        activities: Option<Arc<dyn ActivityHost>>,
    ) -> Result<Self, ConfigError> {
        let stage = runtime.stage().clone();
        let mut worker = Self::on_stage(stage, config, service, workflows, activities)?;
        let config = &worker.config;
        let meter = runtime.meter().cloned();
        worker.metrics = WorkerMetrics::new(meter, &config.namespace, &config.task_queue);
        Ok(worker)
    }

    /// As [`Worker::new`], on a stage that the caller made, and without metrics. For tests with time of their own.
    #[doc(hidden)]
    pub fn on_stage(
        stage: Stage,
        mut config: WorkerConfig,
        service: Arc<dyn WorkerService>,
        workflows: Option<Arc<dyn WorkflowHost>>,
        activities: Option<Arc<dyn ActivityHost>>,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        config.task_types.workflows &= workflows.is_some();
        config.task_types.activities &= activities.is_some();
        if !config.task_types.workflows && !config.task_types.activities {
            return Err(ConfigError::NothingToDo);
        }
        let claim = service.claim(config.claim(), None)?;
        Ok(Self {
            stage,
            metrics: WorkerMetrics::default(),
            workflows: workflows.filter(|_| config.task_types.workflows),
            activities: activities
                .filter(|_| config.task_types.activities || config.task_types.workflows),
            config: Arc::new(config),
            service: CurrentService::new(service),
            vitals: Arc::default(),
            namespace: Mutex::default(),
            was_run: AtomicBool::new(false),
            shutdown_requested: AtomicBool::new(false),
            ports: OnceLock::new(),
            claim: Mutex::new(claim),
        })
    }

    /// Asks the server whether the namespace exists, and what it can do. A worker that cannot run is
    /// not in the way of others until it is run after all.
    pub async fn validate(&self) -> Result<(), Status> {
        let service = self.service.get();
        let requests = Requests::new(&self.config, service.capabilities());
        let described = service
            .describe_namespace(requests.describe_namespace())
            .await
            .inspect_err(|_| self.give_up_claim())?;
        let mut facts = NamespaceFacts::from(described);
        if self.config.disable_payload_error_limit {
            facts.blob_limit = None;
            facts.memo_limit = None;
        }
        *self.namespace.lock() = facts;
        Ok(())
    }

    /// Polls and works until a shutdown has finished everything, or an error ends the worker.
    ///
    /// Dropping the future leaves the worker running.
    pub async fn run(&self) -> Result<(), WorkerError> {
        if self.was_run.swap(true, Ordering::AcqRel) {
            return Err(WorkerError::AlreadyRun);
        }
        if self.shutdown_requested.load(Ordering::SeqCst) {
            self.vitals.set_state(LifeState::Stopped);
            self.give_up_claim();
            return Ok(());
        }
        self.renew_claim(&*self.service.get())?;
        self.begin_to_count();
        let (ports, ended) = assemble(Blueprint {
            stage: self.stage.clone(),
            config: self.config.clone(),
            service: self.service.clone(),
            workflows: self.workflows.clone(),
            activities: self.activities.clone(),
            namespace: *self.namespace.lock(),
            vitals: self.vitals.clone(),
            metrics: self.metrics.clone(),
        });
        // Guarded by `was_run`: the ports are set once. Only now may tasks come: their ends go there.
        let ports = self.ports.get_or_init(|| ports);
        for begin in &ports.begin {
            let _ = begin.send(BeginPolling);
        }
        self.register_first_tasks(ports);
        if self.shutdown_requested.load(Ordering::SeqCst) {
            let _ = ports.shutdown.send(BeginShutdown);
        }
        let outcome = ended.await.unwrap_or(Err(WorkerError::RuntimeStopped));
        self.give_up_claim();
        outcome
    }

    /// Has all calls from now on go to another service. Those that are under way end where they are.
    ///
    /// # Errors
    ///
    /// Another worker takes the same tasks by way of that service; nothing changes then.
    pub fn replace_service(&self, service: Arc<dyn WorkerService>) -> Result<(), Overlap> {
        if self.claim.lock().is_some() {
            self.renew_claim(&*service)?;
        }
        self.service.replace(service);
        if let Some(ports) = self.ports.get() {
            self.register_first_tasks(ports);
        }
        Ok(())
    }

    fn begin_to_count(&self) {
        self.metrics.worker_started();
        if let (Some(host), Some(counter)) = (&self.workflows, self.metrics.abandoned_runs()) {
            host.count_abandoned_runs(counter);
        }
        if let Some(meter) = self.metrics.meter() {
            let suppliers = &self.config.slot_suppliers;
            let kinds = [
                &suppliers.workflow,
                &suppliers.activity,
                &suppliers.local_activity,
            ];
            for supplier in kinds.into_iter().flatten() {
                supplier.show_on(meter);
            }
        }
    }

    fn renew_claim(&self, service: &dyn WorkerService) -> Result<(), Overlap> {
        let mut held = self.claim.lock();
        *held = service.claim(self.config.claim(), held.as_ref())?;
        Ok(())
    }

    fn give_up_claim(&self) {
        let held = self.claim.lock().take();
        drop(held);
    }

    fn register_first_tasks(&self, ports: &WorkerPorts) {
        if let Some(first_tasks) = &ports.first_tasks {
            first_tasks.renew(&*self.service.get());
        }
    }

    /// Begins no more polls, finishes what was begun, and then ends [`Worker::run`].
    pub fn initiate_shutdown(&self) {
        self.shutdown_requested.store(true, Ordering::SeqCst);
        if let Some(ports) = self.ports.get() {
            // A worker that has ended is shut down.
            let _ = ports.shutdown.send(BeginShutdown);
        } else {
            self.give_up_claim();
        }
    }

    /// Says how an attempt of an activity ended.
    pub fn complete_activity(&self, task_token: Vec<u8>, outcome: ActivityOutcome) {
        let is_local = is_local_token(&task_token);
        let port = self.ports.get().and_then(|ports| match is_local {
            true => ports.complete_local.as_ref(),
            false => ports.complete.as_ref(),
        });
        let complete = CompleteActivity {
            task_token,
            outcome,
        };
        if port.is_none_or(|port| port.send(complete).is_err()) {
            tracing::warn!("an activity ended after its worker");
        }
    }

    /// Passes a heartbeat on. One of a local activity has nowhere to go: nobody waits for it.
    pub fn record_heartbeat(&self, heartbeat: HeartbeatRecorded) {
        if is_local_token(&heartbeat.task_token) {
            return;
        }
        let port = self.ports.get().and_then(|ports| ports.heartbeat.as_ref());
        if port.is_none_or(|port| port.send(heartbeat).is_err()) {
            tracing::debug!("an activity heartbeat came after its worker had ended");
        }
    }

    pub fn snapshot(&self) -> WorkerSnapshot {
        let vitals = &self.vitals;
        let counts = |slots: &OnceLock<Slots>| slots.get().map(Slots::counts).unwrap_or_default();
        let polls = |polls: &OnceLock<Arc<PollerMemory>>| {
            let open = polls.get().map(|memory| memory.open());
            open.unwrap_or_default()
        };
        WorkerSnapshot {
            state: *vitals.state.lock(),
            workflow_slots: counts(&vitals.workflow_slots),
            activity_slots: counts(&vitals.activity_slots),
            workflow_polls: polls(&vitals.workflow_polls),
            activity_polls: polls(&vitals.activity_polls),
            activities_in_flight: vitals.activities_in_flight.load(Ordering::Acquire),
            local_activities: *vitals.local_activities.lock(),
            runs: *vitals.runs.lock(),
            actors: self
                .ports
                .get()
                .map(|ports| ports.actors.health())
                .unwrap_or_default(),
        }
    }

    /// Makes the actor of a run panic, if the run is live. For tests of faults.
    #[doc(hidden)]
    pub fn break_run(&self, run_id: RunId) {
        if let Some(port) = self.ports.get().and_then(|ports| ports.break_run.as_ref()) {
            let _ = port.send(BreakRun(run_id));
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.initiate_shutdown();
    }
}
