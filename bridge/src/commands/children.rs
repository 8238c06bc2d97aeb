//! Commands about child workflows and about workflows that are none of the run's own.

use std::{collections::HashMap, time::Duration};

use callboard_actors::{
    protos::{
        common::v1::{Priority, RetryPolicy, SearchAttributes},
        workflow::v1::VersioningOverride,
    },
    workflow::{
        ChildWorkflowCancellationType, Command, SignalExternalWorkflow, SignalTarget,
        StartChildWorkflow,
    },
};
use pyo3::{exceptions::PyValueError, prelude::*};

use super::{Commands, to_metadata, to_versioning_intent};
use crate::{
    raw_payload::{self, Carried},
    wire::Wire,
};

#[pymethods]
impl Commands {
    #[pyo3(signature = (*, sequence, workflow_id, workflow_type, task_queue, arguments,
        execution_timeout, run_timeout, task_timeout, parent_close_policy, id_reuse_policy,
        retry_policy, cron_schedule, headers, memo, search_attributes, cancellation_type,
        versioning_intent, versioning_override, priority, summary, details))]
    #[allow(clippy::too_many_arguments)]
    fn start_child_workflow(
        &mut self,
        py: Python<'_>,
        sequence: u32,
        workflow_id: String,
        workflow_type: String,
        task_queue: String,
        arguments: Vec<Carried>,
        execution_timeout: Option<Duration>,
        run_timeout: Option<Duration>,
        task_timeout: Option<Duration>,
        parent_close_policy: i32,
        id_reuse_policy: i32,
        retry_policy: Option<Wire<RetryPolicy>>,
        cron_schedule: String,
        headers: HashMap<String, Carried>,
        memo: HashMap<String, Carried>,
        search_attributes: Option<HashMap<String, Carried>>,
        cancellation_type: i32,
        versioning_intent: i32,
        versioning_override: Option<Wire<VersioningOverride>>,
        priority: Option<Wire<Priority>>,
        summary: Option<Carried>,
        details: Option<Carried>,
    ) -> PyResult<()> {
        let child = StartChildWorkflow {
            sequence,
            workflow_id,
            workflow_type,
            task_queue,
            arguments: raw_payload::unwrap(arguments),
            workflow_execution_timeout: execution_timeout,
            workflow_run_timeout: run_timeout,
            workflow_task_timeout: task_timeout,
            parent_close_policy,
            workflow_id_reuse_policy: id_reuse_policy,
            retry_policy: retry_policy.map(|policy| policy.0),
            cron_schedule,
            headers: raw_payload::unwrap_values(headers),
            memo: raw_payload::unwrap_values(memo),
            search_attributes: search_attributes.map(to_search_attributes),
            cancellation_type: to_cancellation_type(cancellation_type)?,
            versioning_intent: to_versioning_intent(versioning_intent)?,
            versioning_override: versioning_override.map(|given| given.0),
            priority: priority.map(|priority| priority.0),
            user_metadata: to_metadata(summary, details),
        };
        self.issue(py, Command::StartChildWorkflow(Box::new(child)))
    }

    fn cancel_child_workflow(
        &mut self,
        py: Python<'_>,
        sequence: u32,
        reason: String,
    ) -> PyResult<()> {
        self.issue(py, Command::CancelChildWorkflow { sequence, reason })
    }

    /// With `child`, the target is a child of this workflow; `run_id` does not count then.
    #[pyo3(signature = (*, sequence, workflow_id, run_id, child, signal_name, arguments, headers))]
    #[allow(clippy::too_many_arguments)]
    fn signal_external_workflow(
        &mut self,
        py: Python<'_>,
        sequence: u32,
        workflow_id: String,
        run_id: String,
        child: bool,
        signal_name: String,
        arguments: Vec<Carried>,
        headers: HashMap<String, Carried>,
    ) -> PyResult<()> {
        let target = if child {
            SignalTarget::Child { workflow_id }
        } else {
            SignalTarget::Workflow {
                workflow_id,
                run_id,
            }
        };
        let signal = SignalExternalWorkflow {
            sequence,
            target,
            signal_name,
            arguments: raw_payload::unwrap(arguments),
            headers: raw_payload::unwrap_values(headers),
            user_metadata: None,
        };
        self.issue(py, Command::SignalExternalWorkflow(Box::new(signal)))
    }

    /// Takes a signal back that is not sent yet.
    fn cancel_signal_workflow(&mut self, py: Python<'_>, sequence: u32) -> PyResult<()> {
        self.issue(py, Command::CancelSignalWorkflow { sequence })
    }

    #[pyo3(signature = (*, sequence, workflow_id, run_id, reason))]
    fn request_cancel_external_workflow(
        &mut self,
        py: Python<'_>,
        sequence: u32,
        workflow_id: String,
        run_id: String,
        reason: String,
    ) -> PyResult<()> {
        self.issue(
            py,
            Command::RequestCancelExternalWorkflow {
                sequence,
                workflow_id,
                run_id,
                reason,
            },
        )
    }
}

pub(super) fn to_search_attributes(attributes: HashMap<String, Carried>) -> SearchAttributes {
    SearchAttributes {
        indexed_fields: raw_payload::unwrap_values(attributes),
    }
}

fn to_cancellation_type(number: i32) -> PyResult<ChildWorkflowCancellationType> {
    match number {
        0 => Ok(ChildWorkflowCancellationType::Abandon),
        1 => Ok(ChildWorkflowCancellationType::TryCancel),
        2 => Ok(ChildWorkflowCancellationType::WaitCancellationCompleted),
        3 => Ok(ChildWorkflowCancellationType::WaitCancellationRequested),
        _ => Err(PyValueError::new_err(format!(
            "child workflow cancellation type must be 0, 1, 2 or 3, got {number}"
        ))),
    }
}
