//! Flags: which are recorded, and which hold.

use super::*;
use crate::{
    protos::{command::v1::command::Attributes, sdk::v1::WorkflowTaskCompletedMetadata},
    workflow::{ActivationCommands, ActivationCompleted, RunEffect},
};

/// 1 started, 2 signaled "finish, then timer", 3–5 a task without flags, 6 completed.
/// Compatibility, commands: in replay without flag 3 all after the first end is dropped.
#[test]
fn without_the_flag_commands_after_the_end_are_dropped_in_replay() {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal("finish, then timer");
    history.start_task();
    history.complete_task(None);
    let ended = TaskCompletion {
        commands: vec![crate::workflow::machines::failing_command(
            Failure::default(),
        )],
        ..TaskCompletion::default()
    };
    // The builder writes the end that the old rule leaves: the first one.
    let mut end = ended.commands[0].clone();
    end.attributes = Some(Attributes::CompleteWorkflowExecutionCommandAttributes(
        Default::default(),
    ));
    history.previous_started_event_id = history.started_event_id;
    let before = history.events.len();
    history.complete(&TaskCompletion {
        commands: vec![end],
        ..TaskCompletion::default()
    });
    history.events.remove(before);
    history.events[before].event_id -= 1;

    let mut player = Player {
        how: Play::Warm,
        run: Run::new(settings()),
        code: obedient(),
    };
    assert_eq!(
        happened(&player.ask(&history))[1],
        "signal finish, then timer"
    );
}

/// Compatibility, flags: known core flags go on every live completion, less those recorded already.
/// Compatibility, formats: SDK name and version are written only when they differ.
/// Compatibility, flags: core flag 4 is written.
#[test]
fn flags_and_name_are_recorded_once() {
    let played = check(&[signals(&[]), signals(&["timer"]), signals(&["finish"])]);
    let first = played.completions[0].sdk_metadata.clone().unwrap();
    assert_eq!(first.core_used_flags, [1, 2, 3, 4]);
    assert_eq!(
        (first.sdk_name.as_str(), first.sdk_version.as_str()),
        ("temporal-python", "1.35.0")
    );
    for later in &played.completions[1..] {
        assert_eq!(later.sdk_metadata, Some(Default::default()));
    }
}

/// Compatibility, flags: with a server that lacks `sdk_metadata`, write none.
#[test]
fn a_server_without_sdk_metadata_gets_none() {
    let mut history = HistoryBuilder::new("Obedient");
    history.signal("finish, then timer");
    history.start_task();
    let mut run = Run::new(run_with(|settings| {
        settings.server_capabilities.sdk_metadata = false
    }));
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut obedient(), &history.events, &[100], input);
    let [TaskAnswer::Complete(completion)] = driven.answers.as_slice() else {
        panic!("{driven:?}")
    };
    assert_eq!(completion.sdk_metadata, None);
    assert_eq!(kinds(completion), ["COMPLETE_WORKFLOW_EXECUTION"]);
}

/// Compatibility, flags: without `sdk_metadata` what is recorded is still honoured.
/// Compatibility, flags: lang flags 1 and 2 are honoured when present.
#[test]
fn a_server_without_sdk_metadata_keeps_what_is_recorded() {
    let mut history = HistoryBuilder::new("Obedient");
    history.start_task();
    history.complete_task(Some(WorkflowTaskCompletedMetadata {
        core_used_flags: vec![3],
        lang_used_flags: vec![1, 2],
        ..WorkflowTaskCompletedMetadata::default()
    }));
    history.signal("finish, then timer");
    history.start_task();
    let mut run = Run::new(run_with(|settings| {
        settings.server_capabilities.sdk_metadata = false
    }));
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut obedient(), &history.events, &[100], input);
    for activation in &driven.activations {
        assert_eq!(activation.available_internal_flags, [1, 2]);
    }
    let [TaskAnswer::Complete(completion)] = driven.answers.as_slice() else {
        panic!("{driven:?}")
    };
    assert_eq!(completion.sdk_metadata, None);
    assert_eq!(
        kinds(completion),
        ["START_TIMER", "COMPLETE_WORKFLOW_EXECUTION"]
    );
}

/// Runs the tasks of a history with code that uses language flag 1 each time.
fn lang_flags(history: &HistoryBuilder) -> (Vec<Vec<u32>>, Vec<u32>) {
    let mut run = Run::new(settings());
    let mut effects = run.handle(RunInput::TaskReceived(Box::new(history.task())));
    let mut available = Vec::new();
    loop {
        match effects.as_slice() {
            [RunEffect::Activate(activation)] => {
                available.push(activation.available_internal_flags.clone());
                effects = run.handle(RunInput::Activated(ActivationCompleted {
                    run_id: activation.run_id.clone(),
                    outcome: Ok(ActivationCommands {
                        commands: Vec::new(),
                        used_internal_flags: vec![1],
                        ..ActivationCommands::default()
                    }),
                }));
            }
            [RunEffect::Respond(TaskAnswer::Complete(completion))] => {
                let metadata = completion.sdk_metadata.clone().unwrap();
                return (available, metadata.lang_used_flags);
            }
            other => panic!("{other:?}"),
        }
    }
}

/// D54: a flag of the language is written when it is first used outside replay.
/// Compatibility, flags: lang flag 1 is recorded when it occurs.
#[test]
fn lang_flags_are_recorded_when_used_outside_replay() {
    let mut history = HistoryBuilder::new("Obedient");
    history.run_task();
    history.signal("nothing");
    history.start_task();
    assert_eq!(lang_flags(&history), (vec![vec![], vec![]], vec![1]));
}

/// Compatibility, flags: in replay a flag counts only if recorded, and is read ahead: what a completed
/// task recorded holds for the replay of that same task.
/// Compatibility, flags: lang flags are honoured when recorded.
#[test]
fn lang_flags_are_read_ahead() {
    let mut history = HistoryBuilder::new("Obedient");
    history.start_task();
    history.complete_task(Some(WorkflowTaskCompletedMetadata {
        lang_used_flags: vec![1],
        ..WorkflowTaskCompletedMetadata::default()
    }));
    history.signal("nothing");
    history.start_task();
    assert_eq!(lang_flags(&history), (vec![vec![1], vec![1]], vec![]));
}
