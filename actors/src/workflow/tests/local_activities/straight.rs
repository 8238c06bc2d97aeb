//! Schedule, run, marker, replay.

use super::*;

#[test]
fn one_after_the_other_in_one_task() {
    let mut play = Play::new();
    play.task(&["local"]);
    assert_eq!(play.snapshot().waiting_for, WaitingFor::LocalActivities);
    play.says(1, "local");
    play.says(2, "now,finish");
    assert_eq!(
        play.commands(),
        [[
            "RECORD_MARKER",
            "RECORD_MARKER",
            "COMPLETE_WORKFLOW_EXECUTION"
        ]]
    );
    assert!(play.has_ended);
    play.check();
}

/// Compatibility, local activities: the index is 0 when a task is applied, plus 1 for each activation,
/// as it stood at resolution. Compatibility, formats: the marker's JSON. N38: the time at schedule
/// plus the run time.
/// Compatibility, local activities: a completion may advance workflow time.
#[test]
fn markers_say_what_1_35_0_says() {
    let mut play = Play::new();
    play.task(&["local", "local"]);
    play.says(2, "timer");
    let later = LocalActivityEnded {
        run_time: Duration::from_millis(2500),
        outcome: Ok(Some(json_payload("now"))),
        attempt: 3,
        ..ended(1)
    };
    play.end(later);
    let markers = play.markers();
    let summary = |index: usize| {
        let marker = &markers[index];
        ["seq", "attempt", "activation_index"].map(|key| marker[key].as_u64().unwrap())
    };
    assert_eq!(summary(0), [2, 1, 1]);
    assert_eq!(summary(1), [1, 3, 2]);
    assert_eq!(markers[0]["activity_id"], "2");
    assert_eq!(markers[0]["activity_type"], "errand");
    assert!(markers[0]["backoff"].is_null());
    // The task started with event 5, five seconds after the epoch of the tests.
    assert_eq!(markers[1]["complete_time"]["seconds"], 1_700_000_007i64);
    assert_eq!(markers[1]["complete_time"]["nanos"], 500_000_000);
    assert_eq!(markers[1]["original_schedule_time"]["nanos"], 5);
    assert_eq!(
        play.log().last().unwrap(),
        "it is Timestamp { seconds: 1700000007, nanos: 500000000 }"
    );
    assert_eq!(
        play.commands(),
        [["RECORD_MARKER", "START_TIMER", "RECORD_MARKER"]]
    );
    play.check();
}

/// Compatibility, local activities: workflow time never goes back.
#[test]
fn time_does_not_go_back() {
    let mut play = Play::new();
    play.task(&["local", "local"]);
    for (sequence, seconds) in [(1, 3), (2, 1)] {
        play.end(LocalActivityEnded {
            run_time: Duration::from_secs(seconds),
            outcome: Ok(Some(json_payload("now"))),
            ..ended(sequence)
        });
    }
    let log = play.log();
    assert_eq!(log[3], log[5], "{log:?}");
    play.check();
}

#[test]
fn each_of_several_is_heard_when_it_ends() {
    let mut play = Play::new();
    play.task(&["local", "local", "local"]);
    play.says(3, "timer");
    play.says(1, "local");
    play.says(4, "");
    play.says(2, "timer");
    assert_eq!(
        play.log()[3..],
        ["3 says timer", "1 says local", "4 says ", "2 says timer"]
    );
    play.check();
}

#[test]
fn a_failure_is_heard_as_it_is() {
    let mut play = Play::new();
    play.task(&["local"]);
    play.end(LocalActivityEnded {
        outcome: Err(failed("broken")),
        ..ended(1)
    });
    assert_eq!(play.log()[1], "1 failed: broken");
    play.check();
}

