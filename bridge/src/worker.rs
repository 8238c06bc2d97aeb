//! The shell of a worker.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use callboard_actors::{
    host::{ActivityHost, ActivityOutcome, HeartbeatRecorded, WorkflowHost},
    protos::{common::v1::Payloads, enums::v1::VersioningBehavior, failure::v1::Failure},
    worker::{
        ConfigError, Deployment, PollScale, SlotSuppliers, TaskTypes, Worker as Inner, WorkerConfig,
    },
};
use prost::Message;
use pyo3::{PyTraverseError, PyVisit, prelude::*, types::PyDict};

use crate::{
    activities::LoopActivities,
    connection::{Connection, seconds},
    errors::BridgeError,
    lanes::{self, LanePool},
    loop_handler::LoopHandler,
    loop_mailbox::{self, LoopMailbox},
    raw_payload::{self, Carried},
    runtime::SharedRuntime,
    slot_suppliers::{LoopSlots, SlotsArgument},
    worker_snapshot,
};

/// A worker, which runs once.
#[pyclass(frozen, module = "temporalio.bridge._callboard")]
pub(crate) struct Worker {
    inner: Arc<Inner>,
    lanes: Option<Arc<LanePool>>,
    activities: Option<LoopActivities>,
    /// Where user code decides over slots.
    custom_slots: Vec<LoopSlots>,
    runtime: Arc<SharedRuntime>,
    /// Set while attached to the interpreter, so that it does not change during a collection.
    was_run: AtomicBool,
}

