//! Patches: every cell of their table, what they write, and what old histories hold.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    rc::Rc,
    time::Duration,
};

use super::*;
use crate::{
    protos::{
        command::v1::command::Attributes,
        common::v1::{Payload, Payloads},
        history::v1::MarkerRecordedEventAttributes,
        sdk::v1::WorkflowTaskCompletedMetadata,
    },
    workflow::{Activation, testing::json_payload},
};

/// What workflow code remembers of patches: the first answer per id holds for the run.
#[derive(Default)]
pub(super) struct PatchMemory {
    notified: HashSet<String>,
    answers: HashMap<String, bool>,
}

impl PatchMemory {
    /// Takes what an activation says of patches, before its other jobs are done.
    pub(super) fn learn(&mut self, activation: &Activation) {
        for job in &activation.jobs {
            if let Job::NotifyHasPatch { patch_id } = job {
                self.notified.insert(patch_id.clone());
            }
        }
    }

    pub(super) fn ask(
        &mut self,
        patch_id: &str,
        deprecated: bool,
        is_replaying: bool,
        commands: &mut Vec<Command>,
    ) -> bool {
        if let Some(answer) = self.answers.get(patch_id) {
            return *answer;
        }
        let answer = !is_replaying || self.notified.contains(patch_id);
        self.answers.insert(patch_id.to_owned(), answer);
        if answer {
            commands.push(Command::SetPatchMarker {
                patch_id: patch_id.to_owned(),
                deprecated,
            });
        }
        answer
    }
}

/// What workflow code says about a patch.
#[derive(Clone, Copy, Debug)]
enum Says {
    Patched,
    Deprecated,
    Nothing,
}

use Says::{Deprecated, Nothing, Patched};

type Asked = &'static [(&'static str, Says)];
type Answers = Rc<RefCell<Vec<bool>>>;

/// Code that asks for patches in its first task, then starts a timer; when that fires, it asks for
/// more and ends.
fn asking(first: Asked, later: Asked, answers: Answers) -> WorkflowCode {
    let mut memory = PatchMemory::default();
    Box::new(move |activation| {
        let mut commands = Vec::new();
        memory.learn(activation);
        for job in &activation.jobs {
            let (asked, then) = match job {
                Job::NotifyHasPatch { .. } => continue,
                Job::Initialize(_) => (first, timer()),
                Job::FireTimer { .. } => (later, Command::CompleteWorkflow { result: None }),
                other => panic!("{other:?}"),
            };
            for (id, says) in asked {
                let deprecated = match says {
                    Nothing => continue,
                    Patched => false,
                    Deprecated => true,
                };
                let replaying = activation.is_replaying;
                let answer = memory.ask(id, deprecated, replaying, &mut commands);
                answers.borrow_mut().push(answer);
            }
            commands.push(then);
        }
        commands
    })
}

fn timer() -> Command {
    Command::StartTimer {
        sequence: 1,
        duration: Duration::from_secs(1),
        user_metadata: None,
    }
}

/// What comes of the history's last task, and what the code was told; the same for any pages.
fn outcome(history: &HistoryBuilder, first: Asked, later: Asked) -> (TaskAnswer, Vec<bool>) {
    let mut outcomes = [usize::MAX, 1, 3].map(|size| {
        let answers = Answers::default();
        let mut code = asking(first, later, answers.clone());
        let mut task = history.task();
        cut(&mut task, size);
        let input = RunInput::TaskReceived(Box::new(task));
        let mut run = Run::new(settings());
        let driven = drive(&mut run, &mut code, &history.events, &[size], input);
        assert_eq!(driven.answers.len(), 1, "{driven:?}");
        (driven.answers[0].clone(), answers.take())
    });
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0], outcomes[2]);
    std::mem::replace(
        &mut outcomes[0],
        (TaskAnswer::Complete(Box::default()), Vec::new()),
    )
}

/// The commands of the history's last task, or the message of its failure.
fn replayed(
    history: &HistoryBuilder,
    first: Asked,
    later: Asked,
) -> (Result<Vec<&'static str>, String>, Vec<bool>) {
    let (answer, answers) = outcome(history, first, later);
    let outcome = match answer {
        TaskAnswer::Complete(completion) => Ok(kinds(&completion)),
        TaskAnswer::Fail { failure, .. } => Err(failure.message),
        other => panic!("{other:?}"),
    };
    (outcome, answers)
}

