//! Child workflows.
//!
//! | state | cancel | event | next state |
//! |---|---|---|---|
//! | issued | withdrawn, start resolved as cancelled | | gone |
//! | issued | | StartChildWorkflowExecutionInitiated | initiated |
//! | initiated | | StartChildWorkflowExecutionFailed: start resolved as failed | gone |
//! | initiated | | ChildWorkflowExecutionStarted: start resolved | started |
//! | started | | completed, failed, timed out, canceled, terminated: resolved | gone |
//! | initiated, started | either WAIT: a request each time | | the same |
//! | initiated, started | TRY_CANCEL: request, resolved as cancelled | | settled |
//! | initiated, started | ABANDON: resolved as cancelled | | settled |
//! | settled | nothing | ChildWorkflowExecutionStarted: nothing | settled |
//! | settled | nothing | StartChildWorkflowExecutionFailed, any end: nothing | gone |
//! | gone | nothing | | gone |
//!
//! The official SDK treats WAIT_CANCELLATION_REQUESTED like WAIT_CANCELLATION_COMPLETED, so we do:
//! histories of either must replay on the other. Its requests are external cancels
//! (`external_cancel.rs`) whose own outcome the workflow does not see.

use std::collections::HashMap;

use crate::{
    protos::{
        common::v1::{Payload, Payloads, WorkflowExecution, WorkflowType},
        enums::v1::{RetryState, TimeoutType},
        failure::v1::{
            CanceledFailureInfo, ChildWorkflowExecutionFailureInfo, Failure, TerminatedFailureInfo,
            TimeoutFailureInfo, failure::FailureInfo,
        },
        history::v1::{
            ChildWorkflowExecutionFailedEventAttributes,
            ChildWorkflowExecutionTimedOutEventAttributes,
            StartChildWorkflowExecutionFailedEventAttributes,
            StartChildWorkflowExecutionInitiatedEventAttributes,
        },
    },
    workflow::{
        activation::{ChildWorkflowResolution, ChildWorkflowStart, Job},
        command::{ChildWorkflowCancellationType, StartChildWorkflow},
        commands::{CommandQueue, Issuer, Ticket},
        exchange::RunSettings,
        failure::TaskError,
    },
};

use super::{
    child_command::start_command,
    external_cancel::{Target, request_command},
    numbers::Numbers,
};

#[derive(Debug)]
struct Child {
    state: State,
    workflow_id: String,
    workflow_type: String,
    cancellation_type: ChildWorkflowCancellationType,
    /// Empty until the child has started.
    run_id: String,
    /// 0 until history has it.
    initiated_event_id: i64,
    /// 0 until history has it.
    started_event_id: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No ticket if the command was dropped because the workflow had ended.
    Issued(Option<Ticket>),
    Initiated,
    Started,
    /// Workflow code has its answer; what becomes of the child does not matter.
    Settled,
}

/// The open child workflows of a run.
#[derive(Debug, Default)]
pub(crate) struct Children {
    numbers: Numbers,
    open: HashMap<u32, Child>,
    by_initiated_event: HashMap<i64, u32>,
}

impl Children {
    pub(crate) fn count(&self) -> usize {
        self.open.len()
    }

    /// `queue` is None when the workflow has ended and takes no more commands.
    pub(crate) fn start(
        &mut self,
        start: StartChildWorkflow,
        settings: &RunSettings,
        queue: Option<&mut CommandQueue>,
    ) -> Result<(), TaskError> {
        let sequence = start.sequence;
        self.numbers.take("child workflow", sequence)?;
        let mut child = Child {
            state: State::Issued(None),
            workflow_id: start.workflow_id.clone(),
            workflow_type: start.workflow_type.clone(),
            cancellation_type: start.cancellation_type,
            run_id: String::new(),
            initiated_event_id: 0,
            started_event_id: 0,
        };
        if let Some(queue) = queue {
            child.state = State::Issued(Some(queue.issue(start_command(start, settings))));
        }
        self.open.insert(sequence, child);
        Ok(())
    }

