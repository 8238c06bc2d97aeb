//! A whole worker against a service in memory, with workflows in Rust and paused time.

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use callboard_actors::{
    host::{ActivityCancel, ActivityHost, ActivityOutcome, ActivityTask, WorkflowHost},
    kit::Sender,
    protos::{
        command::v1::{Command, command::Attributes},
        enums::v1::TaskQueueKind,
        failure::v1::{CanceledFailureInfo, Failure, failure::FailureInfo},
        workflowservice::v1::RespondWorkflowTaskCompletedRequest,
    },
    worker::{LifeState, Worker, WorkerConfig, WorkerError},
    workflow::{Activation, ActivationCompleted},
};
use callboard_benches::rust_workflows::SumWorkflows;
use parking_lot::Mutex;
use support::{Faults, Running, Service, config, world};
use tokio::time::Instant;
use tonic::Status;

#[test]
fn workflows_with_an_activity_and_a_timer_end_right() {
    world(|stage| async move {
        let running = Running::start(&stage, config());
        running.start_sums(50);
        running.expect_sums(50).await;
        let snapshot = running.worker.snapshot();
        assert_eq!(snapshot.state, LifeState::Running);
        assert!(
            snapshot
                .actors
                .iter()
                .all(|actor| actor.alive && actor.restarts == 0)
        );
        let (_, result) = running.shut_down().await;
        result.expect("a clean shutdown");
    });
}

#[test]
fn sticky_tasks_carry_the_sticky_queue_of_this_worker() {
    world(|stage| async move {
        let running = Running::start(&stage, config());
        running.start_sums(1);
        running.expect_sums(1).await;
        let service = running.service.clone();
        running.shut_down().await.1.expect("a clean shutdown");
        let record = service.record();
        let sticky = record
            .workflow_polls
            .iter()
            .filter_map(|poll| poll.task_queue.clone())
            .find(|queue| queue.kind() == TaskQueueKind::Sticky)
            .expect("a sticky poll");
        assert_eq!(sticky.normal_name, support::TASK_QUEUE);
        for completion in &record.workflow_completions {
            let attributes = completion.sticky_attributes.as_ref().expect("sticky");
            assert_eq!(attributes.worker_task_queue.as_ref(), Some(&sticky));
        }
        assert_eq!(record.shutdowns.len(), 1);
        assert_eq!(record.shutdowns[0].sticky_task_queue, sticky.name);
    });
}

#[test]
fn small_caches_serve_many_runs() {
    for cached in [0, 1, 2, 5] {
        world(|stage| async move {
            let running = Running::start(
                &stage,
                WorkerConfig {
                    max_cached_workflows: cached,
                    ..config()
                },
            );
            running.start_sums(20);
            running.expect_sums(20).await;
            let (_, result) = running.shut_down().await;
            result.expect("a clean shutdown");
        });
    }
}

#[test]
fn activities_come_back_with_the_task_that_schedules_them_and_no_slot_is_lost() {
    const WORKFLOWS: u64 = 10_000;
    world(|stage| async move {
        let running = Running::start(&stage, config());
        running.start_sums(WORKFLOWS);
        running.expect_sums(WORKFLOWS).await;
        let polls = config().max_concurrent_activity_task_polls;
        let slots = running.worker.snapshot().activity_slots;
        assert_eq!((slots.issued, slots.used), (polls, 0));
        // Those for which no slot was free were polled for, as any other.
        let record = running.service.record();
        let asked = record.workflow_completions.iter().map(eager_requests);
        let eager: usize = asked.sum();
        let polled = record.activity_polls.len() - polls;
        assert_eq!(eager + polled, 10_000);
        assert!(eager > polled, "{eager} eager, {polled} polled for");
        running.shut_down().await.1.expect("a clean shutdown");
    });
}

#[test]
fn a_queue_with_a_rate_limit_hands_out_all_its_activities() {
    world(|stage| async move {
        let config = WorkerConfig {
            max_task_queue_activities_per_second: Some(1000.0),
            ..config()
        };
        let running = Running::start(&stage, config);
        running.start_sums(20);
        running.expect_sums(20).await;
        let record = running.service.record();
        let asked = record.workflow_completions.iter().map(eager_requests);
        assert_eq!(asked.sum::<usize>(), 0);
        running.shut_down().await.1.expect("a clean shutdown");
    });
}

fn eager_requests(completion: &RespondWorkflowTaskCompletedRequest) -> usize {
    let asks = |command: &&Command| match &command.attributes {
        Some(Attributes::ScheduleActivityTaskCommandAttributes(schedule)) => {
            schedule.request_eager_execution
        }
        _ => false,
    };
    completion.commands.iter().filter(asks).count()
}

/// Panics inside the run's actor at one activation, counted over all runs.
struct Panics {
    at: usize,
    seen: AtomicUsize,
    workflows: SumWorkflows,
}

impl WorkflowHost for Panics {
    fn activate(&self, activation: Activation, reply: Sender<ActivationCompleted>) {
        if self.seen.fetch_add(1, Ordering::SeqCst) == self.at {
            let run_id = activation.run_id.clone();
            self.workflows.activate(activation, reply);
            panic!("a fault in the actor of {run_id}");
        }
        self.workflows.activate(activation, reply);
    }
}

#[test]
fn a_run_whose_actor_panics_is_rebuilt_and_no_other_notices() {
    for at in 0..8 {
        world(|stage| async move {
            let workflows = Arc::new(Panics {
                at,
                seen: AtomicUsize::new(0),
                workflows: SumWorkflows::default(),
            });
            let running = Running::start_with(&stage, config(), workflows);
            running.start_sums(3);
            running.expect_sums(3).await;
            assert!(running.service.record().workflow_failures.len() <= 1);
            let (_, result) = running.shut_down().await;
            result.expect("a clean shutdown");
        });
    }
}