#[pymethods]
impl Worker {
    #[new]
    #[pyo3(signature = (
        connection, *, namespace, task_queue, identity, client_name, client_version, build_id,
        use_build_id_versioning, deployment,
        max_cached_workflows, workflow_slots, activity_slots, local_activity_slots,
        workflow_task_polls, activity_task_polls,
        max_eager_activities_per_workflow_task,
        nonsticky_to_sticky_poll_ratio, sticky_queue_schedule_to_start_timeout,
        max_heartbeat_throttle_interval, default_heartbeat_throttle_interval,
        max_activities_per_second, max_task_queue_activities_per_second,
        graceful_shutdown_timeout, nondeterminism_fails_all_workflows,
        nondeterminism_fails_workflow_types, workflows, lanes, deadlock_timeout, activities,
        polls_activities, evict_after_each_task = false, disable_payload_error_limit = false,
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "keywords, as in the interface file"
    )]
    fn new(
        connection: &Connection,
        namespace: String,
        task_queue: String,
        identity: String,
        client_name: String,
        client_version: String,
        build_id: String,
        use_build_id_versioning: bool,
        deployment: Option<(String, bool, i32)>,
        max_cached_workflows: usize,
        workflow_slots: SlotsArgument,
        activity_slots: SlotsArgument,
        local_activity_slots: SlotsArgument,
        workflow_task_polls: PollsArgument,
        activity_task_polls: PollsArgument,
        max_eager_activities_per_workflow_task: usize,
        nonsticky_to_sticky_poll_ratio: f32,
        sticky_queue_schedule_to_start_timeout: f64,
        max_heartbeat_throttle_interval: f64,
        default_heartbeat_throttle_interval: f64,
        max_activities_per_second: Option<f64>,
        max_task_queue_activities_per_second: Option<f64>,
        graceful_shutdown_timeout: f64,
        nondeterminism_fails_all_workflows: bool,
        nondeterminism_fails_workflow_types: Vec<String>,
        workflows: Option<Py<PyAny>>,
        lanes: usize,
        deadlock_timeout: Option<f64>,
        activities: Option<Py<PyAny>>,
        polls_activities: bool,
        evict_after_each_task: bool,
        disable_payload_error_limit: bool,
    ) -> PyResult<Self> {
        let mut custom_slots = Vec::new();
        let workflow_slots = workflow_slots.into_slots(&mut custom_slots)?;
        let activity_slots = activity_slots.into_slots(&mut custom_slots)?;
        let local_activity_slots = local_activity_slots.into_slots(&mut custom_slots)?;
        let config = WorkerConfig {
            namespace,
            task_queue,
            identity,
            client_name,
            client_version,
            build_id,
            use_build_id_versioning,
            deployment: deployment.map(to_deployment).transpose()?,
            task_types: TaskTypes {
                workflows: workflows.is_some(),
                activities: polls_activities,
            },
            max_cached_workflows,
            evict_after_each_task,
            max_concurrent_workflow_tasks: workflow_slots.number(),
            max_concurrent_activities: activity_slots.number(),
            max_concurrent_local_activities: local_activity_slots.number(),
            slot_suppliers: SlotSuppliers {
                workflow: workflow_slots.supplier(),
                activity: activity_slots.supplier(),
                local_activity: local_activity_slots.supplier(),
            },
            max_concurrent_workflow_task_polls: workflow_task_polls.number(),
            max_concurrent_activity_task_polls: activity_task_polls.number(),
            workflow_poll_scale: workflow_task_polls.scale(),
            activity_poll_scale: activity_task_polls.scale(),
            max_eager_activities_per_workflow_task,
            nonsticky_to_sticky_poll_ratio,
            sticky_queue_schedule_to_start_timeout: seconds(
                "sticky_queue_schedule_to_start_timeout",
                sticky_queue_schedule_to_start_timeout,
            )?,
            max_heartbeat_throttle_interval: seconds(
                "max_heartbeat_throttle_interval",
                max_heartbeat_throttle_interval,
            )?,
            default_heartbeat_throttle_interval: seconds(
                "default_heartbeat_throttle_interval",
                default_heartbeat_throttle_interval,
            )?,
            max_worker_activities_per_second: max_activities_per_second,
            max_task_queue_activities_per_second,
            graceful_shutdown_period: seconds(
                "graceful_shutdown_timeout",
                graceful_shutdown_timeout,
            )?,
            nondeterminism_fails_all_workflows,
            nondeterminism_fails_workflow_types,
            disable_payload_error_limit,
        };
        let deadlock_timeout = deadlock_timeout
            .map(|limit| seconds("deadlock_timeout", limit))
            .transpose()?;
        let lanes = workflows
            .map(|handler| lanes::start(handler, lanes, deadlock_timeout))
            .transpose()?;
        let activities = activities.map(|handler| LoopActivities(LoopHandler::new(handler)));
        let runtime = Arc::clone(connection.runtime());
        let inner = Inner::new(
            runtime.get()?,
            config,
            connection.worker_service(),
            lanes.clone().map(|lanes| lanes as Arc<dyn WorkflowHost>),
            activities
                .clone()
                .map(|activities| Arc::new(activities) as Arc<dyn ActivityHost>),
        )
        .map_err(|error| match error {
            ConfigError::Overlap(overlap) => {
                BridgeError::State(format!("Failed creating worker: {overlap}"))
            }
            invalid => BridgeError::Value(invalid.to_string()),
        })?;
        Ok(Self {
            inner: Arc::new(inner),
            lanes,
            activities,
            custom_slots,
            runtime,
            was_run: AtomicBool::new(false),
        })
    }

    fn validate<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let worker = Arc::clone(&self.inner);
        loop_mailbox::future(
            py,
            &self.runtime,
            async move { Ok(worker.validate().await?) },
        )
    }

    fn run<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.was_run.store(true, Ordering::Relaxed);
        for handler in self.loop_handlers() {
            handler.run_on(LoopMailbox::running(py)?.get().sender());
        }
        let worker = Arc::clone(&self.inner);
        let lanes = self.lanes.clone();
        loop_mailbox::future(py, &self.runtime, async move {
            let outcome = worker.run().await;
            if let Some(lanes) = lanes {
                lanes::end(lanes).await;
            }
            outcome.map_err(|error| BridgeError::Worker(error.to_string()))
        })
    }

    /// Ends the lanes of a worker that was shut down before it ran.
    fn discard<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.inner.initiate_shutdown();
        let lanes = self.lanes.clone();
        loop_mailbox::future(py, &self.runtime, async move {
            if let Some(lanes) = lanes {
                lanes::end(lanes).await;
            }
            Ok::<_, BridgeError>(())
        })
    }

    fn initiate_shutdown(&self) {
        self.inner.initiate_shutdown();
    }

    #[pyo3(signature = (task_token, result))]
    fn complete_activity(&self, task_token: &[u8], result: Option<Carried>) {
        let result = result.map(|payload| payload.0);
        self.complete(task_token, ActivityOutcome::Completed(result));
    }

    fn fail_activity(&self, task_token: &[u8], failure: &[u8]) -> PyResult<()> {
        let failure = read::<Failure>(failure)?;
        self.complete(task_token, ActivityOutcome::Failed(Box::new(failure)));
        Ok(())
    }

    fn report_activity_cancelled(&self, task_token: &[u8], failure: &[u8]) -> PyResult<()> {
        let failure = read::<Failure>(failure)?;
        self.complete(task_token, ActivityOutcome::Cancelled(Box::new(failure)));
        Ok(())
    }

    fn complete_activity_later(&self, task_token: &[u8]) {
        self.complete(task_token, ActivityOutcome::CompletesLater);
    }

    fn record_heartbeat(&self, task_token: &[u8], details: Vec<Carried>) {
        let payloads = raw_payload::unwrap(details);
        self.inner.record_heartbeat(HeartbeatRecorded {
            task_token: task_token.to_vec(),
            details: Payloads { payloads },
        });
    }

    /// Sets how long workflow code may go without yielding, in seconds; None for as long as it likes.
    fn set_deadlock_timeout(&self, limit: Option<f64>) -> PyResult<()> {
        let limit = limit
            .map(|limit| seconds("deadlock_timeout", limit))
            .transpose()?;
        if let Some(lanes) = &self.lanes {
            lanes.set_deadlock_limit(limit);
        }
        Ok(())
    }

    /// Has all calls from now on go by another connection.
    fn replace_connection(&self, connection: &Connection) -> PyResult<()> {
        let replaced = self.inner.replace_service(connection.worker_service());
        Ok(replaced
            .map_err(|overlap| BridgeError::Value(format!("Failed replacing client: {overlap}")))?)
    }

    /// How the worker is doing.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let lanes = self.lanes.as_ref();
        let abandoned = lanes.map_or(0, |lanes| lanes.abandoned_runs());
        worker_snapshot::to_python(py, &self.inner.snapshot(), abandoned)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Some(lanes) = &self.lanes
            && (!self.was_run.load(Ordering::Relaxed) || lanes.have_ended())
        {
            // Of a worker that runs, lanes need what is behind them even if nobody else does. What was
            // shown is shown again until a collection is over: one is not run meanwhile.
            lanes.traverse(&visit)?;
        }
        self.loop_handlers()
            .try_for_each(|handler| handler.traverse(&visit))
    }

    fn __clear__(&self) {
        self.loop_handlers().for_each(LoopHandler::clear);
    }
}

