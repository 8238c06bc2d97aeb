//! What should happen, thing by thing, with no queue, no tickets and no maps.

use crate::workflow::{ActivityCancellationType, ChildWorkflowCancellationType};

use super::bench::Event;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Timer,
    Activity(ActivityCancellationType),
    Child(ChildWorkflowCancellationType),
    Signal,
    Cancel,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Timer => "timer",
            Self::Activity(_) => "activity",
            Self::Child(_) => "child",
            Self::Signal => "signal",
            Self::Cancel => "cancel",
        }
    }

    fn command(self) -> &'static str {
        match self {
            Self::Timer => "START_TIMER",
            Self::Activity(_) => "SCHEDULE_ACTIVITY_TASK",
            Self::Child(_) => "START_CHILD_WORKFLOW_EXECUTION",
            Self::Signal => "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION",
            Self::Cancel => CANCEL,
        }
    }
}

const CANCEL: &str = "REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION";

/// How far history has come with a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// History does not have it yet.
    New,
    Begun,
    /// Children alone.
    Started,
    Over,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Thing {
    kind: Kind,
    number: u32,
    phase: Phase,
    /// Workflow code has heard all that it will hear.
    settled: bool,
    /// An activity is asked to cancel once only.
    asked: bool,
    initiated_event_id: i64,
}

/// A command that is still to be sent: of which thing, and what.
type Unsent = (usize, &'static str);

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) things: Vec<Thing>,
    unsent: Vec<Unsent>,
}

impl Model {
    pub(super) fn begin(&mut self, kind: Kind) -> u32 {
        let like_it = |thing: &&Thing| thing.kind.name() == kind.name();
        let number = self.things.iter().filter(like_it).count() as u32 + 1;
        self.unsent.push((self.things.len(), kind.command()));
        self.things.push(Thing {
            kind,
            number,
            phase: Phase::New,
            settled: false,
            asked: false,
            initiated_event_id: 0,
        });
        number
    }

    pub(super) fn name(&self, index: usize) -> (Kind, u32) {
        (self.things[index].kind, self.things[index].number)
    }

    /// What workflow code hears when it cancels the thing.
    pub(super) fn cancel(&mut self, index: usize) -> Vec<String> {
        let thing = &mut self.things[index];
        if thing.settled || thing.kind == Kind::Cancel {
            return Vec::new();
        }
        if thing.phase == Phase::New {
            thing.settled = true;
            thing.phase = Phase::Over;
            self.unsent.retain(|(of, _)| *of != index);
            return match self.things[index].kind {
                Kind::Timer => Vec::new(),
                Kind::Child(_) => self.told(index, "not started"),
                Kind::Signal => self.told(index, "failed"),
                _ => self.told(index, "cancelled"),
            };
        }
        let (asks, resolves) = match thing.kind {
            Kind::Timer => (Some("CANCEL_TIMER"), false),
            Kind::Activity(how) => (
                (how != ActivityCancellationType::Abandon && !thing.asked)
                    .then_some("REQUEST_CANCEL_ACTIVITY_TASK"),
                how != ActivityCancellationType::WaitCancellationCompleted,
            ),
            Kind::Child(how) => (
                (how != ChildWorkflowCancellationType::Abandon).then_some(CANCEL),
                matches!(
                    how,
                    ChildWorkflowCancellationType::Abandon
                        | ChildWorkflowCancellationType::TryCancel
                ),
            ),
            Kind::Signal | Kind::Cancel => (None, false),
        };
        thing.asked = true;
        thing.settled = resolves || thing.kind == Kind::Timer;
        self.unsent.extend(asks.map(|command| (index, command)));
        if resolves {
            self.told(index, "cancelled")
        } else {
            Vec::new()
        }
    }

    /// The things to which something may happen.
    pub(super) fn open(&self) -> Vec<usize> {
        let open = |thing: &Thing| matches!(thing.phase, Phase::Begun | Phase::Started);
        (0..self.things.len())
            .filter(|index| open(&self.things[*index]))
            .collect()
    }

    /// Lets something happen to the thing; says what workflow code hears of it.
    pub(super) fn happen(&mut self, index: usize, way: u8) -> (Event, Vec<String>) {
        let thing = self.things[index];
        let started = thing.phase == Phase::Started;
        let (what, told, next) = match thing.kind {
            Kind::Timer => ("fires", "fired", Phase::Over),
            Kind::Child(_) if !started => match way % 3 {
                0 => ("does not start", "not started", Phase::Over),
                _ => ("starts", "started", Phase::Started),
            },
            Kind::Child(_) => match way % 5 {
                0 => ("completes", "completed", Phase::Over),
                1 => ("fails", "failed", Phase::Over),
                2 => ("times out", "failed", Phase::Over),
                3 => ("is cancelled", "cancelled", Phase::Over),
                _ => ("is terminated", "failed", Phase::Over),
            },
            Kind::Activity(_) => match way % 4 {
                0 => ("completes", "completed", Phase::Over),
                1 => ("fails", "failed", Phase::Over),
                2 => ("times out", "failed", Phase::Over),
                _ => ("is cancelled", "cancelled", Phase::Over),
            },
            Kind::Signal | Kind::Cancel => match way % 2 {
                0 => ("completes", "completed", Phase::Over),
                _ => ("fails", "failed", Phase::Over),
            },
        };
        let event = Event {
            kind: thing.kind,
            number: thing.number,
            what,
            initiated_event_id: thing.initiated_event_id,
        };
        let jobs = if thing.settled {
            Vec::new()
        } else {
            self.told(index, told)
        };
        self.things[index].phase = next;
        self.things[index].settled |= next == Phase::Over;
        (event, jobs)
    }

    /// The commands were sent; history has them as these events.
    pub(super) fn end_task(&mut self, sent: &[(&'static str, i64)]) {
        let expected: Vec<&str> = self.unsent.iter().map(|(_, command)| *command).collect();
        let commands: Vec<&str> = sent.iter().map(|(command, _)| *command).collect();
        assert_eq!(commands, expected);
        for ((index, command), (_, event_id)) in self.unsent.drain(..).zip(sent) {
            let thing = &mut self.things[index];
            if thing.phase == Phase::New {
                thing.phase = Phase::Begun;
                thing.initiated_event_id = *event_id;
            } else if command == "CANCEL_TIMER" {
                thing.phase = Phase::Over;
            }
        }
    }

    fn told(&self, index: usize, what: &str) -> Vec<String> {
        let thing = &self.things[index];
        vec![format!("{} {} {what}", thing.kind.name(), thing.number)]
    }
}
