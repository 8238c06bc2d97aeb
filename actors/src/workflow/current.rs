//! The task in progress, and the queries that it carries.

use std::collections::HashMap;

use bytes::Bytes;

use crate::protos::{
    common::v1::Payloads,
    enums::v1::{QueryResultType, WorkflowTaskFailedCause},
    query::v1::{WorkflowQuery, WorkflowQueryResult},
};

use super::{
    activation::Job,
    command::{ActivationCommands, Command},
    exchange::{QueryFailure, TaskAnswer},
    failure::TaskError,
    task::WorkflowTask,
};
use crate::protos::{common::v1::Payload, failure::v1::Failure};

/// Names the old-style query, which has no id of its own.
const LEGACY_QUERY_ID: &str = "legacy_query";

type QueryAnswer = Result<Option<Payload>, Box<Failure>>;

/// Where a task is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// History is applied, workflow code works.
    Working,
    /// The state is reached; workflow code answers the queries.
    Querying,
    /// The server's word on a completion is awaited.
    Completed { ends_workflow: bool },
    /// The server's word on a failure is awaited.
    Failed,
    /// The server's word on a query's answer is awaited.
    Answered,
}

/// A task in progress.
#[derive(Debug)]
pub(super) struct CurrentTask {
    pub(super) token: Bytes,
    pub(super) attempt: u32,
    pub(super) workflow_type: String,
    pub(super) previous_started_event_id: i64,
    pub(super) started_event_id: i64,
    /// Local activities still run, but the server must hear of the task now.
    pub(super) heartbeats: bool,
    /// It was asked for word when that is due.
    pub(super) has_alarm: bool,
    pub(super) is_query_only: bool,
    pub(super) stage: Stage,
    queries: HashMap<String, WorkflowQuery>,
    answers: HashMap<String, QueryAnswer>,
}

impl CurrentTask {
    /// Takes from the task what is needed after its history and messages are.
    pub(super) fn new(task: &mut WorkflowTask) -> Self {
        let is_query_only = task.is_query_only();
        let mut queries = std::mem::take(&mut task.queries);
        if let Some(query) = task.query.take() {
            queries.clear();
            queries.insert(LEGACY_QUERY_ID.into(), query);
        }
        Self {
            token: task.task_token.clone(),
            attempt: task.attempt,
            workflow_type: std::mem::take(&mut task.workflow_type),
            previous_started_event_id: task.previous_started_event_id,
            started_event_id: task.started_event_id,
            heartbeats: false,
            has_alarm: false,
            is_query_only,
            stage: Stage::Working,
            queries,
            answers: HashMap::new(),
        }
    }

    pub(super) fn has_queries(&self) -> bool {
        !self.queries.is_empty()
    }

    /// The questions, as jobs in the order of their ids.
    pub(super) fn take_queries(&mut self) -> Vec<Job> {
        let mut queries: Vec<_> = self.queries.drain().collect();
        queries.sort_by(|left, right| left.0.cmp(&right.0));
        queries
            .into_iter()
            .map(|(query_id, query)| Job::QueryWorkflow {
                query_id,
                query_type: query.query_type,
                arguments: query
                    .query_args
                    .map_or_else(Vec::new, |Payloads { payloads }| payloads),
                headers: query.header.map(|header| header.fields).unwrap_or_default(),
            })
            .collect()
    }

    /// Takes the answers to all the questions. Nothing else may be answered to a question.
    pub(super) fn take_answers(
        &mut self,
        asked: usize,
        answered: ActivationCommands,
    ) -> Result<(), TaskError> {
        for command in answered.commands {
            let Command::RespondToQuery { query_id, result } = command else {
                return Err(TaskError::invalid(
                    "workflow code issued a command while it answered a query; queries must not \
                     change the workflow",
                ));
            };
            self.answers.insert(query_id, result);
        }
        if self.answers.len() != asked {
            return Err(TaskError::invalid(format!(
                "{asked} queries were asked, {} were answered",
                self.answers.len()
            )));
        }
        Ok(())
    }

    pub(super) fn take_query_results(&mut self) -> HashMap<String, WorkflowQueryResult> {
        self.answers
            .drain()
            .map(|(query_id, answer)| (query_id, query_result(answer)))
            .collect()
    }

    /// The answer to the old-style query.
    pub(super) fn take_legacy_answer(&mut self) -> Result<TaskAnswer, TaskError> {
        let Some(result) = self.answers.remove(LEGACY_QUERY_ID) else {
            return Err(TaskError::invalid("the query was not answered"));
        };
        Ok(TaskAnswer::Query {
            task_token: self.token.clone(),
            result: result.map_err(|failure| QueryFailure {
                cause: WorkflowTaskFailedCause::Unspecified,
                failure,
            }),
        })
    }
}

fn query_result(answer: QueryAnswer) -> WorkflowQueryResult {
    match answer {
        Ok(result) => WorkflowQueryResult {
            result_type: QueryResultType::Answered.into(),
            answer: Some(Payloads {
                payloads: result.into_iter().collect(),
            }),
            ..WorkflowQueryResult::default()
        },
        Err(failure) => WorkflowQueryResult {
            result_type: QueryResultType::Failed.into(),
            error_message: failure.message.clone(),
            failure: Some(*failure),
            ..WorkflowQueryResult::default()
        },
    }
}