    /// Returns what workflow code hears at once.
    pub(crate) fn cancel(
        &mut self,
        sequence: u32,
        reason: String,
        namespace: &str,
        queue: &mut CommandQueue,
        takes_commands: bool,
    ) -> Result<Option<Job>, TaskError> {
        self.numbers.expect_taken("child workflow", sequence)?;
        let Some(child) = self.open.get_mut(&sequence) else {
            return Ok(None);
        };
        match child.state {
            State::Settled => Ok(None),
            State::Issued(ticket) => {
                if ticket.is_some_and(|ticket| !queue.withdraw(ticket)) {
                    return Err(TaskError::invalid(format!(
                        "child workflow {sequence} was cancelled before history confirmed its \
                         command"
                    )));
                }
                let failure = child.cancelled_before_sent(&reason, namespace);
                self.open.remove(&sequence);
                Ok(Some(Job::ResolveChildWorkflowStart {
                    sequence,
                    resolution: ChildWorkflowStart::Cancelled(failure),
                }))
            }
            State::Initiated | State::Started => {
                use ChildWorkflowCancellationType as Type;
                let kind = child.cancellation_type;
                if kind != Type::Abandon && takes_commands {
                    let target = Target {
                        namespace: namespace.to_owned(),
                        workflow_id: child.workflow_id.clone(),
                        run_id: child.run_id.clone(),
                        is_child: true,
                    };
                    let issuer = Issuer::ChildWorkflowCancel(sequence);
                    queue.issue(request_command(issuer, target, reason));
                }
                if !matches!(kind, Type::Abandon | Type::TryCancel) {
                    return Ok(None);
                }
                child.state = State::Settled;
                Ok(Some(Job::ResolveChildWorkflow {
                    sequence,
                    resolution: child.cancelled(namespace),
                }))
            }
        }
    }

    /// History confirms the command. `compare` is false where old histories were not compared.
    pub(crate) fn initiated(
        &mut self,
        sequence: u32,
        event_id: i64,
        attributes: &StartChildWorkflowExecutionInitiatedEventAttributes,
        compare: bool,
    ) -> Result<(), TaskError> {
        let Some(child) = self.open.get_mut(&sequence) else {
            return Err(TaskError::invalid(format!(
                "child workflow {sequence} is gone though its command was queued"
            )));
        };
        if compare {
            child.compare(event_id, attributes)?;
        }
        child.state = State::Initiated;
        child.initiated_event_id = event_id;
        self.by_initiated_event.insert(event_id, sequence);
        Ok(())
    }

    pub(crate) fn start_failed(
        &mut self,
        event_id: i64,
        event: StartChildWorkflowExecutionFailedEventAttributes,
    ) -> Result<Option<Job>, TaskError> {
        let cause = event.cause();
        let (sequence, child) = self.take(event_id, event.initiated_event_id)?;
        match child.state {
            State::Initiated => Ok(Some(Job::ResolveChildWorkflowStart {
                sequence,
                resolution: ChildWorkflowStart::Failed {
                    workflow_id: child.workflow_id,
                    workflow_type: child.workflow_type,
                    cause,
                },
            })),
            State::Settled => Ok(None),
            State::Issued(_) | State::Started => Err(out_of_order(event_id, sequence)),
        }
    }

    pub(crate) fn started(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
        execution: Option<WorkflowExecution>,
    ) -> Result<Option<Job>, TaskError> {
        let (sequence, child) = self
            .by_initiated_event
            .get(&initiated_event_id)
            .and_then(|sequence| Some((*sequence, self.open.get_mut(sequence)?)))
            .ok_or_else(|| not_open(event_id, initiated_event_id))?;
        match child.state {
            State::Initiated => {
                let run_id = execution.unwrap_or_default().run_id;
                child.run_id.clone_from(&run_id);
                child.started_event_id = event_id;
                child.state = State::Started;
                Ok(Some(Job::ResolveChildWorkflowStart {
                    sequence,
                    resolution: ChildWorkflowStart::Started { run_id },
                }))
            }
            State::Settled => Ok(None),
            State::Issued(_) | State::Started => Err(out_of_order(event_id, sequence)),
        }
    }

    pub(crate) fn completed(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
        result: Option<Payloads>,
    ) -> Result<Option<Job>, TaskError> {
        let result: Option<Payload> = result.and_then(|result| result.payloads.into_iter().next());
        self.end(event_id, initiated_event_id, |_| {
            ChildWorkflowResolution::Completed(result)
        })
    }

    pub(crate) fn failed(
        &mut self,
        event_id: i64,
        event: ChildWorkflowExecutionFailedEventAttributes,
        namespace: &str,
    ) -> Result<Option<Job>, TaskError> {
        let retry_state = event.retry_state();
        self.end(event_id, event.initiated_event_id, |child| {
            let message = "Child Workflow execution failed";
            let failure = child.failure(message, namespace, retry_state, event.failure);
            ChildWorkflowResolution::Failed(failure)
        })
    }

