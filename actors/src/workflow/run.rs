//! One workflow run: takes tasks, drives its state machines over history, asks workflow code, and
//! answers the server.
//!
//! | waiting for | input | then |
//! |---|---|---|
//! | task | a task, or one from the backlog | history, activation or response |
//! | history | a page | activation, or more history |
//! | activation | commands | activation (next sequence, follow-up, queries) or response |
//! | activation | a failure | response: failed, then removal |
//! | response | accepted | task; removal if the workflow ended, failed, or an eviction is due |
//! | response | any error | removal |
//! | removal | the answer to it | nothing: the run is gone |

use std::mem;

use crate::protos::enums::v1::WorkflowTaskFailedCause;

use super::{
    activation::{EvictionReason, Job},
    backlog::Backlog,
    command::{ActivationCommands, ActivationCompleted, ActivationFailure},
    current::{CurrentTask, Stage},
    exchange::{
        QueryFailure, ResponseOutcome, RunConfig, RunEffect, RunInput, RunSnapshot, TaskAnswer,
        TaskCompletion, WaitingFor,
    },
    failure::{TaskError, application_failure},
    history::{HistoryWindow, Next, TaskHistory},
    machines::{self, Machines, Moment},
    task::{HistoryPage, WorkflowTask},
};

/// One workflow run, without I/O and without a clock.
#[derive(Debug)]
pub struct Run {
    config: RunConfig,
    machines: Machines,
    window: HistoryWindow,
    current: Option<CurrentTask>,
    backlog: Backlog,
    waiting_for: WaitingFor,
    /// How many queries the outstanding activation asks; 0 for one that works.
    queries_asked: usize,
    eviction: Option<(EvictionReason, String)>,
    /// Workflow code has been given this run, so it must be told of its end.
    known_to_host: bool,
    effects: Vec<RunEffect>,
}

impl Run {
    pub fn new(config: RunConfig) -> Self {
        Self {
            machines: Machines::new(&config),
            config,
            window: HistoryWindow::default(),
            current: None,
            backlog: Backlog::default(),
            waiting_for: WaitingFor::Task,
            queries_asked: 0,
            eviction: None,
            known_to_host: false,
            effects: Vec::new(),
        }
    }

    /// Takes an input and says what is to be done.
    pub fn handle(&mut self, input: RunInput) -> Vec<RunEffect> {
        match (input, self.waiting_for) {
            (RunInput::TaskReceived(task), _) => self.receive(task),
            (RunInput::EvictionRequested { reason, message }, _) => {
                self.eviction = Some((reason, message));
            }
            (RunInput::HistoryFetched(page), WaitingFor::History) => self.take_page(page),
            (RunInput::HistoryFetchFailed { message }, WaitingFor::History) => {
                self.give_up_history(&message);
            }
            (RunInput::Activated(completed), WaitingFor::Activation) => {
                self.take_activated(completed);
            }
            (RunInput::Activated(_), WaitingFor::Removal) => self.leave(),
            (RunInput::Responded(outcome), WaitingFor::Response) => self.take_outcome(outcome),
            (input, waiting_for) => {
                tracing::error!(
                    run_id = &*self.config.run_id,
                    ?waiting_for,
                    input = name_of(&input),
                    "dropped an input that nothing waits for"
                );
            }
        }
        self.advance();
        mem::take(&mut self.effects)
    }

    pub fn snapshot(&self) -> RunSnapshot {
        RunSnapshot {
            run_id: self.config.run_id.clone(),
            waiting_for: self.waiting_for,
            task_in_progress: self.current.is_some(),
            buffered_tasks: self.backlog.len(),
            last_event_id: self.machines.applied().event_id,
            open_timers: self.machines.open_timers(),
            open_activities: self.machines.open_activities(),
            open_updates: self.machines.open_updates(),
            eviction_requested: self.eviction.as_ref().map(|(reason, _)| *reason),
        }
    }

    fn receive(&mut self, task: Box<WorkflowTask>) {
        if let Some(outdated) = self.backlog.push(task) {
            tracing::debug!(
                run_id = &*self.config.run_id,
                started_event_id = outdated.started_event_id,
                "a newer task has replaced one that was not begun"
            );
            self.effects.push(RunEffect::TaskFinished);
        }
        if self.waiting_for == WaitingFor::Nothing {
            self.leave();
        }
    }

