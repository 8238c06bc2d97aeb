//! Activities on task queues.
//!
//! | state | cancel | event | next state |
//! |---|---|---|---|
//! | issued | withdrawn, resolved as cancelled | | gone |
//! | issued | | ActivityTaskScheduled | scheduled |
//! | scheduled | TRY_CANCEL: request, resolved as cancelled | | settled |
//! | scheduled | WAIT: request | | cancelling |
//! | scheduled | ABANDON: resolved as cancelled | | settled |
//! | scheduled, cancelling | | completed, failed, timed out, canceled: resolved | gone |
//! | settled | nothing | completed, failed, timed out, canceled: nothing | gone |
//! | cancelling, gone | nothing | | the same |

use std::collections::{BTreeSet, HashMap};

use crate::{
    protos::{
        common::v1::{ActivityType, Payload, Payloads},
        enums::v1::RetryState,
        failure::v1::{ActivityFailureInfo, CanceledFailureInfo, Failure, failure::FailureInfo},
        history::v1::{
            ActivityTaskCanceledEventAttributes, ActivityTaskFailedEventAttributes,
            ActivityTaskScheduledEventAttributes, ActivityTaskTimedOutEventAttributes,
        },
        sdk::v1::UserMetadata,
    },
    workflow::{
        activation::{ActivityResolution, Job},
        command::{ActivityCancellationType, ScheduleActivity},
        commands::{CommandQueue, Ticket},
        failure::TaskError,
    },
};

use super::activity_command::{cancel_command, schedule_command};

#[derive(Debug)]
struct Activity {
    state: State,
    id: String,
    kind: String,
    cancellation_type: ActivityCancellationType,
    /// Repeated by the command that cancels it.
    user_metadata: Option<Box<UserMetadata>>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// No ticket if the command was dropped because the workflow had ended.
    Issued(Option<Ticket>),
    Scheduled {
        event_id: i64,
    },
    /// A request is on its way, and its outcome is what workflow code waits for.
    Cancelling,
    /// Workflow code has its answer; what the server says later does not matter.
    Settled,
}

/// The open activities of a run.
#[derive(Debug, Default)]
pub(crate) struct Activities {
    open: HashMap<u32, Activity>,
    by_scheduled_event: HashMap<i64, u32>,
    highest: u32,
    /// Numbers below that one which are still to come: a local activity takes its next number when
    /// its backoff arrives, and is scheduled under it only after a timer.
    unused: BTreeSet<u32>,
}

/// More backoffs than that are not waited for at one time.
const MOST_LEFT_OUT: u32 = 100_000;

impl Activities {
    pub(crate) fn count(&self) -> usize {
        self.open.len()
    }

    /// Uses up the number of a new activity, remote or local: they share one count.
    pub(super) fn take_number(&mut self, sequence: u32) -> Result<(), TaskError> {
        if self.unused.remove(&sequence) {
            return Ok(());
        }
        if sequence <= self.highest || sequence - self.highest > MOST_LEFT_OUT {
            return Err(TaskError::invalid(format!(
                "activity {sequence} was scheduled before or leaves too many numbers out; the last \
                 was {}",
                self.highest
            )));
        }
        self.unused.extend(self.highest + 1..sequence);
        self.highest = sequence;
        Ok(())
    }

    /// Refuses to cancel what was never scheduled.
    pub(super) fn check_number(&self, sequence: u32) -> Result<(), TaskError> {
        if sequence > self.highest {
            return Err(TaskError::invalid(format!(
                "activity {sequence} was cancelled but never scheduled"
            )));
        }
        Ok(())
    }

    /// `queue` is None when the workflow has ended and takes no more commands.
    pub(crate) fn schedule(
        &mut self,
        mut schedule: ScheduleActivity,
        own_task_queue: &str,
        queue: Option<&mut CommandQueue>,
    ) -> Result<(), TaskError> {
        let sequence = schedule.sequence;
        self.take_number(sequence)?;
        if schedule.activity_id.is_empty() {
            schedule.activity_id = sequence.to_string();
        }
        let mut activity = Activity {
            state: State::Issued(None),
            id: schedule.activity_id.clone(),
            kind: schedule.activity_type.clone(),
            cancellation_type: schedule.cancellation_type,
            user_metadata: schedule.user_metadata.clone().map(Box::new),
        };
        if let Some(queue) = queue {
            activity.state = State::Issued(Some(
                queue.issue(schedule_command(schedule, own_task_queue)),
            ));
        }
        self.open.insert(sequence, activity);
        Ok(())
    }