    pub(crate) fn timed_out(
        &mut self,
        event_id: i64,
        event: &ChildWorkflowExecutionTimedOutEventAttributes,
        namespace: &str,
    ) -> Result<Option<Job>, TaskError> {
        self.end(event_id, event.initiated_event_id, |child| {
            let info = FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
                timeout_type: TimeoutType::StartToClose.into(),
                ..TimeoutFailureInfo::default()
            });
            let message = "Child Workflow execution timed out";
            let cause = Some(cause("Timed out", info));
            let failure = child.failure(message, namespace, event.retry_state(), cause);
            ChildWorkflowResolution::Failed(failure)
        })
    }

    pub(crate) fn canceled(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
        namespace: &str,
    ) -> Result<Option<Job>, TaskError> {
        self.end(event_id, initiated_event_id, |child| {
            child.cancelled(namespace)
        })
    }

    pub(crate) fn terminated(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
        namespace: &str,
    ) -> Result<Option<Job>, TaskError> {
        self.end(event_id, initiated_event_id, |child| {
            let info = FailureInfo::TerminatedFailureInfo(TerminatedFailureInfo::default());
            let failure = child.failure(
                "Child Workflow execution terminated",
                namespace,
                RetryState::NonRetryableFailure,
                Some(cause("Terminated", info)),
            );
            ChildWorkflowResolution::Failed(failure)
        })
    }

    fn end(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
        resolve: impl FnOnce(&Child) -> ChildWorkflowResolution,
    ) -> Result<Option<Job>, TaskError> {
        let (sequence, child) = self.take(event_id, initiated_event_id)?;
        match child.state {
            State::Started => Ok(Some(Job::ResolveChildWorkflow {
                sequence,
                resolution: resolve(&child),
            })),
            State::Settled => Ok(None),
            State::Issued(_) | State::Initiated => Err(out_of_order(event_id, sequence)),
        }
    }

    /// Takes the child of an event that is the last about it.
    fn take(&mut self, event_id: i64, initiated_event_id: i64) -> Result<(u32, Child), TaskError> {
        self.by_initiated_event
            .remove(&initiated_event_id)
            .and_then(|sequence| Some((sequence, self.open.remove(&sequence)?)))
            .ok_or_else(|| not_open(event_id, initiated_event_id))
    }
}

fn not_open(event_id: i64, initiated_event_id: i64) -> TaskError {
    TaskError::nondeterminism(format!(
        "event {event_id} is about the child workflow of event {initiated_event_id}, which is not \
         open"
    ))
}

fn out_of_order(event_id: i64, sequence: u32) -> TaskError {
    TaskError::nondeterminism(format!(
        "event {event_id} does not follow from what history said of child workflow {sequence} \
         before"
    ))
}

impl Child {
    fn compare(
        &self,
        event_id: i64,
        attributes: &StartChildWorkflowExecutionInitiatedEventAttributes,
    ) -> Result<(), TaskError> {
        let recorded_type = attributes
            .workflow_type
            .as_ref()
            .map_or("", |kind| kind.name.as_str());
        let (what, recorded, issued) = if attributes.workflow_id != self.workflow_id {
            ("id", attributes.workflow_id.as_str(), &self.workflow_id)
        } else if recorded_type != self.workflow_type {
            ("type", recorded_type, &self.workflow_type)
        } else {
            return Ok(());
        };
        Err(TaskError::nondeterminism(format!(
            "event {event_id} (START_CHILD_WORKFLOW_EXECUTION_INITIATED) has the child workflow \
             {what} '{recorded}', but the command START_CHILD_WORKFLOW_EXECUTION has '{issued}'"
        )))
    }

    /// Texts and details are those of the official SDK: workflow code can see them.
    fn failure(
        &self,
        message: &str,
        namespace: &str,
        retry_state: RetryState,
        cause: Option<Failure>,
    ) -> Box<Failure> {
        let info = ChildWorkflowExecutionFailureInfo {
            namespace: namespace.to_owned(),
            workflow_execution: Some(WorkflowExecution {
                workflow_id: self.workflow_id.clone(),
                run_id: self.run_id.clone(),
            }),
            workflow_type: Some(WorkflowType {
                name: self.workflow_type.clone(),
            }),
            initiated_event_id: self.initiated_event_id,
            started_event_id: self.started_event_id,
            retry_state: retry_state.into(),
        };
        Box::new(Failure {
            message: message.to_owned(),
            cause: cause.map(Box::new),
            failure_info: Some(FailureInfo::ChildWorkflowExecutionFailureInfo(info)),
            ..Failure::default()
        })
    }

    fn cancellation(&self, message: &str, namespace: &str) -> Box<Failure> {
        let info = FailureInfo::CanceledFailureInfo(CanceledFailureInfo::default());
        self.failure(
            message,
            namespace,
            RetryState::NonRetryableFailure,
            Some(cause("", info)),
        )
    }

    fn cancelled_before_sent(&self, reason: &str, namespace: &str) -> Box<Failure> {
        let message = format!("Child Workflow Execution cancelled before scheduled: {reason}");
        self.cancellation(&message, namespace)
    }

    fn cancelled(&self, namespace: &str) -> ChildWorkflowResolution {
        let message = "Child Workflow execution cancelled";
        ChildWorkflowResolution::Cancelled(self.cancellation(message, namespace))
    }
}

fn cause(message: &str, info: FailureInfo) -> Failure {
    Failure {
        message: message.to_owned(),
        failure_info: Some(info),
        ..Failure::default()
    }
}
