//! Patches in histories that others wrote, or that this code does not fit.

use super::*;

/// Compatibility, formats: patch marker. The old form has two details of raw bytes.
#[test]
fn markers_of_the_old_form_are_read() {
    let old = |deprecated: &'static [u8]| {
        let mut history = HistoryBuilder::new("Asking");
        run_first_task(&mut history, false);
        let details = [("patch_id", &b"p"[..]), ("deprecated", deprecated)];
        history.record_marker(MarkerRecordedEventAttributes {
            marker_name: "core_patch".into(),
            details: details
                .map(|(name, data)| {
                    let payload = Payload {
                        data: Bytes::from_static(data),
                        ..Payload::default()
                    };
                    let payloads = vec![payload];
                    (name.to_owned(), Payloads { payloads })
                })
                .into(),
            ..MarkerRecordedEventAttributes::default()
        });
        finish_with_timer(&mut history);
        history
    };
    let done = Ok(vec!["COMPLETE_WORKFLOW_EXECUTION"]);
    for deprecated in [&[0][..], &[1], b"1"] {
        assert_eq!(
            replayed(&old(deprecated), &[("p", Patched)], &[]),
            (done.clone(), vec![true])
        );
    }
    assert_eq!(replayed(&old(&[1]), &[], &[]).0, done);
    assert!(replayed(&old(&[0]), &[], &[]).0.is_err());
    let unreadable = replayed(&old(&[]), &[("p", Patched)], &[]);
    assert_eq!(
        unreadable.0.unwrap_err(),
        "[TMPRL1100] Nondeterminism error: event 5 (MARKER_RECORDED) does not match the command \
         START_TIMER (timer 1)"
    );
}

/// Recorded on the official package: a deprecated marker takes the upsert after it along, one that
/// is not there is not missed, and an upsert that is not a patch's is not skipped.
/// Compatibility, commands: a deprecated marker is skipped together with the upsert that follows it.
#[test]
fn a_deprecated_marker_is_skipped_with_its_upsert_only() {
    let done = Ok(vec!["COMPLETE_WORKFLOW_EXECUTION"]);
    let mut without = HistoryBuilder::new("Asking");
    run_first_task(&mut without, true);
    add_patch(&mut without, "p", true, false);
    finish_with_timer(&mut without);
    assert_eq!(replayed(&without, &[], &[]).0, done);

    let mut other = HistoryBuilder::new("Asking");
    run_first_task(&mut other, true);
    add_patch(&mut other, "p", true, false);
    other.upsert("Other", json_payload("1"));
    finish_with_timer(&mut other);
    assert_eq!(
        replayed(&other, &[], &[]).0.unwrap_err(),
        "[TMPRL1100] Nondeterminism error: event 6 (UPSERT_WORKFLOW_SEARCH_ATTRIBUTES) does not \
         match the command START_TIMER (timer 1)"
    );
}

/// As the official package has it: with flag 2 the upsert must be there, without it must not.
/// Compatibility, flags: core flag 2, each patch also upserts, and upserts are checked.
#[test]
fn an_upsert_in_history_must_be_that_of_the_flag() {
    for (flag, upsert, expected) in [
        (
            true,
            false,
            "event 6 (TIMER_STARTED) does not match the command UPSERT",
        ),
        (
            false,
            true,
            "event 6 (UPSERT_WORKFLOW_SEARCH_ATTRIBUTES) does not match the command",
        ),
    ] {
        let mut history = HistoryBuilder::new("Asking");
        run_first_task(&mut history, flag);
        add_patch(&mut history, "p", false, upsert);
        finish_with_timer(&mut history);
        let message = replayed(&history, &[("p", Patched)], &[]).0.unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn another_patch_than_that_of_the_marker() {
    let history = one_patch(Marker::Present, true);
    let (outcome, answers) = replayed(&history, &[("q", Patched)], &[]);
    assert_eq!(answers, [false], "history does not have it");
    assert!(outcome.unwrap_err().contains("is of the patch 'p'"));
    let deprecated = one_patch(Marker::Deprecated, true);
    let (outcome, answers) = replayed(&deprecated, &[("q", Patched)], &[]);
    assert_eq!(
        (outcome, answers),
        (Ok(vec!["COMPLETE_WORKFLOW_EXECUTION"]), vec![false])
    );
}

/// Markers in another order than the calls; patches called earlier or later than they were.
#[test]
fn patches_called_in_another_place() {
    let mut two = HistoryBuilder::new("Asking");
    run_first_task(&mut two, true);
    add_patch(&mut two, "p", false, true);
    add_patch(&mut two, "q", true, true);
    finish_with_timer(&mut two);
    let swapped = replayed(&two, &[("q", Deprecated), ("p", Patched)], &[]);
    assert!(
        swapped
            .0
            .unwrap_err()
            .contains("does not match the command RECORD_MARKER (patch 'q')")
    );
    let later = replayed(&one_patch(Marker::Present, true), &[], &[("p", Patched)]);
    assert!(later.0.unwrap_err().contains("START_TIMER (timer 1)"));
}

/// A patch that was called after its place in history: its command is late, and dropped by the next
/// event; the deprecated marker was skipped in its place.
/// Compatibility, commands: in replay marker and upsert are left out when the marker is absent.
#[test]
fn a_patch_command_without_a_marker_is_dropped() {
    for (marker, with_flag) in [
        (Marker::Deprecated, false),
        (Marker::Absent, false),
        (Marker::Absent, true),
    ] {
        let mut history = one_patch(marker, with_flag);
        history.complete_task(None);
        history.start_timer("2");
        history.fire_timer("2");
        history.start_task();
        let mut fired = 0;
        let mut code: WorkflowCode = Box::new(move |activation| {
            let timer = |sequence| Command::StartTimer {
                sequence,
                duration: Duration::from_secs(1),
                user_metadata: None,
            };
            let patch = Command::SetPatchMarker {
                patch_id: "p".into(),
                deprecated: false,
            };
            match &activation.jobs[..] {
                [Job::Initialize(_), ..] => vec![timer(1)],
                [Job::FireTimer { .. }] => {
                    fired += 1;
                    if fired == 1 {
                        vec![patch, timer(2)]
                    } else {
                        Vec::new()
                    }
                }
                other => panic!("{other:?}"),
            }
        });
        let input = RunInput::TaskReceived(Box::new(history.task()));
        let driven = drive(&mut Run::new(settings()), &mut code, &[], &[1], input);
        assert!(
            matches!(&driven.answers[..], [TaskAnswer::Complete(_)]),
            "{marker:?}, {with_flag}: {driven:?}"
        );
    }
}
