//! A live run: the thin shell around the pure engine of one workflow run.
//!
//! The engine says what is to be done; the shell does it and tells the engine what came of it. After
//! a panic a new shell without an engine takes the mailbox over: it fails the task, waits until
//! workflow code is at rest, has it forget the run, and leaves. The next task rebuilds the run.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::time::Instant;

use crate::{
    host::WorkflowHost,
    kit::{Actor, Alarm, Clock, Cradle, Handle, Mailbox, Sender},
    telemetry::WorkerMetrics,
    workflow::{
        Activation, ActivationCompleted, EvictionReason, ResponseOutcome, RunEffect, RunId,
        RunInput, TaskAnswer, WorkflowTask,
    },
};

use super::{
    calls::Calls,
    eager::EagerActivities,
    handed_over::HandedOver,
    measured_run::MeasuredRun,
    run_answers,
    run_cache::{AssignedWorkflowTask, RunMessage, RunReport},
    run_local::LocalActivitySide,
    run_memory::RunMemory,
    run_removal::EarlyRemoval,
    slots::SlotPermit,
    slow_tasks::SlowTasks,
};

/// The pure part of a run.
pub(super) trait RunEngine: Send + Unpin + 'static {
    fn handle(&mut self, input: RunInput) -> Vec<RunEffect>;
}

impl RunEngine for crate::workflow::Run {
    fn handle(&mut self, input: RunInput) -> Vec<RunEffect> {
        Self::handle(self, input)
    }
}

/// Builds the engine of a run.
pub(super) type NewEngine<E> = Arc<dyn Fn(&RunId) -> E + Send + Sync>;

/// What every run of a worker shares.
pub(super) struct RunShared<E> {
    pub calls: Calls,
    pub host: Arc<dyn WorkflowHost>,
    pub cache: Sender<RunReport>,
    /// None for a worker without activities.
    pub local_activities: Option<LocalActivitySide>,
    /// None when activities always go by their task queue.
    pub eager_activities: Option<Arc<EagerActivities>>,
    pub clock: Clock,
    /// A task that takes longer is logged.
    pub slow_task_limit: Duration,
    pub new_engine: NewEngine<E>,
    pub metrics: WorkerMetrics,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RunActorSnapshot {
    pub run_id: RunId,
    pub tasks: usize,
    pub is_recovering: bool,
}

pub(super) enum Phase<E> {
    Live(E),
    /// The engine is lost; workflow code has still to forget the run.
    Recovering {
        unstarted: Vec<AssignedWorkflowTask>,
    },
    Left,
}

pub(super) struct RunActor<E> {
    pub(super) shared: Arc<RunShared<E>>,
    pub(super) memory: Arc<RunMemory>,
    pub(super) phase: Phase<E>,
    /// One slot per task that the engine has. Which slot goes with which task does not matter.
    permits: Vec<SlotPermit>,
    pub(super) answers: Sender<ActivationCompleted>,
    pub(super) early_removal: EarlyRemoval,
    pub(super) results: Sender<RunInput>,
    /// When the newest task came.
    pub(super) task_came: Instant,
    slow_tasks: SlowTasks,
    measured: MeasuredRun,
    pub(super) heartbeat: Option<Alarm>,
}

impl<E: RunEngine> Actor for RunActor<E> {
    const NAME: &'static str = "run";
    /// One activation, call and fetch at a time, and a task per slot at most.
    const MAILBOX: Mailbox = Mailbox::lossless(32);
    type Snapshot = RunActorSnapshot;

    fn snapshot(&self) -> RunActorSnapshot {
        RunActorSnapshot {
            run_id: self.memory.run_id().clone(),
            tasks: self.permits.len(),
            is_recovering: matches!(self.phase, Phase::Recovering { .. }),
        }
    }

    fn started(&mut self) {
        if matches!(self.phase, Phase::Recovering { .. }) {
            self.forget_local_activities();
            self.fail_open_task();
            self.forget_run();
        }
    }

