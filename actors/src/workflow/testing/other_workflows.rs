//! Events about children, and about signals to and cancels of other workflows.

use crate::protos::{
    common::v1::{Memo, Payload, Payloads, WorkflowExecution, WorkflowType},
    enums::v1::{
        CancelExternalWorkflowExecutionFailedCause, EventType, RetryState,
        SignalExternalWorkflowExecutionFailedCause, StartChildWorkflowExecutionFailedCause,
    },
    failure::v1::Failure,
    history::v1::{history_event::Attributes, *},
};

use super::HistoryBuilder;

/// A child that has not ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenChild {
    pub initiated_event_id: i64,
    /// 0 if it has not started.
    pub started_event_id: i64,
}

impl HistoryBuilder {
    pub fn initiate_child(&mut self, workflow_id: &str, workflow_type: &str) -> i64 {
        let initiated_event_id = self.add(
            EventType::StartChildWorkflowExecutionInitiated,
            Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(Box::new(
                StartChildWorkflowExecutionInitiatedEventAttributes {
                    workflow_id: workflow_id.to_owned(),
                    workflow_type: Some(WorkflowType {
                        name: workflow_type.to_owned(),
                    }),
                    ..StartChildWorkflowExecutionInitiatedEventAttributes::default()
                },
            )),
        );
        let child = OpenChild {
            initiated_event_id,
            started_event_id: 0,
        };
        self.open_children.insert(workflow_id.to_owned(), child);
        initiated_event_id
    }

    pub fn fail_child_start(
        &mut self,
        workflow_id: &str,
        cause: StartChildWorkflowExecutionFailedCause,
    ) -> i64 {
        let child = self.open_children.remove(workflow_id).unwrap_or_default();
        self.add(
            EventType::StartChildWorkflowExecutionFailed,
            Attributes::StartChildWorkflowExecutionFailedEventAttributes(Box::new(
                StartChildWorkflowExecutionFailedEventAttributes {
                    initiated_event_id: child.initiated_event_id,
                    cause: cause.into(),
                    ..StartChildWorkflowExecutionFailedEventAttributes::default()
                },
            )),
        )
    }

    /// The run id is `run of <workflow id>`.
    pub fn start_child(&mut self, workflow_id: &str) -> i64 {
        let event_id = self.last_event_id() + 1;
        let child = self.open_children.entry(workflow_id.to_owned());
        let child = child.or_default();
        child.started_event_id = event_id;
        let initiated_event_id = child.initiated_event_id;
        self.add(
            EventType::ChildWorkflowExecutionStarted,
            Attributes::ChildWorkflowExecutionStartedEventAttributes(Box::new(
                ChildWorkflowExecutionStartedEventAttributes {
                    initiated_event_id,
                    workflow_execution: execution(workflow_id),
                    ..ChildWorkflowExecutionStartedEventAttributes::default()
                },
            )),
        )
    }

    pub fn complete_child(&mut self, workflow_id: &str, result: Payload) -> i64 {
        let child = self.open_children.remove(workflow_id).unwrap_or_default();
        self.add(
            EventType::ChildWorkflowExecutionCompleted,
            Attributes::ChildWorkflowExecutionCompletedEventAttributes(Box::new(
                ChildWorkflowExecutionCompletedEventAttributes {
                    result: Some(Payloads {
                        payloads: vec![result],
                    }),
                    workflow_execution: execution(workflow_id),
                    initiated_event_id: child.initiated_event_id,
                    started_event_id: child.started_event_id,
                    ..ChildWorkflowExecutionCompletedEventAttributes::default()
                },
            )),
        )
    }

    pub fn fail_child(&mut self, workflow_id: &str, message: &str) -> i64 {
        let child = self.open_children.remove(workflow_id).unwrap_or_default();
        self.add(
            EventType::ChildWorkflowExecutionFailed,
            Attributes::ChildWorkflowExecutionFailedEventAttributes(Box::new(
                ChildWorkflowExecutionFailedEventAttributes {
                    failure: Some(Failure {
                        message: message.to_owned(),
                        ..Failure::default()
                    }),
                    workflow_execution: execution(workflow_id),
                    initiated_event_id: child.initiated_event_id,
                    started_event_id: child.started_event_id,
                    retry_state: RetryState::MaximumAttemptsReached.into(),
                    ..ChildWorkflowExecutionFailedEventAttributes::default()
                },
            )),
        )
    }

    pub fn time_child_out(&mut self, workflow_id: &str) -> i64 {
        let child = self.open_children.remove(workflow_id).unwrap_or_default();
        self.add(
            EventType::ChildWorkflowExecutionTimedOut,
            Attributes::ChildWorkflowExecutionTimedOutEventAttributes(Box::new(
                ChildWorkflowExecutionTimedOutEventAttributes {
                    workflow_execution: execution(workflow_id),
                    initiated_event_id: child.initiated_event_id,
                    started_event_id: child.started_event_id,
                    retry_state: RetryState::Timeout.into(),
                    ..ChildWorkflowExecutionTimedOutEventAttributes::default()
                },
            )),
        )
    }

