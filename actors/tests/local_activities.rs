//! A whole worker that runs local activities, against a service in memory, with paused time.

#[allow(dead_code, unused_imports, reason = "another test uses the rest")]
mod support;

use std::{
    collections::HashMap,
    future::ready,
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use callboard_actors::{
    host::{ActivityCancel, ActivityHost, ActivityOutcome, ActivityTask, WorkflowHost},
    kit::{Sender, Stage},
    protos::{
        enums::v1::CommandType,
        failure::v1::{CanceledFailureInfo, Failure, failure::FailureInfo},
    },
    worker::{
        LocalActivitiesSnapshot, SlotCounts, SlotGrant, SlotInfo, SlotRequest, SlotSupplier,
        SlotSuppliers, TaskTypes, Worker, WorkerConfig,
    },
    workflow::{
        Activation, ActivationCommands, ActivationCompleted, ActivityResolution, Command, Job,
        RunId, ScheduleLocalActivity,
    },
};
use callboard_benches::rust_workflows::{number, number_in};
use futures::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use support::{Running, TASK_QUEUE, config, world};

const SECOND: Duration = Duration::from_secs(1);

/// A workflow that runs as many local activities as its number says, one after the other, and returns
/// the sum of their results.
#[derive(Default)]
struct Errands {
    runs: Mutex<HashMap<RunId, Errand>>,
}

#[derive(Default)]
struct Errand {
    left: u64,
    sum: u64,
    sequence: u32,
}

impl Errand {
    fn next(&mut self) -> Command {
        if self.left == 0 {
            return Command::CompleteWorkflow {
                result: Some(number(self.sum)),
            };
        }
        self.left -= 1;
        self.sequence += 1;
        Command::ScheduleLocalActivity(Box::new(ScheduleLocalActivity {
            sequence: self.sequence,
            activity_type: "errand".into(),
            arguments: vec![number(u64::from(self.sequence))],
            start_to_close_timeout: Some(600 * SECOND),
            ..Default::default()
        }))
    }
}

impl WorkflowHost for Errands {
    fn activate(&self, activation: Activation, reply: Sender<ActivationCompleted>) {
        let mut runs = self.runs.lock();
        let run_id = activation.run_id;
        let errand = runs.entry(run_id.clone()).or_default();
        let mut commands = Vec::new();
        for job in activation.jobs {
            match job {
                Job::Initialize(start) => {
                    let input = start.started.input.unwrap_or_default().payloads;
                    errand.left = number_in(input.first()).expect("a test wrote it");
                    commands.push(errand.next());
                }
                Job::ResolveActivity {
                    resolution: ActivityResolution::Completed(result),
                    ..
                } => {
                    errand.sum += number_in(result.as_ref()).expect("the activity returns one");
                    commands.push(errand.next());
                }
                Job::RemoveFromCache { .. } => *errand = Errand::default(),
                other => panic!("this workflow gets no such job: {other:?}"),
            }
        }
        let outcome = Ok(ActivationCommands {
            commands,
            ..ActivationCommands::default()
        });
        let _ = reply.send(ActivationCompleted { run_id, outcome });
    }
}

/// Returns its number after a time, unless it is cancelled.
struct Slow {
    takes: Duration,
    worker: Mutex<Weak<Worker>>,
    started: Mutex<Vec<ActivityTask>>,
    cancelled: Mutex<Vec<ActivityCancel>>,
}

impl Slow {
    fn new(takes: Duration) -> Arc<Self> {
        Arc::new(Self {
            takes,
            worker: Mutex::default(),
            started: Mutex::default(),
            cancelled: Mutex::default(),
        })
    }

    fn complete(&self, task_token: Vec<u8>, outcome: ActivityOutcome) {
        if let Some(worker) = self.worker.lock().upgrade() {
            worker.complete_activity(task_token, outcome);
        }
    }
}

impl ActivityHost for Slow {
    fn start(&self, task: Box<ActivityTask>) {
        let result = number(number_in(task.input.first()).expect("the workflow sends one"));
        let token = task.task_token.clone();
        self.started.lock().push(*task);
        let (worker, takes) = (self.worker.lock().clone(), self.takes);
        tokio::task::spawn_local(async move {
            tokio::time::sleep(takes).await;
            if let Some(worker) = worker.upgrade() {
                worker.complete_activity(token, ActivityOutcome::Completed(Some(result)));
            }
        });
    }

    fn cancel(&self, task_token: Vec<u8>, cancel: ActivityCancel) {
        self.cancelled.lock().push(cancel);
        let failure = Failure {
            failure_info: Some(FailureInfo::CanceledFailureInfo(
                CanceledFailureInfo::default(),
            )),
            ..Failure::default()
        };
        self.complete(task_token, ActivityOutcome::Cancelled(Box::new(failure)));
    }
}

/// A worker that runs `Errands` with activities that take so long.
fn start(stage: &Stage, config: WorkerConfig, takes: Duration) -> (Running, Arc<Slow>) {
    let slow = Slow::new(takes);
    let workflows = Arc::new(Errands::default());
    let running = Running::start_hosts(stage, config, Some(workflows), Some(slow.clone()));
    *slow.worker.lock() = Arc::downgrade(&running.worker);
    (running, slow)
}

async fn expect_sum(running: &Running, errands: u64, count: usize) {
    tokio::time::timeout(3600 * SECOND, running.stub.wait_for_ends(count))
        .await
        .expect("the workflows end");
    for (id, end) in running.stub.take_ends() {
        let sum = (1..=errands).sum();
        let expected = callboard_benches::stub::RunEnd::Completed(vec![number(sum)]);
        assert_eq!(end, expected, "{id}");
    }
}

fn begin(running: &Running, errands: u64, count: usize) {
    for index in 0..count {
        let input = vec![number(errands)];
        running
            .stub
            .start_workflow(index.to_string(), "Errands", TASK_QUEUE, input);
    }
}

/// Kinds of the commands of each completed workflow task.
fn commands(running: &Running) -> Vec<Vec<CommandType>> {
    let record = running.service.record();
    let kinds = record.workflow_completions.iter();
    kinds
        .map(|one| one.commands.iter().map(|one| one.command_type()).collect())
        .collect()
}

#[test]
fn local_activities_run_within_one_task() {
    for cached in [0, 1, 1000] {
        world(|stage| async move {
            let config = WorkerConfig {
                max_cached_workflows: cached,
                // A worker that polls for no activities runs local ones all the same.
                task_types: TaskTypes {
                    workflows: true,
                    activities: cached != 1,
                },
                ..config()
            };
            let (running, slow) = start(&stage, config, SECOND / 10);
            begin(&running, 3, 20);
            expect_sum(&running, 3, 20).await;
            let expected = [
                CommandType::RecordMarker,
                CommandType::RecordMarker,
                CommandType::RecordMarker,
                CommandType::CompleteWorkflowExecution,
            ];
            for kinds in commands(&running) {
                assert_eq!(kinds, expected);
            }
            assert_eq!(slow.started.lock().len(), 60);
            assert!(slow.cancelled.lock().is_empty());
            let worker = running.worker.clone();
            running.shut_down().await.1.expect("a clean shutdown");
            let idle = LocalActivitiesSnapshot {
                slots: SlotCounts {
                    size: Some(100),
                    ..SlotCounts::default()
                },
                ..LocalActivitiesSnapshot::default()
            };
            assert_eq!(worker.snapshot().local_activities, idle);
        });
    }
}

/// N12 and N3: a local activity that takes longer than its workflow task is run once, and the task is
/// completed again and again, with a cache and without.
#[test]
fn a_long_one_is_run_once() {
    for cached in [0, 1000] {
        world(|stage| async move {
            let config = WorkerConfig {
                max_cached_workflows: cached,
                ..config()
            };
            let (running, slow) = start(&stage, config, 30 * SECOND);
            begin(&running, 2, 1);
            expect_sum(&running, 2, 1).await;
            assert_eq!(slow.started.lock().len(), 2, "cached: {cached}");
            let record = running.service.record();
            let forced: Vec<bool> = record
                .workflow_completions
                .iter()
                .map(|one| one.force_create_new_workflow_task)
                .collect();
            // Every 8 seconds of 60, and the end.
            assert_eq!(forced.len(), 8, "cached: {cached}");
            assert!(forced[..7].iter().all(|forced| *forced));
            running.shut_down().await.1.expect("a clean shutdown");
        });
    }
}

#[test]
fn slots_of_local_activities_are_their_own() {
    world(|stage| async move {
        let config = WorkerConfig {
            max_concurrent_local_activities: 2,
            max_concurrent_activities: 1,
            ..config()
        };
        let (running, _) = start(&stage, config, SECOND);
        begin(&running, 1, 6);
        tokio::time::sleep(SECOND / 2).await;
        let snapshot = running.worker.snapshot().local_activities;
        assert_eq!((snapshot.running, snapshot.queued), (2, 4));
        expect_sum(&running, 1, 6).await;
        running.shut_down().await.1.expect("a clean shutdown");
    });
}

/// Promises 5 and 9: a local activity that still runs at the shutdown gets its cancel; its workflow
/// task is completed, and asks for a new one, so that another worker goes on.
#[test]
fn a_shutdown_does_not_wait_for_a_long_one() {
    for (grace, takes) in [(0, 1), (5, 6)] {
        world(|stage| async move {
            let config = WorkerConfig {
                graceful_shutdown_period: grace * SECOND,
                ..config()
            };
            let (running, slow) = start(&stage, config, 300 * SECOND);
            begin(&running, 1, 3);
            tokio::time::sleep(SECOND).await;
            let service = running.service.clone();
            let (took, result) = running.shut_down().await;
            result.expect("a clean shutdown");
            assert!(took < takes * SECOND, "it took {took:?}");
            assert_eq!(slow.cancelled.lock().len(), 3);
            assert!(slow.cancelled.lock().iter().all(|one| one.worker_shutdown));
            let record = service.record();
            assert_eq!(record.workflow_completions.len(), 3);
            for completion in record.workflow_completions {
                assert!(completion.force_create_new_workflow_task);
                assert!(completion.commands.is_empty());
            }
        });
    }
}

/// What ran for a run whose actor panicked is cancelled, and runs again when the run is rebuilt.
#[test]
fn a_run_that_panics_starts_them_again() {
    world(|stage| async move {
        let (running, slow) = start(&stage, config(), 5 * SECOND);
        begin(&running, 1, 1);
        tokio::time::sleep(SECOND).await;
        let run_id = slow.started.lock()[0].workflow_run_id.as_str().into();
        running.worker.break_run(run_id);
        expect_sum(&running, 1, 1).await;
        assert_eq!(slow.started.lock().len(), 2);
        assert_eq!(slow.cancelled.lock().len(), 1);
        running.shut_down().await.1.expect("a clean shutdown");
    });
}

/// Has slots until it panics, inside the actor that asks how many there are.
struct Breaks {
    asked: AtomicUsize,
    at: usize,
}

impl SlotSupplier for Breaks {
    fn reserve(&self, _: SlotRequest) -> BoxFuture<'static, Box<dyn SlotGrant>> {
        ready(Box::new(Unnamed) as Box<dyn SlotGrant>).boxed()
    }

    fn try_reserve(&self, _: SlotRequest) -> BoxFuture<'static, Option<Box<dyn SlotGrant>>> {
        ready(None).boxed()
    }

    fn size(&self) -> Option<usize> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        assert!(asked != self.at, "a fault in the executor");
        None
    }
}

struct Unnamed;

impl SlotGrant for Unnamed {
    fn used_by(&mut self, _: SlotInfo) {}
}

/// A panic in the executor ends the worker with an error that names it, whenever it comes.
#[test]
fn the_executor_ends_its_worker_when_it_panics() {
    for at in 0..6 {
        world(|stage| async move {
            let breaks = Breaks {
                asked: AtomicUsize::new(0),
                at,
            };
            let config = WorkerConfig {
                slot_suppliers: SlotSuppliers {
                    local_activity: Some(Arc::new(breaks)),
                    ..SlotSuppliers::default()
                },
                ..config()
            };
            let (running, _slow) = start(&stage, config, SECOND);
            begin(&running, 5, 2);
            let error = running.until_end().await.expect_err("the executor is lost");
            assert_eq!(
                error.to_string(),
                "the actor local activity executor panicked: a fault in the executor"
            );
        });
    }
}
