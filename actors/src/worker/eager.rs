//! Eager activities: the server may send an activity back with the answer to the workflow task that
//! schedules it, so that nobody has to poll for it.
//!
//! Invariant: an activity is asked for eagerly only while a slot is held for it. Slots that the
//! server makes no use of come back with its answer, and with any other end of the call.

use crate::{
    kit::Sender,
    protos::{
        command::v1::{Command, command::Attributes},
        workflowservice::v1::PollActivityTaskQueueResponse,
    },
};

use super::{
    activity_executor::AssignedActivityTask,
    poller::Assigned,
    slots::{SlotPermit, Slots},
};

/// What a worker's workflows need to have activities of its own queue started eagerly.
pub(super) struct EagerActivities {
    pub task_queue: String,
    pub slots: Slots,
    pub tasks: Sender<AssignedActivityTask>,
    pub most_per_workflow_task: usize,
}

/// Slots that are held for the activities of one workflow task.
#[derive(Default)]
pub(super) struct Reserved {
    permits: Vec<SlotPermit>,
    tasks: Option<Sender<AssignedActivityTask>>,
}

/// Takes slots for the activities that want to start eagerly. Commands for which there is none, or
/// no `eager`, ask for it no longer.
pub(super) fn reserve(eager: Option<&EagerActivities>, commands: &mut [Command]) -> Reserved {
    let mut permits = Vec::new();
    for command in commands {
        let Some(Attributes::ScheduleActivityTaskCommandAttributes(schedule)) =
            &mut command.attributes
        else {
            continue;
        };
        if !schedule.request_eager_execution {
            continue;
        }
        let queue = schedule.task_queue.as_ref().map(|queue| &*queue.name);
        let permit = eager
            .filter(|eager| queue == Some(&eager.task_queue))
            .filter(|eager| permits.len() < eager.most_per_workflow_task)
            .and_then(|eager| eager.slots.try_take());
        schedule.request_eager_execution = permit.is_some();
        permits.extend(permit);
    }
    Reserved {
        tasks: eager
            .filter(|_| !permits.is_empty())
            .map(|eager| eager.tasks.clone()),
        permits,
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
            permit.mark_used();
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
                slots: Slots::new(size, freed),
                tasks,
                most_per_workflow_task: most,
            };
            let mut commands = ["own", "other", "own", "own", "own"].map(wanted);
            let reserved = reserve(Some(&eager), &mut commands);
            assert_eq!(asks(&commands), expected, "{size} slots, {most} at most");
            assert_eq!(eager.slots.counts().issued, size.min(most));
            drop(reserved);
            assert_eq!(eager.slots.counts().issued, 0, "unused slots come back");
        }
    }

    #[test]
    fn without_activities_of_its_own_a_worker_asks_for_none() {
        let mut commands = [wanted("own")];
        reserve(None, &mut commands).start(Vec::new());
        assert_eq!(asks(&commands), [false]);
    }

    #[test]
    fn what_comes_back_starts_with_a_slot_and_the_other_slots_are_free() {
        let (freed, _) = inbox();
        let (tasks, started) = inbox();
        let eager = EagerActivities {
            task_queue: "own".into(),
            slots: Slots::new(3, freed),
            tasks,
            most_per_workflow_task: 3,
        };
        let mut commands = ["own", "own", "own"].map(wanted);
        reserve(Some(&eager), &mut commands).start(vec![activity("a"), activity("b")]);
        let started = started.drain();
        let tokens: Vec<_> = started.iter().map(|one| &one.task.task_token[..]).collect();
        assert_eq!(tokens, [b"a", b"b"]);
        let counts = eager.slots.counts();
        assert_eq!((counts.issued, counts.used), (2, 2));
        drop(started);
        let mut commands = [wanted("own")];
        reserve(Some(&eager), &mut commands).start(vec![activity("c"), activity("unasked")]);
        assert_eq!(eager.slots.counts().used, 1, "none runs without a slot");
    }
}
