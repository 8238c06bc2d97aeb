//! Replays of good and of changed histories, several at a time, and after a panic.

use futures::future::join_all;

use crate::{
    protos::{command::v1::Command, enums::v1::EventType, history::v1::history_event::Attributes},
    testing::World,
    workflow::EvictionReason,
};

use super::*;

const COURSES: [Course; 3] = [
    Course::Whole,
    Course::EveryTask { evicting: false },
    Course::EveryTask { evicting: true },
];

fn command_types(commands: &[Command]) -> Vec<&'static str> {
    let name = |command: &Command| command.command_type().as_str_name();
    commands.iter().map(name).collect()
}

/// The commands that caused the events after each completed task, in the order of the tasks.
fn commands_in(events: &[HistoryEvent]) -> Vec<Vec<&'static str>> {
    let mut tasks: Vec<Vec<&'static str>> = Vec::new();
    for event in events {
        let command = match event.event_type() {
            EventType::WorkflowTaskCompleted => {
                tasks.push(Vec::new());
                continue;
            }
            EventType::TimerStarted => "COMMAND_TYPE_START_TIMER",
            EventType::TimerCanceled => "COMMAND_TYPE_CANCEL_TIMER",
            EventType::ActivityTaskScheduled => "COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK",
            EventType::ActivityTaskCancelRequested => "COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK",
            EventType::WorkflowExecutionUpdateAccepted
            | EventType::WorkflowExecutionUpdateCompleted => "COMMAND_TYPE_PROTOCOL_MESSAGE",
            EventType::WorkflowExecutionCompleted => "COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION",
            _ => continue,
        };
        tasks.last_mut().unwrap().push(command);
    }
    tasks
}

/// Promise 18: also whatever the cut of the pages is.
/// Compatibility, the gate: cold, at every task prefix, evicted after every task, random page cuts.
#[test]
fn recorded_histories_replay_in_every_way() {
    World::run(|world| async move {
        for (name, events) in recorded() {
            for course in COURSES {
                for page_sizes in [vec![], vec![1], vec![3, 0, 2], vec![7]] {
                    let how = format!("{name} {course:?} {page_sizes:?}");
                    let request = ReplayRequest {
                        course,
                        page_sizes,
                        ..request(&events)
                    };
                    let report = replay(&world, request).await;
                    assert_eq!(report.failure, None, "{how}");
                    check_tasks(&report, &events, course, &how);
                }
            }
        }
    });
}

fn check_tasks(report: &ReplayReport, events: &[HistoryEvent], course: Course, how: &str) {
    let completions: Vec<_> = report
        .tasks
        .iter()
        .map(|task| task.completion.as_deref().unwrap())
        .collect();
    let flags = |index: usize| {
        let metadata = completions[index].sdk_metadata.as_ref().unwrap();
        metadata.core_used_flags.len()
    };
    if course == Course::Whole {
        let [task] = report.tasks.as_slice() else {
            panic!("{how}: {:?}", report.tasks)
        };
        assert!(task.ended_replaying && task.activations > 1, "{how}");
        // History has all commands and flags.
        assert_eq!(command_types(&completions[0].commands), [""; 0], "{how}");
        assert_eq!(flags(0), 0, "{how}");
        return;
    }
    let issued: Vec<_> = completions
        .iter()
        .map(|completion| command_types(&completion.commands))
        .collect();
    assert_eq!(issued, commands_in(events), "{how}");
    let asked = report.tasks.iter().filter(|task| task.activations > 0);
    assert!(asked.clone().count() > 1, "{how}");
    // A run that was evicted is asked again what the task itself may have nothing to add to.
    if course == (Course::EveryTask { evicting: false }) {
        assert!(asked.clone().all(|task| !task.ended_replaying), "{how}");
    }
    assert_ne!(flags(0), 0, "{how}");
    assert!((1..completions.len()).all(|index| flags(index) == 0));
}

