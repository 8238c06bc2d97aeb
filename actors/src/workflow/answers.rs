//! How a run answers the server, and what the server's word means for the run.

use super::{
    Run,
    activation::EvictionReason,
    command::ActivationFailure,
    current::Stage,
    exchange::{QueryFailure, ResponseOutcome, RunEffect, TaskAnswer, TaskCompletion, WaitingFor},
    failure::TaskError,
    history::HistoryWindow,
    machines,
    task::WorkflowTask,
};

impl Run {
    /// Work and queries are done: tell the server.
    pub(super) fn answer(&mut self) -> Result<bool, TaskError> {
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
                force_new_task: !ends_workflow && self.machines.open_local_activities() > 0,
                versioning_behavior: self.versioning_behavior,
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
    pub(super) fn fail_task(&mut self, error: TaskError) {
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
            versioning_behavior: self.versioning_behavior,
            ends_workflow: true,
            ..TaskCompletion::default()
        };
        self.respond(TaskAnswer::Complete(Box::new(completion)));
    }

    pub(super) fn give_up_history(&mut self, message: &str) {
        self.waiting_for = WaitingFor::Task;
        if self.current.as_ref().is_some_and(|task| task.is_query_only) {
            // Another worker may have more luck with it before it times out.
            tracing::warn!(
                run_id = &*self.config.run_id,
                error = message,
                "a query is not answered: its history could not be fetched"
            );
            self.finish_task();
        } else {
            self.fail_task(TaskError::invalid(format!(
                "the history of the workflow could not be fetched: {message}"
            )));
        }
        self.evict(EvictionReason::PaginationOrHistoryFetch, message);
    }

    pub(super) fn evict(&mut self, reason: EvictionReason, message: &str) {
        self.eviction = Some((reason, message.to_owned()));
    }

    pub(super) fn take_outcome(&mut self, outcome: ResponseOutcome) {
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
            ResponseOutcome::Unsendable(failed) => {
                self.evict(EvictionReason::Fatal, &failed.failure.message);
                if matches!(stage, Stage::Completed { .. }) {
                    self.report_failure(*failed);
                    return;
                }
            }
            // A query that nobody waits for any more says nothing about the run, and a run whose
            // task failed leaves for that reason.
            _ if matches!(stage, Stage::Answered | Stage::Failed) => self.evict_uncached(),
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
        self.evict_uncached();
        match new_task {
            Some(task) => {
                self.current = None;
                self.receive(task);
            }
            None => self.finish_task(),
        }
    }

    fn finish_task(&mut self) {
        self.current = None;
        // A cached run keeps no history.
        self.window = HistoryWindow::default();
        self.effects.push(RunEffect::TaskFinished);
    }

    /// The run is gone: hand back what it has not begun.
    pub(super) fn leave(&mut self) {
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
