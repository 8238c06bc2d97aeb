//! Which runs are live, which one is used least, and who waits for a place.
//!
//! Invariants:
//! - never more live runs than the limit; a leaving run counts until it has left;
//! - a task is with its run, with a run that leaves, or waits for a place: nowhere else;
//! - only runs without a task are asked to leave.

use std::collections::{HashMap, VecDeque, hash_map::Entry};

use tokio::time::Instant;

use crate::{
    kit::{Actor, Alarm, Clock, Deadlines, Handle, Mailbox, Sender},
    telemetry::{CountGauge, WorkerMetrics},
    workflow::{EvictionReason, RunId, WorkflowTask},
};

use super::{handed_over::HandedOver, poll::Assigned, recency::Recency, shutdown::RUNS_LIMIT};

/// A polled task with its slot.
pub(super) type AssignedWorkflowTask = Assigned<Box<WorkflowTask>>;

/// What a run is told by the cache.
#[derive(Debug)]
pub(super) enum RunMessage {
    Work(HandedOver),
    Leave(EvictionReason),
    /// End at once; workflow code does not answer any more.
    Abandon,
    /// For tests of faults: panic.
    Break,
}

/// One stay of a run in the cache. What an abandoned run still reports must not be taken for the
/// words of the one that was started in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stay {
    pub run_id: RunId,
    pub number: u64,
}

/// What a run tells the cache.
#[derive(Debug)]
pub(super) enum RunReport {
    /// Tasks are done, their slots free.
    TasksFinished { stay: Stay, count: usize },
    /// Workflow code has been told to forget the run.
    Leaving { stay: Stay },
    /// The run is gone.
    Left {
        stay: Stay,
        reason: EvictionReason,
        /// What it had not begun, in order.
        unstarted: Vec<AssignedWorkflowTask>,
    },
}

/// No more tasks will come: let every run finish and leave.
#[derive(Clone, Copy, Debug)]
pub(super) struct DrainRuns;

/// Runs have had their time: end them all.
#[derive(Clone, Copy, Debug)]
pub(super) struct AbandonRuns;

/// Every run has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RunsDrained;

/// Look for runs that take too long to leave.
#[derive(Clone, Copy, Debug)]
pub(super) struct CheckLeaving;

/// For tests of faults: the run's actor panics, if there is one.
#[derive(Clone, Debug)]
pub(super) struct BreakRun(pub RunId);

/// Starts the actor of a run.
pub(super) type StartRun = Box<dyn FnMut(&Stay) -> Sender<RunMessage>>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCacheSnapshot {
    pub live: usize,
    pub idle: usize,
    pub waiting_tasks: usize,
    pub evicted: u64,
    pub abandoned: u64,
}

#[derive(Clone)]
pub(super) struct RunCacheConfig {
    /// None when runs leave after each task, so that slots alone bound their number.
    pub max_live: Option<usize>,
    pub worker: Sender<RunsDrained>,
    pub check: Sender<CheckLeaving>,
    pub clock: Clock,
    /// Hears of every change; for those who look from outside.
    pub watch: Sender<RunCacheSnapshot>,
    pub metrics: WorkerMetrics,
    /// How many runs there are.
    pub size: CountGauge,
}

struct LiveRun {
    /// Which stay of the run this is.
    number: u64,
    address: Sender<RunMessage>,
    tasks: usize,
    stage: Stage,
    /// Tasks that it may not have taken yet.
    handed_over: Vec<HandedOver>,
    /// Tasks that came while the run was leaving.
    pending: Vec<AssignedWorkflowTask>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Live,
    AskedToLeave,
    Leaving { limit: Instant },
}

pub(super) struct RunCache {
    config: RunCacheConfig,
    start_run: StartRun,
    stays: u64,
    runs: HashMap<RunId, LiveRun>,
    idle: Recency<RunId>,
    waiting: VecDeque<AssignedWorkflowTask>,
    asked: usize,
    leaving: Deadlines<RunId>,
    alarm: Option<Alarm>,
    draining: bool,
    evicted: u64,
    abandoned: u64,
}

impl Actor for RunCache {
    const NAME: &'static str = "run cache";
    /// Bounded by the slots and by the live runs: each has a few messages under way at most.
    const MAILBOX: Mailbox = Mailbox::lossless(64 * 1024);
    type Snapshot = RunCacheSnapshot;