/// The marker of a patch in history.
#[derive(Clone, Copy, Debug)]
enum Marker {
    Absent,
    Present,
    Deprecated,
}

/// 1 started, 2–4 task, 5 marker of patch "p", 6 upsert, 7 timer, 8 fired, 9–10 task in progress.
/// Without the flag there is no upsert.
fn one_patch(marker: Marker, with_flag: bool) -> HistoryBuilder {
    let mut history = HistoryBuilder::new("Asking");
    run_first_task(&mut history, with_flag);
    match marker {
        Marker::Absent => {}
        Marker::Present => add_patch(&mut history, "p", false, with_flag),
        Marker::Deprecated => add_patch(&mut history, "p", true, with_flag),
    }
    finish_with_timer(&mut history);
    history
}

fn run_first_task(history: &mut HistoryBuilder, with_flag: bool) {
    history.start_task();
    history.complete_task(Some(WorkflowTaskCompletedMetadata {
        core_used_flags: if with_flag { vec![1, 2, 3] } else { vec![1, 3] },
        ..WorkflowTaskCompletedMetadata::default()
    }));
}

fn add_patch(history: &mut HistoryBuilder, id: &str, deprecated: bool, with_upsert: bool) {
    history.record_patch(id, deprecated);
    if with_upsert {
        history.upsert_change_version(&format!("[\"{id}\"]"));
    }
}

fn finish_with_timer(history: &mut HistoryBuilder) {
    history.start_timer("1");
    history.fire_timer("1");
    history.start_task();
}

/// Compatibility, commands: patches. The nine cells of replay.
#[test]
fn what_replay_makes_of_each_marker_and_call() {
    const MISSING: &str = "[TMPRL1100] Nondeterminism error: event 5 (MARKER_RECORDED) is of the \
                           patch 'p', which is not deprecated, but does not match the command \
                           START_TIMER (timer 1)";
    let table: [(Marker, Says, Option<bool>); 9] = [
        (Marker::Absent, Patched, Some(false)),
        (Marker::Absent, Deprecated, Some(false)),
        (Marker::Absent, Nothing, None),
        (Marker::Present, Patched, Some(true)),
        (Marker::Present, Deprecated, Some(true)),
        (Marker::Present, Nothing, None),
        (Marker::Deprecated, Patched, Some(true)),
        (Marker::Deprecated, Deprecated, Some(true)),
        (Marker::Deprecated, Nothing, None),
    ];
    for (marker, says, told) in table {
        let expected = match (marker, says) {
            (Marker::Present, Nothing) => Err(MISSING.to_owned()),
            _ => Ok(vec!["COMPLETE_WORKFLOW_EXECUTION"]),
        };
        let first: Asked = match says {
            Patched => &[("p", Patched)],
            Deprecated => &[("p", Deprecated)],
            Nothing => &[],
        };
        for with_flag in [true, false] {
            let (outcome, answers) = replayed(&one_patch(marker, with_flag), first, &[]);
            assert_eq!(outcome, expected, "{marker:?}, {says:?}, {with_flag}");
            assert_eq!(answers, Vec::from_iter(told), "{marker:?}, {says:?}");
        }
    }
}

