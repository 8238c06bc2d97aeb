//! How many workflows, and how many messages between actors, one worker gets through in a second.
//!
//! The workflow is Rust code and the service is in memory, so what is measured is the runtime:
//! pollers, cache, run actors, the engine, the activity executor. `raw channel` sends as many
//! messages through one tokio channel and does nothing with them: the floor.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use callboard_actors::{
    runtime::{Runtime, RuntimeOptions},
    worker::{Worker, WorkerConfig},
};
use callboard_benches::{
    rust_workflows::{DoubleActivities, SumWorkflows, WORKFLOW_TYPE, number, number_in},
    stub::{RunEnd, Stub},
};
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
    measurement::WallTime,
};

const CONCURRENT_RUNS: [usize; 4] = [1, 100, 1_000, 10_000];
const TASK_QUEUE: &str = "bench";

/// A running worker on a stub service.
struct Fleet {
    runtime: Runtime,
    stub: Stub,
    worker: Arc<Worker>,
    ended: usize,
    running: tokio::task::JoinHandle<()>,
}

impl Fleet {
    fn new(concurrent_runs: usize) -> Self {
        let runtime = Runtime::new(RuntimeOptions::default()).expect("threads can be started");
        let stub = Stub::new();
        let config = WorkerConfig {
            max_cached_workflows: concurrent_runs,
            max_concurrent_workflow_tasks: concurrent_runs.clamp(2, 500),
            max_concurrent_activities: concurrent_runs.clamp(2, 500),
            ..WorkerConfig::new("default", TASK_QUEUE)
        };
        let activities = Arc::new(DoubleActivities::default());
        let worker = Worker::new(
            &runtime,
            config,
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
        let running = runtime.handle().spawn({
            let worker = worker.clone();
            async move { worker.run().await.expect("nothing goes wrong in a bench") }
        });
        Self {
            runtime,
            stub,
            worker,
            ended: 0,
            running,
        }
    }

    /// Starts so many workflows at once and waits for all; asserts every answer.
    fn run_workflows(&mut self, count: usize) -> Duration {
        let began = Instant::now();
        for index in 0..count {
            let input = vec![number(index as u64)];
            self.stub
                .start_workflow(index.to_string(), WORKFLOW_TYPE, TASK_QUEUE, input);
        }
        self.ended += count;
        self.runtime
            .handle()
            .block_on(self.stub.wait_for_ends(self.ended));
        let took = began.elapsed();
        let ends = self.stub.take_ends();
        assert_eq!(ends.len(), count);
        for (workflow_id, end) in ends {
            let index: u64 = workflow_id.parse().expect("the id is a number");
            let RunEnd::Completed(result) = end else {
                panic!("{workflow_id} ended as {end:?}")
            };
            assert_eq!(number_in(result.first()), Ok(index * 2 + 1));
        }
        self.stub.forget_ended();
        took
    }

    /// Shuts the worker down. Returns the number of messages that its actors handled in all.
    fn stop(self) -> u64 {
        self.worker.initiate_shutdown();
        self.runtime
            .handle()
            .block_on(self.running)
            .expect("the worker stops cleanly");
        self.runtime.stage().messages_handled()
    }
}

/// Messages per workflow, as counted by the actors themselves; those of a worker's start and stop
/// are shared out.
fn messages_per_workflow() -> u64 {
    const SAMPLE: usize = 1_000;
    let mut fleet = Fleet::new(SAMPLE);
    fleet.run_workflows(SAMPLE);
    fleet.stop() / SAMPLE as u64
}

fn send_through_raw_channel(runtime: &tokio::runtime::Runtime, messages: u64) -> Duration {
    runtime.block_on(async {
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel::<Box<u64>>();
        let began = Instant::now();
        let received = tokio::spawn(async move {
            let mut sum = 0u64;
            while let Some(message) = receiver.recv().await {
                sum += *message;
            }
            sum
        });
        for message in 0..messages {
            sender
                .send(Box::new(message))
                .expect("the receiver is there");
        }
        drop(sender);
        let sum = received.await.expect("the receiver does not panic");
        assert_eq!(sum, messages * (messages - 1) / 2);
        began.elapsed()
    })
}

type Group<'a> = BenchmarkGroup<'a, WallTime>;

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> Group<'a> {
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(5));
    group
}

fn bench_actors(group: &mut Group<'_>, runs: usize) {
    let id = BenchmarkId::new("actors, concurrent runs", runs);
    group.bench_function(id, |bencher| {
        let mut fleet = Fleet::new(runs);
        bencher.iter_custom(|rounds| (0..rounds).map(|_| fleet.run_workflows(runs)).sum());
        fleet.stop();
    });
}

fn concurrency(criterion: &mut Criterion) {
    let mut workflows = group(criterion, "workflows per second");
    for runs in CONCURRENT_RUNS {
        workflows.throughput(Throughput::Elements(runs as u64));
        bench_actors(&mut workflows, runs);
    }
    workflows.finish();

    let per_workflow = messages_per_workflow();
    println!("one workflow is {per_workflow} messages between actors");
    let raw = tokio::runtime::Runtime::new().expect("threads can be started");
    let mut messages = group(criterion, "messages per second");
    for runs in CONCURRENT_RUNS {
        let count = per_workflow * runs as u64;
        messages.throughput(Throughput::Elements(count));
        bench_actors(&mut messages, runs);
        let id = BenchmarkId::new("raw channel, concurrent runs", runs);
        messages.bench_function(id, |bencher| {
            bencher.iter_custom(|rounds| {
                (0..rounds)
                    .map(|_| send_through_raw_channel(&raw, count))
                    .sum()
            });
        });
    }
    messages.finish();
}

criterion_group!(benches, concurrency);
criterion_main!(benches);