    fn snapshot(&self) -> RunCacheSnapshot {
        RunCacheSnapshot {
            live: self.runs.len(),
            idle: self.idle.len(),
            waiting_tasks: self.waiting.len(),
            evicted: self.evicted,
            abandoned: self.abandoned,
        }
    }
}

impl RunCache {
    pub(super) fn new(config: RunCacheConfig, start_run: StartRun) -> Self {
        Self {
            config,
            start_run,
            stays: 0,
            runs: HashMap::new(),
            idle: Recency::default(),
            waiting: VecDeque::new(),
            asked: 0,
            leaving: Deadlines::default(),
            alarm: None,
            draining: false,
            evicted: 0,
            abandoned: 0,
        }
    }

    /// Gives a task to its run, live or new, or lets it wait. Tasks that wait already come first.
    fn assign(&mut self, assigned: AssignedWorkflowTask) -> Result<(), AssignedWorkflowTask> {
        let run_id = assigned.task.run_id.clone();
        let has_place = self.has_place();
        let run = match self.runs.entry(run_id.clone()) {
            Entry::Occupied(run) => {
                if let Some(metrics) = self
                    .config
                    .metrics
                    .of_workflow(&assigned.task.workflow_type)
                {
                    metrics.found_in_cache();
                }
                run.into_mut()
            }
            Entry::Vacant(_) if !has_place => return Err(assigned),
            Entry::Vacant(place) => {
                if !assigned.task.is_from_the_start() {
                    self.config.metrics.cache_missed();
                }
                self.stays += 1;
                let stay = Stay {
                    run_id: run_id.clone(),
                    number: self.stays,
                };
                place.insert(LiveRun {
                    number: stay.number,
                    address: (self.start_run)(&stay),
                    tasks: 0,
                    stage: Stage::Live,
                    handed_over: Vec::new(),
                    pending: Vec::new(),
                })
            }
        };
        if run.stage != Stage::Live {
            run.pending.push(assigned);
            return Ok(());
        }
        run.tasks += 1;
        self.idle.remove(&run_id);
        run.handed_over.retain(|earlier| !earlier.is_taken());
        let handed_over = HandedOver::new(assigned);
        run.handed_over.push(handed_over.clone());
        // A run that is gone has said so, or will: then the task is taken back.
        let _ = run.address.send(RunMessage::Work(handed_over));
        Ok(())
    }

    fn has_place(&self) -> bool {
        self.config
            .max_live
            .is_none_or(|max_live| self.runs.len() < max_live)
    }

    /// Starts what waits while there are places, then asks for as many more as are needed.
    fn serve_waiting(&mut self) {
        while let Some(next) = self.waiting.pop_front() {
            if let Err(next) = self.assign(next) {
                self.waiting.push_front(next);
                break;
            }
        }
        while self.asked < self.waiting.len() {
            let Some(run_id) = self.idle.pop_oldest() else {
                break;
            };
            self.ask_to_leave(&run_id, EvictionReason::CacheFull);
        }
    }

    fn ask_to_leave(&mut self, run_id: &RunId, reason: EvictionReason) {
        let Some(run) = self.runs.get_mut(run_id) else {
            return;
        };
        if run.stage == Stage::Live {
            run.stage = Stage::AskedToLeave;
            self.asked += 1;
            // A run that is gone reports so itself.
            let _ = run.address.send(RunMessage::Leave(reason));
        }
    }

    fn tasks_finished(&mut self, Stay { run_id, number }: Stay, count: usize) {
        let Some(run) = self
            .runs
            .get_mut(&run_id)
            .filter(|run| run.number == number)
        else {
            return;
        };
        run.tasks = run.tasks.saturating_sub(count);
        if run.tasks > 0 || run.stage != Stage::Live {
            return;
        }
        if self.draining {
            self.ask_to_leave(&run_id, EvictionReason::WorkerShutdown);
        } else {
            self.idle.touch(run_id);
            self.serve_waiting();
        }
    }

    fn run_leaves(&mut self, Stay { run_id, number }: Stay) {
        let Some(run) = self
            .runs
            .get_mut(&run_id)
            .filter(|run| run.number == number)
        else {
            return;
        };
        if run.stage == Stage::Live {
            // The run goes of its own accord.
            self.asked += 1;
            self.idle.remove(&run_id);
        }
        if matches!(run.stage, Stage::Leaving { .. }) {
            return;
        }
        let limit = self.config.clock.now() + RUNS_LIMIT;
        run.stage = Stage::Leaving { limit };
        self.leaving.insert(limit, run_id);
        self.arm();
    }

