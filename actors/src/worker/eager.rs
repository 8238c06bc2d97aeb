//! Eager activities: the server may send an activity back with the answer to the workflow task that
//! schedules it, so that nobody has to poll for it.
//!
//! Invariant: an activity is asked for eagerly only while a slot is held for it. Slots that the
//! server makes no use of come back with its answer, and with any other end of the call.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::{
    kit::Sender,
    protos::{
        command::v1::{Command, ScheduleActivityTaskCommandAttributes, command::Attributes},
        workflowservice::v1::PollActivityTaskQueueResponse,
    },
    telemetry::WorkerMetrics,
};

use super::{
    activity_executor::AssignedActivityTask,
    poll::Assigned,
    slots::{SlotKind, SlotPermit, SlotRequest, Slots},
    sources::{activity_slot, types},
};

/// How long a supplier may take to say whether it has slots.
const PATIENCE: Duration = Duration::from_millis(100);

const REQUEST: SlotRequest = SlotRequest {
    kind: SlotKind::Activity,
    is_sticky: false,
};

/// What a worker's workflows need to have activities of its own queue started eagerly.
pub(super) struct EagerActivities {
    pub task_queue: String,
    pub slots: Slots,
    pub tasks: Sender<AssignedActivityTask>,
    pub most_per_workflow_task: usize,
    pub metrics: WorkerMetrics,
}

/// Slots that are held for the activities of one workflow task.
#[derive(Default)]
pub(super) struct Reserved {
    permits: Vec<SlotPermit>,
    tasks: Option<Sender<AssignedActivityTask>>,
    metrics: WorkerMetrics,
}

/// A command that wants its activity to start eagerly.
fn wish(command: &mut Command) -> Option<&mut ScheduleActivityTaskCommandAttributes> {
    match &mut command.attributes {
        Some(Attributes::ScheduleActivityTaskCommandAttributes(schedule))
            if schedule.request_eager_execution =>
        {
            Some(schedule)
        }
        _ => None,
    }
}

/// Takes back all wishes for an eager start.
pub(super) fn reserve_none(commands: &mut [Command]) -> Reserved {
    for schedule in commands.iter_mut().filter_map(wish) {
        schedule.request_eager_execution = false;
    }
    Reserved::default()
}

impl EagerActivities {
    /// False when slots for these commands can be taken at once.
    pub(super) fn has_to_ask(&self, commands: &mut [Command]) -> bool {
        !self.slots.is_fixed() && commands.iter_mut().any(|command| wish(command).is_some())
    }

    /// Takes slots for the activities that want to start eagerly. Commands for which there is none
    /// ask for it no longer.
    pub(super) fn reserve(&self, commands: &mut [Command]) -> Reserved {
        let mut permits = Vec::new();
        for schedule in commands.iter_mut().filter_map(wish) {
            let permit = self
                .may_start(schedule, permits.len())
                .then(|| self.slots.try_take())
                .flatten();
            schedule.request_eager_execution = permit.is_some();
            permits.extend(permit);
        }
        self.reserved(permits)
    }

    /// The same for slots that a supplier has to be asked for. It is not waited for for long: its
    /// slots are not worth a late answer to the workflow task.
    pub(super) async fn reserve_by_asking(&self, commands: &mut [Command]) -> Reserved {
        let until = Instant::now() + PATIENCE;
        let mut permits = Vec::new();
        for schedule in commands.iter_mut().filter_map(wish) {
            let mut permit = None;
            if self.may_start(schedule, permits.len()) {
                let asked = self.slots.try_reserve(REQUEST);
                permit = timeout_at(until, asked).await.ok().flatten();
            }
            schedule.request_eager_execution = permit.is_some();
            permits.extend(permit);
        }
        self.reserved(permits)
    }

    fn may_start(&self, schedule: &ScheduleActivityTaskCommandAttributes, reserved: usize) -> bool {
        let queue = schedule.task_queue.as_ref().map(|queue| &*queue.name);
        queue == Some(&self.task_queue) && reserved < self.most_per_workflow_task
    }

    fn reserved(&self, permits: Vec<SlotPermit>) -> Reserved {
        Reserved {
            tasks: (!permits.is_empty()).then(|| self.tasks.clone()),
            permits,
            metrics: self.metrics.clone(),
        }
    }
}

