//! Timers.
//!
//! | state | cancel | event | next state |
//! |---|---|---|---|
//! | issued | withdrawn, or closed without a trace if never queued | | gone |
//! | issued | | TimerStarted | running |
//! | running | `CancelTimer` | | cancelling |
//! | running | | TimerFired: `FireTimer` | gone |
//! | cancelling | nothing | TimerCanceled | gone |
//! | gone | nothing | | gone |

use std::{collections::HashMap, time::Duration};

use crate::{
    protos::{
        command::v1::{CancelTimerCommandAttributes, StartTimerCommandAttributes, command},
        enums::v1::CommandType,
        history::v1::TimerFiredEventAttributes,
        sdk::v1::UserMetadata,
    },
    workflow::{
        activation::Job,
        commands::{CommandQueue, Issue, Issuer, Ticket},
        failure::TaskError,
    },
};

use super::{numbers::Numbers, wire_duration};

#[derive(Debug)]
struct Timer {
    state: State,
    /// Repeated by the command that cancels it.
    user_metadata: Option<Box<UserMetadata>>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// No ticket if the command was dropped because the workflow had ended.
    Issued(Option<Ticket>),
    Running,
    Cancelling,
}

/// The open timers of a run.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    open: HashMap<u32, Timer>,
    by_started_event: HashMap<i64, u32>,
    numbers: Numbers,
}

impl Timers {
    pub(crate) fn count(&self) -> usize {
        self.open.len()
    }

    /// `queue` is None when the workflow has ended and takes no more commands.
    pub(crate) fn start(
        &mut self,
        sequence: u32,
        duration: Duration,
        user_metadata: Option<UserMetadata>,
        queue: Option<&mut CommandQueue>,
    ) -> Result<(), TaskError> {
        self.numbers.take("timer", sequence)?;
        let attributes = StartTimerCommandAttributes {
            timer_id: sequence.to_string(),
            start_to_fire_timeout: Some(wire_duration(duration)),
        };
        let kept = user_metadata.clone().map(Box::new);
        let ticket = queue.map(|queue| {
            queue.issue(Issue {
                issuer: Issuer::Timer(sequence),
                kind: CommandType::StartTimer,
                attributes: command::Attributes::StartTimerCommandAttributes(Box::new(attributes)),
                user_metadata,
                message: None,
            })
        });
        self.open.insert(
            sequence,
            Timer {
                state: State::Issued(ticket),
                user_metadata: kept,
            },
        );
        Ok(())
    }

    pub(crate) fn cancel(
        &mut self,
        sequence: u32,
        queue: &mut CommandQueue,
        takes_commands: bool,
    ) -> Result<(), TaskError> {
        self.numbers.expect_taken("timer", sequence)?;
        let Some(timer) = self.open.get_mut(&sequence) else {
            return Ok(());
        };
        match timer.state {
            State::Cancelling => {}
            State::Issued(ticket) => {
                if let Some(ticket) = ticket
                    && !queue.withdraw(ticket)
                {
                    return Err(TaskError::invalid(format!(
                        "timer {sequence} was cancelled before history confirmed its start"
                    )));
                }
                self.open.remove(&sequence);
            }
            State::Running if takes_commands => {
                timer.state = State::Cancelling;
                let user_metadata = timer.user_metadata.take().map(|kept| *kept);
                queue.issue(cancel_command(sequence, user_metadata));
            }
            State::Running => {}
        }
        Ok(())
    }

    pub(crate) fn started(&mut self, sequence: u32, event_id: i64) {
        if let Some(timer) = self.open.get_mut(&sequence) {
            timer.state = State::Running;
        }
        self.by_started_event.insert(event_id, sequence);
    }

    pub(crate) fn fired(
        &mut self,
        event_id: i64,
        attributes: &TimerFiredEventAttributes,
    ) -> Result<Job, TaskError> {
        let started_event_id = attributes.started_event_id;
        let Some(sequence) = self.by_started_event.remove(&started_event_id) else {
            return Err(TaskError::nondeterminism(format!(
                "event {event_id} (TIMER_FIRED) is about the timer of event {started_event_id}, \
                 which is not open"
            )));
        };
        let running = self
            .open
            .get(&sequence)
            .is_some_and(|timer| matches!(timer.state, State::Running));
        if !running {
            return Err(TaskError::nondeterminism(format!(
                "event {event_id} (TIMER_FIRED) is about timer {sequence}, which was cancelled by \
                 the command CANCEL_TIMER"
            )));
        }
        if attributes.timer_id != sequence.to_string() {
            return Err(TaskError::nondeterminism(format!(
                "event {event_id} (TIMER_FIRED) has the timer id '{}', but the command START_TIMER \
                 had '{sequence}'",
                attributes.timer_id
            )));
        }
        self.open.remove(&sequence);
        Ok(Job::FireTimer { sequence })
    }

    pub(crate) fn canceled(&mut self, sequence: u32, started_event_id: i64) {
        self.open.remove(&sequence);
        self.by_started_event.remove(&started_event_id);
    }
}

fn cancel_command(sequence: u32, user_metadata: Option<UserMetadata>) -> Issue {
    Issue {
        issuer: Issuer::TimerCancel(sequence),
        kind: CommandType::CancelTimer,
        attributes: command::Attributes::CancelTimerCommandAttributes(Box::new(
            CancelTimerCommandAttributes {
                timer_id: sequence.to_string(),
            },
        )),
        user_metadata,
        message: None,
    }
}
