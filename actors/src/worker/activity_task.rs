//! A polled activity task as user code gets it.

use std::time::Duration;

use crate::{host::ActivityTask, protos::workflowservice::v1::PollActivityTaskQueueResponse};

/// What user code gets for an activity task that a server hands out.
pub fn activity_task(polled: PollActivityTaskQueueResponse) -> ActivityTask {
    let execution = polled.workflow_execution.unwrap_or_default();
    ActivityTask {
        task_token: polled.task_token.into(),
        workflow_namespace: polled.workflow_namespace,
        workflow_type: polled.workflow_type.unwrap_or_default().name,
        workflow_id: execution.workflow_id,
        workflow_run_id: execution.run_id,
        activity_id: polled.activity_id,
        activity_type: polled.activity_type.unwrap_or_default().name,
        activity_run_id: polled.activity_run_id,
        header: polled.header,
        input: polled.input.unwrap_or_default().payloads,
        heartbeat_details: polled.heartbeat_details.unwrap_or_default().payloads,
        scheduled_time: polled.scheduled_time,
        current_attempt_scheduled_time: polled.current_attempt_scheduled_time,
        started_time: polled.started_time,
        attempt: u32::try_from(polled.attempt).unwrap_or(0).max(1),
        schedule_to_close_timeout: duration(polled.schedule_to_close_timeout),
        start_to_close_timeout: duration(polled.start_to_close_timeout),
        heartbeat_timeout: duration(polled.heartbeat_timeout),
        retry_policy: polled.retry_policy,
        priority: polled.priority,
        is_local: false,
    }
}

/// A negative duration from the wire is none.
fn duration(wire: Option<prost_types::Duration>) -> Option<Duration> {
    wire.and_then(|wire| Duration::try_from(wire).ok())
}
