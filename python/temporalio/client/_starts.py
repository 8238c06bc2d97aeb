"""Starting workflows from a client, in four typed shapes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Concatenate, cast, overload

import temporalio.client
import temporalio.common
import temporalio.workflow
from temporalio._typing import Unpack
from temporalio.common import (
    Priority,
    RetryPolicy,
    VersioningOverride,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.types import (
    MethodAsyncNoParam,
    MethodAsyncSingleParam,
    MultiParamSpec,
    ParamType,
    ReturnType,
    SelfType,
)

from ._config import StartOptions
from ._handle import WorkflowHandle
from ._interceptor import OutboundInterceptor

if TYPE_CHECKING:
    from ._inputs import AnySearchAttributes, StartWorkflowInput
    from ._short_way import ShortWay

_unset = temporalio.common._arg_unset


class WorkflowStarts:
    """The calls of a client that start workflows."""

    _impl: OutboundInterceptor
    _short_way: ShortWay | None

    @overload
    async def start_workflow(
        self,
        workflow: MethodAsyncNoParam[SelfType, ReturnType],
        **options: Unpack[StartOptions],
    ) -> WorkflowHandle[SelfType, ReturnType]: ...
    @overload
    async def start_workflow(
        self,
        workflow: MethodAsyncSingleParam[SelfType, ParamType, ReturnType],
        arg: ParamType,
        **options: Unpack[StartOptions],
    ) -> WorkflowHandle[SelfType, ReturnType]: ...
    @overload
    async def start_workflow(
        self,
        workflow: Callable[Concatenate[SelfType, MultiParamSpec], Awaitable[ReturnType]],
        *,
        args: Sequence[Any],
        **options: Unpack[StartOptions],
    ) -> WorkflowHandle[SelfType, ReturnType]: ...
    @overload
    async def start_workflow(
        self,
        workflow: str,
        arg: Any = ...,
        *,
        args: Sequence[Any] = [],
        result_type: type | None = None,
        **options: Unpack[StartOptions],
    ) -> WorkflowHandle[Any, Any]: ...

    async def start_workflow(
        self,
        workflow: str | Callable[..., Awaitable[Any]],
        arg: Any = _unset,
        *,
        args: Sequence[Any] = [],
        id: str,
        task_queue: str,
        result_type: type | None = None,
        execution_timeout: timedelta | None = None,
        run_timeout: timedelta | None = None,
        task_timeout: timedelta | None = None,
        id_reuse_policy: WorkflowIDReusePolicy = WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy: WorkflowIDConflictPolicy = WorkflowIDConflictPolicy.UNSPECIFIED,
        retry_policy: RetryPolicy | None = None,
        cron_schedule: str = "",
        memo: Mapping[str, Any] | None = None,
        search_attributes: AnySearchAttributes | None = None,
        static_summary: str | None = None,
        static_details: str | None = None,
        start_delay: timedelta | None = None,
        start_signal: str | None = None,
        start_signal_args: Sequence[Any] = [],
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
        request_eager_start: bool = False,
        priority: Priority = Priority.default,
        versioning_override: VersioningOverride | None = None,
        stack_level: int = 2,
    ) -> WorkflowHandle[Any, Any]:
        """Start a workflow and return a handle to it.

        Args:
            workflow: The method with ``@workflow.run``, or the name of the workflow's type.
            arg: The argument, if there is one.
            args: All arguments, instead of ``arg``.
            id: Workflow id.
            task_queue: Task queue whose workers run the workflow.
            result_type: Type to decode the result into, when ``workflow`` is a name.
            execution_timeout: Longest time for the workflow with all its successors by retry
                and continue-as-new.
            run_timeout: Longest time for one run.
            task_timeout: Longest time for one workflow task.
            id_reuse_policy: Whether to start when an earlier workflow with this id has ended.
            id_conflict_policy: What to do when a workflow with this id is running. Unset means
                FAIL.
            retry_policy: When a failed workflow runs again; never by default.
            cron_schedule: Cron expression by which the workflow runs again and again.
            memo: Values to keep with the workflow, readable from outside.
            search_attributes: Values to find the workflow by. The dictionary form is deprecated.
            static_summary: One line for the web interface, in Temporal's Markdown.
            static_details: Text for the web interface, in Temporal's Markdown.
            start_delay: How long the first run waits; not together with ``cron_schedule``.
            start_signal: Name of a signal to send in the same call, to the running workflow if
                there is one.
            start_signal_args: Arguments of that signal.
            rpc_metadata: Headers of the call.
            rpc_timeout: Deadline of the call.
            request_eager_start: A hint that the server may send the first task with the answer, for
                a worker of the same connection that has a slot free. Without such a worker, or if the
                server does not want to, the first task goes the usual way.
            priority: Priority and fairness of the workflow's tasks.
            versioning_override: Worker version to use in place of the task queue's.
            stack_level: Depth at which warnings about the call are reported.

        Raises:
            temporalio.exceptions.WorkflowAlreadyStartedError: The policies forbid a further
                workflow with this id.
            ValueError: Both ``arg`` and ``args`` are given, or a policy is not valid.
            temporalio.service.RPCError: The server refuses, or cannot be asked.
        """
        return await self._impl.start_workflow(
            _start_input(
                workflow,
                arg,
                args,
                result_type,
                stack_level + 1,
                id,
                task_queue,
                execution_timeout,
                run_timeout,
                task_timeout,
                id_reuse_policy,
                id_conflict_policy,
                retry_policy,
                cron_schedule,
                memo,
                search_attributes,
                start_delay,
                start_signal,
                start_signal_args,
                static_summary,
                static_details,
                rpc_metadata,
                rpc_timeout,
                request_eager_start,
                priority,
                versioning_override,
            )
        )

    @overload
    async def execute_workflow(
        self,
        workflow: MethodAsyncNoParam[SelfType, ReturnType],
        **options: Unpack[StartOptions],
    ) -> ReturnType: ...
    @overload
    async def execute_workflow(
        self,
        workflow: MethodAsyncSingleParam[SelfType, ParamType, ReturnType],
        arg: ParamType,
        **options: Unpack[StartOptions],
    ) -> ReturnType: ...
    @overload
    async def execute_workflow(
        self,
        workflow: Callable[Concatenate[SelfType, MultiParamSpec], Awaitable[ReturnType]],
        *,
        args: Sequence[Any],
        **options: Unpack[StartOptions],
    ) -> ReturnType: ...
    @overload
    async def execute_workflow(
        self,
        workflow: str,
        arg: Any = ...,
        *,
        args: Sequence[Any] = [],
        result_type: type | None = None,
        **options: Unpack[StartOptions],
    ) -> Any: ...

    async def execute_workflow(
        self,
        workflow: str | Callable[..., Awaitable[Any]],
        arg: Any = _unset,
        *,
        args: Sequence[Any] = [],
        id: str,
        task_queue: str,
        result_type: type | None = None,
        execution_timeout: timedelta | None = None,
        run_timeout: timedelta | None = None,
        task_timeout: timedelta | None = None,
        id_reuse_policy: WorkflowIDReusePolicy = WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy: WorkflowIDConflictPolicy = WorkflowIDConflictPolicy.UNSPECIFIED,
        retry_policy: RetryPolicy | None = None,
        cron_schedule: str = "",
        memo: Mapping[str, Any] | None = None,
        search_attributes: AnySearchAttributes | None = None,
        static_summary: str | None = None,
        static_details: str | None = None,
        start_delay: timedelta | None = None,
        start_signal: str | None = None,
        start_signal_args: Sequence[Any] = [],
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
        request_eager_start: bool = False,
        priority: Priority = Priority.default,
        versioning_override: VersioningOverride | None = None,
    ) -> Any:
        """Start a workflow and wait for its result.

        The arguments are those of :py:meth:`start_workflow`; the errors are its errors and those
        of :py:meth:`WorkflowHandle.result`.
        """
        if start_signal is None and (short_way := self._way_to_execute()) is not None:
            return await short_way.execute(
                _start_input(
                    workflow,
                    arg,
                    args,
                    result_type,
                    3,
                    id,
                    task_queue,
                    execution_timeout,
                    run_timeout,
                    task_timeout,
                    id_reuse_policy,
                    id_conflict_policy,
                    retry_policy,
                    cron_schedule,
                    memo,
                    search_attributes,
                    start_delay,
                    start_signal,
                    start_signal_args,
                    static_summary,
                    static_details,
                    rpc_metadata,
                    rpc_timeout,
                    request_eager_start,
                    priority,
                    versioning_override,
                )
            )
        # The typed shapes know nothing of a caller that passes all of them on.
        start = cast(Callable[..., Awaitable[WorkflowHandle[Any, Any]]], self.start_workflow)
        handle = await start(
            workflow,
            arg,
            args=args,
            result_type=result_type,
            stack_level=3,
            id=id,
            task_queue=task_queue,
            execution_timeout=execution_timeout,
            run_timeout=run_timeout,
            task_timeout=task_timeout,
            id_reuse_policy=id_reuse_policy,
            id_conflict_policy=id_conflict_policy,
            retry_policy=retry_policy,
            cron_schedule=cron_schedule,
            memo=memo,
            search_attributes=search_attributes,
            start_delay=start_delay,
            start_signal=start_signal,
            start_signal_args=start_signal_args,
            static_summary=static_summary,
            static_details=static_details,
            rpc_metadata=rpc_metadata,
            rpc_timeout=rpc_timeout,
            request_eager_start=request_eager_start,
            priority=priority,
            versioning_override=versioning_override,
        )
        return await handle.result()

    def _way_to_execute(self) -> ShortWay | None:
        """The short way, where nobody has replaced what it leaves out."""
        short_way = self._short_way
        if (
            short_way is None
            or not short_way.is_open
            or getattr(self.start_workflow, "__func__", None) is not _shipped_start
            or WorkflowHandle.result is not _shipped_result
        ):
            return None
        return short_way


def _start_input(
    workflow: str | Callable[..., Awaitable[Any]],
    arg: Any,
    args: Sequence[Any],
    result_type: type | None,
    stack_level: int,
    id: str,
    task_queue: str,
    execution_timeout: timedelta | None,
    run_timeout: timedelta | None,
    task_timeout: timedelta | None,
    id_reuse_policy: WorkflowIDReusePolicy,
    id_conflict_policy: WorkflowIDConflictPolicy,
    retry_policy: RetryPolicy | None,
    cron_schedule: str,
    memo: Mapping[str, Any] | None,
    search_attributes: AnySearchAttributes | None,
    start_delay: timedelta | None,
    start_signal: str | None,
    start_signal_args: Sequence[Any],
    static_summary: str | None,
    static_details: str | None,
    rpc_metadata: Mapping[str, str | bytes],
    rpc_timeout: timedelta | None,
    request_eager_start: bool,
    priority: Priority,
    versioning_override: VersioningOverride | None,
) -> StartWorkflowInput:
    """Put the input together. By position: for keywords each call on the way makes a dictionary."""
    if search_attributes is not None:
        temporalio.common._warn_on_deprecated_search_attributes(
            search_attributes, stack_level=stack_level
        )
    name, known_type = temporalio.workflow._Definition.get_name_and_result_type(workflow)
    return temporalio.client.StartWorkflowInput(
        name,
        temporalio.common._arg_or_args(arg, args),
        id,
        task_queue,
        execution_timeout,
        run_timeout,
        task_timeout,
        id_reuse_policy,
        id_conflict_policy,
        retry_policy,
        cron_schedule,
        memo,
        search_attributes,
        start_delay,
        {},
        start_signal,
        start_signal_args,
        static_summary,
        static_details,
        result_type or known_type,
        rpc_metadata,
        rpc_timeout,
        request_eager_start,
        priority,
        versioning_override,
    )


_shipped_start = WorkflowStarts.start_workflow
_shipped_result = WorkflowHandle.result
