//! The state machine of local activities against a model, and the queue of outcomes that history has.

use std::time::Duration;

use proptest::prelude::*;

use crate::workflow::{
    ActivityCancellationType, LocalActivityEnded, ScheduleLocalActivity,
    machines::{
        local_activity::{Cancellation, LocalActivities, Standing},
        local_activity_marker::LocalActivityMarker,
        recorded_outcomes::{Place, RecordedOutcome, RecordedOutcomes},
    },
};

#[derive(Clone, Debug)]
enum Act {
    Schedule(ActivityCancellationType),
    Dispatch,
    Cancel(prop::sample::Index),
    End(prop::sample::Index),
    Record(prop::sample::Index),
}

fn act() -> impl Strategy<Value = Act> {
    use ActivityCancellationType as How;
    let index = any::<prop::sample::Index>;
    prop_oneof![
        3 => prop_oneof![
            Just(How::TryCancel),
            Just(How::WaitCancellationCompleted),
            Just(How::Abandon),
        ].prop_map(Act::Schedule),
        2 => Just(Act::Dispatch),
        3 => index().prop_map(Act::Cancel),
        3 => index().prop_map(Act::End),
        1 => index().prop_map(Act::Record),
    ]
}

/// What is known of one local activity, by the rules and by nothing else.
#[derive(Clone, Copy, Debug)]
struct Known {
    how: ActivityCancellationType,
    is_started: bool,
    was_asked: bool,
    was_heard: bool,
    is_recorded: bool,
}

fn ended(sequence: u32) -> LocalActivityEnded {
    LocalActivityEnded {
        sequence,
        attempt: 1,
        outcome: Ok(None),
        backoff: None,
        run_time: Duration::ZERO,
        complete_time: None,
        original_schedule_time: None,
    }
}

fn resolve(machine: &mut LocalActivities, marker: Option<LocalActivityMarker>) -> bool {
    marker.and_then(|marker| machine.resolve(marker)).is_some()
}

/// Does one thing to both, and compares what workflow code hears and what is asked to stop.
fn perform(act: &Act, machine: &mut LocalActivities, model: &mut Vec<Known>) {
    use ActivityCancellationType as How;
    let pick = |index: &prop::sample::Index, model: &[Known]| {
        (!model.is_empty()).then(|| index.index(model.len()))
    };
    match act {
        Act::Schedule(how) => {
            model.push(Known {
                how: *how,
                is_started: false,
                was_asked: false,
                was_heard: false,
                is_recorded: false,
            });
            let schedule = ScheduleLocalActivity {
                sequence: model.len() as u32,
                cancellation_type: *how,
                ..ScheduleLocalActivity::default()
            };
            machine.schedule(schedule, None);
        }
        Act::Dispatch => {
            let started: Vec<u32> = machine.dispatch().iter().map(|one| one.sequence).collect();
            let waiting = |one: &Known| !one.is_started && !one.was_heard;
            let expected: Vec<u32> = (1..)
                .zip(model.iter())
                .filter(|(_, one)| waiting(one))
                .map(|(sequence, _)| sequence)
                .collect();
            assert_eq!(started, expected);
            for sequence in started {
                model[sequence as usize - 1].is_started = true;
            }
        }
        Act::Cancel(index) => {
            let Some(index) = pick(index, model) else {
                return;
            };
            let (sequence, known) = (index as u32 + 1, &mut model[index]);
            let waits = known.how == How::WaitCancellationCompleted;
            let waits_on = known.is_started && waits;
            let hears = !(known.was_heard || waits_on);
            let asks = known.is_started
                && !known.was_heard
                && !known.was_asked
                && known.how != How::Abandon;
            let resolves = machine.cancel(sequence, false) == Cancellation::Resolve;
            assert_eq!(resolves, hears);
            if resolves {
                let marker = machine.cancelled_marker(sequence, 0);
                assert!(resolve(machine, marker));
            }
            assert_eq!(machine.take_cancels().contains(&sequence), asks);
            known.was_asked |= asks;
            known.was_heard |= hears;
        }
        Act::End(index) => {
            let Some(index) = pick(index, model) else {
                return;
            };
            let (sequence, known) = (index as u32 + 1, &mut model[index]);
            let marker = machine.marker_of(ended(sequence), 0);
            let hears = known.is_started && !known.was_heard;
            assert_eq!(resolve(machine, marker), hears);
            known.was_heard |= hears;
        }
        Act::Record(index) => {
            let Some(index) = pick(index, model) else {
                return;
            };
            if model[index].was_heard {
                machine.recorded(index as u32 + 1);
                model[index].is_recorded = true;
            }
        }
    }
}

