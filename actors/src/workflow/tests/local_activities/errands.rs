//! Workflow code that does what signals and the results of its local activities say.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

use prost_types::Timestamp;

use crate::workflow::{
    Activation, ActivityCancellationType, ActivityResolution, Command, LocalActivityBackoff,
    ScheduleActivity, ScheduleLocalActivity, activation::Job, testing::WorkflowCode,
};

/// What workflow code has heard, in order.
pub(super) type Log = Rc<RefCell<Vec<String>>>;

#[derive(Default)]
struct Errands {
    log: Log,
    activities: u32,
    timers: u32,
    open: Vec<u32>,
    /// Local activities that wait for a timer, by its number.
    backing_off: BTreeMap<u32, LocalActivityBackoff>,
}

/// The code, and where it logs.
pub(super) fn errands() -> (WorkflowCode, Log) {
    let log = Log::default();
    let mut state = Errands {
        log: log.clone(),
        ..Errands::default()
    };
    let code = Box::new(move |activation: &Activation| {
        let mut commands = Vec::new();
        for job in &activation.jobs {
            state.run(job, activation.timestamp, &mut commands);
        }
        commands
    });
    (code, log)
}

impl Errands {
    fn run(&mut self, job: &Job, now: Option<Timestamp>, commands: &mut Vec<Command>) {
        match job {
            Job::SignalWorkflow { name, .. } => {
                self.note(&format!("signal {name}"));
                self.obey(name, commands);
            }
            Job::FireTimer { sequence } => {
                self.note(&format!("timer {sequence}"));
                if let Some(backoff) = self.backing_off.remove(sequence) {
                    commands.push(self.local(ActivityCancellationType::TryCancel, Some(backoff)));
                }
            }
            Job::ResolveActivity {
                sequence,
                resolution,
                is_local,
            } => {
                assert!(is_local, "no remote activity ends here");
                self.open.retain(|open| open != sequence);
                self.hear(*sequence, resolution, now, commands);
            }
            Job::QueryWorkflow { query_id, .. } => commands.push(Command::RespondToQuery {
                query_id: query_id.clone(),
                result: Ok(None),
            }),
            _ => {}
        }
    }

    fn hear(
        &mut self,
        sequence: u32,
        resolution: &ActivityResolution,
        now: Option<Timestamp>,
        commands: &mut Vec<Command>,
    ) {
        match resolution {
            ActivityResolution::Completed(told) => {
                let told = told.as_ref().map_or("", |payload| {
                    std::str::from_utf8(&payload.data).expect("a test wrote it")
                });
                self.note(&format!("{sequence} says {told}"));
                for order in told.split(',') {
                    if order == "now" {
                        self.note(&format!("it is {:?}", now.expect("time has begun")));
                    }
                    self.obey(order, commands);
                }
            }
            ActivityResolution::Failed(failure) => {
                self.note(&format!("{sequence} failed: {}", failure.message));
            }
            ActivityResolution::Cancelled(failure) => {
                self.note(&format!("{sequence} cancelled: {}", failure.message));
            }
            ActivityResolution::Backoff(backoff) => {
                self.note(&format!("{sequence} backs off: {}", backoff.attempt));
                let timer = self.timer();
                self.backing_off.insert(self.timers, backoff.clone());
                commands.push(timer);
            }
        }
    }

    fn note(&mut self, what: &str) {
        self.log.borrow_mut().push(what.to_owned());
    }

    fn obey(&mut self, order: &str, commands: &mut Vec<Command>) {
        use ActivityCancellationType as How;
        match order {
            "local" => commands.push(self.local(How::TryCancel, None)),
            "local wait" => commands.push(self.local(How::WaitCancellationCompleted, None)),
            "local abandon" => commands.push(self.local(How::Abandon, None)),
            "remote" => {
                self.activities += 1;
                commands.push(Command::ScheduleActivity(Box::new(ScheduleActivity {
                    sequence: self.activities,
                    activity_type: "work".into(),
                    ..ScheduleActivity::default()
                })));
            }
            "timer" => commands.push(self.timer()),
            "cancel" => {
                if let Some(sequence) = self.open.first().copied() {
                    commands.push(Command::RequestCancelLocalActivity { sequence });
                }
            }
            "cancel last" => {
                if let Some(sequence) = self.open.last().copied() {
                    commands.push(Command::RequestCancelLocalActivity { sequence });
                }
            }
            "finish" => commands.push(Command::CompleteWorkflow { result: None }),
            _ => {}
        }
    }

    fn timer(&mut self) -> Command {
        self.timers += 1;
        Command::StartTimer {
            sequence: self.timers,
            duration: Duration::from_secs(1),
            user_metadata: None,
        }
    }

    fn local(
        &mut self,
        cancellation_type: ActivityCancellationType,
        backoff: Option<LocalActivityBackoff>,
    ) -> Command {
        self.activities += 1;
        self.open.push(self.activities);
        Command::ScheduleLocalActivity(Box::new(ScheduleLocalActivity {
            sequence: self.activities,
            activity_type: "errand".into(),
            attempt: backoff.as_ref().map_or(0, |backoff| backoff.attempt),
            original_schedule_time: backoff.and_then(|backoff| backoff.original_schedule_time),
            start_to_close_timeout: Some(Duration::from_secs(60)),
            cancellation_type,
            ..ScheduleLocalActivity::default()
        }))
    }
}
