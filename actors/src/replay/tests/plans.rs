//! Which tasks a history is replayed as.

use crate::{
    protos::{
        enums::v1::{EventType, WorkflowTaskFailedCause},
        history::v1::history_event::Attributes,
    },
    replay::plan::{HistoryRefused, Plan},
};

use super::*;

fn planned(events: &[HistoryEvent], course: Course) -> Vec<(i64, i64)> {
    let plan = Plan::new("workflow".into(), events.to_vec(), course).unwrap();
    plan.tasks
        .iter()
        .map(|task| (task.started_event_id, task.previous_started_event_id))
        .collect()
}

fn whole(history: &HistoryBuilder) -> (i64, i64) {
    planned(&history.events, Course::Whole)[0]
}

/// 1 started, 2 signal, 3–5 task, 6 timer started, 7 timer fired, 8 signal, 9–11 task.
#[test]
fn what_no_task_has_seen_makes_the_last_task() {
    let history = finished();
    let table = [
        // Nothing but the start, or a task that was not begun: it begins now.
        (1, (1, 0)),
        (2, (2, 0)),
        (3, (3, 0)),
        // A task in progress.
        (4, (4, 0)),
        // All that is there was seen.
        (5, (0, 4)),
        (6, (0, 4)),
        (7, (7, 4)),
        (8, (8, 4)),
        (9, (9, 4)),
        (10, (10, 4)),
        (11, (0, 10)),
    ];
    for (length, expected) in table {
        let tasks = planned(&history.events[..length], Course::Whole);
        assert_eq!(tasks, [expected], "{length} events");
    }
}

#[test]
fn a_task_that_failed_comes_again() {
    let mut history = finished();
    history.signal("nothing");
    history.start_task();
    history.fail_task(WorkflowTaskFailedCause::UnhandledCommand);
    assert_eq!(whole(&history), (15, 10));
    history.start_task();
    history.time_task_out();
    assert_eq!(whole(&history), (18, 10));
}

#[test]
fn a_workflow_that_has_ended_has_no_task_to_come() {
    let mut history = finished();
    history.signal("nothing");
    history.start_task();
    history.terminate();
    assert_eq!(whole(&history), (0, 10));
    let mut never_begun = HistoryBuilder::new("Obedient");
    never_begun.terminate();
    assert_eq!(whole(&never_begun), (0, 0));
}

#[test]
fn every_task_that_was_completed_is_one() {
    let mut history = finished();
    let every_task = Course::EveryTask { evicting: false };
    assert_eq!(planned(&history.events, every_task), [(4, 0), (10, 4)]);
    history.signal("nothing");
    history.start_task();
    history.fail_task(WorkflowTaskFailedCause::UnhandledCommand);
    history.run_task();
    history.signal("nothing");
    assert_eq!(
        planned(&history.events, every_task),
        [(4, 0), (10, 4), (17, 10), (19, 17)]
    );
}

#[test]
fn what_is_no_history_is_refused() {
    let refused = |events: &[HistoryEvent]| {
        Plan::new("workflow".into(), events.to_vec(), Course::Whole).unwrap_err()
    };
    assert_eq!(refused(&[]), HistoryRefused::Empty);
    let history = finished();
    assert_eq!(
        refused(&history.events[1..]).to_string(),
        "a history must begin with WORKFLOW_EXECUTION_STARTED, this one begins with \
         WORKFLOW_EXECUTION_SIGNALED"
    );
    let mut nameless = history.events;
    if let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) =
        &mut nameless[0].attributes
    {
        started.original_execution_run_id.clear();
        started.first_execution_run_id.clear();
    }
    assert_eq!(refused(&nameless), HistoryRefused::NoRunId);
    nameless[0].attributes = None;
    assert_eq!(
        nameless[0].event_type(),
        EventType::WorkflowExecutionStarted
    );
    assert!(matches!(refused(&nameless), HistoryRefused::NoStart(_)));
}
