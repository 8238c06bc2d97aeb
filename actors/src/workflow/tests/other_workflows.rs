//! Children, and signals to and cancels of other workflows.

use super::{obedient::summary, *};
use crate::{
    protos::{
        command::v1::command::Attributes,
        enums::v1::{
            CancelExternalWorkflowExecutionFailedCause, SignalExternalWorkflowExecutionFailedCause,
            StartChildWorkflowExecutionFailedCause,
        },
    },
    workflow::{StartChildWorkflow, testing::json_payload},
};

const CANCEL: &str = "REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION";

/// Plays a child that is started and cancelled, twice each time, and then ends by itself.
fn check_cancelled(start: &'static [&'static str], expected: &[&str], requests: [usize; 2]) {
    let played = check(&[
        signals(start),
        step(|history| {
            history.start_child("child-1");
        }),
        signals(&["cancel child", "cancel child"]),
        signals(&["cancel child"]),
        step(|history| {
            while let Some(initiated_event_id) = history.open_cancels.first().copied() {
                history.deliver_cancel(initiated_event_id);
            }
            history.signal("nothing");
        }),
        step(|history| {
            history.complete_child("child-1", json_payload("1"));
        }),
    ]);
    assert_eq!(
        kinds(&played.completions[0]),
        ["START_CHILD_WORKFLOW_EXECUTION"]
    );
    assert_eq!(kinds(&played.completions[2]), vec![CANCEL; requests[0]]);
    assert_eq!(kinds(&played.completions[3]), vec![CANCEL; requests[1]]);
    for command in &played.completions[2].commands {
        let Some(Attributes::RequestCancelExternalWorkflowExecutionCommandAttributes(cancel)) =
            &command.attributes
        else {
            panic!("no cancel")
        };
        assert_eq!(cancel.workflow_id, "child-1");
        assert_eq!(cancel.run_id, "run of child-1");
        assert_eq!(cancel.reason, "enough");
        assert!(cancel.child_workflow_only);
        assert_eq!(command.user_metadata, summary("a child"));
    }
    for completion in &played.completions[4..] {
        assert_eq!(kinds(completion), [""; 0]);
    }
    assert_eq!(
        happened(&played.log)[2..],
        [&["child 1 started"], expected].concat()
    );
}

#[test]
fn children_end_in_every_way() {
    let played = check(&[
        signals(&["child", "child", "child", "child", "child"]),
        step(|history| {
            for number in 1..=5 {
                history.start_child(&format!("child-{number}"));
            }
        }),
        step(|history| {
            history.complete_child("child-2", json_payload("2"));
            history.fail_child("child-1", "broken");
            history.time_child_out("child-3");
        }),
        step(|history| {
            history.cancel_child("child-4");
            history.terminate_child("child-5");
        }),
    ]);
    assert_eq!(
        happened(&played.log)[11..],
        [
            "child 2 completed",
            "child 1: Child Workflow execution failed",
            "child 3: Child Workflow execution timed out",
            "child 4: Child Workflow execution cancelled",
            "child 5: Child Workflow execution terminated",
        ]
    );
}

#[test]
fn a_child_that_cannot_be_started() {
    let played = check(&[
        signals(&["child"]),
        step(|history| {
            history.fail_child_start(
                "child-1",
                StartChildWorkflowExecutionFailedCause::WorkflowAlreadyExists,
            );
        }),
        signals(&["cancel child"]),
    ]);
    assert_eq!(
        happened(&played.log)[2],
        "child 1 not started: WorkflowAlreadyExists"
    );
}

/// Compatibility, commands: a command cancelled before it was sent leaves no trace.
/// Compatibility, ids: a number is used up even if its command is dropped.
#[test]
fn child_cancelled_before_it_is_sent_leaves_no_trace() {
    let played = check(&[
        signals(&["child and cancel", "child"]),
        signals(&["finish"]),
    ]);
    assert_eq!(
        kinds(&played.completions[0]),
        ["START_CHILD_WORKFLOW_EXECUTION"]
    );
    let Some(Attributes::StartChildWorkflowExecutionCommandAttributes(start)) =
        &played.completions[0].commands[0].attributes
    else {
        panic!("no child")
    };
    // The number is used up all the same.
    assert_eq!(start.workflow_id, "child-2");
    assert_eq!(
        happened(&played.log)[3],
        "child 1 not started: Child Workflow Execution cancelled before scheduled: enough"
    );
}

/// Compatibility, commands: a cancel goes out as an external cancel whose own result the workflow
/// does not see.
#[test]
fn waiting_for_the_end_of_a_cancelled_child() {
    let expected = [
        "signal cancel child",
        "signal cancel child",
        "signal cancel child",
        "signal nothing",
        "child 1 completed",
    ];
    check_cancelled(&["child wait"], &expected, [2, 1]);
}

