"""What the functions of ``temporalio.workflow`` about other workflows do within a run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import temporalio.common
import temporalio.workflow
from temporalio.workflow._runtime import _Runtime

from ._workflow_calls import StartChildWorkflowInput, describe_child
from ._workflow_external import ExternalHandle

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl


class RuntimeOtherWorkflows(_Runtime):
    """Starts child workflows and reaches workflows that run elsewhere."""

    _run: _WorkflowInstanceImpl

    async def workflow_start_child_workflow(
        self,
        workflow: Any,
        *args: Any,
        id: str,
        task_queue: str | None,
        result_type: type[Any] | None,
        cancellation_type: temporalio.workflow.ChildWorkflowCancellationType,
        parent_close_policy: temporalio.workflow.ParentClosePolicy,
        execution_timeout: timedelta | None,
        run_timeout: timedelta | None,
        task_timeout: timedelta | None,
        id_reuse_policy: temporalio.common.WorkflowIDReusePolicy,
        retry_policy: temporalio.common.RetryPolicy | None,
        cron_schedule: str,
        memo: Mapping[str, Any] | None,
        search_attributes: temporalio.common.SearchAttributes
        | temporalio.common.TypedSearchAttributes
        | None,
        versioning_intent: temporalio.workflow.VersioningIntent | None,
        static_summary: str | None = None,
        static_details: str | None = None,
        priority: temporalio.common.Priority = temporalio.common.Priority.default,
        versioning_override: temporalio.common.VersioningOverride | None = None,
    ) -> temporalio.workflow.ChildWorkflowHandle[Any, Any]:
        """Start a child workflow."""
        name, arg_types, ret_type = describe_child(workflow, result_type)
        return await self._run.outbound.start_child_workflow(
            StartChildWorkflowInput(
                workflow=name,
                args=args,
                id=id,
                task_queue=task_queue,
                cancellation_type=cancellation_type,
                parent_close_policy=parent_close_policy,
                execution_timeout=execution_timeout,
                run_timeout=run_timeout,
                task_timeout=task_timeout,
                id_reuse_policy=id_reuse_policy,
                retry_policy=retry_policy,
                cron_schedule=cron_schedule,
                memo=memo,
                search_attributes=search_attributes,
                headers={},
                versioning_intent=versioning_intent,
                static_summary=static_summary,
                static_details=static_details,
                priority=priority,
                arg_types=arg_types,
                ret_type=ret_type,
                versioning_override=versioning_override,
            )
        )

    def workflow_get_external_workflow_handle(
        self,
        id: str,
        *,
        run_id: str | None,
    ) -> temporalio.workflow.ExternalWorkflowHandle[Any]:
        """Return what stands for a workflow by its id."""
        return ExternalHandle(self._run, id, run_id)
