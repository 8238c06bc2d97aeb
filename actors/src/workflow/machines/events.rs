//! Routes each history event to the state machine that it is about.

use prost_types::Timestamp;

use crate::{
    protos::{
        common::v1::Payloads,
        enums::v1::{CommandType, EventType, WorkflowTaskFailedCause},
        history::v1::{
            HistoryEvent, WorkflowExecutionSignaledEventAttributes,
            WorkflowTaskStartedEventAttributes, history_event::Attributes,
        },
    },
    workflow::{
        activation::Job,
        commands::Issuer,
        failure::{Described, TaskError},
        history::Applied,
        random_seed::seed_of,
    },
};

use super::{
    Machines, local_activity_marker::MARKER_NAME, patches::Matching, update::admitted_request,
};

impl Machines {
    /// Applies the next event of the history.
    pub(crate) fn apply(&mut self, event: HistoryEvent) -> Result<(), TaskError> {
        self.release_updates(event.event_id);
        let applied = Applied {
            event_id: event.event_id,
            version: event.version,
        };
        if (event.event_id == 1) != (event.event_type() == EventType::WorkflowExecutionStarted) {
            return Err(TaskError::invalid(format!(
                "{} is out of place: a history begins with WORKFLOW_EXECUTION_STARTED",
                Described(&event)
            )));
        }
        if event.event_type() == EventType::WorkflowTaskScheduled {
            self.before_scheduled = self.applied;
        }
        if comes_from_a_command(event.event_type()) {
            self.match_command(event)?;
        } else {
            self.learn(event)?;
        }
        self.applied = applied;
        Ok(())
    }

    /// An event that a command of this workflow has caused.
    fn match_command(&mut self, event: HistoryEvent) -> Result<(), TaskError> {
        if !is_supported(event.event_type()) {
            return Err(TaskError::unsupported(&event));
        }
        loop {
            match self.patches.look_at(&event, self.commands.peek_next())? {
                Matching::AsUsual => break,
                Matching::SkipEvent => return Ok(()),
                Matching::SkipCommand => {
                    self.commands.take_next();
                }
            }
        }
        let Some(issuer) = self.commands.take_next() else {
            return Err(TaskError::nondeterminism(format!(
                "{} is in history, but the workflow issued no command for it",
                Described(&event)
            )));
        };
        let confirmed = self.confirm_work(&issuer, &event)?
            || self.confirm_to_others(&issuer, &event)?
            || confirms_at_once(&issuer, &event);
        if confirmed {
            return Ok(());
        }
        Err(TaskError::nondeterminism(format!(
            "{} does not match the command {issuer}",
            Described(&event)
        )))
    }

