//! How a run deals with local activities that run while its task is in progress, and between tasks.
//!
//! A task is answered when workflow code is at rest and no local activity is open. Until then the
//! task waits; at 80 % of the server's patience it is completed all the same, and asks for a new
//! one at once (a heartbeat). Outcomes are handed to workflow code when it is at rest and a task is
//! in progress; others wait for that.

use std::time::Duration;

use super::{
    Run,
    activation::EvictionReason,
    exchange::{LocalActivityEnded, RunEffect, StartLocalActivities, WaitingFor},
    failure::TaskError,
};

impl Run {
    /// All of the history is applied, and workflow code is at rest.
    pub(super) fn conclude(&mut self) -> Result<(), TaskError> {
        if self.is_live() {
            if let Some(activation) = self.machines.take_local_outcomes()? {
                self.send_activation(activation);
                return Ok(());
            }
            self.start_local_activities();
            if self.waits_for_local_activities() {
                self.wait_for_local_activities();
                return Ok(());
            }
        }
        self.ask_queries();
        Ok(())
    }

    /// A task is in progress that can change the workflow.
    fn is_live(&self) -> bool {
        let changes = self
            .current
            .as_ref()
            .is_some_and(|task| !task.is_query_only);
        changes && !self.machines.is_replaying()
    }

    /// Promise 25: a query does not have to wait for a local activity. The task that brought it is
    /// completed at once, and a new one goes on with the wait.
    fn waits_for_local_activities(&self) -> bool {
        let Some(current) = &self.current else {
            return false;
        };
        self.machines.open_local_activities() > 0
            && !self.machines.commands.has_end()
            && !current.heartbeats
            && !current.has_queries()
            && !self.backlog.has_queries()
            && self.eviction.is_none()
            && !self.local_activities_stopped
    }

    fn wait_for_local_activities(&mut self) {
        let Some(current) = &mut self.current else {
            return;
        };
        self.waiting_for = WaitingFor::LocalActivities;
        if !current.has_alarm {
            current.has_alarm = true;
            self.effects.push(RunEffect::AwaitLocalActivities {
                task: current.started_event_id,
                // Compatibility, local activities: at 80 % of the task's timeout.
                heartbeat_after: self.machines.task_timeout().mul_f64(0.8),
            });
        }
    }

    /// Goes on with the task, as it is.
    pub(super) fn end_wait(&mut self) {
        if self.waiting_for == WaitingFor::LocalActivities {
            self.waiting_for = WaitingFor::Task;
        }
    }

    /// Starts what workflow code has scheduled, and asks those to stop that it has cancelled.
    pub(super) fn start_local_activities(&mut self) {
        let cancelled = self.machines.take_local_cancels();
        if !cancelled.is_empty() {
            self.effects
                .push(RunEffect::CancelLocalActivities(cancelled));
        }
        if !self.is_live() {
            return;
        }
        let activities = self.machines.dispatch_local();
        if !activities.is_empty() {
            self.effects
                .push(RunEffect::StartLocalActivities(StartLocalActivities {
                    workflow_id: self.machines.workflow_id.clone(),
                    workflow_type: self.machines.workflow_type().to_owned(),
                    activities,
                }));
        }
    }

    pub(super) fn local_activities_ended(&mut self, ended: Vec<LocalActivityEnded>) {
        self.machines.local_ended(ended);
        self.end_wait();
        self.watch_uncached();
    }

    /// The server must hear of the task before it gives up on it.
    pub(super) fn heartbeat_due(&mut self, task: i64) {
        match &mut self.current {
            Some(current) if current.started_event_id == task => {
                current.heartbeats = true;
                self.end_wait();
            }
            // The task that an uncached run has asked for went to another worker.
            None if task == NO_TASK && !self.config.settings.cached => {
                self.evict(EvictionReason::CacheFull, "runs are not cached");
            }
            _ => {}
        }
    }

    pub(super) fn local_activities_stopped(&mut self) {
        self.local_activities_stopped = true;
        self.end_wait();
    }

    /// A run that is not cached leaves after its task, but not while local activities run: the task
    /// that its heartbeat has asked for goes on with them.
    pub(super) fn evict_uncached(&mut self) {
        if self.config.settings.cached || self.eviction.is_some() {
            return;
        }
        if self.machines.open_local_activities() == 0 {
            self.evict(EvictionReason::CacheFull, "runs are not cached");
        }
    }

    /// No local activity runs any more, and the task that should hear of it is not here yet.
    fn watch_uncached(&mut self) {
        let is_done = self.machines.local_activities_in_flight() == 0;
        if is_done && !self.config.settings.cached && self.current.is_none() {
            self.effects.push(RunEffect::AwaitLocalActivities {
                task: NO_TASK,
                heartbeat_after: self.machines.task_timeout() + TASK_TRAVELS,
            });
        }
    }
}

/// Stands for a task that is awaited.
const NO_TASK: i64 = 0;

/// How much longer than a task's timeout an uncached run waits for the task that it has asked for.
const TASK_TRAVELS: Duration = Duration::from_secs(5);
