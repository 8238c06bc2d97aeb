"""Starting child workflows given by their run methods or by their names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Concatenate, overload

import temporalio.common
from temporalio._typing import Unpack

from ..types import (
    MethodAsyncNoParam,
    MethodAsyncSingleParam,
    MultiParamSpec,
    ParamType,
    ReturnType,
    SelfType,
)
from ._child_workflows import (
    ChildWorkflowCancellationType,
    ChildWorkflowConfig,
    ChildWorkflowHandle,
    ParentClosePolicy,
)
from ._event_groups import EventGroups, refuse_event_groups
from ._randomness import uuid4
from ._runtime import _Runtime
from ._versioning import VersioningIntent

__all__ = ["execute_child_workflow", "start_child_workflow"]


@overload
async def start_child_workflow(
    workflow: MethodAsyncNoParam[SelfType, ReturnType],
    **options: Unpack[ChildWorkflowConfig],
) -> ChildWorkflowHandle[SelfType, ReturnType]: ...


@overload
async def start_child_workflow(
    workflow: MethodAsyncSingleParam[SelfType, ParamType, ReturnType],
    arg: ParamType,
    **options: Unpack[ChildWorkflowConfig],
) -> ChildWorkflowHandle[SelfType, ReturnType]: ...


@overload
async def start_child_workflow(
    workflow: Callable[Concatenate[SelfType, MultiParamSpec], Awaitable[ReturnType]],
    *,
    args: Sequence[Any],
    **options: Unpack[ChildWorkflowConfig],
) -> ChildWorkflowHandle[SelfType, ReturnType]: ...


@overload
async def start_child_workflow(
    workflow: str,
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    result_type: type[Any] | None = None,
    **options: Unpack[ChildWorkflowConfig],
) -> ChildWorkflowHandle[Any, Any]: ...


async def start_child_workflow(
    workflow: Any,
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    id: str | None = None,
    task_queue: str | None = None,
    result_type: type[Any] | None = None,
    cancellation_type: ChildWorkflowCancellationType = (
        ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED
    ),
    parent_close_policy: ParentClosePolicy = ParentClosePolicy.TERMINATE,
    execution_timeout: timedelta | None = None,
    run_timeout: timedelta | None = None,
    task_timeout: timedelta | None = None,
    id_reuse_policy: temporalio.common.WorkflowIDReusePolicy = (
        temporalio.common.WorkflowIDReusePolicy.ALLOW_DUPLICATE
    ),
    retry_policy: temporalio.common.RetryPolicy | None = None,
    cron_schedule: str = "",
    memo: Mapping[str, Any] | None = None,
    search_attributes: temporalio.common.SearchAttributes
    | temporalio.common.TypedSearchAttributes
    | None = None,
    versioning_intent: VersioningIntent | None = None,
    static_summary: str | None = None,
    static_details: str | None = None,
    event_groups: EventGroups | None = None,
    priority: temporalio.common.Priority = temporalio.common.Priority.default,
    versioning_override: temporalio.common.VersioningOverride | None = None,
) -> ChildWorkflowHandle[Any, Any]:
    """Start a child workflow and wait until it is started.

    Cancelling the wait cancels the start. Where that comes before the start is sent, the child
    never comes to be.

    Args:
        workflow: The run method of a class with :py:func:`defn`, or the name of the workflow type.
        arg: The one argument of the child.
        args: Its arguments where there are several. Excludes ``arg``.
        id: Workflow id of the child. Defaults to a :py:func:`uuid4`.
        task_queue: Task queue whose workers run it. Defaults to the workflow's own.
        result_type: Type to decode the result into, for a child given by its name. Without it the
            payload alone decides.
        cancellation_type: What cancelling the handle does. Defaults to waiting for the child's end.
        parent_close_policy: What becomes of the child if this workflow ends first. Defaults to
            terminating it.
        execution_timeout: Limit on the child with all its retries and continued runs.
        run_timeout: Limit on one run of the child.
        task_timeout: Limit on one workflow task of the child.
        id_reuse_policy: Whether the id may be that of a workflow that has ended.
        retry_policy: How failed runs of the child are retried. Without one they are not.
        cron_schedule: Cron expression that starts the child's runs.
        memo: Memo of the child.
        search_attributes: Search attributes of the child. The dictionary form is deprecated.
        versioning_intent: Whether the child needs a worker compatible with this one. Deprecated in
            favour of Worker Deployment versioning.
        static_summary: One line in Temporal's Markdown about the child, for tools that show it.
        static_details: Text in Temporal's Markdown about the child. It stays as it is, unlike what
            :py:func:`set_current_details` sets.
        event_groups: Not supported; leave it unset.
        priority: Priority among the tasks of its queue.
        versioning_override: Worker version of the child, whatever it would inherit. This is
            experimental and needs server 1.32.

    Returns:
        A task that ends with the child's outcome.

    Raises:
        temporalio.exceptions.WorkflowAlreadyStartedError: A workflow with this id runs, or the id
            must not be used again.
        temporalio.exceptions.InvalidVersioningOverrideError: The server refused the override.
        temporalio.exceptions.ChildWorkflowError: The start was cancelled.
        ValueError: Both ``arg`` and ``args`` are given.
        TypeError: ``workflow`` is neither a name nor a run method, or that of a dynamic workflow.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
        NotImplementedError: ``event_groups`` is given.
    """
    refuse_event_groups(event_groups)
    temporalio.common._warn_on_deprecated_search_attributes(search_attributes)
    arguments = temporalio.common._arg_or_args(arg, args)
    return await _Runtime.current().workflow_start_child_workflow(
        workflow,
        *arguments,
        id=id or str(uuid4()),
        task_queue=task_queue,
        result_type=result_type,
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
        versioning_intent=versioning_intent,
        static_summary=static_summary,
        static_details=static_details,
        priority=priority,
        versioning_override=versioning_override,
    )


@overload
async def execute_child_workflow(
    workflow: MethodAsyncNoParam[SelfType, ReturnType],
    **options: Unpack[ChildWorkflowConfig],
) -> ReturnType: ...


@overload
async def execute_child_workflow(
    workflow: MethodAsyncSingleParam[SelfType, ParamType, ReturnType],
    arg: ParamType,
    **options: Unpack[ChildWorkflowConfig],
) -> ReturnType: ...


@overload
async def execute_child_workflow(
    workflow: Callable[Concatenate[SelfType, MultiParamSpec], Awaitable[ReturnType]],
    *,
    args: Sequence[Any],
    **options: Unpack[ChildWorkflowConfig],
) -> ReturnType: ...


@overload
async def execute_child_workflow(
    workflow: str,
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    result_type: type[Any] | None = None,
    **options: Unpack[ChildWorkflowConfig],
) -> Any: ...


async def execute_child_workflow(
    workflow: Any,
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    id: str | None = None,
    task_queue: str | None = None,
    result_type: type[Any] | None = None,
    cancellation_type: ChildWorkflowCancellationType = (
        ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED
    ),
    parent_close_policy: ParentClosePolicy = ParentClosePolicy.TERMINATE,
    execution_timeout: timedelta | None = None,
    run_timeout: timedelta | None = None,
    task_timeout: timedelta | None = None,
    id_reuse_policy: temporalio.common.WorkflowIDReusePolicy = (
        temporalio.common.WorkflowIDReusePolicy.ALLOW_DUPLICATE
    ),
    retry_policy: temporalio.common.RetryPolicy | None = None,
    cron_schedule: str = "",
    memo: Mapping[str, Any] | None = None,
    search_attributes: temporalio.common.SearchAttributes
    | temporalio.common.TypedSearchAttributes
    | None = None,
    versioning_intent: VersioningIntent | None = None,
    static_summary: str | None = None,
    static_details: str | None = None,
    event_groups: EventGroups | None = None,
    priority: temporalio.common.Priority = temporalio.common.Priority.default,
    versioning_override: temporalio.common.VersioningOverride | None = None,
) -> Any:
    """Run a child workflow and wait for its result.

    Short for awaiting what :py:func:`start_child_workflow` returns, with the same arguments.

    Returns:
        The result of the child.

    Raises:
        temporalio.exceptions.ChildWorkflowError: It failed, timed out, was cancelled or terminated.
        Exception: Whatever else :py:func:`start_child_workflow` raises.
    """
    refuse_event_groups(event_groups)
    temporalio.common._warn_on_deprecated_search_attributes(search_attributes)
    arguments = temporalio.common._arg_or_args(arg, args)
    child = await _Runtime.current().workflow_start_child_workflow(
        workflow,
        *arguments,
        id=id or str(uuid4()),
        task_queue=task_queue,
        result_type=result_type,
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
        versioning_intent=versioning_intent,
        static_summary=static_summary,
        static_details=static_details,
        priority=priority,
        versioning_override=versioning_override,
    )
    return await child
