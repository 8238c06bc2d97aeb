//! Patches: every cell of their table, and what they write.

mod histories;

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
/// Compatibility, commands: a marker that is not deprecated and not called for is nondeterminism.
/// Compatibility, flags: core flags are read ahead, from the completion of the task being replayed.
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
/// Compatibility, formats: the patch marker is named `core_patch`; its `patch-data` is JSON.
/// Compatibility, commands: patches write the marker, then the upsert. Core flag 2.
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

/// Compatibility, activations: job order, patches come after the start and before all else.
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
