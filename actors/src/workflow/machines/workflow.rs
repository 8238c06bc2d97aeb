//! The workflow itself: what it was started with, and how it ends.
//!
//! | state | happens | next state |
//! |---|---|---|
//! | new | WorkflowExecutionStarted: `Initialize` | open |
//! | open | complete, fail, cancel or continue-as-new: the first one is queued | ending |
//! | ending | the event of the same kind | ended |

use std::time::Duration;

use prost_types::Timestamp;

use crate::{
    protos::{
        command::v1::{
            CompleteWorkflowExecutionCommandAttributes,
            ContinueAsNewWorkflowExecutionCommandAttributes,
            FailWorkflowExecutionCommandAttributes, command::Attributes,
        },
        common::v1::{Header, Memo, Payload, RetryPolicy, SearchAttributes, WorkflowType},
        enums::v1::CommandType,
        failure::v1::Failure,
        history::v1::WorkflowExecutionStartedEventAttributes,
        taskqueue::v1::TaskQueue,
    },
    workflow::{
        activation::{Initialize, Job},
        command::ContinueAsNew,
        commands::{Issue, Issuer},
        random_seed::seed_of,
    },
};

use super::{inherits_build_id, payloads, wire_duration};

/// The server's default.
const DEFAULT_TASK_TIMEOUT: Duration = Duration::from_secs(10);

/// What a continue-as-new takes over from the run that asks for it.
#[derive(Debug, Default)]
pub(crate) struct Workflow {
    workflow_type: String,
    task_queue: String,
    memo: Option<Memo>,
    retry_policy: Option<RetryPolicy>,
    search_attributes: Option<SearchAttributes>,
    task_timeout: Option<Duration>,
}

impl Workflow {
    pub(crate) fn workflow_type(&self) -> &str {
        &self.workflow_type
    }

    /// How long the server waits for an answer to a workflow task.
    pub(crate) fn task_timeout(&self) -> Duration {
        self.task_timeout.unwrap_or(DEFAULT_TASK_TIMEOUT)
    }

    pub(crate) fn start(
        &mut self,
        workflow_id: &str,
        run_id: &str,
        start_time: Option<Timestamp>,
        started: WorkflowExecutionStartedEventAttributes,
    ) -> Job {
        *self = Self {
            workflow_type: started
                .workflow_type
                .as_ref()
                .map(|kind| kind.name.clone())
                .unwrap_or_default(),
            task_queue: started
                .task_queue
                .as_ref()
                .map(|queue| queue.name.clone())
                .unwrap_or_default(),
            memo: started.memo.clone(),
            retry_policy: started.retry_policy.clone(),
            search_attributes: started.search_attributes.clone(),
            task_timeout: started
                .workflow_task_timeout
                .and_then(|timeout| Duration::try_from(timeout).ok())
                .filter(|timeout| !timeout.is_zero()),
        };
        let workflow_id = if started.workflow_id.is_empty() {
            workflow_id
        } else {
            &started.workflow_id
        };
        let seed_source = if started.original_execution_run_id.is_empty() {
            run_id
        } else {
            &started.original_execution_run_id
        };
        Job::Initialize(Box::new(Initialize {
            workflow_id: workflow_id.to_owned(),
            randomness_seed: seed_of(seed_source),
            start_time,
            started,
        }))
    }

    /// Takes note of what workflow code has set. The memo is not noted: the official SDK carries
    /// over the one that the run was started with.
    pub(super) fn upsert_search_attributes(&mut self, attributes: &SearchAttributes) {
        let fields = &attributes.indexed_fields;
        let own = &mut self
            .search_attributes
            .get_or_insert_default()
            .indexed_fields;
        own.extend(
            fields
                .iter()
                .map(|(key, value)| (key.clone(), value.clone())),
        );
        own.retain(|_, value| !is_null(value));
        if own.is_empty() {
            self.search_attributes = None;
        }
    }

    // Servers without deployments still read `inherit_build_id`.
    #[allow(deprecated)]
    pub(crate) fn continue_as_new(&self, next: ContinueAsNew, own_task_queue: &str) -> Issue {
        let inherit_build_id =
            inherits_build_id(next.versioning_intent, &next.task_queue, own_task_queue);
        let own = Some(self.task_queue.as_str())
            .filter(|name| !name.is_empty())
            .unwrap_or(own_task_queue);
        let attributes = ContinueAsNewWorkflowExecutionCommandAttributes {
            workflow_type: Some(WorkflowType {
                name: or_own(next.workflow_type, &self.workflow_type),
            }),
            task_queue: Some(TaskQueue {
                name: or_own(next.task_queue, own),
                ..TaskQueue::default()
            }),
            input: payloads(next.arguments),
            workflow_run_timeout: next.workflow_run_timeout.map(wire_duration),
            workflow_task_timeout: next.workflow_task_timeout.map(wire_duration),
            backoff_start_interval: next.backoff_start_interval.map(wire_duration),
            memo: next
                .memo
                .filter(|memo| !memo.fields.is_empty())
                .or_else(|| self.memo.clone()),
            header: (!next.headers.is_empty()).then_some(Header {
                fields: next.headers,
            }),
            search_attributes: next
                .search_attributes
                .or_else(|| self.search_attributes.clone()),
            retry_policy: next.retry_policy.or_else(|| self.retry_policy.clone()),
            inherit_build_id,
            initial_versioning_behavior: next.initial_versioning_behavior,
            ..ContinueAsNewWorkflowExecutionCommandAttributes::default()
        };
        end(
            CommandType::ContinueAsNewWorkflowExecution,
            Attributes::ContinueAsNewWorkflowExecutionCommandAttributes(Box::new(attributes)),
        )
    }
}

/// The payload that removes a search attribute.
fn is_null(value: &Payload) -> bool {
    value
        .metadata
        .get("encoding")
        .is_some_and(|encoding| encoding == "binary/null")
}

fn or_own(named: String, own: &str) -> String {
    if named.is_empty() {
        own.to_owned()
    } else {
        named
    }
}

pub(crate) fn complete(result: Option<Payload>) -> Issue {
    end(
        CommandType::CompleteWorkflowExecution,
        Attributes::CompleteWorkflowExecutionCommandAttributes(Box::new(
            CompleteWorkflowExecutionCommandAttributes {
                result: result.and_then(|result| payloads(vec![result])),
            },
        )),
    )
}

pub(crate) fn fail(failure: Failure) -> Issue {
    end(
        CommandType::FailWorkflowExecution,
        Attributes::FailWorkflowExecutionCommandAttributes(Box::new(
            FailWorkflowExecutionCommandAttributes {
                failure: Some(failure),
            },
        )),
    )
}

pub(crate) fn cancel() -> Issue {
    end(
        CommandType::CancelWorkflowExecution,
        Attributes::CancelWorkflowExecutionCommandAttributes(Box::default()),
    )
}

fn end(kind: CommandType, attributes: Attributes) -> Issue {
    Issue {
        issuer: Issuer::WorkflowEnd(kind),
        kind,
        attributes,
        user_metadata: None,
        message: None,
    }
}
