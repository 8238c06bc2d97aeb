//! Every kind of mismatch between what workflow code asks for and what history holds.

use super::{
    nondeterminism::{check_message, failure_of},
    *,
};
use crate::protos::{
    common::v1::{Memo, SearchAttributes},
    enums::v1::EventType,
    history::v1::history_event::Attributes,
};
use crate::workflow::testing::json_payload;

/// An order, the command that it gives in errors, and the event of such a command, with its name.
type Kind = (
    &'static str,
    &'static str,
    fn(&mut HistoryBuilder),
    &'static str,
);

const KINDS: [Kind; 9] = [
    (
        "timer",
        "START_TIMER (timer 1)",
        |history| {
            history.start_timer("1");
        },
        "TIMER_STARTED",
    ),
    (
        "activity try",
        "SCHEDULE_ACTIVITY_TASK (activity 1)",
        |history| {
            history.schedule_activity("1", "work");
        },
        "ACTIVITY_TASK_SCHEDULED",
    ),
    (
        "child",
        "START_CHILD_WORKFLOW_EXECUTION (child workflow 1)",
        |history| {
            history.initiate_child("child-1", "Child");
        },
        "START_CHILD_WORKFLOW_EXECUTION_INITIATED",
    ),
    (
        "signal other",
        "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION (external signal 1)",
        |history| {
            history.initiate_signal("other", "poke");
        },
        "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED",
    ),
    (
        "cancel other",
        "REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION (external cancel 1)",
        |history| {
            history.initiate_cancel("other", "enough");
        },
        "REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED",
    ),
    (
        "upsert A=1",
        "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
        |history| {
            history.upsert_search_attributes(SearchAttributes::default());
        },
        "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
    ),
    (
        "remember",
        "MODIFY_WORKFLOW_PROPERTIES",
        |history| {
            history.modify_memo(Memo::default());
        },
        "WORKFLOW_PROPERTIES_MODIFIED",
    ),
    (
        "finish",
        "COMPLETE_WORKFLOW_EXECUTION",
        |history| {
            history.add(
                EventType::WorkflowExecutionCompleted,
                Attributes::WorkflowExecutionCompletedEventAttributes(Default::default()),
            );
        },
        "WORKFLOW_EXECUTION_COMPLETED",
    ),
    (
        "continue",
        "CONTINUE_AS_NEW_WORKFLOW_EXECUTION",
        |history| {
            history.add(
                EventType::WorkflowExecutionContinuedAsNew,
                Attributes::WorkflowExecutionContinuedAsNewEventAttributes(Default::default()),
            );
        },
        "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
    ),
];

/// Compatibility, commands: each command event must match the front of the queue.
#[test]
fn a_command_meets_the_event_of_another() {
    for (told, command, _, own) in KINDS {
        for (_, _, recorded, event) in KINDS {
            if event != own {
                let expected = format!("event 6 ({event}) does not match the command {command}");
                check_message(told, recorded, &expected);
            }
        }
    }
}

/// Compatibility, commands: a command event needs a command at the front of the queue.
#[test]
fn an_event_meets_no_command() {
    for (_, _, recorded, event) in KINDS {
        let expected =
            format!("event 6 ({event}) is in history, but the workflow issued no command for it");
        check_message("nothing", recorded, &expected);
    }
}

#[test]
fn a_command_too_many_before_the_one_that_history_has() {
    // An end comes last, wherever it is asked for, and a second timer is like the first.
    let others = KINDS[1..]
        .iter()
        .filter(|(told, ..)| !["finish", "continue"].contains(told));
    for (told, command, ..) in others {
        let mut history = HistoryBuilder::new("Obedient");
        history.signal(told);
        history.signal("timer");
        history.run_task();
        history.start_timer("1");
        history.start_task();
        let (_, message) = failure_of(&history);
        assert_eq!(
            message,
            format!(
                "[TMPRL1100] Nondeterminism error: event 7 (TIMER_STARTED) does not match the \
                 command {command}"
            )
        );
    }
}

