//! Query-only tasks, and queries that ride on tasks.

use super::*;
use crate::{
    protos::enums::v1::QueryResultType,
    workflow::{ActivationCommands, ActivationCompleted, EvictionReason, RunEffect, WaitingFor},
};

fn query_task(history: &HistoryBuilder) -> Box<WorkflowTask> {
    let mut task = history.task();
    task.started_event_id = 0;
    task.query = Some(WorkflowQuery::default());
    Box::new(task)
}

/// Compatibility, activations: query activations never mix with other jobs, and count as replaying.
#[test]
fn queries_ride_on_a_task_in_an_activation_of_their_own() {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal("timer");
    history.start_task();
    let mut task = history.task();
    for id in ["q2", "q1"] {
        task.queries.insert(id.into(), WorkflowQuery::default());
    }
    let mut run = Run::new(settings());
    let input = RunInput::TaskReceived(Box::new(task));
    let driven = drive(&mut run, &mut obedient(), &history.events, &[100], input);
    let jobs: Vec<usize> = driven
        .activations
        .iter()
        .map(|one| one.jobs.len())
        .collect();
    assert_eq!(jobs, [2, 2]);
    assert!(!driven.activations[0].is_replaying);
    assert!(driven.activations[1].is_replaying);
    let [TaskAnswer::Complete(completion)] = driven.answers.as_slice() else {
        panic!("{driven:?}")
    };
    assert_eq!(kinds(completion), ["START_TIMER"]);
    let result = &completion.query_results["q1"];
    assert_eq!(result.result_type(), QueryResultType::Answered);
    assert_eq!(result.answer.as_ref().unwrap().payloads.len(), 1);
}

/// Compatibility, queries: one on a closed workflow replays it whole and answers. Promise 21.
/// As on the official package, what no task has brought to the workflow before it was closed counts
/// too.
#[test]
fn a_query_on_a_closed_workflow_replays_it_whole() {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal("timer");
    history.run_task();
    history.start_timer("1");
    history.signal("never handled");
    history.start_task();
    history.terminate();
    let mut player = Player {
        how: Play::Warm,
        run: Run::new(settings()),
        code: obedient(),
    };
    assert_eq!(
        happened(&player.ask(&history))[1..],
        ["signal timer", "signal never handled"]
    );
}

/// Compatibility, queries: the old-style query has the id `legacy_query` and is answered alone.
#[test]
fn an_old_style_query_is_answered_alone() {
    let mut history = HistoryBuilder::new("Obedient");
    history.run_task();
    history.signal("timer");
    let mut run = Run::new(settings());
    let driven = drive(
        &mut run,
        &mut obedient(),
        &history.events,
        &[100],
        RunInput::TaskReceived(query_task(&history)),
    );
    let last = driven.activations.last().unwrap();
    let [Job::QueryWorkflow { query_id, .. }] = last.jobs.as_slice() else {
        panic!("{last:?}")
    };
    assert_eq!(query_id, "legacy_query");
    assert!(last.is_replaying);
    assert!(matches!(
        driven.answers.as_slice(),
        [TaskAnswer::Query { result: Ok(_), .. }]
    ));
}

/// A sticky query brings no history; a run that is not cached fetches it.
#[test]
fn a_query_without_history_fetches_it() {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal("timer");
    history.run_task();
    history.start_timer("1");
    let mut task = query_task(&history);
    task.history.clear();
    let mut run = Run::new(settings());
    let driven = drive(
        &mut run,
        &mut obedient(),
        &history.events,
        &[2],
        RunInput::TaskReceived(task),
    );
    assert_eq!(driven.pages_fetched, 3);
    assert!(matches!(
        driven.answers[0],
        TaskAnswer::Query { result: Ok(_), .. }
    ));
}