    fn has_finished(&self) -> bool {
        matches!(self.phase, Phase::Left)
    }
}

impl<E: RunEngine> RunActor<E> {
    pub(super) fn new(
        shared: Arc<RunShared<E>>,
        memory: Arc<RunMemory>,
        cradle: &Cradle<Self>,
    ) -> Self {
        Self::with_senders(
            shared,
            memory,
            cradle.incarnation,
            cradle.me.sender(),
            cradle.me.sender(),
        )
    }

    fn with_senders(
        shared: Arc<RunShared<E>>,
        memory: Arc<RunMemory>,
        incarnation: u32,
        answers: Sender<ActivationCompleted>,
        results: Sender<RunInput>,
    ) -> Self {
        let phase = if incarnation == 0 {
            Phase::Live((shared.new_engine)(memory.run_id()))
        } else {
            Phase::Recovering {
                unstarted: Vec::new(),
            }
        };
        Self {
            task_came: shared.clock.now(),
            slow_tasks: SlowTasks::default(),
            measured: MeasuredRun::new(shared.metrics.clone()),
            heartbeat: None,
            shared,
            memory,
            phase,
            permits: Vec::new(),
            answers,
            early_removal: EarlyRemoval::default(),
            results,
        }
    }

    fn apply(&mut self, input: RunInput) {
        let Phase::Live(engine) = &mut self.phase else {
            return;
        };
        let mut finished = 0;
        for effect in engine.handle(input) {
            match effect {
                RunEffect::Activate(activation) => self.activate(activation),
                RunEffect::FetchHistory {
                    workflow_id,
                    run_id,
                    next_page_token,
                } => self.fetch_history(workflow_id, &run_id, next_page_token),
                RunEffect::Respond(answer) => self.respond(answer),
                RunEffect::StartLocalActivities(start) => self.start_local_activities(start),
                RunEffect::CancelLocalActivities(sequences) => {
                    self.stop_local_activities(sequences)
                }
                RunEffect::AwaitLocalActivities {
                    task,
                    heartbeat_after,
                } => self.await_local_activities(task, heartbeat_after),
                RunEffect::TaskFinished => finished += 1,
                RunEffect::Evicted {
                    reason,
                    unstarted_tasks,
                } => {
                    self.report_finished(std::mem::take(&mut finished));
                    self.leave(reason, unstarted_tasks);
                }
            }
        }
        self.report_finished(finished);
    }

    pub(super) fn activate(&mut self, activation: Activation) {
        self.measured
            .activated(&activation, self.shared.clock.now());
        match activation.removes() {
            true => self.remove(activation),
            false => self.hand_to_host(activation, true),
        }
    }

    pub(super) fn hand_to_host(&mut self, activation: Activation, host_knows_run: bool) {
        {
            let mut facts = self.memory.facts.lock();
            facts.host_is_busy = true;
            facts.host_knows_run = host_knows_run;
        }
        self.shared.host.activate(activation, self.answers.clone());
    }

    fn fetch_history(&self, workflow_id: String, run_id: &RunId, next_page_token: Bytes) {
        let calls = &self.shared.calls;
        let request = calls
            .requests
            .get_history(workflow_id, run_id, next_page_token);
        let call = calls.service.get().get_history(request);
        calls.send(call, self.results.clone(), run_answers::history_input);
    }

    fn respond(&mut self, answer: TaskAnswer) {
        let now = self.shared.clock.now();
        let limit = self.shared.slow_task_limit;
        self.measured.answered(&answer, now);
        if let Some(slow) = self.slow_tasks.answered(answer.task_token(), now, limit) {
            slow.warn(self.memory.run_id(), limit);
        }
        {
            let mut facts = self.memory.facts.lock();
            // Once an answer is under way there is nothing left to fail.
            facts.open_task = None;
            facts.is_responding = true;
        }
        let ends_workflow = answer.ends_workflow();
        let eager = self.shared.eager_activities.as_ref();
        run_answers::respond(&self.shared.calls, eager, answer, self.results.clone());
        if ends_workflow {
            self.remove_early();
        }
    }