    /// History confirms a command about a timer or an activity, remote or local. False if the event
    /// and the issuer of the command are not of one kind.
    fn confirm_work(&mut self, issuer: &Issuer, event: &HistoryEvent) -> Result<bool, TaskError> {
        let id = event.event_id;
        match (issuer, &event.attributes) {
            (Issuer::Timer(sequence), Some(Attributes::TimerStartedEventAttributes(_))) => {
                self.timers.started(*sequence, id);
            }
            (
                Issuer::TimerCancel(sequence),
                Some(Attributes::TimerCanceledEventAttributes(canceled)),
            ) => self.timers.canceled(*sequence, canceled.started_event_id),
            (
                Issuer::Activity(sequence),
                Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled)),
            ) => {
                let compare = self.flags.compares_ids_and_types(self.moment.is_last);
                self.activities
                    .scheduled(*sequence, id, scheduled, compare)?;
            }
            (
                Issuer::ActivityCancel(sequence),
                Some(Attributes::ActivityTaskCancelRequestedEventAttributes(requested)),
            ) => {
                self.activities
                    .cancel_requested(*sequence, id, requested.scheduled_event_id)?;
            }
            (
                Issuer::LocalActivity(sequence),
                Some(Attributes::MarkerRecordedEventAttributes(recorded)),
            ) if recorded.marker_name == MARKER_NAME => {
                self.match_local_marker(*sequence, id, recorded)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// An event that happened to the workflow.
    fn learn(&mut self, mut event: HistoryEvent) -> Result<(), TaskError> {
        let id = event.event_id;
        let time = event.event_time;
        let is_known = EventType::try_from(event.event_type).is_ok();
        let Some(attributes) = event.attributes.take().filter(|_| is_known) else {
            if event.worker_may_ignore {
                return Ok(());
            }
            return Err(TaskError::invalid(format!(
                "{} is not known to this version and may not be ignored",
                Described(&event)
            )));
        };
        use Attributes as A;
        let job = match attributes {
            A::WorkflowExecutionStartedEventAttributes(started) => {
                self.move_time(time);
                let (id, run) = (&self.workflow_id, &self.run_id);
                Some(self.workflow.start(id, run, time, *started))
            }
            A::WorkflowTaskStartedEventAttributes(started) => {
                self.begin_task(time, &started);
                None
            }
            A::WorkflowTaskCompletedEventAttributes(completed) => {
                if let Some(metadata) = &completed.sdk_metadata {
                    self.flags.record(metadata);
                }
                None
            }
            A::WorkflowTaskFailedEventAttributes(failed) => {
                let is_reset = failed.cause() == WorkflowTaskFailedCause::ResetWorkflow;
                is_reset.then(|| Job::UpdateRandomSeed {
                    seed: seed_of(&failed.new_run_id),
                })
            }
            A::WorkflowExecutionSignaledEventAttributes(signaled) => Some(signal(*signaled)),
            A::WorkflowExecutionCancelRequestedEventAttributes(requested) => {
                Some(Job::CancelWorkflow {
                    reason: requested.cause,
                })
            }
            // What comes of it in history is foreseen; a reset leaves requests that are still new.
            A::WorkflowExecutionUpdateAdmittedEventAttributes(admitted) => {
                let is_new = self.moment.is_last && !self.moment.replaying;
                let request = admitted.request.filter(|_| is_new);
                request.and_then(|request| self.updates.request(admitted_request(id, request)))
            }
            other => self.learn_of_work(id, other)?,
        };
        self.jobs.extend(job);
        Ok(())
    }

    /// What became of a timer or an activity.
    fn learn_of_work(&mut self, id: i64, attributes: Attributes) -> Result<Option<Job>, TaskError> {
        use Attributes as A;
        match attributes {
            A::TimerFiredEventAttributes(fired) => self.timers.fired(id, &fired).map(Some),
            A::ActivityTaskCompletedEventAttributes(done) => {
                self.activities
                    .completed(id, done.scheduled_event_id, done.result)
            }
            A::ActivityTaskFailedEventAttributes(failed) => self.activities.failed(id, *failed),
            A::ActivityTaskTimedOutEventAttributes(late) => self.activities.timed_out(id, *late),
            A::ActivityTaskCanceledEventAttributes(gone) => self.activities.canceled(id, *gone),
            other => self.learn_of_others(id, other),
        }
    }

    fn begin_task(
        &mut self,
        time: Option<Timestamp>,
        started: &WorkflowTaskStartedEventAttributes,
    ) {
        self.move_time(time);
        self.facts.history_size_bytes = u64::try_from(started.history_size_bytes).unwrap_or(0);
        self.facts.continue_as_new_suggested = started.suggest_continue_as_new;
        self.facts.target_worker_deployment_version_changed =
            started.target_worker_deployment_version_changed;
    }

    /// Workflow time never goes back.
    pub(super) fn move_time(&mut self, time: Option<Timestamp>) {
        let order = |time: &Timestamp| (time.seconds, time.nanos);
        if let Some(time) = time
            && self
                .facts
                .time
                .as_ref()
                .is_none_or(|now| order(now) < order(&time))
        {
            self.facts.time = Some(time);
        }
    }
}

/// How many events there are up to this one.
pub(super) fn length_up_to(event_id: i64) -> u32 {
    u32::try_from(event_id).unwrap_or(u32::MAX)
}

fn signal(signaled: WorkflowExecutionSignaledEventAttributes) -> Job {
    Job::SignalWorkflow {
        name: signaled.signal_name,
        input: signaled
            .input
            .map_or_else(Vec::new, |Payloads { payloads }| payloads),
        identity: signaled.identity,
        headers: signaled
            .header
            .map(|header| header.fields)
            .unwrap_or_default(),
    }
}

/// Whether the event confirms a command after which nothing is to be kept.
fn confirms_at_once(issuer: &Issuer, event: &HistoryEvent) -> bool {
    let Some(attributes) = &event.attributes else {
        return false;
    };
    match (issuer, attributes) {
        (
            Issuer::UpdateAcceptance(instance),
            Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(accepted),
        ) => *instance == accepted.protocol_instance_id,
        (
            Issuer::UpdateCompletion(update_id),
            Attributes::WorkflowExecutionUpdateCompletedEventAttributes(completed),
        ) => completed
            .meta
            .as_ref()
            .is_none_or(|meta| meta.update_id == *update_id),
        (
            Issuer::SearchAttributesUpsert,
            Attributes::UpsertWorkflowSearchAttributesEventAttributes(_),
        )
        | (Issuer::Patch(_), Attributes::MarkerRecordedEventAttributes(_))
        | (Issuer::MemoUpsert, Attributes::WorkflowPropertiesModifiedEventAttributes(_)) => true,
        (Issuer::WorkflowEnd(kind), _) => ends_with(*kind, event.event_type()),
        _ => false,
    }
}

fn ends_with(command: CommandType, event: EventType) -> bool {
    matches!(
        (command, event),
        (
            CommandType::CompleteWorkflowExecution,
            EventType::WorkflowExecutionCompleted
        ) | (
            CommandType::FailWorkflowExecution,
            EventType::WorkflowExecutionFailed
        ) | (
            CommandType::CancelWorkflowExecution,
            EventType::WorkflowExecutionCanceled
        ) | (
            CommandType::ContinueAsNewWorkflowExecution,
            EventType::WorkflowExecutionContinuedAsNew
        )
    )
}

/// Events that only a command can have caused.
pub(crate) fn comes_from_a_command(kind: EventType) -> bool {
    is_supported(kind)
        || matches!(
            kind,
            EventType::NexusOperationScheduled | EventType::NexusOperationCancelRequested
        )
}

/// Those of them that the state machines here issue.
fn is_supported(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::ActivityTaskScheduled
            | EventType::ActivityTaskCancelRequested
            | EventType::MarkerRecorded
            | EventType::TimerStarted
            | EventType::TimerCanceled
            | EventType::StartChildWorkflowExecutionInitiated
            | EventType::SignalExternalWorkflowExecutionInitiated
            | EventType::RequestCancelExternalWorkflowExecutionInitiated
            | EventType::UpsertWorkflowSearchAttributes
            | EventType::WorkflowPropertiesModified
            | EventType::WorkflowExecutionUpdateAccepted
            | EventType::WorkflowExecutionUpdateCompleted
            | EventType::WorkflowExecutionCompleted
            | EventType::WorkflowExecutionFailed
            | EventType::WorkflowExecutionCanceled
            | EventType::WorkflowExecutionContinuedAsNew
    )
}
