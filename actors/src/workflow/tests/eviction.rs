//! When a run leaves, why, and what it hands back.

use super::*;
use crate::{
    protos::enums::v1::{VersioningBehavior, WorkflowTaskFailedCause},
    workflow::{
        ActivationCommands, ActivationCompleted, ActivationFailure, EvictionReason, RunEffect,
        WaitingFor, testing::RUN_ID,
    },
};

/// A run that has completed its first task and waits for the server's word.
fn answered(config: RunConfig) -> (Run, WorkflowCode, HistoryBuilder) {
    let mut history = HistoryBuilder::new("Obedient");
    history.start_task();
    let mut run = Run::new(config);
    let mut code = obedient();
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut code, &history.events, &[100], input);
    assert!(matches!(driven.answers[0], TaskAnswer::Complete(_)));
    (run, code, history)
}

fn accepted() -> ResponseOutcome {
    ResponseOutcome::Accepted {
        new_task: None,
        reset_history_event_id: 0,
    }
}

fn check_outcome(outcome: ResponseOutcome, expected: Option<EvictionReason>) {
    let (mut run, mut code, history) = answered(settings());
    let driven = drive(
        &mut run,
        &mut code,
        &history.events,
        &[100],
        RunInput::Responded(outcome),
    );
    assert_eq!(driven.tasks_finished, 1);
    assert_eq!(driven.evicted.as_ref().map(|(reason, _)| *reason), expected);
    let told = driven
        .activations
        .iter()
        .any(|one| matches!(one.jobs[0], Job::RemoveFromCache { .. }));
    assert_eq!(told, expected.is_some());
}

/// Promise 12: a run is evicted after NotFound, UnhandledCommand, any other error, and its end.
#[test]
fn an_error_of_the_answer_evicts() {
    check_outcome(accepted(), None);
    check_outcome(
        ResponseOutcome::NotFound,
        Some(EvictionReason::TaskNotFound),
    );
    check_outcome(
        ResponseOutcome::UnhandledCommand,
        Some(EvictionReason::UnhandledCommand),
    );
    check_outcome(
        ResponseOutcome::Failed {
            message: "no".into(),
        },
        Some(EvictionReason::Fatal),
    );
}

#[test]
fn runs_that_are_not_cached_leave_after_each_task() {
    let (mut run, mut code, history) = answered(run_with(|settings| settings.cached = false));
    let driven = drive(
        &mut run,
        &mut code,
        &history.events,
        &[100],
        RunInput::Responded(accepted()),
    );
    assert_eq!(driven.evicted.unwrap().0, EvictionReason::CacheFull);
}

/// N24: a completion that cannot be sent fails the task, with its own cause.
#[test]
fn an_answer_too_large_fails_the_task() {
    let (mut run, mut code, history) = answered(settings());
    let too_large = ResponseOutcome::Unsendable(Box::new(ActivationFailure {
        failure: Failure {
            message: "too large".into(),
            ..Failure::default()
        },
        cause: WorkflowTaskFailedCause::GrpcMessageTooLarge,
    }));
    let driven = drive(
        &mut run,
        &mut code,
        &history.events,
        &[100],
        RunInput::Responded(too_large),
    );
    let [TaskAnswer::Fail { cause, failure, .. }] = driven.answers.as_slice() else {
        panic!("{driven:?}")
    };
    assert_eq!(*cause, WorkflowTaskFailedCause::GrpcMessageTooLarge);
    assert_eq!(failure.message, "too large");
    let driven = drive(
        &mut run,
        &mut code,
        &history.events,
        &[100],
        RunInput::Responded(accepted()),
    );
    assert_eq!(driven.tasks_finished, 1);
    assert!(driven.evicted.is_some());
}

/// Promise 11: an eviction goes out only when no activation of the run is outstanding.
#[test]
fn eviction_waits_for_the_task_and_hands_back_the_next() {
    let (mut run, mut code, mut history) = answered(settings());
    let evict = RunInput::EvictionRequested {
        reason: EvictionReason::CacheFull,
        message: String::new(),
    };
    assert_eq!(run.handle(evict), []);
    history.complete_task(None);
    history.signal("timer");
    history.start_task();
    let next = history.sticky_task();
    assert_eq!(
        run.handle(RunInput::TaskReceived(Box::new(next.clone()))),
        []
    );
    let driven = drive(
        &mut run,
        &mut code,
        &history.events,
        &[100],
        RunInput::Responded(accepted()),
    );
    assert_eq!(
        driven.evicted,
        Some((EvictionReason::CacheFull, vec![next]))
    );
    assert_eq!(driven.tasks_finished, 1);
    assert_eq!(run.snapshot().waiting_for, WaitingFor::Nothing);
}

/// N23: a task that comes with the server's answer takes over the slot.
#[test]
fn a_task_that_comes_with_the_answer_goes_on_at_once() {
    let (mut run, mut code, mut history) = answered(settings());
    history.complete_task(None);
    history.signal("timer");
    history.start_task();
    let outcome = ResponseOutcome::Accepted {
        new_task: Some(Box::new(history.sticky_task())),
        reset_history_event_id: 0,
    };
    let driven = drive(
        &mut run,
        &mut code,
        &history.events,
        &[100],
        RunInput::Responded(outcome),
    );
    assert_eq!(driven.tasks_finished, 0);
    let [TaskAnswer::Complete(completion)] = driven.answers.as_slice() else {
        panic!("{driven:?}")
    };
    assert_eq!(kinds(completion), ["START_TIMER"]);
}

