//! Timers, activities, signals, cancellation and the workflow's end.

use super::{obedient::summary, *};
use crate::protos::{
    command::v1::command::Attributes,
    enums::v1::{TimeoutType, WorkflowTaskFailedCause},
};
use crate::workflow::testing::json_payload;

#[test]
fn timer_starts_and_fires() {
    let played = check(&[
        signals(&["timer"]),
        step(|history| {
            history.fire_timer("1");
        }),
        signals(&["finish"]),
    ]);
    assert_eq!(kinds(&played.completions[0]), ["START_TIMER"]);
    assert_eq!(
        kinds(&played.completions[2]),
        ["COMPLETE_WORKFLOW_EXECUTION"]
    );
    assert_eq!(
        happened(&played.log),
        [
            "init 18114344553029958363",
            "signal timer",
            "timer 1",
            "signal finish"
        ]
    );
}

/// Compatibility, commands: a timer cancelled before it is sent sends nothing; after, `CancelTimer`
/// and no job. N18.
/// Compatibility, ids: a number is used up even if its command is dropped.
#[test]
fn timer_cancelled_before_it_is_sent_leaves_no_trace() {
    let played = check(&[
        signals(&["timer and cancel", "timer"]),
        signals(&["cancel timer", "cancel timer"]),
    ]);
    // The number is used up all the same.
    let Some(Attributes::StartTimerCommandAttributes(timer)) =
        &played.completions[0].commands[0].attributes
    else {
        panic!("no timer")
    };
    assert_eq!(timer.timer_id, "2");
    assert_eq!(kinds(&played.completions[0]), ["START_TIMER"]);
    assert_eq!(kinds(&played.completions[1]), ["CANCEL_TIMER"]);
}

#[test]
fn cancel_of_a_fired_timer_does_nothing() {
    let played = check(&[
        signals(&["timer"]),
        step(|history| {
            history.signal("cancel timer");
            history.fire_timer("1");
        }),
    ]);
    assert_eq!(kinds(&played.completions[1]), [""; 0]);
}

/// As the official package has it: the summary comes with the start and again with the cancel.
#[test]
fn a_cancel_repeats_the_summary() {
    let played = check(&[
        signals(&["timer", "activity try"]),
        signals(&["cancel timer", "cancel activity"]),
    ]);
    for completion in &played.completions {
        let summaries: Vec<_> = completion
            .commands
            .iter()
            .map(|command| command.user_metadata.clone())
            .collect();
        assert_eq!(summaries, [summary("a timer"), summary("an activity")]);
    }
}

#[test]
fn activities_end_in_every_way() {
    let played = check(&[
        signals(&["activity try", "activity try", "activity try"]),
        step(|history| {
            history.complete_activity("2", json_payload("2"));
            history.fail_activity("1", "broken");
        }),
        step(|history| {
            history.time_activity_out("3", TimeoutType::Heartbeat);
        }),
    ]);
    assert_eq!(
        happened(&played.log)[4..],
        [
            "activity 2 completed",
            "activity 1 Activity task failed",
            "activity 3 Activity task timed out"
        ]
    );
}

/// Compatibility, commands: TRY_CANCEL sends the request and resolves at once; exactly one cancel
/// per number, ever.
#[test]
fn try_cancel_requests_and_resolves_at_once() {
    let played = check(&[
        signals(&["activity try"]),
        signals(&["cancel activity", "cancel activity"]),
        step(|history| {
            history.complete_activity("1", json_payload("1"));
        }),
    ]);
    assert_eq!(
        kinds(&played.completions[1]),
        ["REQUEST_CANCEL_ACTIVITY_TASK"]
    );
    assert_eq!(
        happened(&played.log)[4..],
        ["activity 1 Activity cancelled"]
    );
}

/// Compatibility, commands: WAIT only sends.
#[test]
fn wait_for_cancellation_requests_and_waits() {
    let played = check(&[
        signals(&["activity wait", "activity wait"]),
        signals(&["cancel activity"]),
        step(|history| {
            history.cancel_activity("2");
            history.complete_activity("1", json_payload("1"));
        }),
    ]);
    assert_eq!(
        kinds(&played.completions[1]),
        ["REQUEST_CANCEL_ACTIVITY_TASK"]
    );
    assert_eq!(
        happened(&played.log)[4..],
        ["activity 2 Activity cancelled", "activity 1 completed"]
    );
}

/// Compatibility, commands: ABANDON only resolves.
#[test]
fn abandon_resolves_and_asks_nobody() {
    let played = check(&[
        signals(&["activity abandon"]),
        signals(&["cancel activity"]),
        step(|history| {
            history.fail_activity("1", "late");
        }),
    ]);
    assert_eq!(kinds(&played.completions[1]), [""; 0]);
    assert_eq!(
        happened(&played.log)[3..],
        ["activity 1 Activity cancelled"]
    );
}

