//! The command that starts a child workflow.

use crate::{
    protos::{
        command::v1::{StartChildWorkflowExecutionCommandAttributes, command},
        common::v1::{Header, Memo, WorkflowType},
        enums::v1::CommandType,
        taskqueue::v1::TaskQueue,
    },
    workflow::{
        command::StartChildWorkflow,
        commands::{Issue, Issuer},
        exchange::RunSettings,
    },
};

use super::{inherits_build_id, payloads, wire_duration};

pub(super) fn start_command(start: StartChildWorkflow, settings: &RunSettings) -> Issue {
    let own_task_queue = &settings.task_queue;
    let inherit_build_id =
        inherits_build_id(start.versioning_intent, &start.task_queue, own_task_queue);
    let task_queue = if start.task_queue.is_empty() {
        own_task_queue.clone()
    } else {
        start.task_queue
    };
    // Servers without deployments still read `inherit_build_id`.
    #[allow(deprecated)]
    let attributes = StartChildWorkflowExecutionCommandAttributes {
        namespace: settings.namespace.clone(),
        workflow_id: start.workflow_id,
        workflow_type: Some(WorkflowType {
            name: start.workflow_type,
        }),
        task_queue: Some(TaskQueue {
            name: task_queue,
            ..TaskQueue::default()
        }),
        input: payloads(start.arguments),
        workflow_execution_timeout: start.workflow_execution_timeout.map(wire_duration),
        workflow_run_timeout: start.workflow_run_timeout.map(wire_duration),
        workflow_task_timeout: start.workflow_task_timeout.map(wire_duration),
        parent_close_policy: start.parent_close_policy,
        control: String::new(),
        workflow_id_reuse_policy: start.workflow_id_reuse_policy,
        retry_policy: start.retry_policy,
        cron_schedule: start.cron_schedule,
        // Without headers too: the official SDK's events have it so.
        header: Some(Header {
            fields: start.headers,
        }),
        memo: (!start.memo.is_empty()).then_some(Memo { fields: start.memo }),
        search_attributes: start.search_attributes,
        inherit_build_id,
        priority: start.priority,
        versioning_override: start.versioning_override,
    };
    Issue {
        issuer: Issuer::ChildWorkflow(start.sequence),
        kind: CommandType::StartChildWorkflowExecution,
        attributes: command::Attributes::StartChildWorkflowExecutionCommandAttributes(Box::new(
            attributes,
        )),
        user_metadata: start.user_metadata,
        message: None,
    }
}
