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
        common::v1::{Payload, Payloads, WorkflowExecution},
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
        commands::{CommandQueue, Ticket},
        exchange::RunSettings,
        failure::TaskError,
    },
};

use super::{child_command::start_command, child_facts::ChildFacts, numbers::Numbers};

#[derive(Debug)]
struct Child {
    state: State,
    cancellation_type: ChildWorkflowCancellationType,
    about: ChildFacts,
}

impl Child {
    /// Whether a cancel goes out to the child itself.
    fn is_asked_to_cancel(&self) -> bool {
        self.cancellation_type != ChildWorkflowCancellationType::Abandon
    }

    /// Whether workflow code hears of a cancel only when the child has ended.
    fn is_waited_for(&self) -> bool {
        matches!(
            self.cancellation_type,
            ChildWorkflowCancellationType::WaitCancellationCompleted
                | ChildWorkflowCancellationType::WaitCancellationRequested
        )
    }
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
            cancellation_type: start.cancellation_type,
            about: ChildFacts {
                workflow_id: start.workflow_id.clone(),
                workflow_type: start.workflow_type.clone(),
                user_metadata: start.user_metadata.clone().map(Box::new),
                ..ChildFacts::default()
            },
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
                let failure = child.about.cancelled_before_sent(&reason, namespace);
                self.open.remove(&sequence);
                Ok(Some(Job::ResolveChildWorkflowStart {
                    sequence,
                    resolution: ChildWorkflowStart::Cancelled(failure),
                }))
            }
            State::Initiated | State::Started => {
                if child.is_asked_to_cancel() && takes_commands {
                    queue.issue(child.about.cancel_command(sequence, reason, namespace));
                }
                if child.is_waited_for() {
                    return Ok(None);
                }
                child.state = State::Settled;
                let failure = child.about.cancelled(namespace);
                Ok(Some(Job::ResolveChildWorkflow {
                    sequence,
                    resolution: ChildWorkflowResolution::Cancelled(failure),
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
            child.about.compare(event_id, attributes)?;
        }
        child.state = State::Initiated;
        child.about.initiated_event_id = event_id;
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
                    workflow_id: child.about.workflow_id,
                    workflow_type: child.about.workflow_type,
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
                child.about.run_id.clone_from(&run_id);
                child.about.started_event_id = event_id;
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
            ChildWorkflowResolution::Failed(child.failed(namespace, retry_state, event.failure))
        })
    }

    pub(crate) fn timed_out(
        &mut self,
        event_id: i64,
        event: &ChildWorkflowExecutionTimedOutEventAttributes,
        namespace: &str,
    ) -> Result<Option<Job>, TaskError> {
        self.end(event_id, event.initiated_event_id, |child| {
            ChildWorkflowResolution::Failed(child.timed_out(namespace, event.retry_state()))
        })
    }

    pub(crate) fn canceled(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
        namespace: &str,
    ) -> Result<Option<Job>, TaskError> {
        self.end(event_id, initiated_event_id, |child| {
            ChildWorkflowResolution::Cancelled(child.cancelled(namespace))
        })
    }

    pub(crate) fn terminated(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
        namespace: &str,
    ) -> Result<Option<Job>, TaskError> {
        self.end(event_id, initiated_event_id, |child| {
            ChildWorkflowResolution::Failed(child.terminated(namespace))
        })
    }

    fn end(
        &mut self,
        event_id: i64,
        initiated_event_id: i64,
        resolve: impl FnOnce(&ChildFacts) -> ChildWorkflowResolution,
    ) -> Result<Option<Job>, TaskError> {
        let (sequence, child) = self.take(event_id, initiated_event_id)?;
        match child.state {
            State::Started => Ok(Some(Job::ResolveChildWorkflow {
                sequence,
                resolution: resolve(&child.about),
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
