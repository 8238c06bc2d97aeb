//! Routes what is between this workflow and others: children, signals and cancels.

use crate::{
    protos::history::v1::{HistoryEvent, history_event::Attributes},
    workflow::{activation::Job, command::Command, commands::Issuer, failure::TaskError},
};

use super::{Machines, external_cancel::Target};

impl Machines {
    /// Takes a command about another workflow.
    pub(super) fn issue_to_others(
        &mut self,
        command: Command,
        takes_commands: bool,
    ) -> Result<(), TaskError> {
        let namespace = &self.settings.namespace;
        let open = takes_commands.then_some(&mut self.commands);
        match command {
            Command::StartChildWorkflow(start) => self.children.start(*start, &self.settings, open),
            Command::CancelChildWorkflow { sequence, reason } => {
                let queue = &mut self.commands;
                let heard =
                    self.children
                        .cancel(sequence, reason, namespace, queue, takes_commands)?;
                self.follow_ups.extend(heard);
                Ok(())
            }
            Command::SignalExternalWorkflow(signal) => {
                self.external_signals.send(*signal, namespace, open)
            }
            Command::CancelSignalWorkflow { sequence } => {
                let heard = self.external_signals.cancel(sequence, &mut self.commands)?;
                self.follow_ups.extend(heard);
                Ok(())
            }
            Command::RequestCancelExternalWorkflow {
                sequence,
                workflow_id,
                run_id,
                reason,
            } => {
                let reason = format!(
                    "Cancel requested by workflow with run id {} with reason: {reason}",
                    self.run_id
                );
                let target = Target {
                    namespace: namespace.clone(),
                    workflow_id,
                    run_id,
                    is_child: false,
                };
                self.external_cancels
                    .request(sequence, target, reason, open)
            }
            other => Err(TaskError::invalid(format!(
                "the command {other:?} is about no other workflow"
            ))),
        }
    }

    /// History confirms a command about another workflow. False if the event and the issuer of the
    /// command are not of one kind.
    pub(super) fn confirm_to_others(
        &mut self,
        issuer: &Issuer,
        event: &HistoryEvent,
    ) -> Result<bool, TaskError> {
        use Attributes as A;
        let id = event.event_id;
        match (issuer, &event.attributes) {
            (
                Issuer::ChildWorkflow(sequence),
                Some(A::StartChildWorkflowExecutionInitiatedEventAttributes(initiated)),
            ) => {
                let compare = self.flags.compares_ids_and_types(self.moment.is_last);
                self.children.initiated(*sequence, id, initiated, compare)?;
            }
            (
                Issuer::ChildWorkflowCancel(_),
                Some(A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(_)),
            ) => self.external_cancels.initiated(None, id),
            (
                Issuer::ExternalCancel(sequence),
                Some(A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(_)),
            ) => self.external_cancels.initiated(Some(*sequence), id),
            (
                Issuer::ExternalSignal(sequence),
                Some(A::SignalExternalWorkflowExecutionInitiatedEventAttributes(_)),
            ) => self.external_signals.initiated(*sequence, id),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What became of a child, a signal or a cancel.
    pub(super) fn learn_of_others(
        &mut self,
        id: i64,
        attributes: Attributes,
    ) -> Result<Option<Job>, TaskError> {
        use Attributes as A;
        let namespace = &self.settings.namespace;
        match attributes {
            A::StartChildWorkflowExecutionFailedEventAttributes(failed) => {
                self.children.start_failed(id, *failed)
            }
            A::ChildWorkflowExecutionStartedEventAttributes(started) => {
                self.children
                    .started(id, started.initiated_event_id, started.workflow_execution)
            }
            A::ChildWorkflowExecutionCompletedEventAttributes(done) => {
                self.children
                    .completed(id, done.initiated_event_id, done.result)
            }
            A::ChildWorkflowExecutionFailedEventAttributes(failed) => {
                self.children.failed(id, *failed, namespace)
            }
            A::ChildWorkflowExecutionTimedOutEventAttributes(late) => {
                self.children.timed_out(id, &late, namespace)
            }
            A::ChildWorkflowExecutionCanceledEventAttributes(gone) => {
                self.children
                    .canceled(id, gone.initiated_event_id, namespace)
            }
            A::ChildWorkflowExecutionTerminatedEventAttributes(gone) => {
                self.children
                    .terminated(id, gone.initiated_event_id, namespace)
            }
            A::ExternalWorkflowExecutionSignaledEventAttributes(signaled) => self
                .external_signals
                .signaled(id, signaled.initiated_event_id)
                .map(Some),
            A::SignalExternalWorkflowExecutionFailedEventAttributes(failed) => self
                .external_signals
                .failed(id, failed.initiated_event_id, failed.cause())
                .map(Some),
            A::ExternalWorkflowExecutionCancelRequestedEventAttributes(requested) => self
                .external_cancels
                .requested(id, requested.initiated_event_id),
            A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(failed) => self
                .external_cancels
                .failed(id, failed.initiated_event_id, failed.cause()),
            _ => Ok(None),
        }
    }
}
