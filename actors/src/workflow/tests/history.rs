//! Where sequences end.

use proptest::prelude::*;

use super::HistoryBuilder;
use crate::{
    protos::{
        enums::v1::{EventType, WorkflowTaskFailedCause},
        history::v1::HistoryEvent,
    },
    workflow::{
        HistoryPage,
        history::{Applied, HistoryWindow, Next, TaskHistory},
    },
};

/// The ends of the sequences, with pages of every size.
fn check(history: &HistoryBuilder, expected: &[i64]) {
    for size in 1..=history.events.len() {
        let mut pages = history.events.chunks(size).map(<[_]>::to_vec);
        let mut page = || {
            let events = pages.next().unwrap_or_default();
            let more = pages.len() > 0;
            HistoryPage {
                events,
                next_page_token: if more { "more".into() } else { "".into() },
            }
        };
        let mut window = HistoryWindow::default();
        let first = page();
        window
            .begin(
                Applied::default(),
                TaskHistory {
                    events: first.events,
                    next_page_token: first.next_page_token,
                    started_event_id: 0,
                    previous_started_event_id: 0,
                    update_sequencing_id: None,
                },
            )
            .unwrap();
        let mut ends = Vec::new();
        loop {
            match window.next().unwrap() {
                Next::Page(_) => window.accept_page(page()).unwrap(),
                Next::Sequence { end, is_last } => {
                    assert_eq!(
                        is_last,
                        ends.len() + 1 == expected.len(),
                        "at {end}, size {size}"
                    );
                    while window.pop_up_to(end).is_some() {}
                    ends.push(end);
                }
                Next::Tail => while window.pop_up_to(i64::MAX).is_some() {},
                Next::Over => break,
            }
        }
        assert_eq!(ends, expected, "with pages of {size}");
    }
}

/// 1 started, 2–4 task, 5 timer, 6 fired, 7–9 task, 10 signal, 11–12 task in progress.
#[test]
fn each_completed_task_ends_a_sequence() {
    let mut history = HistoryBuilder::new("T");
    history.run_task();
    history.start_timer("1");
    history.fire_timer("1");
    history.run_task();
    history.signal("s");
    history.start_task();
    check(&history, &[3, 8, 12]);
}

/// Compatibility, task boundaries: started, then failed or timed out, ends no sequence.
/// 1 started, 2–3 task, 4 failed, 5–6 task, 7 timed out, 8–10 task, 11 timer.
#[test]
fn failed_and_timed_out_tasks_end_none() {
    let mut history = HistoryBuilder::new("T");
    history.start_task();
    history.fail_task(WorkflowTaskFailedCause::UnhandledCommand);
    history.start_task();
    history.time_task_out();
    history.run_task();
    history.start_timer("1");
    check(&history, &[9]);
}

/// Compatibility, task boundaries: completed, then scheduled, is a heartbeat and is merged.
/// 1 started, 2–4, 5–7, 8–10 tasks without a command, 11 timer.
#[test]
fn tasks_with_nothing_to_say_merge() {
    let mut history = HistoryBuilder::new("T");
    history.run_task();
    history.run_task();
    history.run_task();
    history.start_timer("1");
    check(&history, &[9]);
}

/// Compatibility, task boundaries: a command between two tasks keeps them apart.
/// 1 started, 2–4 task, 5 timer, 6 signal, 7–9 and 10–12 tasks
/// without a command, 13–15 the same after a timer.
#[test]
fn a_task_after_a_command_does_not_merge() {
    let mut history = HistoryBuilder::new("T");
    history.run_task();
    history.start_timer("1");
    history.signal("s");
    history.run_task();
    history.run_task();
    history.start_timer("2");
    history.run_task();
    history.run_task();
    check(&history, &[3, 8, 11, 15, 18]);
}

/// 1 started, 2–4 task, 5 signal, 6–8 and 9–11 tasks: a signal is no command.
/// Compatibility, task boundaries: completed, then scheduled, with no command between merges.
#[test]
fn a_task_after_a_signal_merges() {
    let mut history = HistoryBuilder::new("T");
    history.run_task();
    history.signal("s");
    history.run_task();
    history.run_task();
    history.start_timer("1");
    check(&history, &[3, 10]);
}

/// Compatibility, task boundaries: an accepted update ends the sequence at the last started event
/// before its sequencing id. 1 started, 2–4 task, 5–7 task, 8 accepted with the request after 5.
#[test]
fn an_accepted_update_splits_a_merge() {
    let mut history = HistoryBuilder::new("T");
    history.run_task();
    history.run_task();
    history.accept_update("u", 5, None);
    check(&history, &[3, 6]);
}

/// 1 started, 2–4, 5–7, 8–10 tasks, 11 accepted with the request after 8.
/// Compatibility, task boundaries: an accepted update ends the sequence before its sequencing id.
#[test]
fn only_the_last_of_a_merge_is_split_off() {
    let mut history = HistoryBuilder::new("T");
    history.run_task();
    history.run_task();
    history.run_task();
    history.start_timer("1");
    history.accept_update("u", 8, None);
    check(&history, &[6, 9]);
}