/// Compatibility, commands: a command cancelled before it was sent leaves no trace. N18.
#[test]
fn activity_cancelled_before_it_is_sent_leaves_no_trace() {
    let played = check(&[signals(&["activity and cancel"]), signals(&["finish"])]);
    assert_eq!(kinds(&played.completions[0]), [""; 0]);
    assert_eq!(happened(&played.log)[2], "activity 1 Activity cancelled");
}

/// Compatibility, commands: with flag 3 keep all non-terminal commands, then the first terminal
/// one. D51.
#[test]
fn the_first_end_comes_last_and_others_are_dropped() {
    let played = check(&[signals(&["finish, then timer"])]);
    assert_eq!(
        kinds(&played.completions[0]),
        ["START_TIMER", "COMPLETE_WORKFLOW_EXECUTION"]
    );
}

#[test]
fn continue_as_new_takes_over_what_is_unset() {
    let played = check(&[signals(&["continue"])]);
    let Some(Attributes::ContinueAsNewWorkflowExecutionCommandAttributes(next)) =
        &played.completions[0].commands[0].attributes
    else {
        panic!("no continue-as-new")
    };
    assert_eq!(next.workflow_type.as_ref().unwrap().name, "Obedient");
    assert_eq!(next.task_queue.as_ref().unwrap().name, "queue");
}

#[test]
fn cancellation_reaches_the_workflow() {
    let played = check(&[
        signals(&[]),
        step(|history| {
            history.request_cancel("enough");
        }),
    ]);
    assert_eq!(kinds(&played.completions[1]), ["CANCEL_WORKFLOW_EXECUTION"]);
    assert_eq!(happened(&played.log)[1], "cancel enough");
}

/// Compatibility, task boundaries: a started event followed by failed or timed out ends no sequence.
#[test]
fn failed_and_timed_out_tasks_are_skipped() {
    let played = check(&[
        step(|history| {
            history.start_task();
            history.fail_task(WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure);
            history.start_task();
            history.time_task_out();
            history.signal("timer");
        }),
        signals(&["finish"]),
    ]);
    assert_eq!(kinds(&played.completions[0]), ["START_TIMER"]);
    assert_eq!(happened(&played.log).len(), 3);
}

/// N38: workflow time is the latest of the events' times, and never goes back with them.
/// Compatibility, local activities: workflow time never goes back.
#[test]
fn workflow_time_never_goes_back() {
    let mut history = HistoryBuilder::new("Obedient");
    history.run_task();
    history.signal("nothing");
    history.start_task();
    // A clock of the server was wrong: the second task started before the first.
    for event in &mut history.events[3..] {
        event.event_time.as_mut().unwrap().seconds -= 1000;
    }
    let mut run = Run::new(settings());
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut obedient(), &history.events, &[100], input);
    let times: Vec<_> = driven
        .activations
        .iter()
        .map(|activation| activation.timestamp.unwrap().seconds)
        .collect();
    let first = history.events[2].event_time.unwrap().seconds;
    assert_eq!(times, [first, first]);
}

/// Compatibility, formats: a reset reseeds from the new run id. N37.
/// Compatibility, activations: job order, the seed before signals.
#[test]
fn reset_gives_a_new_seed_before_signals() {
    let played = check(&[
        signals(&[]),
        step(|history| {
            history.signal("nothing");
            history.start_task();
            history.fail_task(WorkflowTaskFailedCause::ResetWorkflow);
        }),
    ]);
    let seed = crate::workflow::random_seed::seed_of("the-run-after-the-reset");
    assert_eq!(
        happened(&played.log)[1..],
        [format!("seed {seed}").as_str(), "signal nothing"]
    );
}

/// N7. Compatibility, task boundaries: replay ends at the first event past the previous task that is
/// neither a command's nor a completion.
#[test]
fn only_the_last_task_is_live() {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal("timer");
    history.run_task();
    history.start_timer("1");
    history.fire_timer("1");
    history.start_task();
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(
        &mut Run::new(settings()),
        &mut obedient(),
        &history.events,
        &[100],
        input,
    );
    let replaying: Vec<bool> = driven
        .activations
        .iter()
        .map(|one| one.is_replaying)
        .collect();
    assert_eq!(replaying, [true, false]);
    let lengths: Vec<u32> = driven
        .activations
        .iter()
        .map(|one| one.history_length)
        .collect();
    assert_eq!(lengths, [4, 9]);
}