    fn report_finished(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        let kept = self.permits.len().saturating_sub(count);
        self.permits.truncate(kept);
        self.report(RunReport::TasksFinished {
            stay: self.memory.stay.clone(),
            count,
        });
    }

    #[allow(clippy::vec_box, reason = "each goes on as an assigned task")]
    fn leave(&mut self, reason: EvictionReason, tasks: Vec<Box<WorkflowTask>>) {
        let permits = std::mem::take(&mut self.permits);
        debug_assert_eq!(permits.len(), tasks.len(), "a slot per unfinished task");
        let unstarted = tasks
            .into_iter()
            .zip(permits)
            .map(|(task, permit)| AssignedWorkflowTask { task, permit })
            .collect();
        self.forget_local_activities();
        self.memory.left(reason, unstarted);
        self.phase = Phase::Left;
    }

    pub(super) fn report(&self, report: RunReport) {
        // Without a cache the worker has ended.
        let _ = self.shared.cache.send(report);
    }
}

impl<E: RunEngine> Handle<RunMessage> for RunActor<E> {
    fn handle(&mut self, message: RunMessage) {
        match message {
            RunMessage::Work(handed_over) => self.work(&handed_over),
            RunMessage::Leave(reason) => self.apply(RunInput::EvictionRequested {
                reason,
                message: String::new(),
            }),
            RunMessage::Abandon => {
                self.forget_local_activities();
                self.memory.facts.lock().has_left = true;
                self.phase = Phase::Left;
            }
            RunMessage::Break => panic!("the run was asked to break"),
        }
    }
}

impl<E: RunEngine> RunActor<E> {
    fn work(&mut self, handed_over: &HandedOver) {
        if matches!(self.phase, Phase::Left) {
            // The cache takes it back when it hears that the run has left.
            return;
        }
        let Some(assigned) = handed_over.take() else {
            return;
        };
        match &mut self.phase {
            Phase::Live(_) => {
                self.note_open_task(&assigned.task);
                self.permits.push(assigned.permit);
                self.apply(RunInput::TaskReceived(assigned.task));
            }
            Phase::Recovering { unstarted } => unstarted.push(assigned),
            Phase::Left => {}
        }
    }

    fn note_open_task(&mut self, task: &WorkflowTask) {
        let now = self.shared.clock.now();
        self.slow_tasks.came(task, now);
        self.measured.task_came(task, now);
        if !task.is_query_only() {
            self.task_came = now;
            self.memory.facts.lock().open_task = Some((task.task_token.clone(), task.attempt));
        }
    }
}

impl<E: RunEngine> Handle<ActivationCompleted> for RunActor<E> {
    fn handle(&mut self, completed: ActivationCompleted) {
        self.memory.facts.lock().host_is_busy = false;
        if self.was_removed_early() {
            return;
        }
        match self.phase {
            Phase::Live(_) => self.apply(RunInput::Activated(completed)),
            Phase::Recovering { .. } => self.forget_run(),
            Phase::Left => {}
        }
    }
}

impl<E: RunEngine> Handle<RunInput> for RunActor<E> {
    fn handle(&mut self, input: RunInput) {
        if let RunInput::Responded(outcome) = &input {
            self.memory.facts.lock().is_responding = false;
            if let ResponseOutcome::Accepted {
                new_task: Some(task),
                ..
            } = outcome
            {
                self.note_open_task(task);
            }
        }
        match self.phase {
            Phase::Live(_) => self.apply(input),
            Phase::Recovering { .. } => {
                // The engine that could work on a task that came with the response is lost.
                self.fail_open_task();
                self.forget_run();
            }
            Phase::Left => {}
        }
    }
}
