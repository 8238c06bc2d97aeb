//! Notices workflow tasks that take long, for a warning.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::workflow::{RunId, WorkflowTask};

const LIMIT_VARIABLE: &str = "TEMPORAL_WORKFLOW_TASK_DURATION_WARN_SECONDS";
const DEFAULT_LIMIT: Duration = Duration::from_secs(5);
/// Tasks that start something: the one in progress, and the newest of those that came meanwhile.
const REAL_TASKS: usize = 2;

/// Above which duration a task is slow: whole seconds from the environment, or the default.
pub(super) fn limit() -> Duration {
    parse_limit(std::env::var(LIMIT_VARIABLE).ok().as_deref())
}

fn parse_limit(text: Option<&str>) -> Duration {
    text.and_then(|text| text.parse().ok())
        .map_or(DEFAULT_LIMIT, Duration::from_secs)
}

#[derive(Debug)]
struct Watched {
    token: Bytes,
    came: Instant,
    workflow_type: String,
    attempt: u32,
    /// The last event that the task brought; its completion is the one after it.
    last_event_id: i64,
    is_query_only: bool,
}

/// A task that took long.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SlowTask {
    pub(super) workflow_type: String,
    pub(super) attempt: u32,
    pub(super) event_id: i64,
    pub(super) took: Duration,
}

/// The tasks of one run that are not answered.
#[derive(Debug, Default)]
pub(super) struct SlowTasks {
    watched: Vec<Watched>,
}

impl SlowTasks {
    pub(super) fn came(&mut self, task: &WorkflowTask, now: Instant) {
        let brought = task.history.last().map_or(0, |event| event.event_id);
        self.watched.push(Watched {
            token: task.task_token.clone(),
            came: now,
            workflow_type: task.workflow_type.clone(),
            attempt: task.attempt,
            last_event_id: if task.started_event_id > 0 {
                task.started_event_id
            } else {
                brought
            },
            is_query_only: task.is_query_only(),
        });
        let real = self.watched.iter().filter(|watched| !watched.is_query_only);
        if real.count() > REAL_TASKS {
            self.forget_outdated();
        }
    }

    /// A newer task has replaced the one before it.
    fn forget_outdated(&mut self) {
        let second = self
            .watched
            .iter()
            .enumerate()
            .filter(|(_, watched)| !watched.is_query_only)
            .nth(1);
        if let Some((index, _)) = second {
            self.watched.remove(index);
        }
    }

    /// Returns the task that was answered if it took longer than `limit`.
    pub(super) fn answered(
        &mut self,
        token: &Bytes,
        now: Instant,
        limit: Duration,
    ) -> Option<SlowTask> {
        let index = self
            .watched
            .iter()
            .position(|watched| watched.token == *token)?;
        let task = self.watched.remove(index);
        let took = now - task.came;
        (took > limit).then_some(SlowTask {
            workflow_type: task.workflow_type,
            attempt: task.attempt,
            event_id: task.last_event_id + 1,
            took,
        })
    }
}

impl SlowTask {
    pub(super) fn warn(&self, run_id: &RunId, limit: Duration) {
        tracing::warn!(
            run_id = &**run_id,
            workflow_type = self.workflow_type,
            event_id = self.event_id,
            attempt = self.attempt,
            workflow_task_duration_ms = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "[TMPRL1104] {run_id}:{}:{} Workflow task duration exceeded {} seconds.",
            self.event_id,
            self.attempt,
            limit.as_secs()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::testing::HistoryBuilder;

    const LIMIT: Duration = Duration::from_secs(5);

    fn task(token: &'static str) -> WorkflowTask {
        let mut history = HistoryBuilder::new("Type");
        history.start_task();
        WorkflowTask {
            task_token: token.into(),
            attempt: 2,
            ..history.task()
        }
    }

    #[test]
    fn only_what_took_longer_is_slow() {
        let mut tasks = SlowTasks::default();
        let now = Instant::now();
        for (token, took, slow) in [("a", LIMIT, false), ("b", LIMIT * 2, true)] {
            tasks.came(&task(token), now);
            let expected = slow.then(|| SlowTask {
                workflow_type: "Type".into(),
                attempt: 2,
                event_id: 4,
                took,
            });
            assert_eq!(tasks.answered(&token.into(), now + took, LIMIT), expected);
        }
        assert!(tasks.watched.is_empty());
    }

    /// Event 3 started the task; a query brings the same events and starts nothing.
    #[test]
    fn a_query_is_watched_too() {
        let mut query = task("query");
        query.started_event_id = 0;
        query.query = Some(Default::default());
        let (mut tasks, now) = (SlowTasks::default(), Instant::now());
        tasks.came(&query, now);
        let slow = tasks.answered(&"query".into(), now + LIMIT * 2, LIMIT);
        assert_eq!(slow.map(|slow| slow.event_id), Some(4));
    }

    #[test]
    fn tasks_that_were_replaced_are_forgotten() {
        let (mut tasks, now) = (SlowTasks::default(), Instant::now());
        for token in ["in progress", "outdated", "outdated too", "newest"] {
            tasks.came(&task(token), now);
        }
        let left: Vec<&[u8]> = tasks
            .watched
            .iter()
            .map(|watched| &*watched.token)
            .collect();
        assert_eq!(left, [&b"in progress"[..], b"newest"]);
    }

    #[test]
    fn the_limit_comes_from_the_environment() {
        for (text, seconds) in [
            (None, 5),
            (Some("12"), 12),
            (Some("0"), 0),
            (Some("0.5"), 5),
        ] {
            assert_eq!(parse_limit(text), Duration::from_secs(seconds), "{text:?}");
        }
    }
}
