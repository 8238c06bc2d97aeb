//! One workflow task as polled, and the pages of history that belong to it.

use std::collections::HashMap;

use bytes::Bytes;
use prost_types::Timestamp;

use crate::protos::{
    history::v1::HistoryEvent, protocol::v1::Message, query::v1::WorkflowQuery,
    workflowservice::v1::PollWorkflowTaskQueueResponse,
};

use super::activation::RunId;

/// A workflow task, or a query-only task: that has [`WorkflowTask::query`] and starts nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkflowTask {
    pub task_token: Bytes,
    pub workflow_id: String,
    pub run_id: RunId,
    pub workflow_type: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// The last task that was completed; 0 when none was.
    pub previous_started_event_id: i64,
    /// The event that started this task; 0 for a query-only task.
    pub started_event_id: i64,
    pub history: Vec<HistoryEvent>,
    /// Where `history` goes on; empty when it is complete.
    pub next_page_token: Bytes,
    /// The old-style query. It is answered alone.
    pub query: Option<WorkflowQuery>,
    /// Queries that ride on a task, by query id.
    pub queries: HashMap<String, WorkflowQuery>,
    /// Update requests.
    pub messages: Vec<Message>,
    pub scheduled_time: Option<Timestamp>,
    pub started_time: Option<Timestamp>,
    pub backlog_count_hint: i64,
}

impl WorkflowTask {
    /// True when the task only asks a question and cannot change the run.
    pub fn is_query_only(&self) -> bool {
        self.query.is_some()
    }

    /// True when it brings the history from its first event on, so that no run has to be there for it.
    pub fn is_from_the_start(&self) -> bool {
        self.history
            .first()
            .is_some_and(|event| event.event_id == 1)
    }
}

/// Why a poll's response holds no task that can be worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotATask {
    /// The long poll ended without a task: poll again.
    #[error("the poll ended without a task")]
    Empty,
    /// The server sent a task without what every task has: log it and poll again.
    #[error("the server sent a workflow task without its {0}")]
    Malformed(&'static str),
}

impl TryFrom<PollWorkflowTaskQueueResponse> for WorkflowTask {
    type Error = NotATask;

    fn try_from(polled: PollWorkflowTaskQueueResponse) -> Result<Self, NotATask> {
        if polled.task_token.is_empty() {
            return Err(NotATask::Empty);
        }
        let execution = polled
            .workflow_execution
            .filter(|execution| !execution.run_id.is_empty())
            .ok_or(NotATask::Malformed("workflow execution"))?;
        let workflow_type = polled
            .workflow_type
            .ok_or(NotATask::Malformed("workflow type"))?;
        Ok(Self {
            task_token: polled.task_token,
            workflow_id: execution.workflow_id,
            run_id: execution.run_id.into(),
            workflow_type: workflow_type.name,
            attempt: u32::try_from(polled.attempt).unwrap_or(0).max(1),
            previous_started_event_id: polled.previous_started_event_id,
            started_event_id: polled.started_event_id,
            history: polled
                .history
                .map(|history| history.events)
                .unwrap_or_default(),
            next_page_token: polled.next_page_token,
            query: polled.query,
            queries: polled.queries,
            messages: polled.messages,
            scheduled_time: polled.scheduled_time,
            started_time: polled.started_time,
            backlog_count_hint: polled.backlog_count_hint,
        })
    }
}

/// One page of history, as fetched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryPage {
    pub events: Vec<HistoryEvent>,
    /// Empty after the last page.
    pub next_page_token: Bytes,
}

impl HistoryPage {
    /// The page of a history that a token stands for, where `sizes` says how large pages are (the
    /// last size goes on, none means all at once). An empty token is the first page.
    ///
    /// None for a token that no page of this history has given.
    pub fn of(history: &[HistoryEvent], sizes: &[usize], token: &[u8]) -> Option<Self> {
        let (first, number) = read_token(token)?;
        let size = sizes
            .get(number)
            .or(sizes.last())
            .map_or(usize::MAX, |size| *size.max(&1));
        let end = first.saturating_add(size).min(history.len());
        let next_page_token = if end < history.len() {
            format!("{end}:{}", number + 1)
        } else {
            String::new()
        };
        Some(Self {
            events: history.get(first..end)?.to_vec(),
            next_page_token: next_page_token.into(),
        })
    }
}

/// A token is `<index of the first event>:<number of the page>`.
fn read_token(token: &[u8]) -> Option<(usize, usize)> {
    if token.is_empty() {
        return Some((0, 0));
    }
    let (first, number) = std::str::from_utf8(token).ok()?.split_once(':')?;
    Some((first.parse().ok()?, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protos::common::v1::{WorkflowExecution, WorkflowType};

    /// N48: an empty poll is no error; a task that cannot be read is told apart.
    #[test]
    fn what_is_polled_is_a_task_or_says_what_it_lacks() {
        let whole = PollWorkflowTaskQueueResponse {
            task_token: "token".into(),
            workflow_execution: Some(WorkflowExecution {
                workflow_id: "workflow".into(),
                run_id: "run".into(),
            }),
            workflow_type: Some(WorkflowType::default()),
            ..PollWorkflowTaskQueueResponse::default()
        };
        let without = |change: fn(&mut PollWorkflowTaskQueueResponse)| {
            let mut polled = whole.clone();
            change(&mut polled);
            WorkflowTask::try_from(polled).map(|task| task.run_id)
        };
        let table = [
            (without(|_| {}), Ok("run".into())),
            (
                without(|polled| polled.task_token.clear()),
                Err(NotATask::Empty),
            ),
            (
                without(|polled| polled.workflow_execution = None),
                Err(NotATask::Malformed("workflow execution")),
            ),
            (
                without(|polled| {
                    if let Some(execution) = &mut polled.workflow_execution {
                        execution.run_id.clear();
                    }
                }),
                Err(NotATask::Malformed("workflow execution")),
            ),
            (
                without(|polled| polled.workflow_type = None),
                Err(NotATask::Malformed("workflow type")),
            ),
        ];
        for (read, expected) in table {
            assert_eq!(read, expected);
        }
    }
}