fn outcome(sequence: u32, index: Option<u32>, commands_before: usize) -> RecordedOutcome {
    RecordedOutcome {
        place: Place {
            event_id: 0,
            commands_before,
        },
        marker: LocalActivityMarker {
            sequence,
            attempt: 1,
            activity_id: String::new(),
            activity_type: String::new(),
            complete_time: None,
            backoff: None,
            original_schedule_time: None,
            activation_index: index,
            outcome: Ok(None),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn local_activities_do_what_the_rules_say(acts in prop::collection::vec(act(), 1..60)) {
        let mut machine = LocalActivities::default();
        let mut model = Vec::new();
        for act in &acts {
            perform(act, &mut machine, &mut model);
            let open = model.iter().filter(|one| !one.was_heard).count();
            prop_assert_eq!(machine.count(), open);
            for (sequence, one) in (1..).zip(&model) {
                let expected = match (one.was_heard, one.is_recorded) {
                    (false, _) => Standing::Open,
                    (true, false) => Standing::Resolved,
                    (true, true) => Standing::Unknown,
                };
                prop_assert_eq!(machine.standing(sequence), expected);
            }
        }
    }

    /// Compatibility, local activities: what is held back is released when nothing else is left, so
    /// that replay never stalls, and never out of order.
    #[test]
    fn outcomes_come_in_order_and_all_of_them(
        recorded in prop::collection::vec((prop::option::of(0..9u32), 0..9usize), 0..12),
        issued in prop::collection::vec(0..4usize, 40),
    ) {
        let mut queue = RecordedOutcomes::default();
        for (sequence, (index, place)) in (1..).zip(&recorded) {
            queue.push(outcome(sequence, *index, *place));
        }
        let (mut taken, mut count) = (Vec::new(), 0);
        for more in issued {
            count += more;
            queue.note_activation();
            let before = taken.len();
            while let Some(due) = queue.take_due(count, |_| Standing::Open) {
                taken.push(due.marker.sequence);
            }
            if taken.len() == before {
                queue.release_held(count, |_| Standing::Open);
            }
        }
        let all: Vec<u32> = (1..=recorded.len() as u32).collect();
        prop_assert_eq!(taken, all);
    }
}

/// Compatibility, local activities: replay stops at the first one whose activity is not scheduled.
#[test]
fn an_outcome_waits_for_its_activity() {
    let mut queue = RecordedOutcomes::default();
    for sequence in [2, 1] {
        queue.push(outcome(sequence, None, 0));
    }
    let only_one = |sequence| match sequence {
        1 => Standing::Open,
        _ => Standing::Unknown,
    };
    assert!(queue.take_due(0, only_one).is_none());
    queue.release_held(0, only_one);
    assert!(queue.take_due(0, only_one).is_none());
    let due = queue
        .take_due(0, |_| Standing::Open)
        .expect("it is scheduled");
    assert_eq!(due.marker.sequence, 2);
}

/// Compatibility, local activities: one is held whose index is above the current one.
#[test]
fn an_outcome_waits_for_its_activation() {
    let mut queue = RecordedOutcomes::default();
    queue.push(outcome(1, Some(1), 0));
    queue.push(outcome(2, Some(2), 0));
    let open = |_| Standing::Open;
    assert!(queue.take_due(0, open).is_none());
    queue.note_activation();
    assert_eq!(
        queue.take_due(0, open).expect("its time").marker.sequence,
        1
    );
    assert!(queue.take_due(0, open).is_none());
    queue.release_held(0, open);
    assert_eq!(
        queue.take_due(0, open).expect("released").marker.sequence,
        2
    );
}