    /// Goes on until something must be waited for.
    fn advance(&mut self) {
        while self.waiting_for == WaitingFor::Task {
            let progress = match self.current.as_ref().map(|task| task.stage) {
                None => self.begin_next(),
                Some(Stage::Working) => self.work(),
                Some(_) => self.answer(),
            };
            match progress {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => self.fail_task(error),
            }
        }
    }

    /// With no task in progress: leave if that is due, or else begin the next task.
    fn begin_next(&mut self) -> Result<bool, TaskError> {
        if let Some((reason, message)) = &self.eviction {
            if !self.known_to_host {
                self.leave();
                return Ok(true);
            }
            let job = Job::RemoveFromCache {
                reason: *reason,
                message: message.clone(),
            };
            self.activate(vec![job]);
            self.waiting_for = WaitingFor::Removal;
            return Ok(true);
        }
        match self.backlog.pop() {
            Some(task) => self.begin(*task).map(|()| true),
            None => Ok(false),
        }
    }

    fn begin(&mut self, mut task: WorkflowTask) -> Result<(), TaskError> {
        self.current = Some(CurrentTask::new(&mut task));
        self.machines.workflow_id = task.workflow_id;
        let update_sequencing_id = task
            .messages
            .iter()
            .map(|message| machines::sequencing_event_id(message.sequencing_id.as_ref()))
            .min();
        self.window.begin(
            self.machines.applied(),
            TaskHistory {
                events: task.history,
                next_page_token: task.next_page_token,
                started_event_id: task.started_event_id,
                previous_started_event_id: task.previous_started_event_id,
                update_sequencing_id,
            },
        )?;
        for message in task.messages {
            self.machines
                .expect_update(machines::read_request(message)?);
        }
        Ok(())
    }

    /// Applies the next part of the history; asks workflow code if that brought anything.
    fn work(&mut self) -> Result<bool, TaskError> {
        match self.window.next()? {
            Next::Page(next_page_token) => {
                self.waiting_for = WaitingFor::History;
                self.effects.push(RunEffect::FetchHistory {
                    workflow_id: self.machines.workflow_id.clone(),
                    run_id: self.config.run_id.clone(),
                    next_page_token,
                });
            }
            Next::Sequence { end, is_last } => {
                self.apply_sequence(end, is_last)?;
                if let Some(activation) = self.machines.take_activation() {
                    self.send_activation(activation);
                }
            }
            Next::Tail => {
                while let Some(event) = self.window.pop_up_to(i64::MAX) {
                    self.machines.apply(event)?;
                }
            }
            Next::Over => self.ask_queries(),
        }
        Ok(true)
    }

    fn apply_sequence(&mut self, end: i64, is_last: bool) -> Result<(), TaskError> {
        let is_live = self
            .current
            .as_ref()
            .is_some_and(|task| !task.is_query_only && end > task.previous_started_event_id);
        let moment = Moment {
            end,
            is_last,
            replaying: !(is_last && is_live),
        };
        self.machines.begin_sequence(moment, self.window.ahead());
        while let Some(event) = self.window.pop_up_to(end) {
            self.machines.apply(event)?;
        }
        self.machines.end_sequence();
        Ok(())
    }

    /// All of the history is applied: ask the queries, if there are any.
    fn ask_queries(&mut self) {
        let Some(current) = &mut self.current else {
            return;
        };
        let queries = current.take_queries();
        current.stage = Stage::Querying;
        if !queries.is_empty() {
            self.queries_asked = queries.len();
            self.activate(queries);
            self.waiting_for = WaitingFor::Activation;
        }
    }

    /// Jobs that stand outside of history: queries and the removal.
    fn activate(&mut self, jobs: Vec<Job>) {
        let activation = self.machines.activation_of(jobs, true);
        self.known_to_host = true;
        self.effects.push(RunEffect::Activate(activation));
    }

    fn send_activation(&mut self, activation: super::Activation) {
        self.known_to_host = true;
        self.queries_asked = 0;
        self.waiting_for = WaitingFor::Activation;
        self.effects.push(RunEffect::Activate(activation));
    }

