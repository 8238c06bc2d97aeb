//! Histories that the official SDK recorded (see `tests/histories/record_obedient.py`): each replays whole,
//! and at each of its tasks we issue the commands that it issued.

use prost::Message as _;
use prost_types::Any;

use super::*;
use crate::protos::{
    enums::v1::EventType,
    history::v1::{
        History, WorkflowExecutionUpdateAcceptedEventAttributes, history_event::Attributes,
    },
    protocol::v1::{Message, message::SequencingId},
};

fn check_recorded(encoded: &[u8], expected_log: &[&str]) {
    let mut history = HistoryBuilder::new("Obedient");
    history.events = History::decode(encoded).unwrap().events;
    for sizes in [vec![usize::MAX], vec![1], vec![4, 7]] {
        let how = Play::Missed(sizes);
        let mut player = Player {
            how,
            run: Run::new(settings()),
            code: obedient(),
        };
        let log = player.ask(&history);
        assert_eq!(happened(&log)[1..], *expected_log);
    }
    let completed: Vec<usize> = (1..history.events.len())
        .filter(|index| history.events[*index].event_type() == EventType::WorkflowTaskCompleted)
        .collect();
    for index in completed {
        check_task(&history.events, index);
    }
}

/// Runs the task that `events[completed]` completes, cold, and compares its commands.
fn check_task(events: &[HistoryEvent], completed: usize) {
    let recorded: Vec<EventType> = events[completed + 1..]
        .iter()
        .map(HistoryEvent::event_type)
        .take_while(|kind| caused_by(*kind).is_some())
        .collect();
    let mut until_now = HistoryBuilder::new("Obedient");
    until_now.events = events[..completed].to_vec();
    until_now.started_event_id = completed as i64;
    until_now.previous_started_event_id = events[..completed]
        .iter()
        .rfind(|event| event.event_type() == EventType::WorkflowTaskCompleted)
        .map_or(0, |event| event.event_id - 1);
    let mut task = until_now.task();
    task.messages = events[completed + 1..][..recorded.len()]
        .iter()
        .filter_map(|event| match &event.attributes {
            Some(Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(accepted)) => {
                Some(request_of(accepted))
            }
            _ => None,
        })
        .collect();
    let input = RunInput::TaskReceived(Box::new(task));
    let mut run = Run::new(settings());
    let driven = drive(&mut run, &mut obedient(), events, &[100], input);
    let [TaskAnswer::Complete(completion)] = driven.answers.as_slice() else {
        panic!("the task that event {completed} started: {driven:?}")
    };
    let expected: Vec<&str> = recorded
        .iter()
        .filter_map(|kind| caused_by(*kind))
        .collect();
    assert_eq!(kinds(completion), expected, "after event {}", completed + 1);
    let is_first = until_now.previous_started_event_id == 0;
    let metadata = completion.sdk_metadata.clone().unwrap();
    assert_eq!(metadata.core_used_flags.is_empty(), !is_first);
    assert_eq!(metadata.sdk_version.is_empty(), !is_first);
}

fn request_of(accepted: &WorkflowExecutionUpdateAcceptedEventAttributes) -> Message {
    let request = accepted.accepted_request.clone().unwrap();
    Message {
        id: accepted.accepted_request_message_id.clone(),
        protocol_instance_id: accepted.protocol_instance_id.clone(),
        sequencing_id: Some(SequencingId::EventId(
            accepted.accepted_request_sequencing_event_id,
        )),
        body: Some(Any {
            type_url: "type.googleapis.com/temporal.api.update.v1.Request".into(),
            value: request.encode_to_vec(),
        }),
    }
}