/// One error, live and in replay: see `resolution` in the state machine.
#[test]
fn a_timeout_is_the_same_live_and_in_replay() {
    use crate::protos::failure::v1::TimeoutFailureInfo;
    let timeout = |message: &str| {
        Box::new(Failure {
            message: message.into(),
            failure_info: Some(FailureInfo::TimeoutFailureInfo(
                TimeoutFailureInfo::default(),
            )),
            ..Failure::default()
        })
    };
    let mut play = Play::new();
    play.task(&["local", "local"]);
    play.end(LocalActivityEnded {
        outcome: Err(timeout("Activity timed out")),
        ..ended(1)
    });
    play.end(LocalActivityEnded {
        outcome: Err(timeout("of my own")),
        ..ended(2)
    });
    assert_eq!(
        play.log()[2..],
        ["1 failed: Local Activity timed out", "2 failed: of my own"]
    );
    play.check();
}

/// Compatibility, local activities: past the threshold the new number is taken when the backoff
/// arrives, then a timer, then a new schedule with the attempt and the first schedule time.
#[test]
fn a_long_backoff_is_a_timer() {
    let mut play = Play::new();
    play.task(&["local"]);
    play.end(LocalActivityEnded {
        attempt: 2,
        outcome: Err(failed("not yet")),
        backoff: Some(Duration::from_secs(90)),
        ..ended(1)
    });
    assert_eq!(play.commands(), [["RECORD_MARKER", "START_TIMER"]]);
    assert_eq!(play.markers()[0]["backoff"]["seconds"], 90);
    assert_eq!(play.log()[1], "1 backs off: 3");
    play.history.fire_timer("1");
    play.begin_task();
    let again = &play.running[&2];
    assert_eq!(again.attempt, 3);
    assert_eq!(
        again.original_schedule_time,
        ended(1).original_schedule_time
    );
    play.says(2, "finish");
    play.check();
}

/// Promise 26: local activities after the workflow's end are discarded.
#[test]
fn after_the_end_nothing_is_run() {
    let mut play = Play::new();
    play.task(&["local", "finish", "local"]);
    assert_eq!(play.commands(), [["COMPLETE_WORKFLOW_EXECUTION"]]);
    assert!(play.running.is_empty());
    play.check();

    let mut play = Play::new();
    play.task(&["local", "local"]);
    play.says(1, "finish");
    assert_eq!(
        play.commands(),
        [["RECORD_MARKER", "COMPLETE_WORKFLOW_EXECUTION"]]
    );
    assert!(play.has_ended);
    play.check();
}

/// Remote and local activities share one count.
/// Compatibility, ids: remote and local activities share one count.
#[test]
fn numbers_are_shared_with_remote_activities() {
    let mut play = Play::new();
    play.task(&["remote", "local", "remote"]);
    play.says(2, "");
    assert_eq!(
        play.commands(),
        [[
            "SCHEDULE_ACTIVITY_TASK",
            "SCHEDULE_ACTIVITY_TASK",
            "RECORD_MARKER"
        ]]
    );
    play.check();
}

/// Promise 24: results that the workflow has seen survive eviction; undelivered ones run again.
#[test]
fn after_an_eviction_only_what_was_not_heard_runs_again() {
    let mut play = Play::new();
    play.task(&["local", "local", "local"]);
    play.says(1, "");
    play.beat();
    assert_eq!(play.snapshot().waiting_for, WaitingFor::LocalActivities);
    let mut again = Play::new();
    again.history = play.history.clone();
    let task = Box::new(again.history.task());
    again.give(RunInput::TaskReceived(task));
    assert_eq!(again.running.keys().copied().collect::<Vec<_>>(), [2, 3]);
    assert_eq!(again.log(), play.log());
    again.says(2, "");
    again.says(3, "finish");
    again.check();
}

#[test]
fn a_worker_without_activities_fails_the_task() {
    let mut history = HistoryBuilder::new("Errands");
    history.signal("local");
    history.start_task();
    let (mut code, _) = errands();
    let mut run = Run::new(run_with(|settings| settings.runs_local_activities = false));
    let input = RunInput::TaskReceived(Box::new(history.task()));
    let driven = drive(&mut run, &mut code, &[], &[100], input);
    let [TaskAnswer::Fail { failure, .. }] = driven.answers.as_slice() else {
        panic!("{:?}", driven.answers)
    };
    assert!(failure.message.contains("no activities"), "{failure:?}");
}