    fn take_page(&mut self, page: HistoryPage) {
        self.waiting_for = WaitingFor::Task;
        if let Err(error) = self.window.accept_page(page) {
            self.fail_task(error.into());
        }
    }

    fn take_activated(&mut self, completed: ActivationCompleted) {
        self.waiting_for = WaitingFor::Task;
        let taken = match completed.outcome {
            Ok(commands) if self.queries_asked > 0 => self.take_query_answers(commands),
            Ok(commands) => self.take_commands(commands),
            Err(failure) => Err(TaskError::Host(failure)),
        };
        if let Err(error) = taken {
            self.fail_task(error);
        }
    }

    fn take_query_answers(&mut self, answered: ActivationCommands) -> Result<(), TaskError> {
        let asked = mem::take(&mut self.queries_asked);
        match &mut self.current {
            Some(current) => current.take_answers(asked, answered),
            None => Ok(()),
        }
    }

    fn take_commands(&mut self, completed: ActivationCommands) -> Result<(), TaskError> {
        if !self.machines.is_replaying() {
            self.machines.flags.use_lang(completed.used_internal_flags);
        }
        for command in completed.commands {
            self.machines.issue(command)?;
        }
        if let Some(activation) = self.machines.take_follow_up() {
            self.send_activation(activation);
        }
        Ok(())
    }

    /// Work and queries are done: tell the server.
    fn answer(&mut self) -> Result<bool, TaskError> {
        let Some(current) = &mut self.current else {
            return Ok(false);
        };
        let answer = if current.is_query_only {
            current.stage = Stage::Answered;
            current.take_legacy_answer()?
        } else {
            let ends_workflow = self.machines.commands.has_end();
            let (commands, messages) = self.machines.commands.collect();
            current.stage = Stage::Completed { ends_workflow };
            TaskAnswer::Complete(Box::new(TaskCompletion {
                task_token: current.token.clone(),
                commands,
                messages,
                query_results: current.take_query_results(),
                sdk_metadata: self.machines.flags.for_completion(&self.config.settings),
                force_new_task: false,
                ends_workflow,
            }))
        };
        self.respond(answer);
        Ok(true)
    }

    fn respond(&mut self, answer: TaskAnswer) {
        self.waiting_for = WaitingFor::Response;
        self.effects.push(RunEffect::Respond(answer));
    }

    /// The task in progress cannot be completed: say so where it helps, and start anew.
    fn fail_task(&mut self, error: TaskError) {
        self.eviction = Some((error.eviction_reason(), error.message().to_owned()));
        let Some(current) = &mut self.current else {
            return;
        };
        if current.is_query_only {
            current.stage = Stage::Answered;
            let task_token = current.token.clone();
            let (cause, failure) = error.into_report();
            self.respond(TaskAnswer::Query {
                task_token,
                result: Err(QueryFailure {
                    cause,
                    failure: Box::new(failure),
                }),
            });
        } else if error.is_nondeterminism() && self.nondeterminism_fails_workflow() {
            self.fail_workflow(error);
        } else {
            let (cause, failure) = error.into_report();
            self.report_failure(ActivationFailure { failure, cause });
        }
    }

    /// Only the first attempt is reported: later ones are left to time out, which slows the
    /// server's retries down.
    fn report_failure(&mut self, failed: ActivationFailure) {
        let Some(current) = &mut self.current else {
            return;
        };
        if current.attempt > 1 {
            self.finish_task();
            return;
        }
        current.stage = Stage::Failed;
        let task_token = current.token.clone();
        self.respond(TaskAnswer::Fail {
            task_token,
            cause: failed.cause,
            failure: Box::new(failed.failure),
        });
    }

    fn nondeterminism_fails_workflow(&self) -> bool {
        let settings = &self.config.settings;
        settings.nondeterminism_fails_all_workflows
            || self.current.as_ref().is_some_and(|task| {
                let types = &settings.nondeterminism_fails_workflow_types;
                types.contains(&task.workflow_type) || types.contains(self.machines.workflow_type())
            })
    }

