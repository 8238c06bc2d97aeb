//! Puts a worker's actors together: addresses first, then each with the senders it needs.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::{
    host::{ActivityHost, WorkflowHost},
    kit::{ActorRef, Backoff, Children, Cradle, Sender, Stage, Supervision, Vacancy},
    protos::deployment::v1::WorkerDeploymentVersion,
    telemetry::{PollerType, SlotGauges, WorkerMetrics, WorkerType},
    workflow::{Run, RunConfig, RunId, RunSettings},
};

use super::{
    activity_executor::CompleteActivity,
    calls::Calls,
    config::WorkerConfig,
    current_service::CurrentService,
    eager::EagerActivities,
    first_tasks::{FirstTasksOfWorker, Registration},
    handle::{Vitals, WorkerPorts},
    namespace::NamespaceFacts,
    poll_balance::PollBalance,
    poller::{BeginPolling, Poller, PollerConfig, PollerSelf},
    poller_memory::PollerMemory,
    requests::Requests,
    run::{RunActor, RunShared},
    run_cache::{BreakRun, RunCache, RunCacheConfig, RunMessage, StartRun},
    run_local::LocalActivitySide,
    run_memory::RunMemory,
    shutdown::{ShutdownSignal, WorkerError},
    slots::{SlotFreed, Slots},
    slow_tasks,
    sources::WorkflowPolls,
    worker::{ActivitySide, LifeConfig, LocalActivityLife, WorkerLife, WorkflowSide},
};

/// A run is rebuilt by its next task; its actor comes back only to clear up.
const RUN_SUPERVISION: Supervision = Supervision {
    restarts: 3,
    window: std::time::Duration::from_secs(3600),
    backoff: Backoff {
        first: std::time::Duration::ZERO,
        max: std::time::Duration::ZERO,
    },
};

/// Everything a worker is made from.
pub(super) struct Blueprint {
    pub(super) stage: Stage,
    pub(super) config: Arc<WorkerConfig>,
    pub(super) service: CurrentService,
    pub(super) workflows: Option<Arc<dyn WorkflowHost>>,
    pub(super) activities: Option<Arc<dyn ActivityHost>>,
    pub(super) namespace: NamespaceFacts,
    pub(super) vitals: Arc<Vitals>,
    pub(super) metrics: WorkerMetrics,
}

pub(super) struct Assembly {
    pub(super) blueprint: Blueprint,
    pub(super) calls: Calls,
    pub(super) life: Vacancy<WorkerLife>,
    pub(super) children: Children,
    /// What lets the pollers begin.
    begin: Vec<Sender<BeginPolling>>,
    /// Where the ends of local activities go.
    pub(super) local_activities: Option<Sender<CompleteActivity>>,
    pub(super) eager_activities: Option<Arc<EagerActivities>>,
    first_tasks: Option<Arc<Registration>>,
    /// Actors of one worker share a thread; its runs are spread over all.
    pub(super) key: u64,
}

type Ended = oneshot::Receiver<Result<(), WorkerError>>;

/// Starts all actors of a worker.
pub(super) fn assemble(blueprint: Blueprint) -> (WorkerPorts, Ended) {
    let requests = Requests::new(&blueprint.config, blueprint.service.get().capabilities());
    let calls = Calls {
        service: blueprint.service.clone(),
        requests: Arc::new(requests),
        namespace: blueprint.namespace,
        shutdown: ShutdownSignal::default(),
        spawner: blueprint.stage.spawner().clone(),
    };
    let mut assembly = Assembly {
        life: blueprint.stage.vacancy(),
        calls,
        children: Children::default(),
        begin: Vec::new(),
        local_activities: None,
        eager_activities: None,
        first_tasks: None,
        key: rand::random(),
        blueprint,
    };
    let activities = assembly.activity_side();
    let workflows = assembly.workflow_side();
    let complete_local = assembly.local_activities.take();
    let first_tasks = assembly.first_tasks.clone();
    let (workflow_side, break_run) = workflows.unzip();
    let (activity_side, activity_ports) = activities.unzip();
    let (complete, heartbeat) = activity_ports.unzip();
    let watch = assembly.children.watch();
    let begin = std::mem::take(&mut assembly.begin);
    let (life, ended) = assembly.start_life(workflow_side, activity_side);
    let ports = WorkerPorts {
        shutdown: life.sender(),
        complete,
        complete_local,
        heartbeat,
        break_run,
        first_tasks,
        begin,
        actors: watch,
    };
    (ports, ended)
}

