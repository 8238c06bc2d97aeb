//! Commands as dictionaries. Payloads and failures stay serialized.

mod children;

use callboard_actors::workflow::{
    Command, ContinueAsNew, ScheduleActivity, ScheduleLocalActivity, UpdateResponse,
};
use callboard_protos::temporal::api::sdk::v1::UserMetadata;
use pyo3::{prelude::*, types::PyDict};

use crate::{
    activation::to_nanoseconds,
    wire::{self, Wire},
};

pub(crate) fn command(py: Python<'_>, command: Command) -> PyResult<Bound<'_, PyDict>> {
    let described = PyDict::new(py);
    match command {
        Command::StartTimer {
            sequence,
            duration,
            user_metadata,
        } => {
            described.set_item("command", "start_timer")?;
            described.set_item("sequence", sequence)?;
            described.set_item("seconds", duration.as_secs_f64())?;
            described.set_item("summary", summary(user_metadata))?;
        }
        Command::CancelTimer { sequence } => {
            described.set_item("command", "cancel_timer")?;
            described.set_item("sequence", sequence)?;
        }
        Command::ScheduleActivity(activity) => schedule_activity(&described, *activity)?,
        Command::RequestCancelActivity { sequence } => {
            described.set_item("command", "request_cancel_activity")?;
            described.set_item("sequence", sequence)?;
        }
        Command::ScheduleLocalActivity(activity) => {
            schedule_local_activity(&described, *activity)?;
        }
        Command::RequestCancelLocalActivity { sequence } => {
            described.set_item("command", "request_cancel_local_activity")?;
            described.set_item("sequence", sequence)?;
        }
        Command::StartChildWorkflow(child) => children::start_child_workflow(&described, *child)?,
        Command::CancelChildWorkflow { sequence, reason } => {
            described.set_item("command", "cancel_child_workflow")?;
            described.set_item("sequence", sequence)?;
            described.set_item("reason", reason)?;
        }
        Command::SignalExternalWorkflow(signal) => {
            children::signal_external_workflow(&described, *signal)?;
        }
        Command::CancelSignalWorkflow { sequence } => {
            described.set_item("command", "cancel_signal_workflow")?;
            described.set_item("sequence", sequence)?;
        }
        Command::RequestCancelExternalWorkflow {
            sequence,
            workflow_id,
            run_id,
            reason,
        } => {
            described.set_item("command", "request_cancel_external_workflow")?;
            described.set_item("sequence", sequence)?;
            described.set_item("workflow_id", workflow_id)?;
            described.set_item("run_id", run_id)?;
            described.set_item("reason", reason)?;
        }
        Command::UpsertSearchAttributes(attributes) => {
            described.set_item("command", "upsert_search_attributes")?;
            let attributes = wire::wrap_values(attributes.indexed_fields);
            described.set_item("search_attributes", attributes)?;
        }
        Command::UpsertMemo(memo) => {
            described.set_item("command", "upsert_memo")?;
            described.set_item("memo", wire::wrap_values(memo.fields))?;
        }
        Command::CompleteWorkflow { result } => {
            described.set_item("command", "complete_workflow")?;
            described.set_item("result", result.map(Wire))?;
        }
        Command::FailWorkflow { failure } => {
            described.set_item("command", "fail_workflow")?;
            described.set_item("failure", Wire(*failure))?;
        }
        Command::SetPatchMarker {
            patch_id,
            deprecated,
        } => {
            described.set_item("command", "set_patch_marker")?;
            described.set_item("patch_id", patch_id)?;
            described.set_item("deprecated", deprecated)?;
        }
        Command::CancelWorkflow => described.set_item("command", "cancel_workflow")?,
        Command::ContinueAsNew(next) => continue_as_new(&described, *next)?,
        Command::RespondToQuery { query_id, result } => {
            described.set_item("query_id", query_id)?;
            match result {
                Ok(result) => {
                    described.set_item("command", "answer_query")?;
                    described.set_item("result", result.map(Wire))?;
                }
                Err(failure) => {
                    described.set_item("command", "fail_query")?;
                    described.set_item("failure", Wire(*failure))?;
                }
            }
        }
        Command::RespondToUpdate {
            protocol_instance_id,
            response,
        } => {
            described.set_item("protocol_instance_id", protocol_instance_id)?;
            update_response(&described, response)?;
        }
    }
    Ok(described)
}

fn schedule_activity(described: &Bound<'_, PyDict>, activity: ScheduleActivity) -> PyResult<()> {
    described.set_item("command", "schedule_activity")?;
    described.set_item("sequence", activity.sequence)?;
    described.set_item("activity_id", activity.activity_id)?;
    described.set_item("activity_type", activity.activity_type)?;
    described.set_item("task_queue", activity.task_queue)?;
    described.set_item("headers", wire::wrap_values(activity.headers))?;
    described.set_item("arguments", wire::wrap(activity.arguments))?;
    described.set_item(
        "schedule_to_close_timeout",
        activity.schedule_to_close_timeout,
    )?;
    described.set_item(
        "schedule_to_start_timeout",
        activity.schedule_to_start_timeout,
    )?;
    described.set_item("start_to_close_timeout", activity.start_to_close_timeout)?;
    described.set_item("heartbeat_timeout", activity.heartbeat_timeout)?;
    described.set_item("retry_policy", activity.retry_policy.map(Wire))?;
    described.set_item("cancellation_type", activity.cancellation_type as i32)?;
    described.set_item("do_not_eagerly_execute", activity.do_not_eagerly_execute)?;
    described.set_item("versioning_intent", activity.versioning_intent as i32)?;
    described.set_item("priority", activity.priority.map(Wire))?;
    described.set_item("summary", summary(activity.user_metadata))
}

fn schedule_local_activity(
    described: &Bound<'_, PyDict>,
    activity: ScheduleLocalActivity,
) -> PyResult<()> {
    described.set_item("command", "schedule_local_activity")?;
    described.set_item("sequence", activity.sequence)?;
    described.set_item("activity_id", activity.activity_id)?;
    described.set_item("activity_type", activity.activity_type)?;
    described.set_item("attempt", activity.attempt)?;
    let first_scheduled = activity.original_schedule_time;
    let first_scheduled = first_scheduled.map(|time| to_nanoseconds(Some(&time)));
    described.set_item("first_scheduled_ns", first_scheduled)?;
    described.set_item("headers", wire::wrap_values(activity.headers))?;
    described.set_item("arguments", wire::wrap(activity.arguments))?;
    described.set_item(
        "schedule_to_close_timeout",
        activity.schedule_to_close_timeout,
    )?;
    described.set_item(
        "schedule_to_start_timeout",
        activity.schedule_to_start_timeout,
    )?;
    described.set_item("start_to_close_timeout", activity.start_to_close_timeout)?;
    described.set_item("retry_policy", activity.retry_policy.map(Wire))?;
    described.set_item("local_retry_threshold", activity.local_retry_threshold)?;
    described.set_item("cancellation_type", activity.cancellation_type as i32)?;
    described.set_item("summary", summary(activity.user_metadata))
}

fn continue_as_new(described: &Bound<'_, PyDict>, next: ContinueAsNew) -> PyResult<()> {
    described.set_item("command", "continue_as_new")?;
    described.set_item("workflow_type", next.workflow_type)?;
    described.set_item("task_queue", next.task_queue)?;
    described.set_item("arguments", wire::wrap(next.arguments))?;
    described.set_item("run_timeout", next.workflow_run_timeout)?;
    described.set_item("task_timeout", next.workflow_task_timeout)?;
    described.set_item("backoff_start_interval", next.backoff_start_interval)?;
    let memo = next.memo.map(|memo| wire::wrap_values(memo.fields));
    described.set_item("memo", memo)?;
    described.set_item("headers", wire::wrap_values(next.headers))?;
    let attributes = next.search_attributes;
    let attributes = attributes.map(|attributes| wire::wrap_values(attributes.indexed_fields));
    described.set_item("search_attributes", attributes)?;
    described.set_item("retry_policy", next.retry_policy.map(Wire))?;
    described.set_item("versioning_intent", next.versioning_intent as i32)?;
    described.set_item(
        "initial_versioning_behavior",
        next.initial_versioning_behavior,
    )
}

fn update_response(described: &Bound<'_, PyDict>, response: UpdateResponse) -> PyResult<()> {
    match response {
        UpdateResponse::Accepted => described.set_item("command", "accept_update"),
        UpdateResponse::Rejected(failure) => {
            described.set_item("command", "reject_update")?;
            described.set_item("failure", Wire(*failure))
        }
        UpdateResponse::Completed(result) => {
            described.set_item("command", "complete_update")?;
            described.set_item("result", result.map(Wire))
        }
        UpdateResponse::Failed(failure) => {
            described.set_item("command", "fail_update")?;
            described.set_item("failure", Wire(*failure))
        }
    }
}

fn summary(
    metadata: Option<UserMetadata>,
) -> Option<Wire<callboard_actors::protos::common::v1::Payload>> {
    metadata.and_then(|metadata| metadata.summary).map(Wire)
}
