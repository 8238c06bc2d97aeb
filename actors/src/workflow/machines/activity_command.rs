//! The commands that schedule and cancel an activity on a task queue.

use crate::{
    protos::{
        command::v1::{
            RequestCancelActivityTaskCommandAttributes, ScheduleActivityTaskCommandAttributes,
            command,
        },
        common::v1::{ActivityType, Header},
        enums::v1::CommandType,
        sdk::v1::UserMetadata,
        taskqueue::v1::TaskQueue,
    },
    workflow::{
        command::ScheduleActivity,
        commands::{Issue, Issuer},
    },
};

use super::{inherits_build_id, payloads, wire_duration};

pub(super) fn schedule_command(schedule: ScheduleActivity, own_task_queue: &str) -> Issue {
    let use_workflow_build_id = inherits_build_id(
        schedule.versioning_intent,
        &schedule.task_queue,
        own_task_queue,
    );
    let task_queue = if schedule.task_queue.is_empty() {
        own_task_queue.to_owned()
    } else {
        schedule.task_queue
    };
    let attributes = Box::new(ScheduleActivityTaskCommandAttributes {
        activity_id: schedule.activity_id,
        activity_type: Some(ActivityType {
            name: schedule.activity_type,
        }),
        task_queue: Some(TaskQueue {
            name: task_queue,
            ..TaskQueue::default()
        }),
        // Without headers too: the official SDK's events have it so.
        header: Some(Header {
            fields: schedule.headers,
        }),
        input: payloads(schedule.arguments),
        schedule_to_close_timeout: schedule.schedule_to_close_timeout.map(wire_duration),
        schedule_to_start_timeout: schedule.schedule_to_start_timeout.map(wire_duration),
        start_to_close_timeout: schedule.start_to_close_timeout.map(wire_duration),
        heartbeat_timeout: schedule.heartbeat_timeout.map(wire_duration),
        retry_policy: schedule.retry_policy,
        // A wish: the worker takes it back where no slot can be held for the activity.
        request_eager_execution: !schedule.do_not_eagerly_execute,
        use_workflow_build_id,
        priority: schedule.priority,
    });
    Issue {
        issuer: Issuer::Activity(schedule.sequence),
        kind: CommandType::ScheduleActivityTask,
        attributes: command::Attributes::ScheduleActivityTaskCommandAttributes(attributes),
        user_metadata: schedule.user_metadata,
        message: None,
    }
}

pub(super) fn cancel_command(
    sequence: u32,
    scheduled_event_id: i64,
    user_metadata: Option<UserMetadata>,
) -> Issue {
    Issue {
        issuer: Issuer::ActivityCancel(sequence),
        kind: CommandType::RequestCancelActivityTask,
        attributes: command::Attributes::RequestCancelActivityTaskCommandAttributes(Box::new(
            RequestCancelActivityTaskCommandAttributes { scheduled_event_id },
        )),
        user_metadata,
        message: None,
    }
}
