//! The replay of one history: the engine of a run, fed from memory.
//!
//! What the engine wants of a server is answered on the spot; workflow code alone takes time. After a
//! panic a new actor without an engine has workflow code forget the run, and the verdict says so.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::{
    host::WorkflowHost,
    kit::{Actor, Backoff, Cradle, Handle, Mailbox, Sender, Stage, Supervision},
    workflow::{
        Activation, ActivationCompleted, EvictionReason, HistoryPage, Job, LocalActivityEnded,
        ResponseOutcome, Run, RunConfig, RunEffect, RunId, RunInput, RunSettings, TaskAnswer,
        WaitingFor, WorkflowTask,
    },
};

use super::{
    plan::{Course, Plan},
    queue::{ReplayEnded, StartReplay},
    report::{ReplayFailure, ReplayReport, TaskReport},
};

/// An actor that panicked comes back only to clear up.
const SUPERVISION: Supervision = Supervision {
    restarts: 3,
    window: std::time::Duration::from_secs(3600),
    backoff: Backoff {
        first: std::time::Duration::ZERO,
        max: std::time::Duration::ZERO,
    },
};

/// What starts the actors of replays.
pub(super) fn starter(
    stage: Stage,
    host: Arc<dyn WorkflowHost>,
    settings: Arc<RunSettings>,
) -> StartReplay {
    Box::new(move |order, ended| {
        let run_id = order.plan.run_id.clone();
        let memory = Arc::new(Memory {
            run_id: run_id.clone(),
            ended,
            facts: Mutex::new(Facts {
                reply: Some(order.reply),
                ..Facts::default()
            }),
        });
        let mut live = Some(Live::new(order.plan, order.page_sizes, settings.clone()));
        let host = host.clone();
        stage.start(rand::random(), SUPERVISION, None, move |cradle| {
            Replay::new(host.clone(), memory.clone(), live.take(), cradle)
        });
    })
}

/// What outlives a panic.
struct Memory {
    run_id: RunId,
    ended: Sender<ReplayEnded>,
    facts: Mutex<Facts>,
}

#[derive(Default)]
struct Facts {
    /// An activation is with workflow code.
    host_is_busy: bool,
    /// Workflow code holds something for the run.
    host_knows_run: bool,
    reply: Option<oneshot::Sender<ReplayReport>>,
}

// The run's place must not stay taken, however its actor has ended.
impl Drop for Memory {
    fn drop(&mut self) {
        // Without a queue nobody waits for the place.
        let _ = self.ended.send(ReplayEnded {
            run_id: self.run_id.clone(),
        });
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReplaySnapshot {
    pub(super) run_id: RunId,
    pub(super) tasks_done: usize,
}

enum Phase {
    Live(Box<Live>),
    /// The engine is gone; workflow code has still to forget the run.
    Clearing(ReplayReport),
    Over,
}

pub(super) struct Replay {
    host: Arc<dyn WorkflowHost>,
    memory: Arc<Memory>,
    answers: Sender<ActivationCompleted>,
    phase: Phase,
}

impl Actor for Replay {
    const NAME: &'static str = "replay";
    /// One activation is under way at a time.
    const MAILBOX: Mailbox = Mailbox::lossless(4);
    type Snapshot = ReplaySnapshot;

    fn snapshot(&self) -> ReplaySnapshot {
        let report = match &self.phase {
            Phase::Live(live) => Some(&live.report),
            Phase::Clearing(report) => Some(report),
            Phase::Over => None,
        };
        ReplaySnapshot {
            run_id: self.memory.run_id.clone(),
            tasks_done: report.map_or(0, |report| report.tasks.len()),
        }
    }

    fn started(&mut self) {
        match &mut self.phase {
            Phase::Live(live) => {
                if let Some(first) = live.go_on() {
                    self.apply(first);
                }
            }
            Phase::Clearing(_) => self.clear(),
            Phase::Over => {}
        }
    }

    fn has_finished(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }
}

impl Replay {
    fn new(
        host: Arc<dyn WorkflowHost>,
        memory: Arc<Memory>,
        live: Option<Live>,
        cradle: &Cradle<Self>,
    ) -> Self {
        let phase = match live {
            Some(live) => Phase::Live(Box::new(live)),
            None => Phase::Clearing(ReplayReport::panicked(cradle.last_panic.as_deref())),
        };
        Self {
            host,
            memory,
            answers: cradle.me.sender(),
            phase,
        }
    }

    fn apply(&mut self, input: RunInput) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            let Phase::Live(live) = &mut self.phase else {
                return;
            };
            for effect in live.engine.handle(input) {
                match effect {
                    RunEffect::Activate(activation) => {
                        live.note_activation(&activation);
                        activate(&*self.host, &self.memory, activation, &self.answers);
                    }
                    RunEffect::Evicted { reason, .. } => {
                        next = live.begin_anew(reason);
                        if next.is_none() {
                            let report = std::mem::take(&mut live.report);
                            return self.end(report);
                        }
                    }
                    other => next = live.perform(other).or(next),
                }
            }
            next = next.or_else(|| live.go_on());
        }
    }