/// Compatibility, task boundaries: started, then an abrupt close, ends no sequence.
/// 1 started, 2–4 task, 5 signal, 6–7 task, 8 terminated.
#[test]
fn a_task_cut_short_ends_none() {
    let mut history = HistoryBuilder::new("T");
    history.run_task();
    history.signal("s");
    history.start_task();
    history.terminate();
    check(&history, &[3]);
}

/// A piece of a history.
#[derive(Clone, Copy, Debug)]
enum Piece {
    Task,
    FailedTask,
    LateTask,
    Reset,
    Command,
    Signal,
    /// Accepted by the task before it, requested so many events earlier.
    Update(i64),
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        5 => Just(Piece::Task),
        1 => Just(Piece::FailedTask),
        1 => Just(Piece::LateTask),
        1 => Just(Piece::Reset),
        2 => Just(Piece::Command),
        2 => Just(Piece::Signal),
        2 => (0..12i64).prop_map(Piece::Update),
    ]
}

fn built(pieces: &[Piece], ends_in_task: bool) -> HistoryBuilder {
    let mut history = HistoryBuilder::new("T");
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Task => {
                history.run_task();
            }
            Piece::FailedTask => {
                history.start_task();
                history.fail_task(WorkflowTaskFailedCause::UnhandledCommand);
            }
            Piece::LateTask => {
                history.start_task();
                history.time_task_out();
            }
            Piece::Reset => {
                history.start_task();
                history.fail_task(WorkflowTaskFailedCause::ResetWorkflow);
            }
            Piece::Command => {
                history.start_timer("1");
            }
            Piece::Signal => {
                history.signal("s");
            }
            Piece::Update(earlier) => {
                let request = (history.last_event_id() - earlier).max(1);
                history.accept_update(&format!("u{index}"), request, None);
            }
        }
    }
    if ends_in_task {
        history.start_task();
    }
    history
}

/// The ends of the sequences of the history up to `started`, and all events in the order in which
/// they came out, with pages of these sizes.
fn sequences(events: &[HistoryEvent], started: i64, sizes: &[usize]) -> (Vec<i64>, Vec<i64>) {
    let mut rest = events;
    let mut sizes = sizes.iter().cycle();
    let mut page = || {
        let size = sizes
            .next()
            .map_or(rest.len(), |size| (*size).min(rest.len()));
        let (events, more) = rest.split_at(size);
        rest = more;
        HistoryPage {
            events: events.to_vec(),
            next_page_token: if more.is_empty() {
                "".into()
            } else {
                "more".into()
            },
        }
    };
    let first = page();
    let mut window = HistoryWindow::default();
    let task = TaskHistory {
        events: first.events,
        next_page_token: first.next_page_token,
        started_event_id: started,
        previous_started_event_id: 0,
        update_sequencing_id: None,
    };
    window.begin(Applied::default(), task).unwrap();
    let (mut ends, mut seen) = (Vec::new(), Vec::new());
    loop {
        let end = match window.next().unwrap() {
            Next::Page(_) => {
                window.accept_page(page()).unwrap();
                continue;
            }
            Next::Sequence { end, .. } => {
                ends.push(end);
                end
            }
            Next::Tail => i64::MAX,
            Next::Over => return (ends, seen),
        };
        seen.extend(std::iter::from_fn(|| window.pop_up_to(end)).map(|event| event.event_id));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    /// Promise 18: any cut of the history into pages gives the same sequences. Nothing is lost and
    /// nothing comes twice; each sequence ends with a started event; a task that failed ends none.
    #[test]
    fn pages_make_no_difference(
        pieces in prop::collection::vec(piece(), 1..25),
        ends_in_task: bool,
        sizes in prop::collection::vec(1..7usize, 1..6),
    ) {
        let history = built(&pieces, ends_in_task);
        let events = &history.events;
        let whole = sequences(events, 0, &[events.len()]);
        prop_assert_eq!(&sequences(events, 0, &sizes), &whole);
        let (ends, seen) = whole;
        prop_assert_eq!(seen, (1..=history.last_event_id()).collect::<Vec<_>>());
        prop_assert!(ends.is_sorted_by(|left, right| left < right));
        for end in ends {
            let at = usize::try_from(end).unwrap();
            prop_assert_eq!(events[at - 1].event_type(), EventType::WorkflowTaskStarted);
            let next = events.get(at).map(HistoryEvent::event_type);
            prop_assert!(matches!(next, None | Some(EventType::WorkflowTaskCompleted)));
        }
    }

    /// Promise 19: as each task of a history saw it. The task itself ends the last sequence, and what
    /// came later takes no sequence away that was complete with a command before it.
    #[test]
    fn every_task_prefix_ends_with_its_task(
        pieces in prop::collection::vec(piece(), 1..25),
        sizes in prop::collection::vec(1..7usize, 1..6),
    ) {
        let history = built(&pieces, true);
        for event in &history.events {
            if event.event_type() != EventType::WorkflowTaskStarted {
                continue;
            }
            let started = event.event_id;
            let prefix = &history.events[..usize::try_from(started).unwrap()];
            let (ends, seen) = sequences(prefix, started, &sizes);
            prop_assert_eq!(ends.last(), Some(&started));
            prop_assert_eq!(seen.last(), Some(&started));
            // The server may already hold more than the task knows.
            prop_assert_eq!(sequences(&history.events, started, &sizes).0, ends);
        }
    }
}
