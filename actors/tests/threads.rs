//! A whole worker on the threads of a real runtime.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use callboard_actors::{
    runtime::{Runtime, RuntimeOptions},
    worker::{LifeState, Worker, WorkerConfig},
};
use callboard_benches::{
    rust_workflows::{DoubleActivities, SumWorkflows, WORKFLOW_TYPE, number},
    stub::{RunEnd, Stub},
};

const QUEUE: &str = "threads";

fn worker(runtime: &Runtime, stub: &Stub, cached: usize) -> Arc<Worker> {
    let activities = Arc::new(DoubleActivities::default());
    let worker = Worker::new(
        runtime,
        WorkerConfig {
            max_cached_workflows: cached,
            ..WorkerConfig::new("default", QUEUE)
        },
        Arc::new(stub.clone()),
        Some(Arc::new(SumWorkflows::default())),
        Some(activities.clone()),
    )
    .expect("the configuration is valid");
    let worker = Arc::new(worker);
    let weak = Arc::downgrade(&worker);
    activities.answer_to(Arc::new(move |task_token, outcome| {
        if let Some(worker) = weak.upgrade() {
            worker.complete_activity(task_token, outcome);
        }
    }));
    worker
}

/// The worker's last actors end just after its `run` does.
fn expect_no_actor(runtime: &Runtime) {
    let limit = Instant::now() + Duration::from_secs(10);
    while runtime.stage().alive() > 0 {
        assert!(Instant::now() < limit, "actors were left alive");
        std::thread::yield_now();
    }
}

#[test]
fn many_runs_end_right_while_some_are_broken() {
    for cached in [0, 3, 1000] {
        let runtime = Runtime::new(RuntimeOptions {
            actor_threads: 3,
            meter: None,
        })
        .expect("threads can be started");
        let stub = Stub::new();
        let worker = worker(&runtime, &stub, cached);
        let running = runtime.handle().spawn({
            let worker = worker.clone();
            async move { worker.run().await }
        });
        let runs: Vec<String> = (0..300)
            .map(|value: u64| {
                let input = vec![number(value)];
                stub.start_workflow(value.to_string(), WORKFLOW_TYPE, QUEUE, input)
            })
            .collect();
        for run_id in runs.iter().step_by(7) {
            worker.break_run(run_id.as_str().into());
        }
        let limit = Duration::from_secs(60);
        runtime.handle().block_on(async {
            let all = stub.wait_for_ends(runs.len());
            tokio::time::timeout(limit, all)
                .await
                .expect("all runs end");
            let mut ends = stub.take_ends();
            ends.sort_by_key(|(id, _)| id.parse::<u64>().expect("ids are numbers"));
            for (value, (_, end)) in (0u64..).zip(ends) {
                assert_eq!(end, RunEnd::Completed(vec![number(value * 2 + 1)]));
            }
            worker.initiate_shutdown();
            let ended = tokio::time::timeout(limit, running).await;
            ended
                .expect("the worker ends")
                .expect("its task does not panic")
                .expect("a clean shutdown");
        });
        let snapshot = worker.snapshot();
        assert_eq!(snapshot.state, LifeState::Stopped);
        assert_eq!(
            snapshot.workflow_slots.issued + snapshot.activity_slots.issued,
            0
        );
        expect_no_actor(&runtime);
    }
}

#[test]
fn a_runtime_that_is_dropped_ends_its_workers() {
    let runtime = Runtime::new(RuntimeOptions::default()).expect("threads can be started");
    let stub = Stub::new();
    let worker = worker(&runtime, &stub, 10);
    let outside = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a test may start a runtime");
    outside.block_on(async {
        let mut run = Box::pin(worker.run());
        assert!(futures::poll!(&mut run).is_pending());
        stub.start_workflow("1", WORKFLOW_TYPE, QUEUE, vec![number(1)]);
        stub.wait_for_ends(1).await;
        drop(runtime);
        run.await.expect_err("the runtime is gone");
    });
}