/// Compatibility, commands: patches. The three cells of a live task.
#[test]
fn what_a_live_call_writes() {
    let table: [(Asked, Option<&str>); 3] = [
        (&[("p", Patched)], Some(r#"{"id":"p","deprecated":false}"#)),
        (
            &[("p", Deprecated)],
            Some(r#"{"id":"p","deprecated":true}"#),
        ),
        (&[], None),
    ];
    for (first, marker) in table {
        let mut history = HistoryBuilder::new("Asking");
        history.start_task();
        let (answer, answers) = outcome(&history, first, &[]);
        assert_eq!(answers, vec![true; first.len()]);
        let TaskAnswer::Complete(completion) = answer else {
            panic!("{answer:?}")
        };
        let expected: &[&str] = match marker {
            Some(_) => &[
                "RECORD_MARKER",
                "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
                "START_TIMER",
            ],
            None => &["START_TIMER"],
        };
        assert_eq!(kinds(&completion), expected);
        if let Some(marker) = marker {
            assert_eq!(marker_data(&completion, 0), marker);
            assert_eq!(attribute(&completion, 1), json_with_type(r#"["p"]"#));
        }
    }
}

fn marker_data(completion: &TaskCompletion, index: usize) -> String {
    let Some(Attributes::RecordMarkerCommandAttributes(marker)) =
        &completion.commands[index].attributes
    else {
        panic!("{completion:?}")
    };
    assert_eq!(marker.marker_name, "core_patch");
    let payload = &marker.details["patch-data"].payloads[0];
    assert_eq!(payload.metadata["encoding"], "json/plain");
    String::from_utf8(payload.data.to_vec()).unwrap()
}

fn attribute(completion: &TaskCompletion, index: usize) -> Payload {
    let Some(Attributes::UpsertWorkflowSearchAttributesCommandAttributes(upsert)) =
        &completion.commands[index].attributes
    else {
        panic!("{completion:?}")
    };
    upsert.search_attributes.as_ref().unwrap().indexed_fields["TemporalChangeVersion"].clone()
}

fn json_with_type(json: &str) -> Payload {
    let mut payload = json_payload(json);
    payload.metadata.insert("type".into(), "KeywordList".into());
    payload
}

/// Compatibility, commands: patches. The value is the sorted list of all ids that issued a command.
#[test]
fn the_attribute_lists_all_patches_of_the_run() {
    let history = one_patch(Marker::Present, true);
    let (answer, _) = outcome(
        &history,
        &[("p", Patched)],
        &[("z", Patched), ("a", Deprecated), ("p", Patched)],
    );
    let TaskAnswer::Complete(completion) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(
        kinds(&completion),
        [
            "RECORD_MARKER",
            "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
            "RECORD_MARKER",
            "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
            "COMPLETE_WORKFLOW_EXECUTION"
        ]
    );
    assert_eq!(attribute(&completion, 1), json_with_type(r#"["p","z"]"#));
    assert_eq!(
        attribute(&completion, 3),
        json_with_type(r#"["a","p","z"]"#)
    );
}

/// Compatibility, commands: patches. The upsert is left out from 2,048 bytes on.
#[test]
fn an_attribute_too_large_is_left_out() {
    for (length, upserted) in [(2043, true), (2044, false)] {
        let mut history = HistoryBuilder::new("Asking");
        history.start_task();
        let mut code: WorkflowCode = Box::new(move |_| {
            vec![Command::SetPatchMarker {
                patch_id: "p".repeat(length),
                deprecated: false,
            }]
        });
        let input = RunInput::TaskReceived(Box::new(history.task()));
        let driven = drive(&mut Run::new(settings()), &mut code, &[], &[1], input);
        let [TaskAnswer::Complete(completion)] = &driven.answers[..] else {
            panic!("{driven:?}")
        };
        assert_eq!(completion.commands.len(), 1 + usize::from(upserted));
        if upserted {
            assert_eq!(attribute(completion, 1).data.len(), 2047);
        }
    }
}

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
#[test]
fn a_patch_command_without_a_marker_is_dropped() {
    let mut history = one_patch(Marker::Deprecated, false);
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
        "{driven:?}"
    );
}

/// Compatibility, job order: patches come after the start and before all else.
#[test]
fn patches_are_announced_in_the_activation_that_asks_for_them() {
    let played = check(&[
        signals(&["timer"]),
        signals(&["patched: a", "deprecated: b"]),
        signals(&["patched: a", "patched: c"]),
    ]);
    assert_eq!(
        happened(&played.log),
        [
            "init 18114344553029958363",
            "signal timer",
            "signal patched: a",
            "a is true",
            "signal deprecated: b",
            "b is true",
            "signal patched: a",
            "a is true",
            "signal patched: c",
            "c is true",
        ]
    );
    assert_eq!(
        kinds(&played.completions[1]),
        [
            "RECORD_MARKER",
            "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
            "RECORD_MARKER",
            "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"
        ]
    );
}
