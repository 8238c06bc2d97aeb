//! Cancellations of local activities in every state and of every kind.

use super::*;

/// Compatibility, local activities: TRY_CANCEL and ABANDON still record a marker, which says attempt
/// 0; only TRY_CANCEL asks the activity to stop.
#[test]
fn try_and_abandon_do_not_wait() {
    for (how, asked) in [("local", vec![1]), ("local abandon", vec![])] {
        let mut play = Play::new();
        play.task(&[how, "local"]);
        play.says(2, "timer,cancel,timer");
        assert_eq!(play.log()[3], "1 cancelled: Local Activity cancelled");
        assert_eq!(play.cancelled, asked);
        assert_eq!(
            play.commands(),
            [[
                "RECORD_MARKER",
                "START_TIMER",
                "RECORD_MARKER",
                "START_TIMER"
            ]]
        );
        let marker = &play.markers()[1];
        assert_eq!(marker["attempt"], 0);
        assert!(marker["complete_time"].is_null());
        assert_eq!(marker["activation_index"], 2);
        // What comes of it later does not matter.
        play.says(1, "timer");
        assert_eq!(play.completions.len(), 1);
        play.check();
    }
}

#[test]
fn wait_waits_for_the_outcome() {
    let outcomes = [
        (
            Err(cancelled_failure("Cancelled")),
            "1 cancelled: Local Activity cancelled",
        ),
        (Ok(Some(json_payload("timer"))), "1 says timer"),
        (Err(failed("no")), "1 failed: no"),
    ];
    for (outcome, heard) in outcomes {
        let mut play = Play::new();
        play.task(&["local wait", "local"]);
        play.says(2, "timer,cancel,timer");
        assert_eq!(play.snapshot().waiting_for, WaitingFor::LocalActivities);
        assert_eq!(play.cancelled, [1]);
        play.end(LocalActivityEnded {
            outcome,
            ..ended(1)
        });
        assert_eq!(play.log()[3], heard);
        play.check();
    }
}

/// Compatibility, formats: cancelled when the failure or its direct cause is a cancelled failure.
#[test]
fn a_cancelled_cause_counts_when_it_is_direct() {
    let because = |cause| {
        let mut failure = failed("outer");
        failure.cause = Some(cause);
        failure
    };
    let direct = because(cancelled_failure("Cancelled"));
    for (outcome, heard) in [
        (direct.clone(), "1 cancelled: Local Activity cancelled"),
        (because(direct), "1 failed: outer"),
    ] {
        let mut play = Play::new();
        play.task(&["local"]);
        play.end(LocalActivityEnded {
            outcome: Err(outcome),
            ..ended(1)
        });
        assert_eq!(play.log()[1], heard);
        play.check();
    }
}

/// Cancelled in the activation that scheduled it, a local activity is never started.
/// Compatibility, local activities: the marker is queued at the resolution, in the order of issue.
#[test]
fn before_it_is_started_it_is_never_run() {
    for how in ["local", "local wait", "local abandon"] {
        let mut play = Play::new();
        play.task(&["timer", how, "cancel last", "timer"]);
        assert!(play.running.is_empty() && play.cancelled.is_empty());
        assert_eq!(
            play.commands(),
            [["START_TIMER", "RECORD_MARKER", "START_TIMER"]],
            "{how}"
        );
        assert_eq!(play.markers()[0]["activation_index"], 1);
        assert_eq!(
            play.log().last().unwrap(),
            "1 cancelled: Local Activity cancelled"
        );
        play.check();
    }
}

/// Compatibility, commands: exactly one cancel per number, ever.
#[test]
fn a_second_cancel_changes_nothing() {
    for how in ["local", "local wait", "local abandon"] {
        let mut play = Play::new();
        play.task(&[how, "local"]);
        play.says(2, "cancel,cancel,local");
        play.says(3, "cancel,cancel");
        play.end(LocalActivityEnded {
            outcome: Err(cancelled_failure("Cancelled")),
            ..ended(1)
        });
        assert!(play.cancelled.len() <= 1, "{how}: {:?}", play.cancelled);
        assert_eq!(play.completions.len(), 1);
        play.check();
    }
}

/// A result that has arrived while workflow code was busy with cancelling it comes too late.
#[test]
fn a_late_result_is_dropped() {
    let mut play = Play::new();
    play.task(&["local", "local"]);
    let events = play.history.events.clone();
    let mut code: WorkflowCode = {
        let mut inner = std::mem::replace(&mut play.code, Box::new(|_| Vec::new()));
        Box::new(move |activation| inner(activation))
    };
    let says = RunInput::LocalActivitiesEnded(vec![LocalActivityEnded {
        outcome: Ok(Some(json_payload("cancel"))),
        ..ended(2)
    }]);
    let effects = play.run.handle(says);
    let [super::super::super::RunEffect::Activate(activation)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let commands = code(activation);
    // Workflow code is busy; number 1 ends meanwhile.
    let meanwhile = RunInput::LocalActivitiesEnded(vec![ended(1)]);
    assert!(play.run.handle(meanwhile).is_empty());
    play.code = code;
    play.give(RunInput::Activated(crate::workflow::ActivationCompleted {
        run_id: crate::workflow::testing::RUN_ID.into(),
        outcome: Ok(crate::workflow::ActivationCommands {
            commands,
            ..Default::default()
        }),
    }));
    assert_eq!(events.len() + 3, play.history.events.len());
    assert_eq!(
        play.log()[2..],
        ["2 says cancel", "1 cancelled: Local Activity cancelled"]
    );
    play.check();
}
