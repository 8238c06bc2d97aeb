//! The life of a worker as plain data: what it waits for, and what comes next.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::config::TaskTypes;

/// How long polls may stay open after the server was asked to end them.
pub(super) const POLL_END_LIMIT: Duration = Duration::from_secs(5);

/// How long the server may take to hear of the shutdown.
pub(super) const NOTICE_LIMIT: Duration = Duration::from_secs(5);

/// How long runs may take to finish their tasks and leave, before they are abandoned.
pub(super) const RUNS_LIMIT: Duration = Duration::from_secs(30);

/// How long a call to the server may take once the worker is shutting down.
pub(super) const LAST_CALL_LIMIT: Duration = Duration::from_secs(10);

/// Why a worker ended that was not asked to.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WorkerError {
    /// Polls failed, beyond the time in which that is tolerated, in a way that does not mend itself.
    #[error("polling for {kind} tasks failed: {status}")]
    Poll {
        kind: super::TaskKind,
        status: Status,
    },
    /// An actor that the worker cannot do without panicked again and again.
    #[error("the actor {name} panicked: {panic}")]
    ActorPanicked { name: &'static str, panic: String },
    /// The runtime was stopped under the worker.
    #[error("the runtime was stopped before the worker had shut down")]
    RuntimeStopped,
    /// A worker runs once.
    #[error("the worker was run already")]
    AlreadyRun,
}

/// What all actors of a worker may look at without asking.
#[derive(Clone, Debug, Default)]
pub(super) struct ShutdownSignal {
    begun: Arc<AtomicBool>,
    /// Drops the polls that are open.
    pub polls: CancellationToken,
    /// Gives up the calls that began before the shutdown and still have no answer.
    pub calls: CancellationToken,
}

impl ShutdownSignal {
    pub(super) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Acquire)
    }

    pub(super) fn begin(&self) {
        self.begun.store(true, Ordering::Release);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LifeState {
    #[default]
    Running,
    Draining,
    Stopped,
}

/// One thing that must have happened before a worker has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Drained {
    WorkflowPolls,
    ActivityPolls,
    /// The server knows of the shutdown, or could not be told.
    Notice,
    Runs,
    /// They end with the runs, and user code may still work on some.
    LocalActivities,
    Activities,
}

/// What the worker does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextStep {
    /// No more tasks will come.
    DrainRuns,
    DrainLocalActivities,
    DrainActivities,
    Stop,
}

/// What is still awaited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drain {
    awaited: Vec<Drained>,
}

impl Drain {
    pub(super) fn new(tasks: TaskTypes, has_local_activities: bool) -> Self {
        let mut awaited = vec![Drained::Notice];
        if tasks.workflows {
            awaited.extend([Drained::WorkflowPolls, Drained::Runs]);
        }
        if has_local_activities {
            awaited.push(Drained::LocalActivities);
        }
        if tasks.activities {
            awaited.extend([Drained::ActivityPolls, Drained::Activities]);
        }
        Self { awaited }
    }

    /// Notes that something is drained and says what follows from it. Telling it twice changes
    /// nothing.
    pub(super) fn done(&mut self, drained: Drained) -> Option<NextStep> {
        let index = self.awaited.iter().position(|one| *one == drained)?;
        self.awaited.swap_remove(index);
        if self.awaited.is_empty() {
            return Some(NextStep::Stop);
        }
        match drained {
            Drained::WorkflowPolls => Some(NextStep::DrainRuns),
            Drained::ActivityPolls => Some(NextStep::DrainActivities),
            Drained::Runs => self
                .awaited
                .contains(&Drained::LocalActivities)
                .then_some(NextStep::DrainLocalActivities),
            Drained::Notice | Drained::LocalActivities | Drained::Activities => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_end_before_their_tasks_are_drained() {
        let both = TaskTypes {
            workflows: true,
            activities: true,
        };
        let mut drain = Drain::new(both, true);
        assert_eq!(
            drain.done(Drained::WorkflowPolls),
            Some(NextStep::DrainRuns)
        );
        assert_eq!(drain.done(Drained::WorkflowPolls), None);
        assert_eq!(
            drain.done(Drained::Runs),
            Some(NextStep::DrainLocalActivities)
        );
        assert_eq!(
            drain.done(Drained::ActivityPolls),
            Some(NextStep::DrainActivities)
        );
        assert_eq!(drain.done(Drained::Notice), None);
        assert_eq!(drain.done(Drained::Activities), None);
        assert_eq!(drain.done(Drained::LocalActivities), Some(NextStep::Stop));
    }

    #[test]
    fn a_worker_waits_only_for_what_it_has() {
        let only_activities = TaskTypes {
            workflows: false,
            activities: true,
        };
        let mut drain = Drain::new(only_activities, false);
        assert_eq!(drain.done(Drained::Runs), None);
        assert_eq!(drain.done(Drained::Notice), None);
        assert_eq!(
            drain.done(Drained::ActivityPolls),
            Some(NextStep::DrainActivities)
        );
        assert_eq!(drain.done(Drained::Activities), Some(NextStep::Stop));
    }
}