    pub fn cancel_child(&mut self, workflow_id: &str) -> i64 {
        let child = self.open_children.remove(workflow_id).unwrap_or_default();
        self.add(
            EventType::ChildWorkflowExecutionCanceled,
            Attributes::ChildWorkflowExecutionCanceledEventAttributes(Box::new(
                ChildWorkflowExecutionCanceledEventAttributes {
                    workflow_execution: execution(workflow_id),
                    initiated_event_id: child.initiated_event_id,
                    started_event_id: child.started_event_id,
                    ..ChildWorkflowExecutionCanceledEventAttributes::default()
                },
            )),
        )
    }

    pub fn terminate_child(&mut self, workflow_id: &str) -> i64 {
        let child = self.open_children.remove(workflow_id).unwrap_or_default();
        self.add(
            EventType::ChildWorkflowExecutionTerminated,
            Attributes::ChildWorkflowExecutionTerminatedEventAttributes(Box::new(
                ChildWorkflowExecutionTerminatedEventAttributes {
                    workflow_execution: execution(workflow_id),
                    initiated_event_id: child.initiated_event_id,
                    started_event_id: child.started_event_id,
                    ..ChildWorkflowExecutionTerminatedEventAttributes::default()
                },
            )),
        )
    }

    pub fn initiate_signal(&mut self, workflow_id: &str, name: &str) -> i64 {
        let event_id = self.add(
            EventType::SignalExternalWorkflowExecutionInitiated,
            Attributes::SignalExternalWorkflowExecutionInitiatedEventAttributes(Box::new(
                SignalExternalWorkflowExecutionInitiatedEventAttributes {
                    workflow_execution: execution(workflow_id),
                    signal_name: name.to_owned(),
                    ..SignalExternalWorkflowExecutionInitiatedEventAttributes::default()
                },
            )),
        );
        self.open_signals.insert(event_id);
        event_id
    }

    pub fn deliver_signal(&mut self, initiated_event_id: i64) -> i64 {
        self.open_signals.remove(&initiated_event_id);
        self.add(
            EventType::ExternalWorkflowExecutionSignaled,
            Attributes::ExternalWorkflowExecutionSignaledEventAttributes(Box::new(
                ExternalWorkflowExecutionSignaledEventAttributes {
                    initiated_event_id,
                    ..ExternalWorkflowExecutionSignaledEventAttributes::default()
                },
            )),
        )
    }

    pub fn fail_signal(
        &mut self,
        initiated_event_id: i64,
        cause: SignalExternalWorkflowExecutionFailedCause,
    ) -> i64 {
        self.open_signals.remove(&initiated_event_id);
        self.add(
            EventType::SignalExternalWorkflowExecutionFailed,
            Attributes::SignalExternalWorkflowExecutionFailedEventAttributes(Box::new(
                SignalExternalWorkflowExecutionFailedEventAttributes {
                    initiated_event_id,
                    cause: cause.into(),
                    ..SignalExternalWorkflowExecutionFailedEventAttributes::default()
                },
            )),
        )
    }

    pub fn initiate_cancel(&mut self, workflow_id: &str, reason: &str) -> i64 {
        let event_id = self.add(
            EventType::RequestCancelExternalWorkflowExecutionInitiated,
            Attributes::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(Box::new(
                RequestCancelExternalWorkflowExecutionInitiatedEventAttributes {
                    workflow_execution: execution(workflow_id),
                    reason: reason.to_owned(),
                    ..RequestCancelExternalWorkflowExecutionInitiatedEventAttributes::default()
                },
            )),
        );
        self.open_cancels.insert(event_id);
        event_id
    }

    pub fn deliver_cancel(&mut self, initiated_event_id: i64) -> i64 {
        self.open_cancels.remove(&initiated_event_id);
        self.add(
            EventType::ExternalWorkflowExecutionCancelRequested,
            Attributes::ExternalWorkflowExecutionCancelRequestedEventAttributes(Box::new(
                ExternalWorkflowExecutionCancelRequestedEventAttributes {
                    initiated_event_id,
                    ..ExternalWorkflowExecutionCancelRequestedEventAttributes::default()
                },
            )),
        )
    }

    pub fn fail_cancel(
        &mut self,
        initiated_event_id: i64,
        cause: CancelExternalWorkflowExecutionFailedCause,
    ) -> i64 {
        self.open_cancels.remove(&initiated_event_id);
        self.add(
            EventType::RequestCancelExternalWorkflowExecutionFailed,
            Attributes::RequestCancelExternalWorkflowExecutionFailedEventAttributes(Box::new(
                RequestCancelExternalWorkflowExecutionFailedEventAttributes {
                    initiated_event_id,
                    cause: cause.into(),
                    ..RequestCancelExternalWorkflowExecutionFailedEventAttributes::default()
                },
            )),
        )
    }

    pub fn modify_memo(&mut self, memo: Memo) -> i64 {
        self.add(
            EventType::WorkflowPropertiesModified,
            Attributes::WorkflowPropertiesModifiedEventAttributes(Box::new(
                WorkflowPropertiesModifiedEventAttributes {
                    upserted_memo: Some(memo),
                    ..WorkflowPropertiesModifiedEventAttributes::default()
                },
            )),
        )
    }
}

fn execution(workflow_id: &str) -> Option<WorkflowExecution> {
    Some(WorkflowExecution {
        workflow_id: workflow_id.to_owned(),
        run_id: format!("run of {workflow_id}"),
    })
}