/// Compatibility, flags: core flag 1 compares id and type of children. N16.
#[test]
fn another_child_id() {
    check_message(
        "child",
        |history| {
            history.initiate_child("another", "Child");
        },
        "event 6 (START_CHILD_WORKFLOW_EXECUTION_INITIATED) has the child workflow id 'another', \
         but the command START_CHILD_WORKFLOW_EXECUTION has 'child-1'",
    );
}

/// Compatibility, flags: core flag 1 compares id and type of children. N16.
#[test]
fn another_child_type() {
    check_message(
        "child",
        |history| {
            history.initiate_child("child-1", "Another");
        },
        "event 6 (START_CHILD_WORKFLOW_EXECUTION_INITIATED) has the child workflow type \
         'Another', but the command START_CHILD_WORKFLOW_EXECUTION has 'Child'",
    );
}

/// Compatibility, flags: without core flag 1 ids and types of children are compared in the last
/// task of a history alone.
#[test]
fn old_histories_are_not_compared_with_the_child() {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal("child");
    history.start_task();
    history.complete_task(None);
    history.initiate_child("another", "Another");
    history.start_child("another");
    history.start_task();
    let (_, message) = failure_of(&history);
    assert!(message.contains("child workflow id 'another'"), "{message}");

    history.complete_task(None);
    history.complete_child("another", json_payload("1"));
    history.start_task();
    let mut run = Run::new(settings());
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut obedient(), &history.events, &[100], input);
    assert!(
        matches!(driven.answers[0], TaskAnswer::Complete(_)),
        "{driven:?}"
    );
}

/// The official SDK does not compare what a signal or a cancel says, nor whom it is for: a history
/// that it replays must replay here.
#[test]
fn whom_a_signal_or_a_cancel_was_for_is_not_compared() {
    for (told, recorded) in [
        (
            "signal other",
            (|history: &mut HistoryBuilder| history.initiate_signal("another", "push"))
                as fn(&mut HistoryBuilder) -> i64,
        ),
        ("cancel other", |history| {
            history.initiate_cancel("another", "no reason")
        }),
        ("upsert A=1", |history| {
            history.upsert_search_attributes(SearchAttributes::default())
        }),
        ("remember", |history| history.modify_memo(Memo::default())),
    ] {
        let mut history = HistoryBuilder::new("Obedient");
        history.signal(told);
        history.run_task();
        recorded(&mut history);
        history.signal("nothing");
        history.start_task();
        let mut run = Run::new(settings());
        let input = RunInput::TaskReceived(Box::new(history.task()));
        let driven = drive(&mut run, &mut obedient(), &history.events, &[100], input);
        assert!(
            matches!(driven.answers[0], TaskAnswer::Complete(_)),
            "{told}: {driven:?}"
        );
    }
}

#[test]
fn an_outcome_of_what_was_never_begun() {
    check_message(
        "nothing",
        |history| {
            history.start_child("child-1");
        },
        "event 6 is about the child workflow of event 0, which is not open",
    );
    check_message(
        "nothing",
        |history| {
            history.terminate_child("child-1");
        },
        "event 6 is about the child workflow of event 0, which is not open",
    );
    check_message(
        "nothing",
        |history| {
            history.deliver_signal(3);
        },
        "event 6 is the outcome of the external signal of event 3, which is not open",
    );
    check_message(
        "nothing",
        |history| {
            history.deliver_cancel(3);
        },
        "event 6 is the outcome of the external cancel of event 3, which is not open",
    );
}

#[test]
fn a_child_that_ends_before_it_starts() {
    check_message(
        "child",
        |history| {
            history.initiate_child("child-1", "Child");
            history.fail_child("child-1", "broken");
        },
        "event 7 does not follow from what history said of child workflow 1 before",
    );
}