    /// Returns what workflow code hears at once.
    pub(crate) fn cancel(
        &mut self,
        sequence: u32,
        queue: &mut CommandQueue,
        takes_commands: bool,
    ) -> Result<Option<Job>, TaskError> {
        self.check_number(sequence)?;
        let Some(activity) = self.open.get_mut(&sequence) else {
            return Ok(None);
        };
        match activity.state {
            State::Issued(ticket) => {
                if ticket.is_some_and(|ticket| !queue.withdraw(ticket)) {
                    return Err(TaskError::invalid(format!(
                        "activity {sequence} was cancelled before history confirmed its command"
                    )));
                }
                let job = activity.cancelled_here(sequence);
                self.open.remove(&sequence);
                Ok(Some(job))
            }
            State::Scheduled { event_id } => {
                let kind = activity.cancellation_type;
                if kind != ActivityCancellationType::Abandon && takes_commands {
                    let user_metadata = activity.user_metadata.take().map(|kept| *kept);
                    queue.issue(cancel_command(sequence, event_id, user_metadata));
                }
                if kind == ActivityCancellationType::WaitCancellationCompleted {
                    activity.state = State::Cancelling;
                    return Ok(None);
                }
                activity.state = State::Settled;
                Ok(Some(activity.cancelled_here(sequence)))
            }
            State::Cancelling | State::Settled => Ok(None),
        }
    }

    /// History confirms the command. `compare` is false where old histories were not compared.
    pub(crate) fn scheduled(
        &mut self,
        sequence: u32,
        event_id: i64,
        attributes: &ActivityTaskScheduledEventAttributes,
        compare: bool,
    ) -> Result<(), TaskError> {
        let Some(activity) = self.open.get_mut(&sequence) else {
            return Err(TaskError::invalid(format!(
                "activity {sequence} is gone though its command was queued"
            )));
        };
        if compare {
            activity.compare(event_id, attributes)?;
        }
        activity.state = State::Scheduled { event_id };
        self.by_scheduled_event.insert(event_id, sequence);
        Ok(())
    }

    pub(crate) fn cancel_requested(
        &self,
        sequence: u32,
        event_id: i64,
        scheduled_event_id: i64,
    ) -> Result<(), TaskError> {
        if self.by_scheduled_event.get(&scheduled_event_id) == Some(&sequence) {
            return Ok(());
        }
        Err(TaskError::nondeterminism(format!(
            "event {event_id} (ACTIVITY_TASK_CANCEL_REQUESTED) is about the activity of event \
             {scheduled_event_id}, but the command REQUEST_CANCEL_ACTIVITY_TASK was about activity \
             {sequence}"
        )))
    }

    pub(crate) fn completed(
        &mut self,
        event_id: i64,
        scheduled_event_id: i64,
        result: Option<Payloads>,
    ) -> Result<Option<Job>, TaskError> {
        let result: Option<Payload> = result.and_then(|result| result.payloads.into_iter().next());
        self.close(event_id, scheduled_event_id, |_| {
            ActivityResolution::Completed(result)
        })
    }

    pub(crate) fn failed(
        &mut self,
        event_id: i64,
        event: ActivityTaskFailedEventAttributes,
    ) -> Result<Option<Job>, TaskError> {
        self.close(event_id, event.scheduled_event_id, |activity| {
            let details = ActivityFailureInfo {
                scheduled_event_id: event.scheduled_event_id,
                started_event_id: event.started_event_id,
                identity: event.identity,
                retry_state: event.retry_state,
                ..activity.failure_info()
            };
            let cause = event.failure.unwrap_or_default();
            ActivityResolution::Failed(failure("Activity task failed", details, cause))
        })
    }

