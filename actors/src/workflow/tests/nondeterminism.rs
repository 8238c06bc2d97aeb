//! What history says and workflow code did not do, and the other way round.

use super::*;
use crate::{
    protos::{
        enums::v1::{EventType, WorkflowTaskFailedCause},
        history::v1::{
            MarkerRecordedEventAttributes, WorkflowExecutionUpdateCompletedEventAttributes,
            history_event::Attributes,
        },
        update::v1::Meta,
    },
    workflow::EvictionReason,
};

/// Replays the history as the task in progress; returns how it failed.
pub(super) fn failure_of(history: &HistoryBuilder) -> (WorkflowTaskFailedCause, String) {
    let mut run = Run::new(settings());
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut obedient(), &history.events, &[100], input);
    match driven.answers.into_iter().next() {
        Some(TaskAnswer::Fail { cause, failure, .. }) => (cause, failure.message),
        other => panic!("the task did not fail: {other:?}"),
    }
}

pub(super) fn check_message(told: &str, recorded: impl Fn(&mut HistoryBuilder), expected: &str) {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal(told);
    history.run_task();
    recorded(&mut history);
    history.signal("nothing");
    history.start_task();
    let (cause, message) = failure_of(&history);
    assert_eq!(cause, WorkflowTaskFailedCause::NonDeterministicError);
    assert_eq!(
        message,
        format!("[TMPRL1100] Nondeterminism error: {expected}")
    );
}

/// Compatibility, commands: each command event must match the front of the queue. N16.
#[test]
fn a_command_of_another_kind() {
    check_message(
        "timer",
        |history| {
            history.schedule_activity("1", "work");
        },
        "event 6 (ACTIVITY_TASK_SCHEDULED) does not match the command START_TIMER (timer 1)",
    );
}

#[test]
fn the_completion_of_another_update() {
    let mut history = HistoryBuilder::new("Obedient");
    history.run_task();
    history.accept_update("u1", 2, None);
    let completed = |update_id: &str| {
        Attributes::WorkflowExecutionUpdateCompletedEventAttributes(Box::new(
            WorkflowExecutionUpdateCompletedEventAttributes {
                meta: Some(Meta {
                    update_id: update_id.to_owned(),
                    ..Meta::default()
                }),
                ..WorkflowExecutionUpdateCompletedEventAttributes::default()
            },
        ))
    };
    history.add(EventType::WorkflowExecutionUpdateCompleted, completed("u2"));
    history.start_task();
    assert_eq!(
        failure_of(&history).1,
        "[TMPRL1100] Nondeterminism error: event 6 (WORKFLOW_EXECUTION_UPDATE_COMPLETED) does not \
         match the command PROTOCOL_MESSAGE (completion of update u1)"
    );
}

/// Compatibility, commands: each command event must match the front of the queue.
#[test]
fn a_missing_command() {
    check_message(
        "nothing",
        |history| {
            history.start_timer("1");
        },
        "event 6 (TIMER_STARTED) is in history, but the workflow issued no command for it",
    );
}

/// Compatibility, commands: each command event must match the front of the queue.
#[test]
fn a_surplus_command_before_another() {
    check_message(
        "finish, then timer",
        |history| {
            history.complete(&TaskCompletion::default());
            history.events.pop();
            history.schedule_activity("1", "work");
        },
        "event 6 (ACTIVITY_TASK_SCHEDULED) does not match the command START_TIMER (timer 1)",
    );
}

/// Compatibility, flags: core flag 1 compares id and type of activities. N16.
#[test]
fn another_activity_type() {
    check_message(
        "activity try",
        |history| {
            history.schedule_activity("1", "play");
        },
        "event 6 (ACTIVITY_TASK_SCHEDULED) has the activity type 'play', but the command \
         SCHEDULE_ACTIVITY_TASK has 'work'",
    );
}

/// Compatibility, flags: core flag 1 compares id and type of activities. N16.
#[test]
fn another_activity_id() {
    check_message(
        "activity try",
        |history| {
            history.schedule_activity("7", "work");
        },
        "event 6 (ACTIVITY_TASK_SCHEDULED) has the activity id '7', but the command \
         SCHEDULE_ACTIVITY_TASK has '1'",
    );
}

/// Compatibility, commands: durations of timers are not compared, the fired id is.
#[test]
fn another_timer_fired() {
    check_message(
        "timer",
        |history| {
            history.start_timer("9");
            history.fire_timer("9");
        },
        "event 7 (TIMER_FIRED) has the timer id '9', but the command START_TIMER had '1'",
    );
}

/// The official SDK sends a surplus command late, if nothing in history contradicts it.
#[test]
fn a_surplus_command_at_the_end_is_sent_late() {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal("timer");
    history.run_task();
    history.signal("nothing");
    history.start_task();
    let mut run = Run::new(settings());
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut obedient(), &history.events, &[100], input);
    let [TaskAnswer::Complete(completion)] = driven.answers.as_slice() else {
        panic!("{driven:?}")
    };
    assert_eq!(kinds(completion), ["START_TIMER"]);
}

#[test]
fn a_marker_that_no_command_is_for() {
    check_message(
        "timer",
        |history| {
            history.record_marker(MarkerRecordedEventAttributes::default());
        },
        "event 6 (MARKER_RECORDED) does not match the command START_TIMER (timer 1)",
    );
}

#[test]
fn unknown_events_are_skipped_if_they_may_be() {
    let mut history = HistoryBuilder::new("Obedient");
    let position = history.signal("nothing") as usize - 1;
    history.start_task();
    history.events[position].event_type = 9_999;
    history.events[position].attributes = None;
    let (_, message) = failure_of(&history);
    assert_eq!(
        message,
        "event 2 (unknown type 9999) is not known to this version and may not be ignored"
    );

    history.events[position].worker_may_ignore = true;
    let mut run = Run::new(settings());
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut obedient(), &history.events, &[100], input);
    assert!(
        matches!(driven.answers[0], TaskAnswer::Complete(_)),
        "{driven:?}"
    );
}

#[test]
fn nondeterminism_fails_the_workflow_where_that_is_asked_for() {
    let mut history = HistoryBuilder::new("Obedient");
    history.run_task();
    history.start_timer("1");
    history.start_task();
    let mut run = Run::new(run_with(|settings| {
        settings
            .nondeterminism_fails_workflow_types
            .insert("Obedient".into());
    }));
    let mut code = obedient();
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut code, &history.events, &[100], input);
    let [TaskAnswer::Complete(completion)] = driven.answers.as_slice() else {
        panic!("{driven:?}")
    };
    assert_eq!(kinds(completion), ["FAIL_WORKFLOW_EXECUTION"]);
    assert!(completion.ends_workflow);
    let accepted = ResponseOutcome::Accepted {
        new_task: None,
        reset_history_event_id: 0,
    };
    let driven = drive(
        &mut run,
        &mut code,
        &history.events,
        &[100],
        RunInput::Responded(accepted),
    );
    assert_eq!(
        driven.evicted.unwrap().0,
        EvictionReason::WorkflowExecutionEnding
    );
}

#[test]
fn a_gap_in_the_history_fails_the_task() {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal("nothing");
    history.start_task();
    history.events.remove(1);
    let (_, message) = failure_of(&history);
    assert_eq!(message, "history has a gap: expected event 2, got event 3");
}
