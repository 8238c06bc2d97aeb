//! Tasks that wait until the one in progress is over.

use std::collections::VecDeque;

use super::task::WorkflowTask;

/// Queries in the order of arrival, and the newest real task.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    queries: VecDeque<Box<WorkflowTask>>,
    task: Option<Box<WorkflowTask>>,
}

impl Backlog {
    /// Returns the task that the new one makes pointless: the server has given up on it.
    pub(super) fn push(&mut self, task: Box<WorkflowTask>) -> Option<Box<WorkflowTask>> {
        if task.is_query_only() {
            self.queries.push_back(task);
            return None;
        }
        self.task.replace(task)
    }

    /// Queries go first: they ask about the state before the task.
    pub(super) fn pop(&mut self) -> Option<Box<WorkflowTask>> {
        self.queries.pop_front().or_else(|| self.task.take())
    }

    pub(super) fn has_queries(&self) -> bool {
        !self.queries.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.queries.len() + usize::from(self.task.is_some())
    }

    #[allow(clippy::vec_box, reason = "they came boxed and go on boxed")]
    pub(super) fn drain(&mut self) -> Vec<Box<WorkflowTask>> {
        self.queries.drain(..).chain(self.task.take()).collect()
    }
}
