"""Starting activities given as functions or by their names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, overload

import temporalio.common
from temporalio._typing import Unpack

from ..types import (
    CallableAsyncNoParam,
    CallableAsyncSingleParam,
    CallableSyncNoParam,
    CallableSyncSingleParam,
    ParamType,
    ReturnType,
)
from ._activity_options import ActivityCancellationType, ActivityConfig, ActivityHandle
from ._event_groups import EventGroups, refuse_event_groups
from ._runtime import _Runtime
from ._versioning import VersioningIntent

__all__ = ["execute_activity", "start_activity"]


@overload
def start_activity(
    activity: CallableAsyncNoParam[ReturnType],
    **options: Unpack[ActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_activity(
    activity: CallableSyncNoParam[ReturnType],
    **options: Unpack[ActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_activity(
    activity: CallableAsyncSingleParam[ParamType, ReturnType],
    arg: ParamType,
    **options: Unpack[ActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_activity(
    activity: CallableSyncSingleParam[ParamType, ReturnType],
    arg: ParamType,
    **options: Unpack[ActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_activity(
    activity: Callable[..., Awaitable[ReturnType]],
    *,
    args: Sequence[Any],
    **options: Unpack[ActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_activity(
    activity: Callable[..., ReturnType],
    *,
    args: Sequence[Any],
    **options: Unpack[ActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_activity(
    activity: str,
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    result_type: type[Any] | None = None,
    **options: Unpack[ActivityConfig],
) -> ActivityHandle[Any]: ...


def start_activity(
    activity: Any,
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    task_queue: str | None = None,
    result_type: type[Any] | None = None,
    schedule_to_close_timeout: timedelta | None = None,
    schedule_to_start_timeout: timedelta | None = None,
    start_to_close_timeout: timedelta | None = None,
    heartbeat_timeout: timedelta | None = None,
    retry_policy: temporalio.common.RetryPolicy | None = None,
    cancellation_type: ActivityCancellationType = ActivityCancellationType.TRY_CANCEL,
    activity_id: str | None = None,
    versioning_intent: VersioningIntent | None = None,
    summary: str | None = None,
    event_groups: EventGroups | None = None,
    priority: temporalio.common.Priority = temporalio.common.Priority.default,
) -> ActivityHandle[Any]:
    """Schedule an activity without waiting for it.

    ``start_to_close_timeout`` or ``schedule_to_close_timeout`` is required.

    Args:
        activity: The function decorated with :py:func:`temporalio.activity.defn`, or the name.
        arg: The one argument of the activity.
        args: Its arguments where there are several. Excludes ``arg``.
        task_queue: Task queue whose workers run it. Defaults to the workflow's own.
        result_type: Type to decode the result into, for an activity given by its name. Without it
            the payload alone decides.
        schedule_to_close_timeout: Limit from the scheduling to the end, all retries included.
        schedule_to_start_timeout: Limit on the wait for a worker. It is not retried.
        start_to_close_timeout: Limit on one attempt.
        heartbeat_timeout: Longest silence between two heartbeats of an attempt.
        retry_policy: How failed attempts are retried. Defaults to the server's policy, which
            retries; ``maximum_attempts=1`` does not.
        cancellation_type: What cancelling the handle does. Defaults to trying.
        activity_id: Id that is unique among the run's running activities. Defaults to a number,
            and is best left to that.
        versioning_intent: Whether it needs a worker compatible with this one. Deprecated in favour
            of Worker Deployment versioning.
        summary: One line in Temporal's Markdown about this activity, for tools that show the
            workflow.
        event_groups: Not supported; leave it unset.
        priority: Priority among the tasks of its queue.

    Returns:
        A task that ends with the activity's outcome.

    Raises:
        ValueError: Both ``arg`` and ``args`` are given, or neither of the two close timeouts.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
        NotImplementedError: ``event_groups`` is given.
    """
    refuse_event_groups(event_groups)
    return _Runtime.current().workflow_start_activity(
        activity,
        *temporalio.common._arg_or_args(arg, args),
        task_queue=task_queue,
        result_type=result_type,
        schedule_to_close_timeout=schedule_to_close_timeout,
        schedule_to_start_timeout=schedule_to_start_timeout,
        start_to_close_timeout=start_to_close_timeout,
        heartbeat_timeout=heartbeat_timeout,
        retry_policy=retry_policy,
        cancellation_type=cancellation_type,
        activity_id=activity_id,
        versioning_intent=versioning_intent,
        summary=summary,
        priority=priority,
    )


@overload
async def execute_activity(
    activity: CallableAsyncNoParam[ReturnType],
    **options: Unpack[ActivityConfig],
) -> ReturnType: ...


@overload
async def execute_activity(
    activity: CallableSyncNoParam[ReturnType],
    **options: Unpack[ActivityConfig],
) -> ReturnType: ...


@overload
async def execute_activity(
    activity: CallableAsyncSingleParam[ParamType, ReturnType],
    arg: ParamType,
    **options: Unpack[ActivityConfig],
) -> ReturnType: ...


@overload
async def execute_activity(
    activity: CallableSyncSingleParam[ParamType, ReturnType],
    arg: ParamType,
    **options: Unpack[ActivityConfig],
) -> ReturnType: ...


@overload
async def execute_activity(
    activity: Callable[..., Awaitable[ReturnType]],
    *,
    args: Sequence[Any],
    **options: Unpack[ActivityConfig],
) -> ReturnType: ...


@overload
async def execute_activity(
    activity: Callable[..., ReturnType],
    *,
    args: Sequence[Any],
    **options: Unpack[ActivityConfig],
) -> ReturnType: ...


@overload
async def execute_activity(
    activity: str,
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    result_type: type[Any] | None = None,
    **options: Unpack[ActivityConfig],
) -> Any: ...


async def execute_activity(
    activity: Any,
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    task_queue: str | None = None,
    result_type: type[Any] | None = None,
    schedule_to_close_timeout: timedelta | None = None,
    schedule_to_start_timeout: timedelta | None = None,
    start_to_close_timeout: timedelta | None = None,
    heartbeat_timeout: timedelta | None = None,
    retry_policy: temporalio.common.RetryPolicy | None = None,
    cancellation_type: ActivityCancellationType = ActivityCancellationType.TRY_CANCEL,
    activity_id: str | None = None,
    versioning_intent: VersioningIntent | None = None,
    summary: str | None = None,
    event_groups: EventGroups | None = None,
    priority: temporalio.common.Priority = temporalio.common.Priority.default,
) -> Any:
    """Run an activity and wait for its result.

    Short for awaiting what :py:func:`start_activity` returns, with the same arguments.

    Returns:
        The result of the activity.

    Raises:
        temporalio.exceptions.ActivityError: It failed, timed out or was cancelled.
        ValueError: Both ``arg`` and ``args`` are given, or neither of the two close timeouts.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
        NotImplementedError: ``event_groups`` is given.
    """
    refuse_event_groups(event_groups)
    runtime = _Runtime.current()
    if runtime.execute_activity is not None:
        return await runtime.execute_activity(
            activity,
            arg,
            args,
            task_queue,
            result_type,
            schedule_to_close_timeout,
            schedule_to_start_timeout,
            start_to_close_timeout,
            heartbeat_timeout,
            retry_policy,
            cancellation_type,
            activity_id,
            versioning_intent,
            summary,
            priority,
        )
    return await runtime.workflow_start_activity(
        activity,
        *temporalio.common._arg_or_args(arg, args),
        task_queue=task_queue,
        result_type=result_type,
        schedule_to_close_timeout=schedule_to_close_timeout,
        schedule_to_start_timeout=schedule_to_start_timeout,
        start_to_close_timeout=start_to_close_timeout,
        heartbeat_timeout=heartbeat_timeout,
        retry_policy=retry_policy,
        cancellation_type=cancellation_type,
        activity_id=activity_id,
        versioning_intent=versioning_intent,
        summary=summary,
        priority=priority,
    )
