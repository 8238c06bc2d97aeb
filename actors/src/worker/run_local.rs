//! What a live run has to do with local activities.

use std::time::Duration;

use crate::{
    kit::Sender,
    workflow::{RunInput, StartLocalActivities},
};

use super::{
    local_activities::RunLocalActivities,
    local_stops::{ForgetLocalActivities, StopLocalActivities},
    run::{RunActor, RunEngine},
};

/// The way to what runs local activities.
pub(super) struct LocalActivitySide {
    pub run: Sender<RunLocalActivities>,
    pub stop: Sender<StopLocalActivities>,
    pub forget: Sender<ForgetLocalActivities>,
}

impl<E: RunEngine> RunActor<E> {
    pub(super) fn start_local_activities(&mut self, start: StartLocalActivities) {
        let run = RunLocalActivities {
            run_id: self.memory.run_id().clone(),
            start,
            reply: self.results.clone(),
        };
        self.memory.facts.lock().has_local_activities = true;
        let side = self.shared.local_activities.as_ref();
        if side.is_none_or(|side| side.run.send(run).is_err()) {
            // Nobody runs them here any more: the worker ends.
            let _ = self.results.send(RunInput::LocalActivitiesStopped);
        }
    }

    pub(super) fn stop_local_activities(&self, sequences: Vec<u32>) {
        if let Some(side) = &self.shared.local_activities {
            let run_id = self.memory.run_id().clone();
            let _ = side.stop.send(StopLocalActivities { run_id, sequences });
        }
    }

    /// The run goes: what still runs for it is asked to stop.
    pub(super) fn forget_local_activities(&mut self) {
        self.heartbeat = None;
        if !std::mem::take(&mut self.memory.facts.lock().has_local_activities) {
            return;
        }
        if let Some(side) = &self.shared.local_activities {
            let run_id = self.memory.run_id().clone();
            let _ = side.forget.send(ForgetLocalActivities(run_id));
        }
    }

    pub(super) fn await_local_activities(&mut self, task: i64, heartbeat_after: Duration) {
        // Without a task it is one to come that is awaited, from now on.
        let since = if task > 0 {
            self.task_came
        } else {
            self.shared.clock.now()
        };
        let due = since + heartbeat_after;
        let due_input = RunInput::HeartbeatDue { task };
        let to = self.results.clone();
        self.heartbeat = Some(self.shared.clock.at(due, to, due_input));
    }
}
