//! Tasks that wait for local activities, and what comes in between.

use std::collections::HashMap;

use super::*;
use crate::workflow::{EvictionReason, WorkflowTask};

/// N12, and Compatibility, local activities: the heartbeat comes at 80 % of the task's timeout.
#[test]
fn a_long_one_heartbeats() {
    let mut play = Play::new();
    if let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) =
        &mut play.history.events[0].attributes
    {
        started.workflow_task_timeout = Some(prost_types::Duration {
            seconds: 5,
            nanos: 0,
        });
    }
    play.task(&["local"]);
    assert_eq!(play.heartbeat, Some((4, Duration::from_secs(4))));
    for beats in 1..=3 {
        play.beat();
        assert_eq!(play.completions.len(), beats);
        let completion = &play.completions[beats - 1];
        assert!(completion.force_new_task && completion.commands.is_empty());
        assert_eq!(play.snapshot().waiting_for, WaitingFor::LocalActivities);
    }
    assert_eq!(play.heartbeat, Some((13, Duration::from_secs(4))));
    play.says(1, "finish");
    assert_eq!(play.markers()[0]["activation_index"], 0);
    play.check();
}

#[test]
fn an_alarm_of_an_old_task_means_nothing() {
    let mut play = Play::new();
    play.task(&["local"]);
    play.beat();
    play.give(RunInput::HeartbeatDue { task: 4 });
    assert_eq!(play.completions.len(), 1);
}

/// What was done so far goes along with the heartbeat.
/// Compatibility, local activities: the marker is queued at the resolution, before reactions to it.
#[test]
fn a_heartbeat_tells_what_was_done() {
    let mut play = Play::new();
    play.task(&["local", "local", "timer"]);
    play.says(2, "timer");
    play.beat();
    assert_eq!(
        play.commands(),
        [["START_TIMER", "RECORD_MARKER", "START_TIMER"]]
    );
    play.says(1, "finish");
    play.check();
}

/// Each of several that end after heartbeats is heard on its own, in replay too.
#[test]
fn after_heartbeats_outcomes_stay_apart() {
    for orders in ["timer", "remote", "", "local"] {
        let mut play = Play::new();
        play.task(&["local", "local", "local"]);
        play.beat();
        play.beat();
        for sequence in [1, 3, 2] {
            play.says(sequence, orders);
        }
        let rest: Vec<u32> = play.running.keys().copied().collect();
        for sequence in rest {
            play.says(sequence, "");
        }
        assert_eq!(play.completions.len(), 3, "{orders}");
        play.check();
    }
}

/// N13: an outcome that arrives between two tasks waits for the second, and is heard after its events.
/// Compatibility, local activities: resolutions come last in an activation.
#[test]
fn an_outcome_between_tasks_waits() {
    let mut play = Play::new();
    play.history.signal("local");
    play.history.start_task();
    let task = Box::new(play.history.sticky_task());
    let events = play.history.events.clone();
    drive(
        &mut play.run,
        &mut play.code,
        &events,
        &[100],
        RunInput::TaskReceived(task),
    );
    let driven = drive(
        &mut play.run,
        &mut play.code,
        &events,
        &[100],
        RunInput::HeartbeatDue { task: 4 },
    );
    let [TaskAnswer::Complete(completion)] = driven.answers.as_slice() else {
        panic!("{driven:?}")
    };
    play.history.complete(completion);
    play.marks.push((play.history.events.len(), 1));
    // The server has not answered yet.
    play.end(LocalActivityEnded {
        outcome: Ok(Some(json_payload("timer"))),
        ..ended(1)
    });
    assert_eq!(play.log().len(), 1);
    play.history.signal("timer");
    play.history.start_task();
    let new_task = Some(Box::new(play.history.sticky_task()));
    play.accept(new_task);
    assert_eq!(play.log()[1..], ["signal timer", "1 says timer"]);
    assert_eq!(
        play.commands(),
        [["START_TIMER", "RECORD_MARKER", "START_TIMER"]]
    );
    assert_eq!(play.markers()[0]["activation_index"], 1);
    play.check();
}

/// As above, where the first task had nothing to say: in replay both are one, and the local activity
/// is scheduled in the same activation that hears the signal.
/// Compatibility, local activities: resolutions come last, and heartbeats are merged in replay.
#[test]
fn an_outcome_between_tasks_that_are_one_in_replay() {
    let mut play = Play::new();
    play.task(&["local"]);
    play.is_late = true;
    play.beat();
    play.history.signal("timer");
    play.says(1, "timer");
    play.begin_task();
    assert_eq!(play.log()[1..], ["signal timer", "1 says timer"]);
    assert_eq!(
        play.commands()[1],
        ["START_TIMER", "RECORD_MARKER", "START_TIMER"]
    );
    play.check();
}

