//! Routes each command of workflow code to the state machine that it is about.

use crate::workflow::{command::Command, failure::TaskError};

use super::{Machines, patches::Treatment, workflow};

impl Machines {
    /// Takes the commands of one activation. Where the workflow's end comes last, it is made last
    /// too: it takes over what the others have set.
    pub(crate) fn issue_all(&mut self, commands: Vec<Command>) -> Result<(), TaskError> {
        let (ends, others): (Vec<_>, Vec<_>) = commands
            .into_iter()
            .partition(|command| self.end_comes_last() && command.ends_workflow());
        others
            .into_iter()
            .chain(ends)
            .try_for_each(|command| self.issue(command))
    }

    fn end_comes_last(&self) -> bool {
        self.flags
            .end_comes_last(self.moment.replaying, &self.settings)
    }

    pub(super) fn issue(&mut self, command: Command) -> Result<(), TaskError> {
        let takes_commands = !self.commands.has_end() || self.end_comes_last();
        match command {
            Command::StartTimer { .. }
            | Command::CancelTimer { .. }
            | Command::ScheduleActivity(_)
            | Command::RequestCancelActivity { .. } => self.issue_work(command, takes_commands),
            Command::ScheduleLocalActivity(schedule) => self.schedule_local(*schedule),
            Command::RequestCancelLocalActivity { sequence } => self.cancel_local(sequence),
            Command::StartChildWorkflow(_)
            | Command::CancelChildWorkflow { .. }
            | Command::SignalExternalWorkflow(_)
            | Command::CancelSignalWorkflow { .. }
            | Command::RequestCancelExternalWorkflow { .. } => {
                self.issue_to_others(command, takes_commands)
            }
            Command::UpsertSearchAttributes(_) | Command::UpsertMemo(_) => {
                self.issue_upsert(command, takes_commands);
                Ok(())
            }
            Command::SetPatchMarker {
                patch_id,
                deprecated,
            } => {
                self.set_patch(patch_id, deprecated, takes_commands);
                Ok(())
            }
            Command::RespondToUpdate {
                protocol_instance_id,
                response,
            } => {
                let open = takes_commands.then_some(&mut self.commands);
                self.updates.respond(protocol_instance_id, response, open)
            }
            Command::RespondToQuery { query_id, .. } => Err(TaskError::invalid(format!(
                "query '{query_id}' was answered though it was not asked"
            ))),
            end => {
                self.issue_end(end);
                Ok(())
            }
        }
    }

    /// Takes a command about a timer or an activity on a task queue.
    fn issue_work(&mut self, command: Command, takes_commands: bool) -> Result<(), TaskError> {
        let open = takes_commands.then_some(&mut self.commands);
        match command {
            Command::StartTimer {
                sequence,
                duration,
                user_metadata,
            } => self.timers.start(sequence, duration, user_metadata, open),
            Command::CancelTimer { sequence } => {
                self.timers
                    .cancel(sequence, &mut self.commands, takes_commands)
            }
            Command::ScheduleActivity(schedule) => {
                self.activities
                    .schedule(*schedule, &self.settings.task_queue, open)
            }
            Command::RequestCancelActivity { sequence } => {
                let heard = self
                    .activities
                    .cancel(sequence, &mut self.commands, takes_commands)?;
                self.follow_ups.extend(heard);
                Ok(())
            }
            other => Err(TaskError::invalid(format!(
                "the command {other:?} is about no timer and no activity"
            ))),
        }
    }

    fn set_patch(&mut self, patch_id: String, deprecated: bool, takes_commands: bool) {
        let replaying = self.moment.replaying;
        let treatment = Treatment {
            replaying,
            upserts: self
                .flags
                .patches_upsert_attribute(replaying, &self.settings),
        };
        let open = takes_commands.then_some(&mut self.commands);
        self.patches.set(patch_id, deprecated, treatment, open);
    }

    fn issue_end(&mut self, command: Command) {
        let issue = match command {
            Command::CompleteWorkflow { result } => workflow::complete(result),
            Command::FailWorkflow { failure } => workflow::fail(*failure),
            Command::CancelWorkflow => workflow::cancel(),
            Command::ContinueAsNew(next) => self
                .workflow
                .continue_as_new(*next, &self.settings.task_queue),
            _ => return,
        };
        self.commands.issue_end(issue);
    }
}