/// Promise 23: a task failure is reported on attempt 1 only. Promise 12: it evicts.
#[test]
fn only_the_first_attempt_reports_a_failure() {
    for (attempt, reports) in [(1, 1), (2, 0)] {
        let mut history = HistoryBuilder::new("Obedient");
        history.start_task();
        history.attempt = attempt;
        let mut run = Run::new(settings());
        run.handle(RunInput::TaskReceived(Box::new(history.task())));
        let failure = ActivationFailure {
            failure: Failure {
                message: "broken".into(),
                ..Failure::default()
            },
            cause: WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure,
        };
        let failed = ActivationCompleted {
            run_id: RUN_ID.into(),
            outcome: Err(Box::new(failure)),
        };
        let mut code = obedient();
        let driven = drive(
            &mut run,
            &mut code,
            &[],
            &[100],
            RunInput::Activated(failed),
        );
        assert_eq!(driven.answers.len(), reports);
        let driven = if reports == 1 {
            drive(
                &mut run,
                &mut code,
                &[],
                &[100],
                RunInput::Responded(accepted()),
            )
        } else {
            driven
        };
        assert_eq!(driven.tasks_finished, 1);
        assert_eq!(driven.evicted.unwrap().0, EvictionReason::HostFail);
    }
}

/// Promise 20: a failed history fetch evicts.
#[test]
fn a_history_that_cannot_be_fetched_evicts() {
    let mut history = HistoryBuilder::new("Obedient");
    history.run_task();
    history.signal("timer");
    history.start_task();
    let mut run = Run::new(settings());
    let effects = run.handle(RunInput::TaskReceived(Box::new(history.sticky_task())));
    assert!(
        matches!(effects.as_slice(), [RunEffect::FetchHistory { .. }]),
        "{effects:?}"
    );
    let mut code = obedient();
    let lost = RunInput::HistoryFetchFailed {
        message: "gone".into(),
    };
    let driven = drive(&mut run, &mut code, &[], &[100], lost);
    assert!(matches!(
        driven.answers.as_slice(),
        [TaskAnswer::Fail { .. }]
    ));
    let driven = drive(
        &mut run,
        &mut code,
        &[],
        &[100],
        RunInput::Responded(accepted()),
    );
    assert_eq!(
        driven.evicted.unwrap().0,
        EvictionReason::PaginationOrHistoryFetch
    );
    // Workflow code never saw this run, so it hears nothing of its end.
    assert!(driven.activations.is_empty());
}

/// The client that asked gets no error for it: the server gives the query to another worker.
#[test]
fn a_query_whose_history_cannot_be_fetched_is_left() {
    let mut history = HistoryBuilder::new("Obedient");
    history.run_task();
    let mut task = history.task();
    task.started_event_id = 0;
    task.query = Some(WorkflowQuery::default());
    task.history.clear();
    let mut run = Run::new(settings());
    run.handle(RunInput::TaskReceived(Box::new(task)));
    let lost = RunInput::HistoryFetchFailed {
        message: "gone".into(),
    };
    let driven = drive(&mut run, &mut obedient(), &[], &[100], lost);
    assert!(driven.answers.is_empty(), "{driven:?}");
    assert_eq!(driven.tasks_finished, 1);
    assert_eq!(
        driven.evicted.unwrap().0,
        EvictionReason::PaginationOrHistoryFetch
    );
}

/// Promise 17: a run that others have worked on meanwhile goes on with no effect that is seen.
#[test]
fn a_cached_run_that_missed_tasks_catches_up() {
    let (mut run, mut code, mut history) = answered(settings());
    history.complete_task(None);
    drive(
        &mut run,
        &mut code,
        &history.events,
        &[100],
        RunInput::Responded(accepted()),
    );
    // Another worker has the next task; ours is the one after it.
    history.signal("timer");
    history.run_task();
    history.start_timer("1");
    history.fire_timer("1");
    history.start_task();
    let input = RunInput::TaskReceived(Box::new(history.sticky_task()));
    let driven = drive(&mut run, &mut code, &history.events, &[3], input);
    let replaying: Vec<bool> = driven
        .activations
        .iter()
        .map(|one| one.is_replaying)
        .collect();
    assert_eq!(replaying, [true, false]);
    assert!(
        matches!(driven.answers[0], TaskAnswer::Complete(_)),
        "{driven:?}"
    );
}

#[test]
fn a_history_that_was_rewritten_evicts() {
    let (mut run, mut code, mut history) = answered(settings());
    history.complete_task(None);
    drive(
        &mut run,
        &mut code,
        &history.events,
        &[100],
        RunInput::Responded(accepted()),
    );
    history.signal("timer");
    history.start_task();
    for event in &mut history.events {
        event.version = 7;
    }
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut code, &history.events, &[100], input);
    assert!(matches!(
        driven.answers.as_slice(),
        [TaskAnswer::Fail { .. }]
    ));
}

/// N40: what workflow code says of versioning goes with this completion and with later ones.
#[test]
fn versioning_behavior_goes_with_each_completion() {
    let mut history = HistoryBuilder::new("Obedient");
    let mut run = Run::new(settings());
    for says in [VersioningBehavior::Pinned, VersioningBehavior::Unspecified] {
        history.signal("nothing");
        history.start_task();
        let task = RunInput::TaskReceived(Box::new(history.sticky_task()));
        run.handle(task);
        let effects = run.handle(RunInput::Activated(ActivationCompleted {
            run_id: RUN_ID.into(),
            outcome: Ok(ActivationCommands {
                versioning_behavior: says,
                ..ActivationCommands::default()
            }),
        }));
        let [RunEffect::Respond(TaskAnswer::Complete(completion))] = effects.as_slice() else {
            panic!("{effects:?}")
        };
        assert_eq!(completion.versioning_behavior, VersioningBehavior::Pinned);
        history.complete(completion);
        run.handle(RunInput::Responded(accepted()));
    }
}
