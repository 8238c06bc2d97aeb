//! Histories that the official package recorded (`tests/histories/scenarios/local_activities.py`): each
//! replays, with its pages cut anywhere; and played as if they were happening now, those of 1.35 come
//! out with the same commands, markers included.

use prost::Message as _;

use super::{
    threads::{Phases, Step, Thread, threads},
    *,
};
use crate::{protos::history::v1::History, workflow::LocalOutcomes};

const ECHO: Step = Step::Local("echo");
const LATER: Step = Step::Local("echo_after");
const REMOTE: Step = Step::Remote("echo");
const TIMER: Step = Step::Timer;

struct Recorded {
    by_1_31: &'static [u8],
    by_1_33: &'static [u8],
    by_1_35: &'static [u8],
}

macro_rules! recorded {
    ($name:literal) => {
        Recorded {
            by_1_31: recorded!("1.31/", $name),
            by_1_33: recorded!("1.33/", $name),
            by_1_35: recorded!("1.35/", $name),
        }
    };
    ($version:literal, $name:literal) => {
        include_bytes!(concat!(
            "../../../../../tests/histories/recorded/",
            $version,
            $name,
            ".binpb"
        ))
    };
}

fn check(recorded: &Recorded, phases: Phases) {
    check_with_signals(recorded, phases, &[]);
}

fn check_with_signals(recorded: &Recorded, phases: Phases, on_signal: Thread) {
    let mut heard = Vec::new();
    for encoded in [recorded.by_1_31, recorded.by_1_33, recorded.by_1_35] {
        let events = History::decode(encoded).expect("it was recorded").events;
        for sizes in [vec![usize::MAX], vec![1], vec![4, 7]] {
            let (code, log) = threads(phases, on_signal);
            replay(&settings(), &events, code, &sizes);
            heard = log.take();
        }
    }
    let (code, log) = threads(phases, on_signal);
    let events = History::decode(recorded.by_1_35)
        .expect("it was recorded")
        .events;
    play_live(&events, code);
    assert_eq!(log.take(), heard, "live as in replay");
}

/// Plays each task as if it were happening now. Outcomes are those that history tells.
fn play_live(events: &[HistoryEvent], mut code: WorkflowCode) {
    let mut run = Run::new(settings());
    let mut previous = 0;
    for (index, event) in events.iter().enumerate() {
        if event.event_type() != EventType::WorkflowTaskCompleted {
            continue;
        }
        let mut outcomes = LocalOutcomes::of_task(&events[index..]);
        let mut give = |run: &mut Run, input| drive(run, &mut code, events, &[100], input);
        if previous > 0
            && let Some(early) = outcomes.next_before_task()
        {
            give(&mut run, early);
        }
        let task = task(events, index, previous);
        let mut driven = give(&mut run, RunInput::TaskReceived(task));
        while driven.answers.is_empty() {
            assert_eq!(run.snapshot().waiting_for, WaitingFor::LocalActivities);
            let heartbeat = RunInput::HeartbeatDue { task: index as i64 };
            let input = outcomes.next().unwrap_or(heartbeat);
            driven = give(&mut run, input);
        }
        let [TaskAnswer::Complete(completion)] = driven.answers.as_slice() else {
            panic!("the task of event {}: {driven:?}", index + 1)
        };
        compare(completion, &events[index + 1..]);
        give(
            &mut run,
            RunInput::Responded(ResponseOutcome::Accepted {
                new_task: None,
                reset_history_event_id: 0,
            }),
        );
        previous = index as i64;
    }
}

/// The task that `events[completed]` completes.
fn task(events: &[HistoryEvent], completed: usize, previous: i64) -> Box<WorkflowTask> {
    let mut history = HistoryBuilder::new("Recorded");
    history.events = events[..completed].to_vec();
    history.started_event_id = completed as i64;
    history.previous_started_event_id = previous;
    Box::new(history.sticky_task())
}

/// Each command has caused the event in its place; a marker says the same, byte for byte.
fn compare(completion: &TaskCompletion, events: &[HistoryEvent]) {
    use crate::protos::command::v1::command::Attributes as Issued;
    let caused: Vec<&HistoryEvent> = events
        .iter()
        .take_while(|event| {
            !matches!(
                event.event_type(),
                EventType::WorkflowTaskScheduled | EventType::WorkflowTaskStarted
            )
        })
        .filter(|event| super::super::super::comes_from_a_command(event.event_type()))
        .collect();
    assert_eq!(completion.commands.len(), caused.len(), "{caused:?}");
    for (command, event) in completion.commands.iter().zip(caused) {
        let (
            Some(Issued::RecordMarkerCommandAttributes(ours)),
            Some(Attributes::MarkerRecordedEventAttributes(theirs)),
        ) = (&command.attributes, &event.attributes)
        else {
            continue;
        };
        assert_eq!(ours.marker_name, theirs.marker_name);
        assert_eq!(ours.failure, theirs.failure);
        assert_eq!(ours.details, theirs.details, "event {}", event.event_id);
    }
}

#[test]
fn sequential() {
    check(
        &recorded!("local_sequential"),
        &[&[&[ECHO, ECHO, ECHO, TIMER, ECHO, REMOTE]]],
    );
}

/// Compatibility, local activities: in replay, markers form a queue in history order.
#[test]
fn gathered() {
    check(
        &recorded!("local_gathered"),
        &[
            &[&[LATER], &[LATER], &[LATER]],
            &[&[ECHO], &[TIMER], &[LATER]],
        ],
    );
}

/// Compatibility, local activities: markers stand before the commands issued in reaction.
#[test]
fn reactions() {
    check(
        &recorded!("local_reactions"),
        &[&[
            &[LATER, REMOTE, LATER],
            &[LATER, REMOTE, LATER],
            &[LATER, REMOTE, LATER],
        ]],
    );
}

#[test]
fn beside_others() {
    check(
        &recorded!("local_beside_others"),
        &[&[&[LATER], &[REMOTE], &[ECHO], &[TIMER]]],
    );
}

#[test]
fn retries() {
    check(
        &recorded!("local_retries"),
        &[&[&[Step::Local("succeed_at")]]],
    );
}

/// Compatibility, local activities: backoff past the threshold is a timer and a new schedule.
#[test]
fn backoff_by_timers() {
    check(
        &recorded!("local_backoff_timer"),
        &[
            &[&[Step::Local("succeed_at")], &[TIMER, REMOTE, TIMER]],
            &[&[ECHO]],
        ],
    );
}

#[test]
fn fails() {
    check(
        &recorded!("local_fails"),
        &[&[
            &[Step::Local("refuse")],
            &[Step::Local("succeed_at")],
            &[Step::Local("silent")],
            &[Step::Local("silent")],
        ]],
    );
}

const LONG: Phases = &[&[&[LATER], &[LATER], &[TIMER]], &[&[ECHO]]];

/// Compatibility, local activities: the task heartbeats while local activities run.
#[test]
fn longer_than_the_task() {
    check(&recorded!("local_activity_longer_than_its_task"), LONG);
}

#[test]
fn signals_meanwhile() {
    check_with_signals(
        &recorded!("signals_during_a_long_local_activity"),
        LONG,
        &[ECHO],
    );
}