impl Reserved {
    /// Sends the activities that came back on their way, each with a slot.
    pub(super) fn start(mut self, came: Vec<PollActivityTaskQueueResponse>) {
        for task in came {
            let (Some(tasks), Some(mut permit)) = (&self.tasks, self.permits.pop()) else {
                tracing::error!(
                    activity_type = task.activity_type.unwrap_or_default().name,
                    "an activity that nobody asked for eagerly was left to time out"
                );
                continue;
            };
            permit.mark_used(|| activity_slot(&task));
            self.metrics.activity_came(types(&task), true);
            let task = Box::new(task);
            if tasks.send(Assigned { task, permit }).is_err() {
                tracing::warn!("an eager activity was left to time out: its actor is gone");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        protos::{command::v1::ScheduleActivityTaskCommandAttributes, taskqueue::v1::TaskQueue},
        telemetry::SlotGauges,
        testing::inbox,
    };

    fn wanted(queue: &str) -> Command {
        Command {
            attributes: Some(Attributes::ScheduleActivityTaskCommandAttributes(Box::new(
                ScheduleActivityTaskCommandAttributes {
                    task_queue: Some(TaskQueue {
                        name: queue.into(),
                        ..TaskQueue::default()
                    }),
                    request_eager_execution: true,
                    ..ScheduleActivityTaskCommandAttributes::default()
                },
            ))),
            ..Command::default()
        }
    }

    fn asks(commands: &[Command]) -> Vec<bool> {
        let asks = |command: &Command| match &command.attributes {
            Some(Attributes::ScheduleActivityTaskCommandAttributes(schedule)) => {
                schedule.request_eager_execution
            }
            _ => panic!("another command"),
        };
        commands.iter().map(asks).collect()
    }

    fn activity(token: &'static str) -> PollActivityTaskQueueResponse {
        PollActivityTaskQueueResponse {
            task_token: token.into(),
            ..PollActivityTaskQueueResponse::default()
        }
    }

    /// N31: own queue only, a slot each, no more than the limit.
    #[test]
    fn activities_are_asked_for_as_slots_and_the_limit_allow() {
        for (size, most, expected) in [
            (10, 3, [true, false, true, true, false]),
            (2, 3, [true, false, true, false, false]),
            (10, 1, [true, false, false, false, false]),
        ] {
            let (freed, _) = inbox();
            let (tasks, _) = inbox();
            let eager = EagerActivities {
                task_queue: "own".into(),
                slots: Slots::new(size, freed, SlotGauges::default()),
                tasks,
                most_per_workflow_task: most,
                metrics: WorkerMetrics::default(),
            };
            let mut commands = ["own", "other", "own", "own", "own"].map(wanted);
            let reserved = eager.reserve(&mut commands);
            assert_eq!(asks(&commands), expected, "{size} slots, {most} at most");
            assert_eq!(eager.slots.counts().issued, size.min(most));
            drop(reserved);
            assert_eq!(eager.slots.counts().issued, 0, "unused slots come back");
        }
    }

    #[test]
    fn without_activities_of_its_own_a_worker_asks_for_none() {
        let mut commands = [wanted("own")];
        reserve_none(&mut commands).start(Vec::new());
        assert_eq!(asks(&commands), [false]);
    }

    #[test]
    fn what_comes_back_starts_with_a_slot_and_the_other_slots_are_free() {
        let (freed, _) = inbox();
        let (tasks, started) = inbox();
        let eager = EagerActivities {
            task_queue: "own".into(),
            slots: Slots::new(3, freed, SlotGauges::default()),
            tasks,
            most_per_workflow_task: 3,
            metrics: WorkerMetrics::default(),
        };
        let mut commands = ["own", "own", "own"].map(wanted);
        eager
            .reserve(&mut commands)
            .start(vec![activity("a"), activity("b")]);
        let started = started.drain();
        let tokens: Vec<_> = started.iter().map(|one| &one.task.task_token[..]).collect();
        assert_eq!(tokens, [b"a", b"b"]);
        let counts = eager.slots.counts();
        assert_eq!((counts.issued, counts.used), (2, 2));
        drop(started);
        let mut commands = [wanted("own")];
        eager
            .reserve(&mut commands)
            .start(vec![activity("c"), activity("unasked")]);
        assert_eq!(eager.slots.counts().used, 1, "none runs without a slot");
    }
}