impl Assembly {
    fn workflow_side(&mut self) -> Option<(WorkflowSide, Sender<BreakRun>)> {
        let host = self.blueprint.workflows.clone()?;
        let cache: Vacancy<RunCache> = self.blueprint.stage.vacancy();
        let cache_address = cache.address().clone();
        let executor = self.start_local_activities();
        let shared = Arc::new(RunShared {
            calls: self.calls.clone(),
            host,
            cache: cache_address.sender(),
            local_activities: executor.as_ref().map(|executor| LocalActivitySide {
                run: executor.sender(),
                stop: executor.sender(),
                forget: executor.sender(),
            }),
            eager_activities: self.eager_activities.take(),
            clock: self.blueprint.stage.clock(),
            slow_task_limit: slow_tasks::limit(),
            new_engine: self.engines(),
            metrics: self.blueprint.metrics.clone(),
        });
        self.start_cache(cache, shared);
        let poller = self.start_workflow_poller(cache_address.sender());
        let side = WorkflowSide {
            stop_polling: poller.sender(),
            drain: cache_address.sender(),
            abandon: cache_address.sender(),
            local_activities: executor.map(|executor| LocalActivityLife {
                begin_grace: executor.sender(),
                drain: executor.sender(),
            }),
        };
        Some((side, cache_address.sender()))
    }

    fn engines(&self) -> Arc<dyn Fn(&RunId) -> Run + Send + Sync> {
        let config = &self.blueprint.config;
        let settings = Arc::new(RunSettings {
            namespace: config.namespace.clone(),
            task_queue: config.task_queue.clone(),
            server_capabilities: self.blueprint.service.get().capabilities(),
            cached: config.max_cached_workflows > 0 && !config.evict_after_each_task,
            runs_local_activities: self.blueprint.activities.is_some(),
            nondeterminism_fails_all_workflows: config.nondeterminism_fails_all_workflows,
            nondeterminism_fails_workflow_types: config
                .nondeterminism_fails_workflow_types
                .iter()
                .cloned()
                .collect(),
            sdk_name: config.client_name.clone(),
            sdk_version: config.client_version.clone(),
            // Without a deployment of its own, a worker's version is its build id alone.
            deployment_version: Some(WorkerDeploymentVersion {
                deployment_name: config
                    .deployment
                    .as_ref()
                    .map(|deployment| deployment.name.clone())
                    .unwrap_or_default(),
                build_id: config.build_id.clone(),
            }),
        });
        Arc::new(move |run_id| {
            Run::new(RunConfig {
                run_id: run_id.clone(),
                settings: settings.clone(),
            })
        })
    }

    fn start_cache(&mut self, cache: Vacancy<RunCache>, shared: Arc<RunShared<Run>>) {
        let max = self.blueprint.config.max_cached_workflows;
        let vitals = self.blueprint.vitals.clone();
        let config = RunCacheConfig {
            max_live: (max > 0).then_some(max),
            worker: self.life.address().sender(),
            check: cache.address().sender(),
            clock: self.blueprint.stage.clock(),
            watch: Sender::new(move |snapshot| {
                *vitals.runs.lock() = snapshot;
                Ok(())
            }),
            size: self.blueprint.metrics.cache_size(),
            metrics: self.blueprint.metrics.clone(),
        };
        let stage = self.blueprint.stage.clone();
        let exits = self.life.address().sender();
        cache.fill_as_child(
            &mut self.children,
            self.key,
            Supervision::NEVER,
            exits,
            move |_| RunCache::new(config.clone(), start_run(stage.clone(), shared.clone())),
        );
    }

