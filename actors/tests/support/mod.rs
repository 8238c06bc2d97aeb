//! A worker in a world with paused time, on the in-memory service with faults of choice.

mod service;

use std::{future::Future, sync::Arc, time::Duration};

use callboard_actors::{
    host::{ActivityHost, WorkflowHost},
    kit::{Spawner, Stage},
    protos::common::v1::Payload,
    worker::{SlotCounts, Worker, WorkerConfig, WorkerError},
};
use callboard_benches::{
    rust_workflows::{DoubleActivities, SumWorkflows, WORKFLOW_TYPE, number},
    stub::{RunEnd, Stub},
};
use tokio::{runtime::Builder, task::LocalSet, time::Instant};

pub(crate) use service::{Faults, Service};

pub(crate) const TASK_QUEUE: &str = "tests";

/// Runs a test in paused time and fails if an actor outlives it by a virtual minute.
pub(crate) fn world<F: Future<Output = ()>>(test: impl FnOnce(Stage) -> F) {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a test may start a runtime");
    LocalSet::new().block_on(&runtime, async move {
        let stage = Stage::here(Spawner::current());
        test(stage.clone()).await;
        let end = Instant::now() + Duration::from_secs(60);
        while stage.alive() > 0 && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(stage.alive(), 0, "actors were left alive");
    });
}

pub(crate) fn config() -> WorkerConfig {
    WorkerConfig::new("default", TASK_QUEUE)
}

/// A worker that is running.
pub(crate) struct Running {
    pub stub: Stub,
    pub service: Arc<Service>,
    pub worker: Arc<Worker>,
    ended: tokio::task::JoinHandle<Result<(), WorkerError>>,
}

impl Running {
    /// With the workflow `Sum` and the activity `double`.
    pub(crate) fn start(stage: &Stage, config: WorkerConfig) -> Self {
        Self::start_with(stage, config, Arc::new(SumWorkflows::default()))
    }

    pub(crate) fn start_with(
        stage: &Stage,
        config: WorkerConfig,
        workflows: Arc<dyn WorkflowHost>,
    ) -> Self {
        let activities = Arc::new(DoubleActivities::default());
        let running = Self::start_hosts(stage, config, Some(workflows), Some(activities.clone()));
        let worker = Arc::downgrade(&running.worker);
        activities.answer_to(Arc::new(move |task_token, outcome| {
            if let Some(worker) = worker.upgrade() {
                worker.complete_activity(task_token, outcome);
            }
        }));
        running
    }

    pub(crate) fn start_hosts(
        stage: &Stage,
        config: WorkerConfig,
        workflows: Option<Arc<dyn WorkflowHost>>,
        activities: Option<Arc<dyn ActivityHost>>,
    ) -> Self {
        let stub = Stub::new();
        let service = Arc::new(Service::new(stub.clone()));
        let worker = Worker::on_stage(
            stage.clone(),
            config,
            service.clone(),
            workflows,
            activities,
        )
        .expect("the configuration is valid");
        let worker = Arc::new(worker);
        let ended = tokio::task::spawn_local({
            let worker = worker.clone();
            async move { worker.run().await }
        });
        Self {
            stub,
            service,
            worker,
            ended,
        }
    }

    /// Starts workflows that end with twice their number plus one.
    pub(crate) fn start_sums(&self, count: u64) -> Vec<String> {
        (0..count)
            .map(|value| {
                let input = vec![number(value)];
                self.stub
                    .start_workflow(value.to_string(), WORKFLOW_TYPE, TASK_QUEUE, input)
            })
            .collect()
    }

    /// Waits for them, in virtual time, and checks every result.
    pub(crate) async fn expect_sums(&self, count: u64) {
        let limit = Duration::from_secs(600);
        let all = self
            .stub
            .wait_for_ends(usize::try_from(count).expect("few"));
        tokio::time::timeout(limit, all)
            .await
            .expect("all workflows end");
        let mut ends = self.stub.take_ends();
        ends.sort_by_key(|(id, _)| id.parse::<u64>().expect("ids are numbers"));
        let expected: Vec<(String, RunEnd)> = (0..count)
            .map(|value| (value.to_string(), RunEnd::Completed(sum(value))))
            .collect();
        assert_eq!(ends, expected);
    }

    /// Ends the worker and gives the virtual time that it took.
    pub(crate) async fn shut_down(self) -> (Duration, Result<(), WorkerError>) {
        let begun = Instant::now();
        self.worker.initiate_shutdown();
        let worker = self.worker.clone();
        let result = self.until_end().await;
        let snapshot = worker.snapshot();
        assert_eq!(used(snapshot.workflow_slots), 0, "{snapshot:?}");
        assert_eq!(used(snapshot.activity_slots), 0, "{snapshot:?}");
        assert_eq!(snapshot.runs.live, 0, "{snapshot:?}");
        (begun.elapsed(), result)
    }

    pub(crate) async fn until_end(self) -> Result<(), WorkerError> {
        tokio::time::timeout(Duration::from_secs(600), self.ended)
            .await
            .expect("the worker ends")
            .expect("its task does not panic")
    }
}

fn used(slots: SlotCounts) -> usize {
    slots.issued.max(slots.used)
}

fn sum(value: u64) -> Vec<Payload> {
    vec![number(value * 2 + 1)]
}
