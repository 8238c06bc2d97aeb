//! The life of a worker: running, draining, stopped. It owns the worker's other actors.

use std::sync::Arc;

use tokio::sync::oneshot;
use tonic::{Code, Status};

use crate::kit::{
    Actor, Alarm, ChildExited, Children, Clock, ExitReason, Handle, Mailbox, Sender, bounded,
};

use super::{
    activity_executor::{ActivitiesDrained, BeginGrace, DrainActivities},
    calls::Calls,
    config::TaskTypes,
    first_tasks::Registration,
    local_stops::{DrainLocalActivities, LocalActivitiesDrained},
    poll::TaskKind,
    poller::{PollerReport, StopPolling},
    run_cache::{AbandonRuns, DrainRuns, RunsDrained},
    shutdown::{
        Drain, Drained, LAST_CALL_LIMIT, LifeState, NOTICE_LIMIT, NextStep, RUNS_LIMIT, WorkerError,
    },
};

/// The worker should end after what it has begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct BeginShutdown;

/// The server has been told, or cannot be.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoticeGiven;

/// Something that held the shutdown up has had its time.
#[derive(Clone, Copy, Debug)]
pub(super) enum TimeIsUp {
    Calls,
    Runs,
}

/// The worker's children that deal with workflow tasks.
pub(super) struct WorkflowSide {
    pub stop_polling: Sender<StopPolling>,
    pub drain: Sender<DrainRuns>,
    pub local_activities: Option<LocalActivityLife>,
    pub abandon: Sender<AbandonRuns>,
}

/// The worker's child that runs local activities.
pub(super) struct LocalActivityLife {
    pub begin_grace: Sender<BeginGrace>,
    pub drain: Sender<DrainLocalActivities>,
}

/// The worker's children that deal with activities.
pub(super) struct ActivitySide {
    pub stop_polling: Sender<StopPolling>,
    pub begin_grace: Sender<BeginGrace>,
    pub drain: Sender<DrainActivities>,
}

/// What a worker's life is made from.
pub(super) struct LifeConfig {
    pub workflows: Option<WorkflowSide>,
    pub activities: Option<ActivitySide>,
    pub children: Children,
    /// None without workflows.
    pub first_tasks: Option<Arc<Registration>>,
    pub calls: Calls,
    pub clock: Clock,
    /// The server ends open polls when it hears of the shutdown, so that no task is lost on one.
    pub server_ends_polls: bool,
    pub notice_given: Sender<NoticeGiven>,
    pub time_is_up: Sender<TimeIsUp>,
    /// Hears of each change; for those who look from outside.
    pub watch: Sender<LifeState>,
    pub ended: oneshot::Sender<Result<(), WorkerError>>,
}

pub(super) struct WorkerLife {
    config: LifeConfig,
    ended: Option<oneshot::Sender<Result<(), WorkerError>>>,
    state: LifeState,
    drain: Option<Drain>,
    /// The first error; later ones follow from it.
    error: Option<WorkerError>,
    alarms: Vec<Alarm>,
}

impl Actor for WorkerLife {
    const NAME: &'static str = "worker";
    /// A few messages in a worker's whole life.
    const MAILBOX: Mailbox = Mailbox::lossless(64);
    type Snapshot = LifeState;

    fn snapshot(&self) -> LifeState {
        self.state
    }

    fn has_finished(&self) -> bool {
        self.state == LifeState::Stopped
    }
}

impl WorkerLife {
    pub(super) fn new(mut config: LifeConfig) -> Self {
        let (unused, _) = oneshot::channel();
        let ended = std::mem::replace(&mut config.ended, unused);
        Self {
            config,
            ended: Some(ended),
            state: LifeState::Running,
            drain: None,
            error: None,
            alarms: Vec::new(),
        }
    }

    fn begin_shutdown(&mut self) {
        if self.state != LifeState::Running {
            return;
        }
        self.enter(LifeState::Draining);
        self.config.calls.shutdown.begin();
        if let Some(first_tasks) = &self.config.first_tasks {
            first_tasks.end();
        }
        let tasks = TaskTypes {
            workflows: self.config.workflows.is_some(),
            activities: self.config.activities.is_some(),
        };
        self.drain = Some(Drain::new(tasks, self.local_activities().is_some()));
        let stop = StopPolling {
            server_ends_polls: self.config.server_ends_polls,
        };
        // Children that have ended are noted as they exit.
        if let Some(side) = &self.config.workflows {
            let _ = side.stop_polling.send(stop);
        }
        if let Some(side) = self.local_activities() {
            let _ = side.begin_grace.send(BeginGrace);
        }
        if let Some(side) = &self.config.activities {
            let _ = side.stop_polling.send(stop);
            let _ = side.begin_grace.send(BeginGrace);
        }
        self.give_notice();
        self.set_alarm(LAST_CALL_LIMIT, TimeIsUp::Calls);
    }

    fn local_activities(&self) -> Option<&LocalActivityLife> {
        self.config.workflows.as_ref()?.local_activities.as_ref()
    }