fn with_query(mut task: WorkflowTask) -> WorkflowTask {
    task.queries = HashMap::from([("q".to_owned(), WorkflowQuery::default())]);
    task
}

/// Promise 25: a query that comes with a task is answered at once, and a new task is asked for.
#[test]
fn a_query_in_the_middle_forces_a_new_task() {
    let mut play = Play::new();
    play.task(&["local"]);
    play.beat();
    // The task of the heartbeat is in progress; it is completed, and the next has a query.
    play.beat();
    let mut play = Play::new();
    play.history.signal("local");
    play.history.start_task();
    let task = with_query(play.history.sticky_task());
    play.give(RunInput::TaskReceived(Box::new(task)));
    let completion = &play.completions[0];
    assert!(completion.force_new_task);
    assert_eq!(completion.query_results.len(), 1);
    assert_eq!(play.snapshot().waiting_for, WaitingFor::LocalActivities);
    assert_eq!(play.running.len(), 1, "it is started once");
    play.says(1, "finish");
    play.check();
}

/// Promise 25: an old-style query does not have to wait, and the current task is not lost.
#[test]
fn an_old_style_query_in_the_middle_is_answered() {
    let mut play = Play::new();
    play.task(&["local"]);
    let mut query = play.history.sticky_task();
    query.started_event_id = 0;
    query.history = Vec::new();
    query.query = Some(WorkflowQuery::default());
    play.give(RunInput::TaskReceived(Box::new(query)));
    assert_eq!(play.completions.len(), 1);
    assert!(play.completions[0].force_new_task);
    assert_eq!(play.snapshot().waiting_for, WaitingFor::LocalActivities);
    assert_eq!(play.snapshot().buffered_tasks, 0);
    play.says(1, "finish");
    play.check();
}

/// N3: a run that is not cached leaves after its task, but not while local activities run.
#[test]
fn an_uncached_run_stays_while_local_activities_run() {
    let mut play = Play::with(run_with(|settings| settings.cached = false));
    play.task(&["local"]);
    play.beat();
    assert!(!play.has_ended);
    play.says(1, "timer");
    assert!(play.has_ended, "{:?}", play.snapshot());
    play.check();
}

/// The task that the heartbeat of an uncached run asked for may go to another worker.
#[test]
fn an_uncached_run_whose_task_went_elsewhere_leaves() {
    let mut play = Play::with(run_with(|settings| settings.cached = false));
    play.history.signal("local");
    play.history.start_task();
    let task = Box::new(play.history.sticky_task());
    let events = play.history.events.clone();
    let give =
        |play: &mut Play, input| drive(&mut play.run, &mut play.code, &events, &[100], input);
    give(&mut play, RunInput::TaskReceived(task));
    give(&mut play, RunInput::HeartbeatDue { task: 4 });
    let accepted = ResponseOutcome::Accepted {
        new_task: None,
        reset_history_event_id: 0,
    };
    let driven = give(&mut play, RunInput::Responded(accepted));
    assert!(driven.evicted.is_none());
    let driven = give(&mut play, RunInput::LocalActivitiesEnded(vec![ended(1)]));
    assert_eq!(driven.heartbeat, Some((0, Duration::from_secs(15))));
    let driven = give(&mut play, RunInput::HeartbeatDue { task: 0 });
    assert_eq!(driven.evicted.unwrap().0, EvictionReason::CacheFull);
}

/// The worker shuts down: the task goes on without the local activity, elsewhere.
#[test]
fn a_worker_that_stops_hands_the_task_back() {
    let mut play = Play::new();
    play.history.signal("local");
    play.history.start_task();
    let task = Box::new(play.history.sticky_task());
    let events = play.history.events.clone();
    for (input, answers) in [
        (RunInput::TaskReceived(task), 0),
        (RunInput::LocalActivitiesStopped, 1),
    ] {
        let driven = drive(&mut play.run, &mut play.code, &events, &[100], input);
        assert_eq!(driven.answers.len(), answers);
        if let Some(TaskAnswer::Complete(completion)) = driven.answers.first() {
            assert!(completion.force_new_task);
        }
    }
}