/// The official SDK 1.35.0 does not tell the two kinds of waiting apart.
#[test]
fn waiting_for_the_request_waits_for_the_end_too() {
    let expected = [
        "signal cancel child",
        "signal cancel child",
        "signal cancel child",
        "signal nothing",
        "child 1 completed",
    ];
    check_cancelled(&["child requested"], &expected, [2, 1]);
}

/// Compatibility, commands: a late completion after TRY_CANCEL is accepted.
/// Compatibility, commands: a child's cancel is an external one, whose result is not seen.
#[test]
fn try_cancel_of_a_child_requests_and_resolves_at_once() {
    let expected = [
        "signal cancel child",
        "signal cancel child",
        "child 1: Child Workflow execution cancelled",
        "signal cancel child",
        "signal nothing",
    ];
    check_cancelled(&["child try"], &expected, [1, 0]);
}

/// Compatibility, commands: a late completion after ABANDON is accepted.
#[test]
fn abandoning_a_child_asks_nobody() {
    let expected = [
        "signal cancel child",
        "signal cancel child",
        "child 1: Child Workflow execution cancelled",
        "signal cancel child",
        "signal nothing",
    ];
    check_cancelled(&["child abandon"], &expected, [0, 0]);
}

#[test]
fn child_cancelled_while_it_starts() {
    for (order, resolves) in [
        ("child try", true),
        ("child abandon", true),
        ("child", false),
    ] {
        let played = check(&[
            step(move |history| {
                history.signal(order);
            }),
            signals(&["cancel child"]),
            step(|history| {
                history.start_child("child-1");
                history.signal("nothing");
            }),
            step(|history| {
                history.cancel_child("child-1");
                history.signal("nothing");
            }),
        ]);
        let log = happened(&played.log);
        let cancelled = "child 1: Child Workflow execution cancelled";
        let expected: &[&str] = if resolves {
            &[cancelled, "signal nothing", "signal nothing"]
        } else {
            &[
                "signal nothing",
                "child 1 started",
                "signal nothing",
                cancelled,
            ]
        };
        assert_eq!(&log[3..], expected, "{order}");
    }
}

#[test]
fn signals_reach_other_workflows_or_do_not() {
    let played = check(&[
        signals(&["child", "signal other", "signal child", "signal other"]),
        step(|history| {
            let initiated: Vec<i64> = history.open_signals.iter().copied().collect();
            history.deliver_signal(initiated[1]);
            history.fail_signal(
                initiated[0],
                SignalExternalWorkflowExecutionFailedCause::ExternalWorkflowExecutionNotFound,
            );
            history.fail_signal(
                initiated[2],
                SignalExternalWorkflowExecutionFailedCause::SignalCountLimitExceeded,
            );
        }),
    ]);
    let targets: Vec<(String, String, bool)> = played.completions[0]
        .commands
        .iter()
        .filter_map(|command| match &command.attributes {
            Some(Attributes::SignalExternalWorkflowExecutionCommandAttributes(signal)) => {
                let target = signal.execution.clone().unwrap();
                let child_only = signal.child_workflow_only;
                Some((target.workflow_id, target.run_id, child_only))
            }
            _ => None,
        })
        .collect();
    let other = ("other".to_owned(), "run".to_owned(), false);
    let child = ("child-1".to_owned(), String::new(), true);
    assert_eq!(targets, [other.clone(), child, other]);
    assert_eq!(
        happened(&played.log)[5..],
        [
            "signal 2 delivered",
            "signal 1 Unable to signal external workflow because it was not found",
            "signal 3 Unable to signal external workflow because The per-workflow signal limit was \
             exceeded",
        ]
    );
}

/// Compatibility, commands: a command cancelled before it was sent leaves no trace.
#[test]
fn signal_taken_back_before_it_is_sent_leaves_no_trace() {
    let played = check(&[
        signals(&["signal other and take it back"]),
        signals(&["take signal back"]),
    ]);
    assert_eq!(kinds(&played.completions[0]), [""; 0]);
    assert_eq!(
        happened(&played.log)[2],
        "signal 1 Signal was cancelled before being sent"
    );
}

/// Promise 31: a cancel in any state is idempotent.
#[test]
fn a_signal_that_was_sent_cannot_be_taken_back() {
    let played = check(&[
        signals(&["signal other"]),
        signals(&["take signal back", "take signal back"]),
        step(|history| {
            let initiated_event_id = *history.open_signals.first().unwrap();
            history.deliver_signal(initiated_event_id);
            history.signal("take signal back");
        }),
    ]);
    assert_eq!(
        happened(&played.log)[4..],
        ["signal take signal back", "signal 1 delivered"]
    );
}