impl Worker {
    /// All that is called on the worker's loop.
    fn loop_handlers(&self) -> impl Iterator<Item = &LoopHandler> {
        let activities = self.activities.iter().map(|activities| &activities.0);
        activities.chain(self.custom_slots.iter().map(|slots| &slots.handler))
    }

    fn complete(&self, task_token: &[u8], outcome: ActivityOutcome) {
        self.inner.complete_activity(task_token.to_vec(), outcome);
    }
}

/// A fixed number, or minimum, maximum and the number to begin with.
#[derive(Clone, Copy, FromPyObject)]
enum PollsArgument {
    Fixed(usize),
    Scaled((usize, usize, usize)),
}

impl PollsArgument {
    fn number(self) -> usize {
        match self {
            Self::Fixed(number) | Self::Scaled((_, _, number)) => number,
        }
    }

    fn scale(self) -> Option<PollScale> {
        match self {
            Self::Fixed(_) => None,
            Self::Scaled((minimum, maximum, initial)) => Some(PollScale {
                minimum,
                maximum,
                initial,
            }),
        }
    }
}

fn to_deployment((name, is_versioned, behavior): (String, bool, i32)) -> PyResult<Deployment> {
    let default_behavior = VersioningBehavior::try_from(behavior).map_err(|_| {
        BridgeError::Value(format!(
            "versioning behavior must be 0, 1 or 2, got {behavior}"
        ))
    })?;
    Ok(Deployment {
        name,
        is_versioned,
        default_behavior,
    })
}

fn read<M: Message + Default>(serialized: &[u8]) -> PyResult<M> {
    M::decode(serialized)
        .map_err(|error| BridgeError::Value(format!("not a serialized message: {error}")).into())
}