    fn fail_workflow(&mut self, error: TaskError) {
        let Some(current) = &mut self.current else {
            return;
        };
        current.stage = Stage::Completed {
            ends_workflow: true,
        };
        let (_, failure) = error.into_report();
        let completion = TaskCompletion {
            task_token: current.token.clone(),
            commands: vec![machines::failing_command(failure)],
            sdk_metadata: self.machines.flags.for_completion(&self.config.settings),
            ends_workflow: true,
            ..TaskCompletion::default()
        };
        self.respond(TaskAnswer::Complete(Box::new(completion)));
    }

    fn give_up_history(&mut self, message: &str) {
        self.waiting_for = WaitingFor::Task;
        self.fail_task(TaskError::invalid(format!(
            "the history of the workflow could not be fetched: {message}"
        )));
        self.evict(EvictionReason::PaginationOrHistoryFetch, message);
    }

    fn evict(&mut self, reason: EvictionReason, message: &str) {
        self.eviction = Some((reason, message.to_owned()));
    }

    fn take_outcome(&mut self, outcome: ResponseOutcome) {
        self.waiting_for = WaitingFor::Task;
        let Some(stage) = self.current.as_ref().map(|task| task.stage) else {
            return;
        };
        match outcome {
            ResponseOutcome::Accepted {
                new_task,
                reset_history_event_id,
            } => {
                self.accepted(stage, new_task, reset_history_event_id);
                return;
            }
            ResponseOutcome::Unsendable { cause, message } => {
                if matches!(stage, Stage::Completed { .. }) {
                    self.fail_unsendable(cause, &message);
                    return;
                }
                self.evict(EvictionReason::Fatal, &message);
            }
            // A query that nobody waits for any more says nothing about the run.
            _ if stage == Stage::Answered => {}
            ResponseOutcome::NotFound => self.evict(
                EvictionReason::TaskNotFound,
                "the server does not know the workflow task any more",
            ),
            ResponseOutcome::UnhandledCommand => self.evict(
                EvictionReason::UnhandledCommand,
                "new events had arrived when the workflow task was completed",
            ),
            ResponseOutcome::Failed { message } => self.evict(
                EvictionReason::Fatal,
                &format!("the workflow task could not be answered: {message}"),
            ),
        }
        self.finish_task();
    }

    fn accepted(
        &mut self,
        stage: Stage,
        new_task: Option<Box<WorkflowTask>>,
        reset_history_event_id: i64,
    ) {
        if let Stage::Completed { ends_workflow } = stage {
            if ends_workflow {
                self.evict(
                    EvictionReason::WorkflowExecutionEnding,
                    "the workflow has ended",
                );
            } else if reset_history_event_id > 0 {
                self.machines.rewind(reset_history_event_id);
            }
        }
        if !self.config.settings.cached && self.eviction.is_none() {
            self.evict(EvictionReason::CacheFull, "runs are not cached");
        }
        match new_task {
            Some(task) => {
                self.current = None;
                self.receive(task);
            }
            None => self.finish_task(),
        }
    }

    fn fail_unsendable(&mut self, cause: WorkflowTaskFailedCause, message: &str) {
        self.evict(EvictionReason::HostFail, message);
        self.report_failure(ActivationFailure {
            failure: application_failure(message),
            cause,
        });
    }

    fn finish_task(&mut self) {
        self.current = None;
        self.effects.push(RunEffect::TaskFinished);
    }

    /// The run is gone: hand back what it has not begun.
    fn leave(&mut self) {
        self.waiting_for = WaitingFor::Nothing;
        let reason = self
            .eviction
            .as_ref()
            .map_or(EvictionReason::Fatal, |(reason, _)| *reason);
        self.effects.push(RunEffect::Evicted {
            reason,
            unstarted_tasks: self.backlog.drain(),
        });
    }
}

fn name_of(input: &RunInput) -> &'static str {
    match input {
        RunInput::TaskReceived(_) => "TaskReceived",
        RunInput::HistoryFetched(_) => "HistoryFetched",
        RunInput::HistoryFetchFailed { .. } => "HistoryFetchFailed",
        RunInput::Activated(_) => "Activated",
        RunInput::Responded(_) => "Responded",
        RunInput::EvictionRequested { .. } => "EvictionRequested",
    }
}
