//! Workflow code as threads of steps: each goes on when its step is done. A phase ends when all of its
//! threads have; signals start threads that nobody waits for.

use std::{cell::RefCell, collections::HashMap, rc::Rc, time::Duration};

use crate::workflow::{
    Activation, ActivityResolution, Command, LocalActivityBackoff, ScheduleActivity,
    ScheduleLocalActivity, activation::Job, testing::WorkflowCode,
};

#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// With the type's name.
    Local(&'static str),
    Remote(&'static str),
    Timer,
}

pub(super) type Thread = &'static [Step];
pub(super) type Phases = &'static [&'static [Thread]];

/// What a step waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Awaited {
    Activity(u32),
    Timer(u32),
}

struct Threads {
    phases: Phases,
    on_signal: Thread,
    phase: usize,
    /// Threads of the phase that have not ended.
    open: usize,
    waiting: HashMap<Awaited, (Thread, bool)>,
    backing_off: HashMap<u32, (u32, &'static str, LocalActivityBackoff)>,
    kinds: HashMap<u32, &'static str>,
    activities: u32,
    timers: u32,
    commands: Vec<Command>,
    heard: Rc<RefCell<Vec<String>>>,
}

/// The code, and what it hears.
pub(super) fn threads(phases: Phases, on_signal: Thread) -> (WorkflowCode, super::Log) {
    let heard = super::Log::default();
    let mut state = Threads {
        phases,
        on_signal,
        phase: 0,
        open: 0,
        waiting: HashMap::new(),
        backing_off: HashMap::new(),
        kinds: HashMap::new(),
        activities: 0,
        timers: 0,
        commands: Vec::new(),
        heard: heard.clone(),
    };
    let code = Box::new(move |activation: &Activation| state.work(activation));
    (code, heard)
}

impl Threads {
    fn work(&mut self, activation: &Activation) -> Vec<Command> {
        let mut begins = false;
        for job in &activation.jobs {
            match job {
                Job::Initialize(_) => begins = true,
                Job::SignalWorkflow { .. } => self.advance(self.on_signal, false),
                Job::FireTimer { sequence } => self.timer_fired(*sequence),
                Job::ResolveActivity {
                    sequence,
                    resolution,
                    ..
                } => self.activity_ended(*sequence, resolution),
                Job::QueryWorkflow { query_id, .. } => {
                    self.commands.push(Command::RespondToQuery {
                        query_id: query_id.clone(),
                        result: Ok(None),
                    });
                }
                _ => {}
            }
        }
        if begins {
            self.begin_phase();
        }
        while self.open == 0 && self.phase < self.phases.len() {
            self.phase += 1;
            self.begin_phase();
        }
        std::mem::take(&mut self.commands)
    }

    fn begin_phase(&mut self) {
        let Some(threads) = self.phases.get(self.phase) else {
            self.commands
                .push(Command::CompleteWorkflow { result: None });
            return;
        };
        self.open = threads.len();
        for thread in *threads {
            self.advance(thread, true);
        }
    }

    fn advance(&mut self, thread: Thread, counts: bool) {
        let Some((step, rest)) = thread.split_first() else {
            self.open -= usize::from(counts);
            return;
        };
        let awaited = match step {
            Step::Local(kind) => {
                self.activities += 1;
                self.local(self.activities, kind, None);
                Awaited::Activity(self.activities)
            }
            Step::Remote(kind) => {
                self.activities += 1;
                let schedule = ScheduleActivity {
                    sequence: self.activities,
                    activity_type: (*kind).into(),
                    ..ScheduleActivity::default()
                };
                let command = Command::ScheduleActivity(Box::new(schedule));
                self.commands.push(command);
                Awaited::Activity(self.activities)
            }
            Step::Timer => {
                self.timer();
                Awaited::Timer(self.timers)
            }
        };
        self.waiting.insert(awaited, (rest, counts));
    }

    fn timer(&mut self) {
        self.timers += 1;
        self.commands.push(Command::StartTimer {
            sequence: self.timers,
            duration: Duration::from_secs(1),
            user_metadata: None,
        });
    }

    fn local(&mut self, sequence: u32, kind: &'static str, backoff: Option<LocalActivityBackoff>) {
        self.kinds.insert(sequence, kind);
        let schedule = ScheduleLocalActivity {
            sequence,
            activity_type: kind.into(),
            attempt: backoff.as_ref().map_or(1, |backoff| backoff.attempt),
            original_schedule_time: backoff.and_then(|backoff| backoff.original_schedule_time),
            ..ScheduleLocalActivity::default()
        };
        let command = Command::ScheduleLocalActivity(Box::new(schedule));
        self.commands.push(command);
    }

    fn timer_fired(&mut self, timer: u32) {
        if let Some((sequence, kind, backoff)) = self.backing_off.remove(&timer) {
            return self.local(sequence, kind, Some(backoff));
        }
        self.go_on(Awaited::Timer(timer));
    }

    fn activity_ended(&mut self, sequence: u32, resolution: &ActivityResolution) {
        let what = match resolution {
            ActivityResolution::Completed(_) => "completed".to_owned(),
            ActivityResolution::Failed(failure) | ActivityResolution::Cancelled(failure) => {
                failure.message.clone()
            }
            ActivityResolution::Backoff(backoff) => {
                let thread = self.waiting.remove(&Awaited::Activity(sequence));
                // The next number is taken at once, before the timer.
                self.activities += 1;
                let next = self.activities;
                self.waiting
                    .extend(thread.map(|thread| (Awaited::Activity(next), thread)));
                self.timer();
                let kind = self.kinds[&sequence];
                self.backing_off
                    .insert(self.timers, (next, kind, backoff.clone()));
                format!("backs off to {}", backoff.attempt)
            }
        };
        self.heard.borrow_mut().push(format!("{sequence} {what}"));
        if !matches!(resolution, ActivityResolution::Backoff(_)) {
            self.go_on(Awaited::Activity(sequence));
        }
    }

    fn go_on(&mut self, awaited: Awaited) {
        if let Some((rest, counts)) = self.waiting.remove(&awaited) {
            self.advance(rest, counts);
        }
    }
}
