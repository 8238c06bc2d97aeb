//! Whatever happens in whatever order: cold with any page cut is the same as warm, and no input
//! from the wire makes the run panic.

use proptest::prelude::*;

use super::*;
use crate::{
    protos::enums::v1::{
        CancelExternalWorkflowExecutionFailedCause, SignalExternalWorkflowExecutionFailedCause,
        StartChildWorkflowExecutionFailedCause, TimeoutType, WorkflowTaskFailedCause,
    },
    workflow::testing::json_payload,
};

const TOLD: [&str; 23] = [
    "nothing",
    "timer",
    "activity try",
    "activity wait",
    "activity abandon",
    "cancel timer",
    "cancel activity",
    "timer and cancel",
    "activity and cancel",
    "answer updates",
    "child wait",
    "child requested",
    "child try",
    "child abandon",
    "cancel child",
    "child and cancel",
    "signal other",
    "signal child",
    "take signal back",
    "signal other and take it back",
    "cancel other",
    "upsert A=1 B=",
    "remember",
];

/// Something that happens between tasks.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    Told(usize),
    TimerFires,
    ActivityEnds(u8),
    ChildGoesOn(u8),
    RequestIsAnswered(bool),
    TaskFails,
    Reset,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => (0..TOLD.len()).prop_map(Happening::Told),
        2 => Just(Happening::TimerFires),
        2 => (0..4u8).prop_map(Happening::ActivityEnds),
        3 => (0..8u8).prop_map(Happening::ChildGoesOn),
        2 => any::<bool>().prop_map(Happening::RequestIsAnswered),
        1 => Just(Happening::TaskFails),
        1 => Just(Happening::Reset),
    ]
}

fn happen(happening: &Happening, history: &mut HistoryBuilder) {
    match happening {
        Happening::Told(index) => {
            // Workflow code can cancel only what it has begun.
            history.signal(TOLD[*index]);
        }
        Happening::TimerFires => {
            if let Some(id) = history.open_timers.keys().next().cloned() {
                history.fire_timer(&id);
            }
        }
        Happening::ActivityEnds(how) => {
            if let Some(id) = history.open_activities.keys().next().cloned() {
                match how {
                    0 => history.complete_activity(&id, json_payload("0")),
                    1 => history.fail_activity(&id, "broken"),
                    2 => history.time_activity_out(&id, TimeoutType::StartToClose),
                    _ => history.cancel_activity(&id),
                };
            }
        }
        Happening::ChildGoesOn(how) => child_goes_on(*how, history),
        Happening::RequestIsAnswered(well) => request_is_answered(*well, history),
        Happening::TaskFails => {
            history.signal("nothing");
            history.start_task();
            history.fail_task(WorkflowTaskFailedCause::UnhandledCommand);
        }
        Happening::Reset => {
            history.signal("nothing");
            history.start_task();
            history.fail_task(WorkflowTaskFailedCause::ResetWorkflow);
        }
    }
}

fn child_goes_on(how: u8, history: &mut HistoryBuilder) {
    let Some((id, child)) = history.open_children.first_key_value() else {
        return;
    };
    let (id, has_started) = (id.clone(), child.started_event_id > 0);
    match how {
        0 if !has_started => history.fail_child_start(
            &id,
            StartChildWorkflowExecutionFailedCause::WorkflowAlreadyExists,
        ),
        _ if !has_started => history.start_child(&id),
        0 | 1 => history.complete_child(&id, json_payload("0")),
        2 => history.fail_child(&id, "broken"),
        3 => history.time_child_out(&id),
        4 => history.terminate_child(&id),
        _ => history.cancel_child(&id),
    };
}

fn request_is_answered(well: bool, history: &mut HistoryBuilder) {
    let signal = history.open_signals.first().copied();
    let cancel = history.open_cancels.first().copied();
    match (signal, cancel, well) {
        (Some(signal), _, true) => {
            history.deliver_signal(signal);
        }
        (Some(signal), _, false) => {
            history.fail_signal(
                signal,
                SignalExternalWorkflowExecutionFailedCause::NamespaceNotFound,
            );
        }
        (None, Some(cancel), true) => {
            history.deliver_cancel(cancel);
        }
        (None, Some(cancel), false) => {
            history.fail_cancel(
                cancel,
                CancelExternalWorkflowExecutionFailedCause::NamespaceNotFound,
            );
        }
        (None, None, _) => {}
    }
}

