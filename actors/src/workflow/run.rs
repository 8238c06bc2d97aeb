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

use crate::protos::enums::v1::{EventType, VersioningBehavior};

use super::{
    activation::{EvictionReason, Job},
    backlog::Backlog,
    command::{ActivationCommands, ActivationCompleted},
    current::{CurrentTask, Stage},
    exchange::{RunConfig, RunEffect, RunInput, RunSnapshot, WaitingFor},
    failure::TaskError,
    history::{HistoryWindow, Next, TaskHistory},
    machines::{self, Machines, Moment},
    task::{HistoryPage, WorkflowTask},
};

/// One workflow run, without I/O and without a clock.
#[derive(Debug)]
pub struct Run {
    pub(super) config: RunConfig,
    pub(super) machines: Machines,
    pub(super) window: HistoryWindow,
    pub(super) current: Option<CurrentTask>,
    pub(super) backlog: Backlog,
    pub(super) waiting_for: WaitingFor,
    /// What workflow code has said last of worker versions.
    pub(super) versioning_behavior: VersioningBehavior,
    /// How many queries the outstanding activation asks; 0 for one that works.
    queries_asked: usize,
    pub(super) eviction: Option<(EvictionReason, String)>,
    /// The worker runs no more local activities.
    pub(super) local_activities_stopped: bool,
    /// Workflow code has been given this run, so it must be told of its end.
    known_to_host: bool,
    pub(super) effects: Vec<RunEffect>,
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
            versioning_behavior: VersioningBehavior::Unspecified,
            queries_asked: 0,
            eviction: None,
            local_activities_stopped: false,
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
                self.end_wait();
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
            (RunInput::LocalActivitiesEnded(ended), _) => self.local_activities_ended(ended),
            (RunInput::HeartbeatDue { task }, _) => self.heartbeat_due(task),
            (RunInput::LocalActivitiesStopped, _) => self.local_activities_stopped(),
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
            open_local_activities: self.machines.open_local_activities(),
            open_child_workflows: self.machines.open_child_workflows(),
            open_external_requests: self.machines.open_external_requests(),
            open_updates: self.machines.open_updates(),
            eviction_requested: self.eviction.as_ref().map(|(reason, _)| *reason),
        }
    }

    pub(super) fn receive(&mut self, task: Box<WorkflowTask>) {
        if let Some(outdated) = self.backlog.push(task) {
            tracing::debug!(
                run_id = &*self.config.run_id,
                started_event_id = outdated.started_event_id,
                "a newer task has replaced one that was not begun"
            );
            self.effects.push(RunEffect::TaskFinished);
        }
        match self.waiting_for {
            WaitingFor::Nothing => self.leave(),
            WaitingFor::LocalActivities if self.backlog.has_queries() => self.end_wait(),
            _ => {}
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
        if let Some(activation) = self.machines.take_held_outcomes()? {
            self.send_activation(activation);
            return Ok(true);
        }
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
            Next::Tail => self.apply_tail()?,
            Next::Over => self.conclude()?,
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
        self.machines.begin_sequence(moment, self.window.ahead())?;
        while let Some(event) = self.window.pop_up_to(end) {
            self.machines.apply(event)?;
        }
        self.machines.end_sequence()
    }

    /// Applies what follows the last sequence. Before a query workflow code hears of it when no task
    /// will tell it: that is when the workflow was closed before.
    fn apply_tail(&mut self) -> Result<(), TaskError> {
        let previous = self
            .current
            .as_ref()
            .map_or(i64::MAX, |task| task.previous_started_event_id);
        self.machines.begin_tail();
        let mut was_closed = false;
        while let Some(event) = self.window.pop_up_to(i64::MAX) {
            was_closed = closes_from_outside(event.event_type());
            self.machines.apply_in_tail(event, previous)?;
        }
        self.machines.end_tail();
        let asks = self.current.as_ref().is_some_and(|task| task.is_query_only);
        if was_closed
            && asks
            && let Some(activation) = self.machines.take_activation()
        {
            self.send_activation(activation);
        }
        Ok(())
    }

    /// All of the history is applied: ask the queries, if there are any.
    pub(super) fn ask_queries(&mut self) {
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

    pub(super) fn send_activation(&mut self, activation: super::Activation) {
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
        if completed.versioning_behavior != VersioningBehavior::Unspecified {
            self.versioning_behavior = completed.versioning_behavior;
        }
        self.machines.issue_all(completed.commands)?;
        let follow_up = self.machines.take_follow_up()?;
        self.start_local_activities();
        if let Some(activation) = follow_up {
            self.send_activation(activation);
        }
        Ok(())
    }
}

/// Ends of a workflow that no workflow task has brought about.
fn closes_from_outside(kind: EventType) -> bool {
    matches!(
        kind,
        EventType::WorkflowExecutionTerminated | EventType::WorkflowExecutionTimedOut
    )
}

fn name_of(input: &RunInput) -> &'static str {
    match input {
        RunInput::TaskReceived(_) => "TaskReceived",
        RunInput::HistoryFetched(_) => "HistoryFetched",
        RunInput::HistoryFetchFailed { .. } => "HistoryFetchFailed",
        RunInput::Activated(_) => "Activated",
        RunInput::Responded(_) => "Responded",
        RunInput::LocalActivitiesEnded(_) => "LocalActivitiesEnded",
        RunInput::HeartbeatDue { .. } => "HeartbeatDue",
        RunInput::LocalActivitiesStopped => "LocalActivitiesStopped",
        RunInput::EvictionRequested { .. } => "EvictionRequested",
    }
}
