//! Where sequences end.

use super::HistoryBuilder;
use crate::{
    protos::enums::v1::WorkflowTaskFailedCause,
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

/// Compatibility, task boundaries. 1 started, 2–4 task, 5 timer, 6 signal, 7–9 and 10–12 tasks
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

/// 1 started, 2–4 task, 5–7 task, 8 accepted with the request after 5.
#[test]
fn an_accepted_update_splits_a_merge() {
    let mut history = HistoryBuilder::new("T");
    history.run_task();
    history.run_task();
    history.accept_update("u", 5, None);
    check(&history, &[3, 6]);
}

/// 1 started, 2–4, 5–7, 8–10 tasks, 11 accepted with the request after 8.
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
