//! Commands about other workflows, as dictionaries.

use callboard_actors::workflow::{SignalExternalWorkflow, SignalTarget, StartChildWorkflow};
use pyo3::{prelude::*, types::PyDict};

use crate::wire::{self, Wire};

pub(super) fn start_child_workflow(
    described: &Bound<'_, PyDict>,
    child: StartChildWorkflow,
) -> PyResult<()> {
    described.set_item("command", "start_child_workflow")?;
    described.set_item("sequence", child.sequence)?;
    described.set_item("workflow_id", child.workflow_id)?;
    described.set_item("workflow_type", child.workflow_type)?;
    described.set_item("task_queue", child.task_queue)?;
    described.set_item("arguments", wire::wrap(child.arguments))?;
    described.set_item("execution_timeout", child.workflow_execution_timeout)?;
    described.set_item("run_timeout", child.workflow_run_timeout)?;
    described.set_item("task_timeout", child.workflow_task_timeout)?;
    described.set_item("parent_close_policy", child.parent_close_policy)?;
    described.set_item("id_reuse_policy", child.workflow_id_reuse_policy)?;
    described.set_item("retry_policy", child.retry_policy.map(Wire))?;
    described.set_item("cron_schedule", child.cron_schedule)?;
    described.set_item("headers", wire::wrap_values(child.headers))?;
    described.set_item("memo", wire::wrap_values(child.memo))?;
    let attributes = child.search_attributes;
    let attributes = attributes.map(|attributes| wire::wrap_values(attributes.indexed_fields));
    described.set_item("search_attributes", attributes)?;
    described.set_item("cancellation_type", child.cancellation_type as i32)?;
    described.set_item("versioning_intent", child.versioning_intent as i32)?;
    described.set_item("versioning_override", child.versioning_override.map(Wire))?;
    described.set_item("priority", child.priority.map(Wire))?;
    let (summary, details) = child.user_metadata.map_or((None, None), |metadata| {
        (metadata.summary, metadata.details)
    });
    described.set_item("summary", summary.map(Wire))?;
    described.set_item("details", details.map(Wire))
}

pub(super) fn signal_external_workflow(
    described: &Bound<'_, PyDict>,
    signal: SignalExternalWorkflow,
) -> PyResult<()> {
    described.set_item("command", "signal_external_workflow")?;
    described.set_item("sequence", signal.sequence)?;
    let (child, workflow_id, run_id) = match signal.target {
        SignalTarget::Child { workflow_id } => (true, workflow_id, String::new()),
        SignalTarget::Workflow {
            workflow_id,
            run_id,
        } => (false, workflow_id, run_id),
    };
    described.set_item("child", child)?;
    described.set_item("workflow_id", workflow_id)?;
    described.set_item("run_id", run_id)?;
    described.set_item("signal_name", signal.signal_name)?;
    described.set_item("arguments", wire::wrap(signal.arguments))?;
    described.set_item("headers", wire::wrap_values(signal.headers))
}