    fn end(&mut self, report: ReplayReport) {
        self.phase = Phase::Over;
        if let Some(reply) = self.memory.facts.lock().reply.take() {
            // Whoever asked may have gone.
            let _ = reply.send(report);
        }
    }

    /// Has workflow code forget the run as soon as it is at rest, then ends.
    fn clear(&mut self) {
        let (busy, known) = {
            let facts = self.memory.facts.lock();
            (facts.host_is_busy, facts.host_knows_run)
        };
        if busy {
            return;
        }
        if known {
            let removal = Activation::removal(
                &self.memory.run_id,
                EvictionReason::Fatal,
                "the replay cannot go on",
            );
            return activate(&*self.host, &self.memory, removal, &self.answers);
        }
        if let Phase::Clearing(report) = &mut self.phase {
            let report = std::mem::take(report);
            self.end(report);
        }
    }
}

fn activate(
    host: &dyn WorkflowHost,
    memory: &Memory,
    activation: Activation,
    answers: &Sender<ActivationCompleted>,
) {
    let removes = is_removal(&activation);
    host.activate(activation, answers.clone());
    // Not before: a host that panics has taken nothing.
    let mut facts = memory.facts.lock();
    facts.host_is_busy = true;
    facts.host_knows_run = !removes;
}

fn is_removal(activation: &Activation) -> bool {
    matches!(activation.jobs[..], [Job::RemoveFromCache { .. }])
}

impl Handle<ActivationCompleted> for Replay {
    fn handle(&mut self, completed: ActivationCompleted) {
        self.memory.facts.lock().host_is_busy = false;
        match self.phase {
            Phase::Live(_) => self.apply(RunInput::Activated(completed)),
            Phase::Clearing(_) => self.clear(),
            Phase::Over => {}
        }
    }
}

/// The engine and what it is fed with.
struct Live {
    plan: Plan,
    page_sizes: Vec<usize>,
    settings: Arc<RunSettings>,
    engine: Run,
    /// Index of the task after the one in progress.
    next_task: usize,
    /// The engine has the events before the task in progress.
    is_cached: bool,
    /// What came of the local activities of the task in progress, with the activation index.
    local_outcomes: VecDeque<(LocalActivityEnded, Option<u32>)>,
    /// A task that comes after what came before it.
    task: Option<Box<WorkflowTask>>,
    report: ReplayReport,
}

impl Live {
    fn new(plan: Plan, page_sizes: Vec<usize>, settings: Arc<RunSettings>) -> Self {
        let engine = Run::new(RunConfig {
            run_id: plan.run_id.clone(),
            settings: settings.clone(),
        });
        Self {
            plan,
            page_sizes,
            settings,
            engine,
            next_task: 0,
            is_cached: false,
            local_outcomes: VecDeque::new(),
            task: None,
            report: ReplayReport::default(),
        }
    }

    /// With nothing under way: the next task, or the removal that ends it all.
    fn go_on(&mut self) -> Option<RunInput> {
        match self.engine.snapshot().waiting_for {
            WaitingFor::LocalActivities => return Some(self.end_wait()),
            WaitingFor::Task => {}
            _ => return None,
        }
        if self.task.is_some() {
            return self.next_input();
        }
        let evicting = self.plan.course == Course::EveryTask { evicting: true };
        if self.is_over() || (evicting && self.is_cached) {
            return Some(RunInput::EvictionRequested {
                reason: EvictionReason::CacheFull,
                message: "the replay needs the run no longer".into(),
            });
        }
        Some(self.begin_task())
    }

    fn is_over(&self) -> bool {
        self.report.failure.is_some() || self.next_task == self.plan.tasks.len()
    }

