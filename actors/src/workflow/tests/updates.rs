//! Updates: ids, order among signals, replay, speculative tasks.

use super::*;
use crate::protos::{
    command::v1::command::Attributes,
    enums::v1::EventType,
    update::v1::{Input, Meta, Request},
};

fn message_ids(completion: &TaskCompletion) -> Vec<&str> {
    completion
        .messages
        .iter()
        .map(|message| message.id.as_str())
        .collect()
}

fn command_message_ids(completion: &TaskCompletion) -> Vec<&str> {
    completion
        .commands
        .iter()
        .filter_map(|command| match &command.attributes {
            Some(Attributes::ProtocolMessageCommandAttributes(named)) => {
                Some(named.message_id.as_str())
            }
            _ => None,
        })
        .collect()
}

/// Compatibility, formats: update messages. Accept and complete add a protocol message command.
/// Compatibility, updates: message ids are `{message_id}/accept` and `/complete`.
#[test]
fn accept_and_complete_in_one_task() {
    let played = check(&[signals(&[]), update("u1", "answer"), signals(&["finish"])]);
    let completion = &played.completions[1];
    let expected = ["u1/request/accept", "u1/request/complete"];
    assert_eq!(message_ids(completion), expected);
    assert_eq!(command_message_ids(completion), expected);
    let types: Vec<&str> = completion
        .messages
        .iter()
        .map(|message| message.body.as_ref().unwrap().type_url.as_str())
        .collect();
    assert_eq!(
        types,
        [
            "type.googleapis.com/temporal.api.update.v1.Acceptance",
            "type.googleapis.com/temporal.api.update.v1.Response"
        ]
    );
}

#[test]
fn commands_of_a_handler_stand_between_accept_and_complete() {
    let played = check(&[signals(&[]), update("u1", "timer")]);
    assert_eq!(
        kinds(&played.completions[1]),
        ["PROTOCOL_MESSAGE", "START_TIMER", "PROTOCOL_MESSAGE"]
    );
}

#[test]
fn an_update_is_completed_by_a_later_task() {
    let played = check(&[
        signals(&[]),
        update("u1", "later"),
        signals(&["answer updates"]),
    ]);
    assert_eq!(message_ids(&played.completions[1]), ["u1/request/accept"]);
    assert_eq!(message_ids(&played.completions[2]), ["u1/request/complete"]);
}

/// Compatibility, updates: a rejected update leaves no trace; the run is rewound. N20; promise 28.
/// Compatibility, formats: a rejection is a message without a command.
/// Compatibility, updates: a rejection has the message id `{message_id}/reject`.
/// Compatibility, updates: a rejected task with `reset_history_event_id` rewinds the run.
#[test]
fn a_rejected_speculative_task_is_rewound() {
    let played = check(&[
        signals(&["timer"]),
        update("u1", "refuse"),
        update("u2", "refuse"),
        signals(&["cancel timer"]),
        update("u1", "answer"),
    ]);
    assert_eq!(message_ids(&played.completions[1]), ["u1/request/reject"]);
    assert_eq!(kinds(&played.completions[1]), [""; 0]);
    assert_eq!(kinds(&played.completions[3]), ["CANCEL_TIMER"]);
    assert_eq!(message_ids(&played.completions[4])[0], "u1/request/accept");
}

/// Compatibility, activations: signals and updates keep their mutual order.
#[test]
fn signals_before_an_update_stay_before_it() {
    let mut with_signals = update("u1", "timer");
    with_signals.before = Box::new(|history| {
        history.signal("activity try");
    });
    let played = check(&[signals(&[]), with_signals]);
    assert_eq!(
        kinds(&played.completions[1]),
        [
            "SCHEDULE_ACTIVITY_TASK",
            "PROTOCOL_MESSAGE",
            "START_TIMER",
            "PROTOCOL_MESSAGE"
        ]
    );
}

/// Compatibility, task boundaries: an accepted update looks back, past tasks that were merged.
#[test]
fn updates_after_tasks_with_nothing_to_say() {
    let played = check(&[
        signals(&["nothing"]),
        update("u1", "answer"),
        update("u2", "later"),
        signals(&["nothing"]),
        update("u3", "timer"),
    ]);
    assert_eq!(
        happened(&played.log)
            .iter()
            .filter(|line| line.starts_with("update"))
            .count(),
        3
    );
}

