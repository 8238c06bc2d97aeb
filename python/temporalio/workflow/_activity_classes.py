"""Starting activities that are classes with ``__call__``."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Any, Protocol, overload

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

__all__ = ["execute_activity_class", "start_activity_class"]


class _AnyParamsAsync(Protocol[ReturnType]):
    """An object called with anything, whose call is awaited."""

    def __call__(self, *args: Any, **kwargs: Any) -> Awaitable[ReturnType]: ...


class _AnyParamsSync(Protocol[ReturnType]):
    """An object called with anything."""

    def __call__(self, *args: Any, **kwargs: Any) -> ReturnType: ...


@overload
def start_activity_class(
    activity: type[CallableAsyncNoParam[ReturnType]],
    **options: Unpack[ActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_activity_class(
    activity: type[CallableSyncNoParam[ReturnType]],
    **options: Unpack[ActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_activity_class(
    activity: type[CallableAsyncSingleParam[ParamType, ReturnType]],
    arg: ParamType,
    **options: Unpack[ActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_activity_class(
    activity: type[CallableSyncSingleParam[ParamType, ReturnType]],
    arg: ParamType,
    **options: Unpack[ActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_activity_class(
    activity: type[_AnyParamsAsync[ReturnType]],
    *,
    args: Sequence[Any],
    **options: Unpack[ActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_activity_class(
    activity: type[_AnyParamsSync[ReturnType]],
    *,
    args: Sequence[Any],
    **options: Unpack[ActivityConfig],
) -> ActivityHandle[ReturnType]: ...


def start_activity_class(
    activity: type[Any],
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    task_queue: str | None = None,
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
    """Schedule an activity that is a class with ``__call__``, without waiting for it.

    Arguments, outcome and errors are those of :py:func:`start_activity`.

    Args:
        activity: The class decorated with :py:func:`temporalio.activity.defn`, not an object of it.
        arg: The one argument of the activity.
        args: Its arguments where there are several. Excludes ``arg``.
        task_queue: Task queue whose workers run it. Defaults to the workflow's own.
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
        result_type=None,
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
async def execute_activity_class(
    activity: type[CallableAsyncNoParam[ReturnType]],
    **options: Unpack[ActivityConfig],
) -> ReturnType: ...


@overload
async def execute_activity_class(
    activity: type[CallableSyncNoParam[ReturnType]],
    **options: Unpack[ActivityConfig],
) -> ReturnType: ...


@overload
async def execute_activity_class(
    activity: type[CallableAsyncSingleParam[ParamType, ReturnType]],
    arg: ParamType,
    **options: Unpack[ActivityConfig],
) -> ReturnType: ...


@overload
async def execute_activity_class(
    activity: type[CallableSyncSingleParam[ParamType, ReturnType]],
    arg: ParamType,
    **options: Unpack[ActivityConfig],
) -> ReturnType: ...


@overload
async def execute_activity_class(
    activity: type[_AnyParamsAsync[ReturnType]],
    *,
    args: Sequence[Any],
    **options: Unpack[ActivityConfig],
) -> ReturnType: ...


@overload
async def execute_activity_class(
    activity: type[_AnyParamsSync[ReturnType]],
    *,
    args: Sequence[Any],
    **options: Unpack[ActivityConfig],
) -> ReturnType: ...


async def execute_activity_class(
    activity: type[Any],
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    task_queue: str | None = None,
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
    """Run an activity that is a class with ``__call__``, and wait for its result.

    Short for awaiting what :py:func:`start_activity_class` returns, with the same arguments.

    Returns:
        The result of the activity.

    Raises:
        temporalio.exceptions.ActivityError: It failed, timed out or was cancelled.
        ValueError: Both ``arg`` and ``args`` are given, or neither of the two close timeouts.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
        NotImplementedError: ``event_groups`` is given.
    """
    refuse_event_groups(event_groups)
    return await _Runtime.current().workflow_start_activity(
        activity,
        *temporalio.common._arg_or_args(arg, args),
        task_queue=task_queue,
        result_type=None,
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
