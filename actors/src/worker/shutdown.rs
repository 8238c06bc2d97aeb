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

use crate::connection::Overlap;

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
    /// Another worker has come, while this one was not to run after a failed validation.
    #[error(transparent)]
    Overlap(#[from] Overlap),
    /// A worker runs once.
    #[error("the worker was run already")]
    AlreadyRun,
}

/// What all actors of a worker may look at without asking.
#[derive(Clone, Debug, Default)]
pub(super) struct ShutdownSignal {
    begun: Arc<AtomicBool>,
    /// Calls off the polls that wait for a slot.
    pub reservations: CancellationToken,
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
        self.reservations.cancel();
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
    pub(super) fn done(&mut self, drained: Drained) -> Vec<NextStep> {
        let Some(index) = self.awaited.iter().position(|one| *one == drained) else {
            return Vec::new();
        };
        self.awaited.swap_remove(index);
        if self.awaited.is_empty() {
            return vec![NextStep::Stop];
        }
        let mut next = Vec::new();
        match drained {
            Drained::WorkflowPolls => next.push(NextStep::DrainRuns),
            Drained::Runs if self.awaits(Drained::LocalActivities) => {
                next.push(NextStep::DrainLocalActivities);
            }
            _ => {}
        }
        // Activities come from polls and, eagerly, from the tasks of runs.
        let brings_activities = matches!(drained, Drained::ActivityPolls | Drained::Runs);
        if brings_activities
            && self.awaits(Drained::Activities)
            && !self.awaits(Drained::ActivityPolls)
            && !self.awaits(Drained::Runs)
        {
            next.push(NextStep::DrainActivities);
        }
        next
    }

    fn awaits(&self, what: Drained) -> bool {
        self.awaited.contains(&what)
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
        assert_eq!(drain.done(Drained::WorkflowPolls), [NextStep::DrainRuns]);
        assert_eq!(drain.done(Drained::WorkflowPolls), []);
        assert_eq!(drain.done(Drained::ActivityPolls), []);
        assert_eq!(
            drain.done(Drained::Runs),
            [NextStep::DrainLocalActivities, NextStep::DrainActivities]
        );
        assert_eq!(drain.done(Drained::Notice), []);
        assert_eq!(drain.done(Drained::Activities), []);
        assert_eq!(drain.done(Drained::LocalActivities), [NextStep::Stop]);
    }

    #[test]
    fn activities_are_drained_when_neither_polls_nor_runs_bring_more() {
        let both = TaskTypes {
            workflows: true,
            activities: true,
        };
        let mut drain = Drain::new(both, false);
        assert_eq!(drain.done(Drained::Runs), []);
        assert_eq!(
            drain.done(Drained::ActivityPolls),
            [NextStep::DrainActivities]
        );
        let mut drain = Drain::new(both, false);
        assert_eq!(drain.done(Drained::ActivityPolls), []);
        assert_eq!(drain.done(Drained::Runs), [NextStep::DrainActivities]);
    }

    #[test]
    fn a_worker_waits_only_for_what_it_has() {
        let only_activities = TaskTypes {
            workflows: false,
            activities: true,
        };
        let mut drain = Drain::new(only_activities, false);
        assert_eq!(drain.done(Drained::Runs), []);
        assert_eq!(drain.done(Drained::Notice), []);
        assert_eq!(
            drain.done(Drained::ActivityPolls),
            [NextStep::DrainActivities]
        );
        assert_eq!(drain.done(Drained::Activities), [NextStep::Stop]);
    }
}
