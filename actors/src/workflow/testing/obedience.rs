//! What the server does with the commands of a completed task.

use prost::Message as _;

use crate::{
    protos::{
        command::v1::{Command as ApiCommand, command::Attributes as Issued},
        enums::v1::EventType,
        history::v1::{history_event::Attributes, *},
        protocol::v1::Message,
        update::v1::{Acceptance, Response},
    },
    workflow::exchange::TaskCompletion,
};

use super::HistoryBuilder;

impl HistoryBuilder {
    /// Completes the task in progress: adds the events that its commands cause.
    pub fn complete(&mut self, completion: &TaskCompletion) {
        self.complete_task(completion.sdk_metadata.clone());
        for command in &completion.commands {
            self.obey(command, &completion.messages);
        }
    }

    fn obey(&mut self, command: &ApiCommand, messages: &[Message]) {
        match command.attributes.as_ref() {
            Some(Issued::StartTimerCommandAttributes(timer)) => {
                self.start_timer(&timer.timer_id);
            }
            Some(Issued::CancelTimerCommandAttributes(timer)) => {
                self.cancel_timer(&timer.timer_id);
            }
            Some(Issued::ScheduleActivityTaskCommandAttributes(activity)) => {
                let kind = activity.activity_type.clone().unwrap_or_default();
                self.schedule_activity(&activity.activity_id, &kind.name);
            }
            Some(Issued::RequestCancelActivityTaskCommandAttributes(cancel)) => {
                self.add(
                    EventType::ActivityTaskCancelRequested,
                    Attributes::ActivityTaskCancelRequestedEventAttributes(Box::new(
                        ActivityTaskCancelRequestedEventAttributes {
                            scheduled_event_id: cancel.scheduled_event_id,
                            ..ActivityTaskCancelRequestedEventAttributes::default()
                        },
                    )),
                );
            }
            Some(Issued::RecordMarkerCommandAttributes(marker)) => {
                self.record_marker(MarkerRecordedEventAttributes {
                    marker_name: marker.marker_name.clone(),
                    details: marker.details.clone(),
                    header: marker.header.clone(),
                    failure: marker.failure.clone(),
                    ..MarkerRecordedEventAttributes::default()
                });
            }
            Some(Issued::StartChildWorkflowExecutionCommandAttributes(_))
            | Some(Issued::SignalExternalWorkflowExecutionCommandAttributes(_))
            | Some(Issued::RequestCancelExternalWorkflowExecutionCommandAttributes(_))
            | Some(Issued::UpsertWorkflowSearchAttributesCommandAttributes(_))
            | Some(Issued::ModifyWorkflowPropertiesCommandAttributes(_)) => {
                self.obey_to_others(command);
            }
            Some(Issued::ProtocolMessageCommandAttributes(named)) => {
                let message = messages.iter().find(|sent| sent.id == named.message_id);
                self.obey_message(message.expect("a protocol command has its message"));
            }
            _ => self.end_workflow(command),
        }
    }

    fn obey_to_others(&mut self, command: &ApiCommand) {
        match command.attributes.as_ref() {
            Some(Issued::StartChildWorkflowExecutionCommandAttributes(start)) => {
                let kind = start.workflow_type.clone().unwrap_or_default();
                self.initiate_child(&start.workflow_id, &kind.name);
            }
            Some(Issued::SignalExternalWorkflowExecutionCommandAttributes(signal)) => {
                let target = signal.execution.clone().unwrap_or_default();
                self.initiate_signal(&target.workflow_id, &signal.signal_name);
            }
            Some(Issued::RequestCancelExternalWorkflowExecutionCommandAttributes(cancel)) => {
                self.initiate_cancel(&cancel.workflow_id, &cancel.reason);
            }
            Some(Issued::UpsertWorkflowSearchAttributesCommandAttributes(upsert)) => {
                self.upsert_search_attributes(upsert.search_attributes.clone().unwrap_or_default());
            }
            Some(Issued::ModifyWorkflowPropertiesCommandAttributes(modify)) => {
                self.modify_memo(modify.upserted_memo.clone().unwrap_or_default());
            }
            other => panic!("this builder does not know the command {other:?}"),
        }
    }

    fn obey_message(&mut self, message: &Message) {
        let body = message.body.clone().unwrap_or_default();
        if body.type_url.ends_with("Acceptance") {
            let accepted = Acceptance::decode(&*body.value).expect("the run wrote it");
            let event_id = self.accept_update(
                &message.protocol_instance_id,
                accepted.accepted_request_sequencing_event_id,
                accepted.accepted_request,
            );
            self.open_updates
                .insert(message.protocol_instance_id.clone(), event_id);
        } else {
            let response = Response::decode(&*body.value).expect("the run wrote it");
            self.add(
                EventType::WorkflowExecutionUpdateCompleted,
                Attributes::WorkflowExecutionUpdateCompletedEventAttributes(Box::new(
                    WorkflowExecutionUpdateCompletedEventAttributes {
                        meta: response.meta,
                        outcome: response.outcome,
                        ..WorkflowExecutionUpdateCompletedEventAttributes::default()
                    },
                )),
            );
            self.open_updates.remove(&message.protocol_instance_id);
        }
    }

    fn end_workflow(&mut self, command: &ApiCommand) {
        match command.attributes.as_ref() {
            Some(Issued::CompleteWorkflowExecutionCommandAttributes(end)) => self.add(
                EventType::WorkflowExecutionCompleted,
                Attributes::WorkflowExecutionCompletedEventAttributes(Box::new(
                    WorkflowExecutionCompletedEventAttributes {
                        result: end.result.clone(),
                        ..WorkflowExecutionCompletedEventAttributes::default()
                    },
                )),
            ),
            Some(Issued::FailWorkflowExecutionCommandAttributes(end)) => self.add(
                EventType::WorkflowExecutionFailed,
                Attributes::WorkflowExecutionFailedEventAttributes(Box::new(
                    WorkflowExecutionFailedEventAttributes {
                        failure: end.failure.clone(),
                        ..WorkflowExecutionFailedEventAttributes::default()
                    },
                )),
            ),
            Some(Issued::CancelWorkflowExecutionCommandAttributes(_)) => self.add(
                EventType::WorkflowExecutionCanceled,
                Attributes::WorkflowExecutionCanceledEventAttributes(Box::default()),
            ),
            Some(Issued::ContinueAsNewWorkflowExecutionCommandAttributes(_)) => self.add(
                EventType::WorkflowExecutionContinuedAsNew,
                Attributes::WorkflowExecutionContinuedAsNewEventAttributes(Box::default()),
            ),
            other => panic!("this builder does not know the command {other:?}"),
        };
    }
}