    fn run_left(&mut self, Stay { run_id, number }: Stay, unstarted: Vec<AssignedWorkflowTask>) {
        let is_known = self
            .runs
            .get(&run_id)
            .is_some_and(|run| run.number == number);
        let Some(run) = is_known.then(|| self.runs.remove(&run_id)).flatten() else {
            // It was abandoned; what it had is still to be done.
            self.waiting.extend(unstarted);
            return self.serve_waiting();
        };
        self.idle.remove(&run_id);
        if run.stage != Stage::Live {
            self.asked -= 1;
        }
        if let Stage::Leaving { limit } = run.stage {
            self.leaving.remove(limit, run_id);
        }
        self.evicted += 1;
        let handed_over: Vec<_> = run
            .handed_over
            .iter()
            .filter_map(HandedOver::take)
            .collect();
        let left_over = unstarted.into_iter().chain(handed_over).chain(run.pending);
        for assigned in left_over.rev() {
            self.waiting.push_front(assigned);
        }
        self.serve_waiting();
    }

    fn abandon(&mut self, run_id: RunId) {
        tracing::error!(%run_id, limit = ?RUNS_LIMIT, "workflow code did not let go of a run, which is abandoned");
        self.abandoned += 1;
        let Some(run) = self.runs.get(&run_id) else {
            return;
        };
        let _ = run.address.send(RunMessage::Abandon);
        let number = run.number;
        self.run_left(Stay { run_id, number }, Vec::new());
    }

    /// One alarm serves all runs that leave.
    fn arm(&mut self) {
        if self.alarm.is_some() {
            return;
        }
        if let Some(due) = self.leaving.earliest() {
            let check = self.config.check.clone();
            self.alarm = Some(self.config.clock.at(due, check, CheckLeaving));
        }
    }

    fn note_change(&self) {
        let _ = self.config.watch.send(self.snapshot());
        self.config.size.show(self.runs.len());
        if self.draining && self.runs.is_empty() && self.waiting.is_empty() {
            let _ = self.config.worker.send(RunsDrained);
        }
    }
}

impl Handle<AssignedWorkflowTask> for RunCache {
    fn handle(&mut self, assigned: AssignedWorkflowTask) {
        if let Err(assigned) = self.assign(assigned) {
            self.waiting.push_back(assigned);
            self.serve_waiting();
        }
        self.note_change();
    }
}

impl Handle<RunReport> for RunCache {
    fn handle(&mut self, report: RunReport) {
        match report {
            RunReport::TasksFinished { stay, count } => self.tasks_finished(stay, count),
            RunReport::Leaving { stay } => self.run_leaves(stay),
            RunReport::Left {
                stay,
                reason,
                unstarted,
            } => {
                tracing::debug!(run_id = %stay.run_id, ?reason, "a run has left");
                if reason != EvictionReason::WorkflowExecutionEnding {
                    self.config.metrics.run_was_evicted();
                }
                self.run_left(stay, unstarted);
            }
        }
        self.note_change();
    }
}

impl Handle<DrainRuns> for RunCache {
    fn handle(&mut self, DrainRuns: DrainRuns) {
        self.draining = true;
        while let Some(run_id) = self.idle.pop_oldest() {
            self.ask_to_leave(&run_id, EvictionReason::WorkerShutdown);
        }
        self.note_change();
    }
}

impl Handle<CheckLeaving> for RunCache {
    fn handle(&mut self, CheckLeaving: CheckLeaving) {
        self.alarm = None;
        while let Some(run_id) = self.leaving.pop_due(self.config.clock.now()) {
            self.abandon(run_id);
        }
        self.arm();
        self.note_change();
    }
}

impl Handle<AbandonRuns> for RunCache {
    fn handle(&mut self, AbandonRuns: AbandonRuns) {
        let runs: Vec<RunId> = self.runs.keys().cloned().collect();
        self.waiting.clear();
        for run in self.runs.values_mut() {
            run.pending.clear();
            run.handed_over.drain(..).for_each(|task| drop(task.take()));
        }
        for run_id in runs {
            self.abandon(run_id);
        }
        self.note_change();
    }
}

impl Handle<BreakRun> for RunCache {
    fn handle(&mut self, BreakRun(run_id): BreakRun) {
        if let Some(run) = self.runs.get(&run_id) {
            let _ = run.address.send(RunMessage::Break);
        }
    }
}