    fn set_alarm(&mut self, delay: std::time::Duration, message: TimeIsUp) {
        let to = self.config.time_is_up.clone();
        self.alarms
            .push(self.config.clock.after(delay, to, message));
    }

    fn give_notice(&self) {
        let calls = &self.config.calls;
        let call = calls
            .service
            .get()
            .shutdown_worker(calls.requests.shutdown_worker());
        let given = self.config.notice_given.clone();
        calls.spawner.spawn(async move {
            if let Err(status) = bounded(call, NOTICE_LIMIT).await {
                note_refusal(&status);
            }
            let _ = given.send(NoticeGiven);
        });
    }

    fn drained(&mut self, drained: Drained) {
        let Some(drain) = &mut self.drain else {
            return;
        };
        for step in drain.done(drained) {
            self.take_step(step);
        }
    }

    fn take_step(&mut self, step: NextStep) {
        match step {
            NextStep::DrainRuns => {
                if let Some(side) = &self.config.workflows {
                    let _ = side.drain.send(DrainRuns);
                }
                self.set_alarm(RUNS_LIMIT, TimeIsUp::Runs);
            }
            NextStep::DrainLocalActivities => {
                if let Some(side) = self.local_activities() {
                    let _ = side.drain.send(DrainLocalActivities);
                }
            }
            NextStep::DrainActivities => {
                if let Some(side) = &self.config.activities {
                    let _ = side.drain.send(DrainActivities);
                }
            }
            NextStep::Stop => self.stop(),
        }
    }

    fn stop(&mut self) {
        self.config.children.stop_all();
        self.enter(LifeState::Stopped);
        let result = self.error.take().map_or(Ok(()), Err);
        if let Some(ended) = self.ended.take() {
            // Whoever ran the worker may have gone.
            let _ = ended.send(result);
        }
    }

    fn fail(&mut self, error: WorkerError) {
        tracing::error!(%error, "the worker ends");
        self.error.get_or_insert(error);
        self.begin_shutdown();
    }

    fn enter(&mut self, state: LifeState) {
        self.state = state;
        let _ = self.config.watch.send(state);
    }
}

fn note_refusal(status: &Status) {
    if status.code() == Code::Unimplemented {
        tracing::debug!("the server is too old to be told of shutdowns");
    } else {
        tracing::warn!(%status, "the server could not be told of the shutdown");
    }
}

impl Handle<BeginShutdown> for WorkerLife {
    fn handle(&mut self, BeginShutdown: BeginShutdown) {
        self.begin_shutdown();
    }
}

impl Handle<PollerReport> for WorkerLife {
    fn handle(&mut self, report: PollerReport) {
        match report {
            PollerReport::Failed(kind, status) => self.fail(WorkerError::Poll { kind, status }),
            PollerReport::Stopped(TaskKind::Workflow) => self.drained(Drained::WorkflowPolls),
            PollerReport::Stopped(TaskKind::Activity) => self.drained(Drained::ActivityPolls),
        }
    }
}

impl Handle<NoticeGiven> for WorkerLife {
    fn handle(&mut self, NoticeGiven: NoticeGiven) {
        self.drained(Drained::Notice);
    }
}

impl Handle<RunsDrained> for WorkerLife {
    fn handle(&mut self, RunsDrained: RunsDrained) {
        self.drained(Drained::Runs);
    }
}

impl Handle<LocalActivitiesDrained> for WorkerLife {
    fn handle(&mut self, LocalActivitiesDrained: LocalActivitiesDrained) {
        self.drained(Drained::LocalActivities);
    }
}

impl Handle<ActivitiesDrained> for WorkerLife {
    fn handle(&mut self, ActivitiesDrained: ActivitiesDrained) {
        self.drained(Drained::Activities);
    }
}

impl Handle<TimeIsUp> for WorkerLife {
    fn handle(&mut self, what: TimeIsUp) {
        match what {
            TimeIsUp::Calls => self.config.calls.shutdown.calls.cancel(),
            TimeIsUp::Runs => {
                if let Some(side) = &self.config.workflows {
                    let _ = side.abandon.send(AbandonRuns);
                }
            }
        }
    }
}

/// A child that has ended for good takes its part of the work with it; the rest is drained.
impl Handle<ChildExited> for WorkerLife {
    fn handle(&mut self, exited: ChildExited) {
        let ExitReason::Panicked(panic) = exited.reason else {
            return;
        };
        let name = exited.name;
        self.fail(WorkerError::ActorPanicked { name, panic });
        self.config.calls.shutdown.polls.cancel();
        let drained: &[Drained] = match name {
            super::NAME_OF_WORKFLOW_POLLER => &[Drained::WorkflowPolls],
            super::NAME_OF_ACTIVITY_POLLER => &[Drained::ActivityPolls],
            super::NAME_OF_RUN_CACHE => &[Drained::Runs],
            super::NAME_OF_LOCAL_ACTIVITY_EXECUTOR => &[Drained::LocalActivities],
            super::NAME_OF_ACTIVITY_EXECUTOR => &[Drained::Activities],
            _ => &[],
        };
        for one in drained {
            self.drained(*one);
        }
    }
}