#[test]
fn cancels_reach_other_workflows_or_do_not() {
    let played = check(&[
        signals(&["cancel other", "cancel other"]),
        step(|history| {
            let initiated: Vec<i64> = history.open_cancels.iter().copied().collect();
            history.deliver_cancel(initiated[1]);
            history.fail_cancel(
                initiated[0],
                CancelExternalWorkflowExecutionFailedCause::ExternalWorkflowExecutionNotFound,
            );
        }),
    ]);
    let Some(Attributes::RequestCancelExternalWorkflowExecutionCommandAttributes(cancel)) =
        &played.completions[0].commands[0].attributes
    else {
        panic!("no cancel")
    };
    assert_eq!(cancel.workflow_id, "other");
    assert_eq!(cancel.run_id, "run");
    assert!(!cancel.child_workflow_only);
    assert_eq!(
        cancel.reason,
        "Cancel requested by workflow with run id 0190aaaa-bbbb-7ccc-8ddd-eeeeffff0099 with \
         reason: enough"
    );
    assert_eq!(
        happened(&played.log)[3..],
        [
            "cancel 2 delivered",
            "cancel 1 Unable to cancel external workflow because not found",
        ]
    );
}

/// Compatibility, ids: counters from 1, one per kind; timer and activity ids are the number as text.
#[test]
fn each_kind_counts_for_itself() {
    let played = check(&[signals(&[
        "timer",
        "activity try",
        "child",
        "signal other",
        "cancel other",
        "activity try",
        "timer",
    ])]);
    let ids: Vec<String> = played.completions[0]
        .commands
        .iter()
        .filter_map(|command| match &command.attributes {
            Some(Attributes::StartTimerCommandAttributes(timer)) => {
                Some(format!("timer {}", timer.timer_id))
            }
            Some(Attributes::ScheduleActivityTaskCommandAttributes(activity)) => {
                Some(format!("activity {}", activity.activity_id))
            }
            _ => None,
        })
        .collect();
    assert_eq!(ids, ["timer 1", "activity 1", "activity 2", "timer 2"]);
    assert_eq!(played.completions[0].commands.len(), 7);
}

/// Compatibility, flags: the first terminal command moves to the end; later non-terminal ones stay.
#[test]
fn what_follows_the_end_in_its_task_is_still_sent() {
    let mut orders = signals(&[
        "finish",
        "child",
        "signal other",
        "cancel other",
        "remember",
    ]);
    orders.updates.push(("u".into(), "answer".into()));
    let played = check(&[orders]);
    assert_eq!(
        kinds(&played.completions[0]),
        [
            "START_CHILD_WORKFLOW_EXECUTION",
            "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION",
            CANCEL,
            "MODIFY_WORKFLOW_PROPERTIES",
            "PROTOCOL_MESSAGE",
            "PROTOCOL_MESSAGE",
            "COMPLETE_WORKFLOW_EXECUTION",
        ]
    );
}

/// Which worker version a child runs on, by what its parent intends.
#[test]
fn a_child_inherits_the_build_id_on_the_same_queue() {
    use crate::workflow::VersioningIntent::{Compatible, Default as Newest, Unspecified};
    for (intent, task_queue, inherits) in [
        (Unspecified, "", true),
        (Unspecified, "queue", true),
        (Unspecified, "elsewhere", false),
        (Newest, "queue", false),
        (Compatible, "elsewhere", true),
    ] {
        let mut history = HistoryBuilder::new("Obedient");
        history.start_task();
        let mut code: WorkflowCode = Box::new(move |_| {
            vec![Command::StartChildWorkflow(Box::new(StartChildWorkflow {
                sequence: 1,
                task_queue: task_queue.to_owned(),
                versioning_intent: intent,
                ..StartChildWorkflow::default()
            }))]
        });
        let input = RunInput::TaskReceived(Box::new(history.task()));
        let mut run = Run::new(settings());
        let driven = drive(&mut run, &mut code, &history.events, &[100], input);
        let [TaskAnswer::Complete(completion)] = driven.answers.as_slice() else {
            panic!("{driven:?}")
        };
        let Some(Attributes::StartChildWorkflowExecutionCommandAttributes(start)) =
            &completion.commands[0].attributes
        else {
            panic!("no child")
        };
        // Servers without deployments still read it.
        #[allow(deprecated)]
        let inherit_build_id = start.inherit_build_id;
        assert_eq!(inherit_build_id, inherits, "{intent:?} on '{task_queue}'");
    }
}