#[test]
fn the_end_waits_for_the_update_of_the_same_task() {
    let mut last = update("u1", "answer");
    last.before = Box::new(|history| {
        history.signal("finish");
    });
    let played = check(&[signals(&[]), last]);
    assert_eq!(
        kinds(&played.completions[1]),
        [
            "PROTOCOL_MESSAGE",
            "PROTOCOL_MESSAGE",
            "COMPLETE_WORKFLOW_EXECUTION"
        ]
    );
}

/// Compatibility, updates: in replay an accepted one recreates the request, not to be validated.
/// 1 started, 2–4 a task, 5 accepted u1 with its request, 6 signal, 7–8 a task.
#[test]
fn an_accepted_update_is_replayed_without_its_validator() {
    for accepted_from in [None, Some(admitted("u1", "later"))] {
        let mut history = HistoryBuilder::new("Obedient");
        let is_admitted = accepted_from.is_none();
        if is_admitted {
            history.admit_update(admitted("u1", "later"));
        }
        let started = history.run_task() - 1;
        history.accept_update("u1", started - 1, accepted_from);
        history.signal("nothing");
        history.start_task();
        let input = RunInput::TaskReceived(Box::new(history.task()));
        let mut run = Run::new(settings());
        let driven = drive(&mut run, &mut obedient(), &history.events, &[100], input);
        let validated: Vec<bool> = driven
            .activations
            .iter()
            .flat_map(|activation| &activation.jobs)
            .filter_map(|job| match job {
                Job::DoUpdate { run_validator, .. } => Some(*run_validator),
                _ => None,
            })
            .collect();
        assert_eq!(validated, [false], "{is_admitted}: {driven:?}");
    }
}

/// Compatibility, updates: an earlier admitted update recreates the request.
/// 1 started, 2 admitted u1, 3–5 a task, 6 accepted u1 without its request, 7 completed u1.
#[test]
fn an_admitted_update_is_replayed_from_its_admission() {
    let mut history = HistoryBuilder::new("Obedient");
    history.admit_update(admitted("u1", "answer"));
    history.run_task();
    history.accept_update("u1", 3, None);
    history.add(
        EventType::WorkflowExecutionUpdateCompleted,
        crate::protos::history::v1::history_event::Attributes::WorkflowExecutionUpdateCompletedEventAttributes(
            Default::default(),
        ),
    );
    let mut player = Player {
        how: Play::Warm,
        run: Run::new(settings()),
        code: obedient(),
    };
    assert_eq!(happened(&player.ask(&history))[1], "update u1 answer");
}

/// 1 started, 2 admitted u1 (again, after a reset), 3 and 4 a task. The official SDK answers such an
/// update under the id of its update, with `/request`, and lets its validator refuse it.
#[test]
fn an_admitted_update_that_is_new_is_answered_without_a_message() {
    for (name, answers) in [
        ("answer", vec!["u1/request/accept", "u1/request/complete"]),
        ("refuse", vec!["u1/request/reject"]),
    ] {
        for pages in [vec![usize::MAX], vec![1]] {
            let mut history = HistoryBuilder::new("Obedient");
            history.admit_update(admitted("u1", name));
            history.start_task();
            let input = RunInput::TaskReceived(Box::new(history.task()));
            let mut run = Run::new(settings());
            let driven = drive(&mut run, &mut obedient(), &history.events, &pages, input);
            let [TaskAnswer::Complete(completion)] = driven.answers.as_slice() else {
                panic!("{driven:?}")
            };
            let ids: Vec<&str> = completion.messages.iter().map(|m| m.id.as_str()).collect();
            assert_eq!(ids, answers);
        }
    }
}

fn admitted(update_id: &str, name: &str) -> Request {
    Request {
        meta: Some(Meta {
            update_id: update_id.into(),
            identity: String::new(),
        }),
        input: Some(Input {
            name: name.into(),
            ..Input::default()
        }),
        ..Request::default()
    }
}

#[test]
fn an_update_that_cannot_be_read_fails_the_task() {
    let mut history = HistoryBuilder::new("Obedient");
    history.start_task();
    let mut task = history.task();
    let mut message = history.update_request("u1", "answer");
    message.body.as_mut().unwrap().value = vec![0xff; 9];
    task.messages.push(message);
    let mut run = Run::new(settings());
    let driven = drive(
        &mut run,
        &mut obedient(),
        &history.events,
        &[9],
        RunInput::TaskReceived(Box::new(task)),
    );
    let [TaskAnswer::Fail { failure, .. }] = driven.answers.as_slice() else {
        panic!("{driven:?}")
    };
    assert!(
        failure.message.contains("u1/request"),
        "{}",
        failure.message
    );
}