pub(super) fn steps() -> impl Strategy<Value = Vec<(Vec<Happening>, Vec<u8>)>> {
    let step = (
        prop::collection::vec(happening(), 0..4),
        prop::collection::vec(0..4u8, 0..3),
    );
    prop::collection::vec(step, 1..10)
}

pub(super) fn as_steps(plan: &[(Vec<Happening>, Vec<u8>)]) -> Vec<Step> {
    let first = signals(&["timer", "activity try", "child", "signal other"]);
    let rest = plan
        .iter()
        .enumerate()
        .map(|(index, (happenings, updates))| {
            let happenings = happenings.clone();
            let has_no_update = updates.is_empty();
            Step {
                before: Box::new(move |history| {
                    let events_before = history.events.len();
                    for happening in &happenings {
                        happen(happening, history);
                    }
                    // No task begins without a reason. One that did would look like a heartbeat.
                    if has_no_update && history.events.len() == events_before {
                        history.signal("nothing");
                    }
                }),
                updates: updates
                    .iter()
                    .enumerate()
                    .map(|(number, how)| {
                        let name = ["answer", "later", "timer", "refuse"][usize::from(*how)];
                        (format!("u{index}-{number}"), name.to_owned())
                    })
                    .collect(),
            }
        });
    std::iter::once(first).chain(rest).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    /// Promises 17, 18 and 19: cold or warm, and for any cut of the history, the commands and the state
    /// are the same after each task.
    #[test]
    fn cold_is_the_same_as_warm(
        plan in steps(),
        cold in prop::collection::vec(1..8usize, 1..6),
        missed in prop::collection::vec(1..8usize, 1..6),
    ) {
        let steps = as_steps(&plan);
        let warm = play(&steps, &Play::Warm);
        prop_assert_eq!(&play(&steps, &Play::Cold(cold)), &warm);
        prop_assert_eq!(&play(&steps, &Play::Missed(missed)), &warm);
    }

    #[test]
    fn a_mangled_history_never_panics(
        plan in steps(),
        mangle in prop::collection::vec((any::<prop::sample::Index>(), 0..6u8, any::<i16>()), 1..6),
        previous in -2..40i64,
        started in -2..40i64,
    ) {
        let mut history = HistoryBuilder::new("Obedient");
        history.events = play(&as_steps(&plan), &Play::Warm).events;
        history.start_task();
        for (index, how, number) in mangle {
            if history.events.is_empty() {
                break;
            }
            let index = index.index(history.events.len());
            match how {
                0 => {
                    history.events.remove(index);
                    for (position, event) in history.events.iter_mut().enumerate() {
                        event.event_id = position as i64 + 1;
                    }
                }
                1 => history.events[index].event_id = i64::from(number),
                2 => history.events[index].event_type = i32::from(number) % 70,
                3 => history.events[index].attributes = None,
                4 => {
                    let other = history.events[0].attributes.clone();
                    history.events[index].attributes = other;
                }
                _ => history.events.swap(0, index),
            }
        }
        history.started_event_id = history.started_event_id.min(started.max(1));
        let mut task = history.task();
        task.previous_started_event_id = previous;
        task.started_event_id = started;
        let mut run = Run::new(settings());
        // Wrong code may be told anything but to panic.
        let mut code: WorkflowCode = Box::new(|activation| {
            activation.jobs.iter().filter_map(|job| match job {
                Job::QueryWorkflow { query_id, .. } => Some(Command::RespondToQuery {
                    query_id: query_id.clone(),
                    result: Ok(None),
                }),
                _ => None,
            }).collect()
        });
        let events = history.events.clone();
        let driven = drive(&mut run, &mut code, &events, &[5], RunInput::TaskReceived(Box::new(task)));
        prop_assert!(driven.answers.len() <= 1);
    }
}
