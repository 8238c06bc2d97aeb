//! One sequence: what is read ahead before its events are applied, and what follows them.

use std::mem;

use crate::{
    protos::{
        deployment::v1::WorkerDeploymentVersion,
        enums::v1::EventType,
        history::v1::{
            HistoryEvent, WorkflowExecutionUpdateAcceptedEventAttributes,
            WorkflowTaskCompletedEventAttributes, history_event::Attributes,
        },
    },
    workflow::{activation::Job, failure::TaskError},
};

use super::{
    Machines, Moment,
    events::{comes_from_a_command, length_up_to},
    patches::PatchMarker,
    recorded_outcomes::Place,
    update::{UpdateRequest, Updates},
};

impl Machines {
    /// Takes a new update request. It is handed to workflow code in its place among the events.
    pub(crate) fn expect_update(&mut self, update: UpdateRequest) {
        self.waiting_updates.push(update);
    }

    /// Begins a sequence. `ahead` are its events and those of the one after it: what the next
    /// completed task recorded holds for this one.
    pub(crate) fn begin_sequence<'a>(
        &mut self,
        moment: Moment,
        ahead: impl Iterator<Item = &'a mut HistoryEvent>,
    ) -> Result<(), TaskError> {
        self.moment = moment;
        self.recorded.begin_task();
        let mut recorded_next = None;
        let mut commands_next = 0;
        for event in ahead {
            let is_next = event.event_id > moment.end;
            let place = Place {
                event_id: event.event_id,
                commands_before: commands_next,
            };
            commands_next += usize::from(is_next && comes_from_a_command(event.event_type()));
            match &mut event.attributes {
                Some(Attributes::WorkflowTaskCompletedEventAttributes(completed))
                    if !is_next || recorded_next.is_none() =>
                {
                    if let Some(metadata) = &completed.sdk_metadata {
                        self.flags.record(metadata);
                    }
                    if is_next {
                        recorded_next = Some(deployment_version(completed));
                    }
                }
                Some(Attributes::WorkflowExecutionUpdateAdmittedEventAttributes(admitted)) => {
                    if let Some(request) = &admitted.request {
                        self.updates.admit(request.clone());
                    }
                }
                Some(attributes) if is_next => self.foresee(place, attributes)?,
                _ => {}
            }
        }
        self.facts.deployment_version =
            recorded_next.unwrap_or_else(|| self.settings.deployment_version.clone());
        self.waiting_updates
            .sort_by_key(|update| update.sequencing_event_id);
        Ok(())
    }

    /// An event of the next sequence that tells what workflow code did in this one.
    fn foresee(&mut self, place: Place, attributes: &mut Attributes) -> Result<(), TaskError> {
        match attributes {
            Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(accepted) => {
                let request = repeated_request(&mut self.updates, accepted);
                self.waiting_updates.push(request);
            }
            Attributes::MarkerRecordedEventAttributes(marker) => {
                if let Some(PatchMarker { patch_id, .. }) = PatchMarker::read(marker) {
                    self.patches.announce(&patch_id);
                    self.jobs.push(Job::NotifyHasPatch { patch_id });
                } else {
                    self.look_ahead_at_marker(place, marker)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Hands the updates to workflow code that stand before event `before`.
    pub(super) fn release_updates(&mut self, before: i64) {
        if self.waiting_updates.is_empty() {
            return;
        }
        let released = self
            .waiting_updates
            .partition_point(|update| update.sequencing_event_id < before);
        for update in self.waiting_updates.drain(..released) {
            self.jobs.extend(self.updates.request(update));
        }
    }

    /// Ends a sequence: all its events are applied.
    pub(crate) fn end_sequence(&mut self) -> Result<(), TaskError> {
        self.release_updates(self.moment.end + 1);
        if self.moment.is_last {
            self.release_updates(i64::MAX);
            let rest = mem::take(&mut self.waiting_updates);
            for update in rest {
                self.jobs.extend(self.updates.request(update));
            }
        }
        let outcomes = self.outcomes_with_events()?;
        self.jobs.extend(outcomes);
        self.facts.history_length = length_up_to(self.moment.end);
        Ok(())
    }

    /// Begins the events after the last sequence.
    pub(crate) fn begin_tail(&mut self) {
        self.moment.replaying = true;
    }

    /// Replay ends with the first event that a completed task has not seen.
    pub(crate) fn apply_in_tail(
        &mut self,
        event: HistoryEvent,
        previous_started_event_id: i64,
    ) -> Result<(), TaskError> {
        let kind = event.event_type();
        if event.event_id > previous_started_event_id
            && kind != EventType::WorkflowTaskCompleted
            && !comes_from_a_command(kind)
        {
            self.moment.replaying = false;
        }
        self.apply(event)
    }

    /// The events after the last sequence count for the length of the history, unless there is
    /// nothing but the completion of its task.
    pub(crate) fn end_tail(&mut self) {
        if self.applied.event_id > self.moment.end + 1 {
            self.facts.history_length = length_up_to(self.applied.event_id);
        }
    }
}

/// An update that history says was accepted, as a request that needs no validation.
fn repeated_request(
    updates: &mut Updates,
    accepted: &mut WorkflowExecutionUpdateAcceptedEventAttributes,
) -> UpdateRequest {
    let request = accepted
        .accepted_request
        .take()
        .or_else(|| updates.take_admitted(&accepted.protocol_instance_id));
    UpdateRequest {
        protocol_instance_id: accepted.protocol_instance_id.clone(),
        message_id: accepted.accepted_request_message_id.clone(),
        sequencing_event_id: accepted.accepted_request_sequencing_event_id,
        request: request.unwrap_or_default(),
        is_new: false,
    }
}

/// Workers of before deployments stamped their build id alone.
#[allow(deprecated)]
fn deployment_version(
    completed: &mut WorkflowTaskCompletedEventAttributes,
) -> Option<WorkerDeploymentVersion> {
    completed.deployment_version.take().or_else(|| {
        let stamp = completed.worker_version.as_ref()?;
        Some(WorkerDeploymentVersion {
            build_id: stamp.build_id.clone(),
            deployment_name: String::new(),
        })
    })
}