/// Promise 23: nondeterminism is told as such, with the event and the command.
#[test]
fn a_changed_history_is_nondeterminism() {
    World::run(|world| async move {
        let mut history = finished();
        history.add(
            EventType::WorkflowExecutionFailed,
            Attributes::WorkflowExecutionFailedEventAttributes(Box::default()),
        );
        let report = replay(&world, request(&history.events)).await;
        let failure = report.failure.unwrap();
        assert_eq!(failure.reason, EvictionReason::Nondeterminism);
        assert_eq!(
            failure.message,
            "[TMPRL1100] Nondeterminism error: event 12 (WORKFLOW_EXECUTION_FAILED) does not match \
             the command COMPLETE_WORKFLOW_EXECUTION"
        );
        assert!(failure.task_failure.is_some());
        assert_eq!(report.tasks.len(), 1);
        assert_eq!(report.tasks[0].completion, None);
    });
}

#[test]
fn replays_of_one_run_wait_for_each_other() {
    World::run(|world| async move {
        let host = Arc::new(Host::default());
        let replayer = Replayer::on_stage(&world.stage, &config(4), host.clone());
        let history = finished();
        let same = (0..6).map(|_| replayer.replay(request(&history.events)));
        for report in join_all(same).await {
            assert_eq!(report.failure, None);
        }
        assert_eq!(*host.most_runs.lock(), 1);
    });
}

#[test]
fn replays_of_several_runs_go_on_at_a_time_up_to_the_limit() {
    World::run(|world| async move {
        let host = Arc::new(Host {
            holds_back: true,
            ..Host::default()
        });
        let replayer = Arc::new(Replayer::on_stage(&world.stage, &config(2), host.clone()));
        let replays = recorded().map(|(_, events)| {
            let replayer = replayer.clone();
            tokio::task::spawn_local(async move { replayer.replay(request(&events)).await })
        });
        world.settle().await;
        assert_eq!(host.runs.lock().len(), 2);
        while !replays.iter().all(tokio::task::JoinHandle::is_finished) {
            host.release();
            world.settle().await;
        }
        for replay in replays {
            assert_eq!(replay.await.unwrap().failure, None);
        }
        assert_eq!(*host.most_runs.lock(), 2);
        assert!(host.is_empty());
    });
}

#[test]
fn a_replay_that_nobody_waits_for_is_not_begun() {
    World::run(|world| async move {
        let host = Arc::new(Host {
            holds_back: true,
            ..Host::default()
        });
        let replayer = Arc::new(Replayer::on_stage(&world.stage, &config(1), host.clone()));
        let [first, second, _] = recorded().map(|(_, events)| {
            let replayer = replayer.clone();
            tokio::task::spawn_local(async move { replayer.replay(request(&events)).await })
        });
        world.settle().await;
        second.abort();
        while !first.is_finished() {
            host.release();
            world.settle().await;
        }
        world.settle().await;
        // The third one is next.
        assert_eq!(host.runs.lock().len(), 1);
        let queue = replayer.queue.snapshot().await.unwrap();
        assert_eq!((queue.in_flight, queue.waiting), (1, 0));
        while host.release() {
            world.settle().await;
        }
    });
}

/// Promise 44: a panic is a verdict, and the next replay of the run is not disturbed.
#[test]
fn a_panic_is_told_and_cleared_up() {
    World::run(|world| async move {
        for activation in [1, 2] {
            let host = Arc::new(Host {
                // It comes from within the actor, which hands its activations over.
                panics_at: Some(activation),
                ..Host::default()
            });
            let replayer = Replayer::on_stage(&world.stage, &config(1), host.clone());
            let history = finished();
            let report = replayer.replay(request(&history.events)).await;
            let failure = report.failure.unwrap();
            assert_eq!(failure.reason, EvictionReason::Fatal);
            assert_eq!(
                failure.message,
                "internal error, please report it: the test wants it"
            );
            assert!(host.is_empty());
            let again = replayer.replay(request(&history.events)).await;
            assert_eq!(again.failure, None);
            assert!(host.is_empty());
        }
    });
}
