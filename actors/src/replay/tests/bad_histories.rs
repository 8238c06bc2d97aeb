//! Histories that no server has written.

use std::time::Duration;

use proptest::{prelude::*, sample::Index};

use crate::{
    protos::{enums::v1::EventType, history::v1::history_event::Attributes},
    testing::World,
    workflow::EvictionReason,
};

use super::*;

/// Something done to a history.
#[derive(Clone, Debug)]
enum Damage {
    Drop(Index),
    Swap(Index, Index),
    Repeat(Index),
    Renumber(Index, i64),
    Retype(Index, i32),
    Cut(Index),
    Empty(Index),
    Redirect(Index, i64),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        at().prop_map(Damage::Drop),
        (at(), at()).prop_map(|(left, right)| Damage::Swap(left, right)),
        at().prop_map(Damage::Repeat),
        (at(), prop_oneof![-3..60i64, any::<i64>()])
            .prop_map(|(index, id)| Damage::Renumber(index, id)),
        (at(), -1..70i32).prop_map(|(index, kind)| Damage::Retype(index, kind)),
        at().prop_map(Damage::Cut),
        at().prop_map(Damage::Empty),
        (at(), prop_oneof![-3..60i64, any::<i64>()])
            .prop_map(|(index, id)| Damage::Redirect(index, id)),
    ]
}

fn harm(damage: &Damage, events: &mut Vec<HistoryEvent>) {
    if events.is_empty() {
        return;
    }
    let length = events.len();
    match damage {
        Damage::Drop(at) => drop(events.remove(at.index(length))),
        Damage::Swap(left, right) => events.swap(left.index(length), right.index(length)),
        Damage::Repeat(at) => {
            let again = events[at.index(length)].clone();
            events.insert(at.index(length), again);
        }
        Damage::Renumber(at, id) => events[at.index(length)].event_id = *id,
        Damage::Retype(at, kind) => events[at.index(length)].event_type = *kind,
        Damage::Cut(at) => events.truncate(at.index(length)),
        Damage::Empty(at) => events[at.index(length)].attributes = None,
        Damage::Redirect(at, id) => redirect(&mut events[at.index(length)], *id),
    }
}

/// Lets an event speak of another one.
fn redirect(event: &mut HistoryEvent, id: i64) {
    match &mut event.attributes {
        Some(Attributes::TimerFiredEventAttributes(fired)) => fired.started_event_id = id,
        Some(Attributes::TimerCanceledEventAttributes(canceled)) => canceled.started_event_id = id,
        Some(Attributes::ActivityTaskCompletedEventAttributes(ended)) => {
            ended.scheduled_event_id = id;
        }
        Some(Attributes::ActivityTaskFailedEventAttributes(ended)) => ended.scheduled_event_id = id,
        Some(Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(accepted)) => {
            accepted.accepted_request_sequencing_event_id = id;
        }
        _ => {}
    }
}

/// Replays it in a world of its own; whoever waits for ever fails the test.
fn survives(request: ReplayRequest) {
    World::run(|world| async move {
        let limit = Duration::from_secs(30);
        let report = tokio::time::timeout(limit, replay(&world, request)).await;
        let report = report.expect("a replay ends");
        if let Some(failure) = report.failure {
            assert!(!failure.message.is_empty());
            assert!(
                !failure.message.starts_with("internal error"),
                "{failure:?}"
            );
        }
    });
}

fn course() -> impl Strategy<Value = Course> {
    prop_oneof![
        Just(Course::Whole),
        any::<bool>().prop_map(|evicting| Course::EveryTask { evicting }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]

    /// Promise 44: no order, number or kind of events panics or hangs.
    #[test]
    fn damaged_histories_get_a_verdict(
        which in 0..3usize,
        damages in prop::collection::vec(damage(), 1..6),
        course in course(),
        page_sizes in prop::collection::vec(0..9usize, 0..4),
    ) {
        let mut events = recorded()[which].1.clone();
        for damage in &damages {
            harm(damage, &mut events);
        }
        survives(ReplayRequest { course, page_sizes, ..request(&events) });
    }

    /// Promise 44: no bytes panic or hang.
    #[test]
    fn damaged_bytes_get_a_verdict(
        which in 0..3usize,
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..12),
        course in course(),
    ) {
        let mut bytes = History { events: recorded()[which].1.clone() }.encode_to_vec();
        for (at, byte) in &changes {
            let index = at.index(bytes.len());
            bytes[index] = *byte;
        }
        if let Ok(history) = History::decode(bytes.as_slice()) {
            survives(ReplayRequest { course, ..request(&history.events) });
        }
    }
}

/// Promise 22: unknown events that may be ignored are, and others fail the task.
#[test]
fn unknown_events_are_skipped_only_where_they_may_be() {
    World::run(|world| async move {
        for may_ignore in [true, false] {
            let mut history = HistoryBuilder::new("Obedient");
            history.signal("timer");
            let unknown = HistoryEvent {
                event_id: history.last_event_id() + 1,
                event_type: 12_345,
                worker_may_ignore: may_ignore,
                ..HistoryEvent::default()
            };
            history.events.push(unknown);
            history.run_task();
            history.start_timer("1");
            let report = replay(&world, request(&history.events)).await;
            match report.failure {
                None => assert!(may_ignore),
                Some(failure) => {
                    assert!(!may_ignore, "{failure:?}");
                    assert_eq!(failure.reason, EvictionReason::Fatal);
                    assert_eq!(
                        failure.message,
                        "event 3 (unknown type 12345) is not known to this version and may not be \
                         ignored"
                    );
                }
            }
        }
    });
}

#[test]
fn what_is_no_history_is_told() {
    World::run(|world| async move {
        let report = replay(&world, request(&[])).await;
        assert_eq!(report.failure.unwrap().message, "the history has no events");
        let mut events = finished().events;
        events.remove(3);
        assert_eq!(events[3].event_type(), EventType::WorkflowTaskCompleted);
        let failure = replay(&world, request(&events)).await.failure.unwrap();
        assert_eq!(failure.reason, EvictionReason::Fatal);
        assert_eq!(
            failure.message,
            "history has a gap: expected event 4, got event 5"
        );
    });
}