    fn begin_task(&mut self) -> RunInput {
        let planned = &self.plan.tasks[self.next_task];
        self.report.tasks.push(TaskReport {
            started_event_id: planned.started_event_id,
            ended_replaying: true,
            ..TaskReport::default()
        });
        let events = self.plan.new_events(planned, self.is_cached);
        let page = HistoryPage::of(events, &self.page_sizes, &[]).unwrap_or_default();
        let task = self.plan.task(planned, page.events, page.next_page_token);
        self.local_outcomes = self.plan.local_outcomes(planned);
        self.next_task += 1;
        self.task = Some(task);
        self.next_input()
            .expect("there is a task, which was set above")
    }

    /// A local activity that went on between tasks may have ended there, before the next one.
    fn next_input(&mut self) -> Option<RunInput> {
        if self.is_cached
            && let Some((_, Some(0))) = self.local_outcomes.front()
        {
            return self.next_outcome();
        }
        self.task.take().map(RunInput::TaskReceived)
    }

    fn next_outcome(&mut self) -> Option<RunInput> {
        let (first, index) = self.local_outcomes.pop_front()?;
        let mut ended = vec![first];
        // What has one index was heard together.
        while index.is_some()
            && self
                .local_outcomes
                .front()
                .is_some_and(|(_, other)| *other == index)
        {
            ended.extend(self.local_outcomes.pop_front().map(|(next, _)| next));
        }
        Some(RunInput::LocalActivitiesEnded(ended))
    }

    /// The run waits for a local activity: it hears what the history tells, or else that the server
    /// must hear of the task.
    fn end_wait(&mut self) -> RunInput {
        self.next_outcome().unwrap_or(RunInput::HeartbeatDue {
            task: self.plan.tasks[self.next_task - 1].started_event_id,
        })
    }

    /// A run that has left is made anew if there is more for it to do.
    fn begin_anew(&mut self, reason: EvictionReason) -> Option<RunInput> {
        let was_told = matches!(
            reason,
            EvictionReason::CacheFull | EvictionReason::WorkflowExecutionEnding
        );
        match &mut self.report.failure {
            Some(failure) => failure.reason = reason,
            None if !was_told => {
                self.report.failure = Some(ReplayFailure {
                    reason,
                    message: "the run was given up".into(),
                    task_failure: None,
                });
            }
            None => {}
        }
        if self.is_over() {
            return None;
        }
        self.engine = Run::new(RunConfig {
            run_id: self.plan.run_id.clone(),
            settings: self.settings.clone(),
        });
        self.is_cached = false;
        Some(self.begin_task())
    }

    fn note_activation(&mut self, activation: &Activation) {
        if is_removal(activation) {
            return;
        }
        if let Some(task) = self.report.tasks.last_mut() {
            task.activations += 1;
            task.ended_replaying = activation.is_replaying;
        }
    }

    /// Does what a server would do.
    fn perform(&mut self, effect: RunEffect) -> Option<RunInput> {
        match effect {
            RunEffect::FetchHistory {
                next_page_token, ..
            } => Some(self.fetch(&next_page_token)),
            RunEffect::Respond(answer) => {
                self.note_answer(answer);
                Some(RunInput::Responded(ResponseOutcome::Accepted {
                    new_task: None,
                    reset_history_event_id: 0,
                }))
            }
            RunEffect::TaskFinished => {
                self.is_cached = true;
                None
            }
            RunEffect::Activate(_)
            | RunEffect::Evicted { .. }
            // Nothing is run here: the history tells what came of it.
            | RunEffect::StartLocalActivities(_)
            | RunEffect::CancelLocalActivities(_)
            | RunEffect::AwaitLocalActivities { .. } => None,
        }
    }

    fn fetch(&mut self, token: &Bytes) -> RunInput {
        if token.is_empty() {
            // From the first event, whatever the engine was thought to have.
            self.is_cached = false;
        }
        let planned = &self.plan.tasks[self.next_task - 1];
        let events = self.plan.new_events(planned, self.is_cached);
        match HistoryPage::of(events, &self.page_sizes, token) {
            Some(page) => RunInput::HistoryFetched(page),
            None => RunInput::HistoryFetchFailed {
                message: "there is no such page".into(),
            },
        }
    }

    fn note_answer(&mut self, answer: TaskAnswer) {
        match answer {
            TaskAnswer::Complete(completion) => {
                if let Some(task) = self.report.tasks.last_mut() {
                    task.completion = Some(completion);
                }
            }
            TaskAnswer::Fail { failure, .. } => {
                self.report.failure = Some(ReplayFailure {
                    // Replaced by the reason for which the run leaves.
                    reason: EvictionReason::Fatal,
                    message: failure.message.clone(),
                    task_failure: Some(failure),
                });
            }
            // No query is ever asked.
            TaskAnswer::Query { .. } => {}
        }
    }
}