    pub(crate) fn timed_out(
        &mut self,
        event_id: i64,
        event: ActivityTaskTimedOutEventAttributes,
    ) -> Result<Option<Job>, TaskError> {
        self.close(event_id, event.scheduled_event_id, |activity| {
            let details = ActivityFailureInfo {
                scheduled_event_id: event.scheduled_event_id,
                started_event_id: event.started_event_id,
                retry_state: event.retry_state,
                ..activity.failure_info()
            };
            let cause = event.failure.unwrap_or_default();
            ActivityResolution::Failed(failure("Activity task timed out", details, cause))
        })
    }

    pub(crate) fn canceled(
        &mut self,
        event_id: i64,
        event: ActivityTaskCanceledEventAttributes,
    ) -> Result<Option<Job>, TaskError> {
        self.close(event_id, event.scheduled_event_id, |activity| {
            let info = ActivityFailureInfo {
                scheduled_event_id: event.scheduled_event_id,
                started_event_id: event.started_event_id,
                identity: event.identity,
                retry_state: RetryState::CancelRequested.into(),
                ..activity.failure_info()
            };
            cancelled(info, event.details)
        })
    }

    fn close(
        &mut self,
        event_id: i64,
        scheduled_event_id: i64,
        resolve: impl FnOnce(&Activity) -> ActivityResolution,
    ) -> Result<Option<Job>, TaskError> {
        let closed = self
            .by_scheduled_event
            .remove(&scheduled_event_id)
            .and_then(|sequence| Some((sequence, self.open.remove(&sequence)?)));
        let Some((sequence, activity)) = closed else {
            return Err(TaskError::nondeterminism(format!(
                "event {event_id} closes the activity of event {scheduled_event_id}, which is not \
                 open"
            )));
        };
        if matches!(activity.state, State::Settled) {
            return Ok(None);
        }
        Ok(Some(Job::ResolveActivity {
            sequence,
            resolution: resolve(&activity),
            is_local: false,
        }))
    }
}

impl Activity {
    fn compare(
        &self,
        event_id: i64,
        attributes: &ActivityTaskScheduledEventAttributes,
    ) -> Result<(), TaskError> {
        let recorded_type = attributes
            .activity_type
            .as_ref()
            .map_or("", |kind| kind.name.as_str());
        let (what, recorded, issued) = if attributes.activity_id != self.id {
            ("activity id", attributes.activity_id.as_str(), &self.id)
        } else if recorded_type != self.kind {
            ("activity type", recorded_type, &self.kind)
        } else {
            return Ok(());
        };
        Err(TaskError::nondeterminism(format!(
            "event {event_id} (ACTIVITY_TASK_SCHEDULED) has the {what} '{recorded}', but the \
             command SCHEDULE_ACTIVITY_TASK has '{issued}'"
        )))
    }

    fn failure_info(&self) -> ActivityFailureInfo {
        ActivityFailureInfo {
            activity_type: Some(ActivityType {
                name: self.kind.clone(),
            }),
            activity_id: self.id.clone(),
            ..ActivityFailureInfo::default()
        }
    }

    fn cancelled_here(&self, sequence: u32) -> Job {
        let info = ActivityFailureInfo {
            retry_state: RetryState::CancelRequested.into(),
            ..self.failure_info()
        };
        Job::ResolveActivity {
            sequence,
            resolution: cancelled(info, None),
            is_local: false,
        }
    }
}

fn cancelled(info: ActivityFailureInfo, details: Option<Payloads>) -> ActivityResolution {
    let cause = Failure {
        failure_info: Some(FailureInfo::CanceledFailureInfo(CanceledFailureInfo {
            details,
            ..CanceledFailureInfo::default()
        })),
        ..Failure::default()
    };
    ActivityResolution::Cancelled(failure("Activity cancelled", info, cause))
}

fn failure(message: &str, info: ActivityFailureInfo, cause: Failure) -> Box<Failure> {
    Box::new(Failure {
        message: message.into(),
        cause: Some(Box::new(cause)),
        failure_info: Some(FailureInfo::ActivityFailureInfo(info)),
        ..Failure::default()
    })
}
