//! Whatever happens in whatever order: replay is as live was, and after an eviction only what was
//! not heard runs again.

use proptest::prelude::*;

use super::*;

const TOLD: [&str; 10] = [
    "local",
    "local wait",
    "local abandon",
    "timer",
    "cancel",
    "cancel last",
    "remote",
    "local,timer",
    "timer,cancel,timer",
    "local,local wait,cancel last",
];

#[derive(Clone, Debug)]
enum Happening {
    Signal(usize),
    /// The next task comes, if none is in progress.
    Task,
    /// One of those that run says something, fails, is cancelled, or backs off.
    Ends(prop::sample::Index, usize),
    Heartbeat,
    /// As above, but the task that it asks for comes late.
    LateHeartbeat,
    TimerFires,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => (0..TOLD.len()).prop_map(Happening::Signal),
        3 => Just(Happening::Task),
        6 => (any::<prop::sample::Index>(), 0..TOLD.len() + 3)
            .prop_map(|(which, how)| Happening::Ends(which, how)),
        2 => Just(Happening::Heartbeat),
        1 => Just(Happening::LateHeartbeat),
        1 => Just(Happening::TimerFires),
    ]
}

impl Play {
    fn is_waiting(&self) -> bool {
        self.snapshot().waiting_for == WaitingFor::LocalActivities
    }

    fn happen(&mut self, happening: &Happening) {
        match happening {
            // In replay, a task that had nothing to say is one with the next. If both have events,
            // workflow code hears them in another order: that is in the format, with local
            // activities and without.
            Happening::Signal(_) | Happening::TimerFires if self.is_scheduled() => {}
            Happening::Signal(told) if !self.is_waiting() => {
                for order in TOLD[*told].split(',') {
                    self.history.signal(order);
                }
            }
            Happening::TimerFires if !self.is_waiting() => {
                if let Some(id) = self.history.open_timers.keys().next().cloned() {
                    self.history.fire_timer(&id);
                }
            }
            Happening::Task if !self.is_waiting() => {
                if !self.is_scheduled() {
                    self.history.signal("nothing");
                }
                self.begin_task();
            }
            Happening::Heartbeat if self.is_waiting() => self.beat(),
            Happening::LateHeartbeat if self.is_waiting() => {
                self.is_late = true;
                self.beat();
                self.is_late = false;
            }
            Happening::Ends(which, how) if !self.running.is_empty() => {
                let running: Vec<u32> = self.running.keys().copied().collect();
                self.end_somehow(*which.get(&running), *how);
            }
            _ => {}
        }
    }

    fn end_somehow(&mut self, sequence: u32, how: usize) {
        let attempt = self.running[&sequence].attempt;
        let mut ended = LocalActivityEnded {
            attempt,
            ..ended(sequence)
        };
        match how.checked_sub(TOLD.len()) {
            None => ended.outcome = Ok(Some(json_payload(TOLD[how]))),
            Some(0) => ended.outcome = Err(failed("broken")),
            Some(1) => ended.outcome = Err(cancelled_failure("Cancelled")),
            Some(_) => {
                ended.outcome = Err(failed("not yet"));
                ended.backoff = Some(Duration::from_secs(100));
            }
        }
        self.end(ended);
    }

    /// A cold run that gets the task in progress starts just what workflow code has not heard of.
    fn check_eviction(&self) {
        let mut again = Play::new();
        again.history = self.history.clone();
        let task = Box::new(again.history.task());
        let input = RunInput::TaskReceived(task);
        let events = again.history.events.clone();
        let driven = drive(&mut again.run, &mut again.code, &events, &[100], input);
        let (heard, _) = self.marks.last().copied().unwrap_or_default();
        if heard == 0 || !driven.answers.is_empty() {
            return;
        }
        let started: Vec<u32> = driven
            .local_activities
            .iter()
            .map(|one| one.sequence)
            .collect();
        // Between the last completed task and now nothing was heard.
        let lines = self.marks.last().map_or(0, |(_, lines)| *lines);
        if self.log().len() == lines {
            let open: Vec<u32> = self.open_in_engine();
            assert_eq!(started, open);
        }
    }

    fn open_in_engine(&self) -> Vec<u32> {
        let abandoned = self.markers();
        self.running
            .keys()
            .copied()
            .filter(|sequence| {
                abandoned
                    .iter()
                    .all(|marker| marker["seq"].as_u64() != Some(u64::from(*sequence)))
            })
            .collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn replay_is_as_live_was(happenings in prop::collection::vec(happening(), 1..40)) {
        let mut play = Play::new();
        for happening in &happenings {
            play.happen(happening);
        }
        if play.is_waiting() {
            play.beat();
            play.check_eviction();
        }
        play.check();
    }
}