/// Promise 30: query-only tasks wait their turn; only the newest real task is kept.
#[test]
fn a_query_goes_before_the_task_that_waits_with_it() {
    let mut history = HistoryBuilder::new("Obedient");
    history.start_task();
    let mut run = Run::new(settings());
    let effects = run.handle(RunInput::TaskReceived(Box::new(history.task())));
    let [RunEffect::Activate(activation)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let activation = activation.clone();
    // Two newer tasks and a query arrive while workflow code works.
    history.complete_task(None);
    let query = query_task(&history);
    history.signal("timer");
    history.start_task();
    let newer = history.sticky_task();
    assert_eq!(
        run.handle(RunInput::TaskReceived(Box::new(newer.clone()))),
        []
    );
    assert_eq!(run.handle(RunInput::TaskReceived(query)), []);
    assert_eq!(
        run.handle(RunInput::TaskReceived(Box::new(newer))),
        [RunEffect::TaskFinished]
    );
    assert_eq!(run.snapshot().buffered_tasks, 2);

    let mut code = obedient();
    let commands = code(&activation);
    let outcome = Ok(ActivationCommands {
        commands,
        used_internal_flags: Vec::new(),
        ..ActivationCommands::default()
    });
    let done = ActivationCompleted {
        run_id: activation.run_id.clone(),
        outcome,
    };
    let events = history.events.clone();
    let driven = drive(
        &mut run,
        &mut code,
        &events,
        &[100],
        RunInput::Activated(done),
    );
    assert!(matches!(driven.answers[0], TaskAnswer::Complete(_)));
    let accepted = || {
        RunInput::Responded(ResponseOutcome::Accepted {
            new_task: None,
            reset_history_event_id: 0,
        })
    };
    let driven = drive(&mut run, &mut code, &events, &[100], accepted());
    assert!(
        matches!(driven.answers[0], TaskAnswer::Query { result: Ok(_), .. }),
        "{driven:?}"
    );
    let driven = drive(&mut run, &mut code, &events, &[100], accepted());
    assert!(
        matches!(driven.answers[0], TaskAnswer::Complete(_)),
        "{driven:?}"
    );
    assert_eq!(driven.tasks_finished, 1);
}

#[test]
fn a_query_that_replays_wrongly_is_answered_with_the_failure() {
    let mut history = HistoryBuilder::new("Obedient");
    history.run_task();
    history.start_timer("1");
    let mut run = Run::new(settings());
    let mut code = obedient();
    let driven = drive(
        &mut run,
        &mut code,
        &history.events,
        &[100],
        RunInput::TaskReceived(query_task(&history)),
    );
    let [
        TaskAnswer::Query {
            result: Err(failed),
            ..
        },
    ] = driven.answers.as_slice()
    else {
        panic!("{driven:?}")
    };
    assert!(failed.failure.message.starts_with("[TMPRL1100]"));
    let gone = RunInput::Responded(ResponseOutcome::NotFound);
    let driven = drive(&mut run, &mut code, &history.events, &[100], gone);
    assert!(driven.evicted.is_some());
    assert_eq!(run.snapshot().waiting_for, WaitingFor::Nothing);
}

/// Nobody waits for the answer any more; a run that is not cached leaves after it all the same.
#[test]
fn an_answer_that_comes_too_late_keeps_no_run() {
    for (cached, evicted) in [(true, None), (false, Some(EvictionReason::CacheFull))] {
        let mut history = HistoryBuilder::new("Obedient");
        history.run_task();
        let mut run = Run::new(run_with(|settings| settings.cached = cached));
        let mut code = obedient();
        let query = RunInput::TaskReceived(query_task(&history));
        drive(&mut run, &mut code, &history.events, &[100], query);
        let gone = RunInput::Responded(ResponseOutcome::NotFound);
        let driven = drive(&mut run, &mut code, &history.events, &[100], gone);
        assert_eq!(driven.tasks_finished, 1);
        assert_eq!(driven.evicted.map(|(reason, _)| reason), evicted);
    }
}

/// Promise 29: queries change no command.
#[test]
fn a_command_in_answer_to_a_query_fails_it() {
    let mut history = HistoryBuilder::new("Obedient");
    history.run_task();
    let mut code: WorkflowCode = Box::new(|activation| match &activation.jobs[0] {
        Job::QueryWorkflow { .. } => vec![Command::CompleteWorkflow { result: None }],
        _ => Vec::new(),
    });
    let mut run = Run::new(settings());
    let driven = drive(
        &mut run,
        &mut code,
        &history.events,
        &[100],
        RunInput::TaskReceived(query_task(&history)),
    );
    let [
        TaskAnswer::Query {
            result: Err(failed),
            ..
        },
    ] = driven.answers.as_slice()
    else {
        panic!("{driven:?}")
    };
    assert!(
        failed
            .failure
            .message
            .contains("must not change the workflow")
    );
}

/// 1 started, 2–4 task, 5 signal, 6–7 task in progress elsewhere.
#[test]
fn a_query_leaves_a_task_in_progress_alone() {
    let mut history = HistoryBuilder::new("Obedient");
    history.run_task();
    history.signal("timer");
    history.start_task();
    let mut run = Run::new(settings());
    let mut code = obedient();
    let input = RunInput::TaskReceived(query_task(&history));
    let driven = drive(&mut run, &mut code, &history.events, &[100], input);
    let [
        TaskAnswer::Query {
            result: Ok(Some(log)),
            ..
        },
    ] = driven.answers.as_slice()
    else {
        panic!("{driven:?}")
    };
    assert!(!log.data.ends_with(b"signal timer"));
    let accepted = ResponseOutcome::Accepted {
        new_task: None,
        reset_history_event_id: 0,
    };
    run.handle(RunInput::Responded(accepted));

    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut code, &history.events, &[100], input);
    let [TaskAnswer::Complete(completion)] = driven.answers.as_slice() else {
        panic!("{driven:?}")
    };
    assert_eq!(kinds(completion), ["START_TIMER"]);
}
