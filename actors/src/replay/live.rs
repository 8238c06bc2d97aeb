//! The engine of a replay and what it is fed with: tasks, pages of history, and what history tells of
//! local activities.

use std::sync::Arc;

use bytes::Bytes;

use crate::workflow::{
    Activation, EvictionReason, HistoryPage, LocalOutcomes, ResponseOutcome, Run, RunConfig,
    RunEffect, RunInput, RunSettings, TaskAnswer, WaitingFor, WorkflowTask,
};

use super::{
    plan::{Course, Plan},
    report::{ReplayFailure, ReplayReport, TaskReport},
};

/// The engine and what it is fed with.
pub(super) struct Live {
    plan: Plan,
    page_sizes: Vec<usize>,
    settings: Arc<RunSettings>,
    pub(super) engine: Run,
    /// Index of the task after the one in progress.
    next_task: usize,
    /// The engine has the events before the task in progress.
    is_cached: bool,
    /// What came of the local activities of the task in progress.
    local_outcomes: LocalOutcomes,
    /// A task that comes after what came before it.
    task: Option<Box<WorkflowTask>>,
    pub(super) report: ReplayReport,
}

impl Live {
    pub(super) fn new(plan: Plan, page_sizes: Vec<usize>, settings: Arc<RunSettings>) -> Self {
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
            local_outcomes: LocalOutcomes::default(),
            task: None,
            report: ReplayReport::default(),
        }
    }

    /// With nothing under way: the next task, or the removal that ends it all.
    pub(super) fn go_on(&mut self) -> Option<RunInput> {
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
        let mut task = self.plan.task(planned);
        self.local_outcomes = self.plan.local_outcomes(planned);
        let page = self.first_page();
        task.history = page.events;
        task.next_page_token = page.next_page_token;
        self.next_task += 1;
        self.task = Some(task);
        self.next_input()
            .expect("there is a task, which was set above")
    }

    /// What the next task brings. The usual replay brings all, which is moved and not copied.
    fn first_page(&mut self) -> HistoryPage {
        if self.page_sizes.is_empty()
            && let Some(events) = self.plan.take_events()
        {
            return HistoryPage {
                events,
                next_page_token: Bytes::new(),
            };
        }
        let planned = &self.plan.tasks[self.next_task];
        let events = self.plan.new_events(planned, self.is_cached);
        HistoryPage::of(events, &self.page_sizes, &[]).unwrap_or_default()
    }

    /// A local activity that went on between tasks may have ended there, before the next one.
    fn next_input(&mut self) -> Option<RunInput> {
        if self.is_cached
            && let Some(outcome) = self.local_outcomes.next_before_task()
        {
            return Some(outcome);
        }
        self.task.take().map(RunInput::TaskReceived)
    }

    /// The run waits for a local activity: it hears what the history tells, or else that the server
    /// must hear of the task.
    fn end_wait(&mut self) -> RunInput {
        self.local_outcomes
            .next()
            .unwrap_or(RunInput::HeartbeatDue {
                task: self.plan.tasks[self.next_task - 1].started_event_id,
            })
    }

    /// A run that has left is made anew if there is more for it to do.
    pub(super) fn begin_anew(&mut self, reason: EvictionReason) -> Option<RunInput> {
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

    pub(super) fn note_activation(&mut self, activation: &Activation) {
        if activation.removes() {
            return;
        }
        if let Some(task) = self.report.tasks.last_mut() {
            task.activations += 1;
            task.ended_replaying = activation.is_replaying;
        }
    }

    /// Does what a server would do.
    pub(super) fn perform(&mut self, effect: RunEffect) -> Option<RunInput> {
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
