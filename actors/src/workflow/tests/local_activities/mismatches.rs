//! Histories whose local activities are not those of the workflow code.

use std::collections::HashMap;

use super::*;
use crate::protos::{common::v1::Payloads, history::v1::MarkerRecordedEventAttributes};

fn marker(data: &str) -> MarkerRecordedEventAttributes {
    let payloads = vec![json_payload(data)];
    MarkerRecordedEventAttributes {
        marker_name: "core_local_activity".into(),
        details: HashMap::from([("data".into(), Payloads { payloads })]),
        ..MarkerRecordedEventAttributes::default()
    }
}

fn about(sequence: u32, id: &str, kind: &str) -> MarkerRecordedEventAttributes {
    marker(&format!(
        "{{\"seq\":{sequence},\"attempt\":1,\"activity_id\":\"{id}\",\"activity_type\":\"{kind}\"}}"
    ))
}

/// Replays a task with these signals and these events after it as the task in progress.
fn failure(signals: &[&str], recorded: impl Fn(&mut HistoryBuilder)) -> String {
    let mut history = HistoryBuilder::new("Errands");
    for signal in signals {
        history.signal(signal);
    }
    history.run_task();
    recorded(&mut history);
    history.signal("nothing");
    history.start_task();
    let (mut code, _) = errands();
    let mut run = Run::new(settings());
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut code, &history.events, &[100], input);
    match driven.answers.into_iter().next() {
        Some(TaskAnswer::Fail { failure, .. }) => failure.message,
        other => panic!("the task did not fail: {other:?}"),
    }
}

fn check(signals: &[&str], recorded: impl Fn(&mut HistoryBuilder), expected: &str) {
    assert_eq!(
        failure(signals, recorded),
        format!("[TMPRL1100] Nondeterminism error: {expected}")
    );
}

/// Compatibility, flags: the number of a local activity is always compared.
#[test]
fn the_marker_of_another_one() {
    check(
        &["local", "local", "cancel"],
        |history| {
            history.record_marker(about(2, "2", "errand"));
        },
        "event 8 (MARKER_RECORDED) is about local activity 2, but the command RECORD_MARKER is \
         about local activity 1",
    );
}

#[test]
fn a_marker_that_nothing_was_scheduled_for() {
    check(
        &["local"],
        |history| {
            history.record_marker(about(7, "7", "errand"));
        },
        "event 6 (MARKER_RECORDED) is in history, but the workflow issued no command for it",
    );
    check(
        &["timer"],
        |history| {
            history.record_marker(about(1, "1", "errand"));
        },
        "event 6 (MARKER_RECORDED) does not match the command START_TIMER (timer 1)",
    );
}

/// Compatibility, flags: core flag 1 compares id and type of local activities.
#[test]
fn another_type_and_another_id() {
    check(
        &["local"],
        |history| {
            history.record_marker(about(1, "1", "other"));
        },
        "event 6 (MARKER_RECORDED) is about local activity 1 with the activity type 'other', but \
         the workflow scheduled it with 'errand'",
    );
    check(
        &["local"],
        |history| {
            history.record_marker(about(1, "mine", "errand"));
        },
        "event 6 (MARKER_RECORDED) is about local activity 1 with the activity id 'mine', but \
         the workflow scheduled it with '1'",
    );
}

#[test]
fn a_command_in_its_place() {
    check(
        &["local"],
        |history| {
            history.start_timer("1");
        },
        "event 6 (TIMER_STARTED) is in history, but the workflow issued no command for it",
    );
    check(
        &["local"],
        |history| {
            history.record_marker(about(1, "1", "errand"));
            history.start_timer("1");
        },
        "event 7 (TIMER_STARTED) is in history, but the workflow issued no command for it",
    );
}

#[test]
fn a_marker_that_cannot_be_read_fails_the_task() {
    let text = failure(&["local"], |history| {
        history.record_marker(marker("{\"seq\":\"one\"}"));
    });
    assert!(
        text.starts_with("event 6 (MARKER_RECORDED) is about a local"),
        "{text}"
    );
    let text = failure(&["local"], |history| {
        history.record_marker(MarkerRecordedEventAttributes {
            marker_name: "core_local_activity".into(),
            ..MarkerRecordedEventAttributes::default()
        });
    });
    assert!(text.ends_with("has no detail 'data'"), "{text}");
}
