//! What a worker promises of signals, updates and queries, in random runs; and of runs that are over.

use proptest::prelude::*;

use super::{
    properties::{as_steps, steps},
    *,
};
use crate::protos::{
    enums::v1::EventType,
    history::v1::{
        WorkflowExecutionTimedOutEventAttributes,
        history_event::Attributes::{
            self, WorkflowExecutionSignaledEventAttributes as Signaled,
            WorkflowExecutionUpdateAcceptedEventAttributes as Accepted,
        },
    },
};

/// The words after `what` in the log, in order.
fn logged<'a>(log: &'a str, what: &str) -> Vec<&'a str> {
    happened(log)
        .into_iter()
        .filter_map(|line| line.strip_prefix(what)?.strip_prefix(' '))
        .collect()
}

fn attributes(played: &Played) -> impl Iterator<Item = &Attributes> {
    played
        .events
        .iter()
        .filter_map(|event| event.attributes.as_ref())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    /// Promise 27: signals arrive exactly once, in history order. Failed tasks do not repeat them.
    #[test]
    fn signals_arrive_once_and_in_order(plan in steps()) {
        let played = play(&as_steps(&plan), &Play::Cold(vec![2]));
        let sent: Vec<&str> = attributes(&played)
            .filter_map(|attributes| match attributes {
                Signaled(signal) => Some(signal.signal_name.as_str()),
                _ => None,
            })
            .collect();
        // What became of the signals to others is logged with their numbers.
        let mut got = logged(&played.log, "signal");
        got.retain(|name| !name.starts_with(char::is_numeric));
        prop_assert_eq!(got, sent);
    }

    /// Promise 28: a validator runs once, live only, and a rejection leaves no trace. The model: of
    /// what was asked for, all but the refused is accepted once, in the order of the requests. (The
    /// code here panics if a refused update comes back in replay.)
    #[test]
    fn updates_are_what_was_asked_less_what_was_refused(plan in steps()) {
        let steps = as_steps(&plan);
        let played = play(&steps, &Play::Cold(vec![3]));
        let expected: Vec<&(String, String)> = steps
            .iter()
            .flat_map(|step| &step.updates)
            .filter(|(_, name)| name != "refuse")
            .collect();
        let accepted: Vec<&str> = attributes(&played)
            .filter_map(|attributes| match attributes {
                Accepted(accepted) => Some(accepted.protocol_instance_id.as_str()),
                _ => None,
            })
            .collect();
        let ids: Vec<&str> = expected.iter().map(|(id, _)| id.as_str()).collect();
        prop_assert_eq!(accepted, ids);
        let seen: Vec<String> = expected.iter().map(|(id, name)| format!("{id} {name}")).collect();
        prop_assert_eq!(logged(&played.log, "update"), seen);
    }

    /// Promise 29: queries change no command, no flag and no state, whenever they are asked.
    #[test]
    fn queries_change_nothing(plan in steps()) {
        let steps = as_steps(&plan);
        let undisturbed = play(&steps, &Play::Warm);
        let asked = play_asking(&steps, &Play::Warm, true);
        prop_assert_eq!(asked, undisturbed);
    }
}

/// Promise 21: whatever the end of a history is, it replays without an error.
#[test]
fn every_end_replays() {
    for told in ["finish", "fail", "give up", "continue"] {
        let mut history = HistoryBuilder::new("Obedient");
        history.signal("timer");
        let mut player = warm_player();
        history.start_task();
        let completion = player.take_task(&mut history, &signals(&[]));
        history.complete(&completion);
        player.accepted(&history, 0);
        match told {
            "give up" => history.request_cancel("enough"),
            _ => history.signal(told),
        };
        history.start_task();
        let completion = player.take_task(&mut history, &signals(&[]));
        assert_eq!(completion.commands.len(), 1, "{told}");
        history.complete(&completion);
        let log = warm_player().ask(&history);
        assert_eq!(happened(&log)[1], "signal timer", "{told}");
    }
    for close in [
        EventType::WorkflowExecutionTerminated,
        EventType::WorkflowExecutionTimedOut,
    ] {
        let mut history = HistoryBuilder::new("Obedient");
        history.signal("timer");
        history.run_task();
        history.start_timer("1");
        if close == EventType::WorkflowExecutionTerminated {
            history.terminate();
        } else {
            let attributes = WorkflowExecutionTimedOutEventAttributes::default();
            history.add(
                close,
                Attributes::WorkflowExecutionTimedOutEventAttributes(Box::new(attributes)),
            );
        }
        let log = warm_player().ask(&history);
        assert_eq!(happened(&log)[1..], ["signal timer"]);
    }
}

fn warm_player() -> Player {
    Player {
        how: Play::Warm,
        run: Run::new(settings()),
        code: obedient(),
    }
}