    fn start_workflow_poller(
        &mut self,
        tasks: Sender<super::run_cache::AssignedWorkflowTask>,
    ) -> ActorRef<Poller<WorkflowPolls>> {
        let config = self.blueprint.config.clone();
        let poller: Vacancy<Poller<WorkflowPolls>> = self.blueprint.stage.vacancy();
        let metrics = &self.blueprint.metrics;
        let gauges = metrics.slots(WorkerType::Workflow);
        let slots = workflow_slots(&config, poller.address().sender(), gauges);
        let polls = [PollerType::Workflow, PollerType::StickyWorkflow];
        let polls = polls.map(|kind| metrics.polls(kind));
        self.blueprint.vitals.set_workflow_slots(slots.clone());
        let first_tasks = FirstTasksOfWorker {
            slots: slots.clone(),
            tasks: tasks.clone(),
            deployment_options: self.calls.requests.deployment_options(),
            shutdown: self.calls.shutdown.clone(),
        };
        let (namespace, task_queue) = (config.namespace.clone(), config.task_queue.clone());
        self.first_tasks = Some(Registration::new(first_tasks, namespace, task_queue));
        let source = Arc::new(WorkflowPolls {
            service: self.calls.service.clone(),
            requests: self.calls.requests.clone(),
            metrics: metrics.clone(),
        });
        let most = config.max_concurrent_workflow_task_polls;
        let has_sticky = self.calls.requests.has_sticky_queue();
        let balance = match config.workflow_poll_scale {
            Some(scale) => PollBalance::scaled(scale.initial, has_sticky),
            None if has_sticky => {
                PollBalance::with_sticky(most, config.nonsticky_to_sticky_poll_ratio)
            }
            None => PollBalance::normal_only(most),
        };
        let poller_config = PollerConfig {
            source,
            tasks,
            worker: self.life.address().sender(),
            slots,
            rate_limit: None,
            scale: config.workflow_poll_scale,
            server_suggests_polls: self.calls.namespace.suggests_polls,
            shutdown: self.calls.shutdown.clone(),
            spawner: self.calls.spawner.clone(),
        };
        self.start_poller(poller, poller_config, PollerMemory::new(balance, polls))
    }

    pub(super) fn start_poller<S: super::poll::PollSource>(
        &mut self,
        poller: Vacancy<Poller<S>>,
        config: PollerConfig<S>,
        memory: Arc<PollerMemory>,
    ) -> ActorRef<Poller<S>> {
        self.begin.push(poller.address().sender());
        self.blueprint.vitals.set_polls(S::KIND, memory.clone());
        let exits = self.life.address().sender();
        poller.fill_as_child(
            &mut self.children,
            self.key,
            Supervision::RESTART,
            exits,
            move |cradle| Poller::new(config.clone(), PollerSelf::of(cradle), memory.clone()),
        )
    }

    fn start_life(
        self,
        workflows: Option<WorkflowSide>,
        activities: Option<ActivitySide>,
    ) -> (ActorRef<WorkerLife>, Ended) {
        let (ended, wait) = oneshot::channel();
        let address = self.life.address().clone();
        let vitals = self.blueprint.vitals.clone();
        let config = LifeConfig {
            workflows,
            activities,
            children: self.children,
            first_tasks: self.first_tasks,
            clock: self.blueprint.stage.clock(),
            calls: self.calls,
            server_ends_polls: self.blueprint.namespace.ends_polls,
            notice_given: address.sender(),
            time_is_up: address.sender(),
            watch: Sender::new(move |state| {
                vitals.set_state(state);
                Ok(())
            }),
            ended,
        };
        let mut config = Some(config);
        let life = self
            .life
            .fill(self.key, Supervision::NEVER, None, move |_| {
                WorkerLife::new(config.take().expect("a worker's life is never restarted"))
            });
        (life, wait)
    }
}

/// As many tasks as asked for, but not many more than there is cache for; with a cache always two,
/// one for each queue.
fn workflow_slots(config: &WorkerConfig, freed: Sender<SlotFreed>, gauges: SlotGauges) -> Slots {
    let limit = match config.max_cached_workflows {
        0 => usize::MAX,
        cached => cached.max(2),
    };
    match &config.slot_suppliers.workflow {
        Some(supplier) => Slots::supplied(supplier.clone(), limit, freed, gauges),
        None if limit == usize::MAX => {
            Slots::new(config.max_concurrent_workflow_tasks, freed, gauges)
        }
        None => Slots::new(
            config.max_concurrent_workflow_tasks.min(limit).max(2),
            freed,
            gauges,
        ),
    }
}

fn start_run(stage: Stage, shared: Arc<RunShared<Run>>) -> StartRun {
    Box::new(move |stay| {
        let memory = RunMemory::new(stay.clone(), shared.cache.clone());
        let shared = shared.clone();
        let factory = move |cradle: &Cradle<RunActor<Run>>| {
            RunActor::new(shared.clone(), memory.clone(), cradle)
        };
        // Its neighbours are a lane and the connection; what it does between their messages is short.
        let run = stage.start_guest(RUN_SUPERVISION, None, factory);
        let address: Sender<RunMessage> = run.sender();
        address
    })
}