#[test]
fn a_completion_that_is_refused_evicts_the_run() {
    let table = [
        Status::invalid_argument("UnhandledCommand"),
        Status::not_found("no such task"),
        Status::unavailable("down"),
    ];
    for status in table {
        world(|stage| async move {
            let running = Running::start(&stage, config());
            running.service.set_faults(Faults {
                next_completion: Some(status),
                ..Faults::default()
            });
            running.start_sums(1);
            tokio::time::sleep(Duration::from_secs(1)).await;
            let snapshot = running.worker.snapshot();
            assert_eq!((snapshot.runs.live, snapshot.runs.evicted), (0, 1));
            assert_eq!(snapshot.workflow_slots.used, 0);
            let (_, result) = running.shut_down().await;
            result.expect("a clean shutdown");
        });
    }
}

/// Activities that end only when they are told to.
#[derive(Default)]
struct Stubborn {
    started: Mutex<Vec<Vec<u8>>>,
    cancelled: Mutex<Vec<(Vec<u8>, ActivityCancel)>>,
}

impl ActivityHost for Stubborn {
    fn start(&self, task: Box<ActivityTask>) {
        self.started.lock().push(task.task_token);
    }

    fn cancel(&self, task_token: Vec<u8>, cancel: ActivityCancel) {
        self.cancelled.lock().push((task_token, cancel));
    }
}

fn cancelled() -> ActivityOutcome {
    ActivityOutcome::Cancelled(Box::new(Failure {
        failure_info: Some(FailureInfo::CanceledFailureInfo(
            CanceledFailureInfo::default(),
        )),
        ..Failure::default()
    }))
}

#[test]
fn shutdown_cancels_activities_after_the_grace_and_reports_them_retryable() {
    world(|stage| async move {
        let activities = Arc::new(Stubborn::default());
        let running = Running::start_hosts(
            &stage,
            WorkerConfig {
                // Below the activity's own timeout of 10 s.
                graceful_shutdown_period: Duration::from_secs(5),
                ..config()
            },
            Some(Arc::new(SumWorkflows::default())),
            Some(activities.clone()),
        );
        running.start_sums(1);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let token = activities.started.lock()[0].clone();
        running.worker.initiate_shutdown();
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert_eq!(*activities.cancelled.lock(), []);
        tokio::time::sleep(Duration::from_secs(2)).await;
        let shutdown = ActivityCancel {
            worker_shutdown: true,
            ..ActivityCancel::default()
        };
        assert_eq!(*activities.cancelled.lock(), [(token.clone(), shutdown)]);
        running.worker.complete_activity(token.clone(), cancelled());
        running.worker.complete_activity(token, cancelled());
        let service = running.service.clone();
        running.shut_down().await.1.expect("a clean shutdown");
        let record = service.record();
        assert_eq!(record.activity_cancellations, []);
        let failures: Vec<_> = record
            .activity_failures
            .iter()
            .map(|failed| failed.failure.clone().expect("a failure").failure_info)
            .collect();
        assert_eq!(failures.len(), 1);
        assert!(matches!(
            &failures[0],
            Some(FailureInfo::ApplicationFailureInfo(info))
                if info.r#type == "WorkerShutdown" && !info.non_retryable
        ));
    });
}

#[test]
fn shutdown_ends_although_the_server_answers_nothing_any_more() {
    world(|stage| async move {
        let running = Running::start(&stage, config());
        running.start_sums(5);
        running.expect_sums(5).await;
        running.service.set_faults(Faults {
            black_hole: true,
            ..Faults::default()
        });
        running.start_sums(5);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (took, result) = running.shut_down().await;
        result.expect("a clean shutdown");
        assert!(took <= Duration::from_secs(45), "{took:?}");
    });
}

#[test]
fn polls_that_are_denied_end_the_worker_after_the_grace() {
    world(|stage| async move {
        let running = Running::start(&stage, config());
        let begun = Instant::now();
        running.service.set_faults(Faults {
            polls: Some(Status::permission_denied("not for you")),
            shutdown: Some(Status::unimplemented("old")),
            ..Faults::default()
        });
        // What was open is answered; the polls after it fail.
        running.start_sums(3);
        let error = running.until_end().await.expect_err("polls fail for good");
        assert!(begun.elapsed() >= Duration::from_secs(60));
        assert!(
            matches!(&error, WorkerError::Poll { status, .. } if status.message() == "not for you"),
            "{error}"
        );
        assert!(error.to_string().contains("not for you"), "{error}");
    });
}

#[test]
fn a_server_that_is_down_for_long_is_survived() {
    world(|stage| async move {
        let running = Running::start(&stage, config());
        running.service.set_faults(Faults {
            polls: Some(Status::unavailable("down")),
            ..Faults::default()
        });
        running.start_sums(3);
        tokio::time::sleep(Duration::from_secs(300)).await;
        running.service.set_faults(Faults::default());
        running.expect_sums(3).await;
        running.shut_down().await.1.expect("a clean shutdown");
    });
}

#[test]
fn a_worker_that_never_polled_shuts_down_cleanly() {
    world(|stage| async move {
        let service = Arc::new(Service::new(callboard_benches::stub::Stub::new()));
        let worker = Worker::on_stage(
            stage,
            config(),
            service.clone(),
            Some(Arc::new(SumWorkflows::default())),
            None,
        )
        .expect("valid");
        worker.initiate_shutdown();
        worker.run().await.expect("clean");
        assert!(service.record().workflow_polls.is_empty());
        assert!(matches!(worker.run().await, Err(WorkerError::AlreadyRun)));
    });
}