fn caused_by(event: EventType) -> Option<&'static str> {
    match event {
        EventType::TimerStarted => Some("START_TIMER"),
        EventType::TimerCanceled => Some("CANCEL_TIMER"),
        EventType::ActivityTaskScheduled => Some("SCHEDULE_ACTIVITY_TASK"),
        EventType::ActivityTaskCancelRequested => Some("REQUEST_CANCEL_ACTIVITY_TASK"),
        EventType::StartChildWorkflowExecutionInitiated => Some("START_CHILD_WORKFLOW_EXECUTION"),
        EventType::SignalExternalWorkflowExecutionInitiated => {
            Some("SIGNAL_EXTERNAL_WORKFLOW_EXECUTION")
        }
        EventType::RequestCancelExternalWorkflowExecutionInitiated => {
            Some("REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION")
        }
        EventType::UpsertWorkflowSearchAttributes => Some("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"),
        EventType::WorkflowPropertiesModified => Some("MODIFY_WORKFLOW_PROPERTIES"),
        EventType::WorkflowExecutionUpdateAccepted
        | EventType::WorkflowExecutionUpdateCompleted => Some("PROTOCOL_MESSAGE"),
        EventType::WorkflowExecutionCompleted => Some("COMPLETE_WORKFLOW_EXECUTION"),
        _ => None,
    }
}

/// Compatibility, the gate: replay what others recorded; compare commands and flags.
#[test]
fn activities() {
    check_recorded(
        include_bytes!("../../../../tests/histories/activities.binpb"),
        &[
            "signal activity try",
            "activity 1 completed",
            "signal fail:activity try",
            "activity 2 Activity task failed",
            "signal hang:activity try",
            "activity 3 Activity task timed out",
            "signal hang:activity try",
            "signal cancel activity",
            "activity 4 Activity cancelled",
            "signal hang:activity wait",
            "signal cancel activity",
            "activity 5 Activity cancelled",
            "signal slow:activity abandon",
            "signal cancel activity",
            "activity 6 Activity cancelled",
            "signal finish",
        ],
    );
}

/// Compatibility, the gate: timers that the official package recorded.
#[test]
fn timers() {
    check_recorded(
        include_bytes!("../../../../tests/histories/timers.binpb"),
        &[
            "signal timer",
            "signal nothing",
            "signal timer",
            "signal cancel timer",
            "timer 1",
            "signal finish",
        ],
    );
}

/// Compatibility, the gate: updates that the official package recorded.
#[test]
fn updates() {
    check_recorded(
        include_bytes!("../../../../tests/histories/updates.binpb"),
        &[
            "update answer-1 answer",
            "update timer-3 timer",
            "update answer-4 answer",
            "signal nothing",
            "update later-5 later",
            "signal answer updates",
            "signal finish",
        ],
    );
}

/// Compatibility, the gate: children that the official package recorded.
#[test]
fn children() {
    check_recorded(
        include_bytes!("../../../../tests/histories/children.binpb"),
        &[
            "signal done:child",
            "child 1 started",
            "child 1 completed",
            "signal fail:child",
            "child 2 started",
            "child 2: Child Workflow execution failed",
            "signal child and cancel",
            "child 3 not started: Child Workflow Execution cancelled before scheduled: enough",
            "signal child",
            "child 4 started",
            "signal signal child",
            "signal 1 delivered",
            "child 4 completed",
            "signal child wait",
            "child 5 started",
            "signal cancel child",
            "child 5: Child Workflow execution cancelled",
            "signal child requested",
            "child 6 started",
            "signal cancel child",
            "child 6: Child Workflow execution cancelled",
            "signal child try",
            "child 7 started",
            "signal cancel child",
            "child 7: Child Workflow execution cancelled",
            "signal child abandon",
            "child 8 started",
            "signal cancel child",
            "child 8: Child Workflow execution cancelled",
            "signal finish",
        ],
    );
}

#[test]
fn others() {
    check_recorded(
        include_bytes!("../../../../tests/histories/others.binpb"),
        &[
            "signal signal other",
            "signal 1 Unable to signal external workflow because it was not found",
            "signal cancel other",
            "cancel 1 Unable to cancel external workflow because not found",
            "signal upsert A=1 B=2",
            "signal remember",
            "signal upsert B=",
            "signal finish",
        ],
    );
}
