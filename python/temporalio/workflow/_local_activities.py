"""Starting local activities given as functions or by their names."""

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
from ._activity_options import ActivityCancellationType, ActivityHandle, LocalActivityConfig
from ._event_groups import EventGroups, refuse_event_groups
from ._runtime import _Runtime

__all__ = ["execute_local_activity", "start_local_activity"]


@overload
def start_local_activity(
    activity: CallableAsyncNoParam[ReturnType],
    **options: Unpack[LocalActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_local_activity(
    activity: CallableSyncNoParam[ReturnType],
    **options: Unpack[LocalActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_local_activity(
    activity: CallableAsyncSingleParam[ParamType, ReturnType],
    arg: ParamType,
    **options: Unpack[LocalActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_local_activity(
    activity: CallableSyncSingleParam[ParamType, ReturnType],
    arg: ParamType,
    **options: Unpack[LocalActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_local_activity(
    activity: Callable[..., Awaitable[ReturnType]],
    *,
    args: Sequence[Any],
    **options: Unpack[LocalActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_local_activity(
    activity: Callable[..., ReturnType],
    *,
    args: Sequence[Any],
    **options: Unpack[LocalActivityConfig],
) -> ActivityHandle[ReturnType]: ...


@overload
def start_local_activity(
    activity: str,
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    result_type: type[Any] | None = None,
    **options: Unpack[LocalActivityConfig],
) -> ActivityHandle[Any]: ...


def start_local_activity(
    activity: Any,
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    result_type: type[Any] | None = None,
    schedule_to_close_timeout: timedelta | None = None,
    schedule_to_start_timeout: timedelta | None = None,
    start_to_close_timeout: timedelta | None = None,
    retry_policy: temporalio.common.RetryPolicy | None = None,
    local_retry_threshold: timedelta | None = None,
    cancellation_type: ActivityCancellationType = ActivityCancellationType.TRY_CANCEL,
    activity_id: str | None = None,
    summary: str | None = None,
    event_groups: EventGroups | None = None,
) -> ActivityHandle[Any]:
    """Schedule an activity on this very worker, without a task of its own, and without waiting for it.

    It fits what is short and quick: while it runs, the workflow task it belongs to stays open. Only its
    outcome is written to the history. ``start_to_close_timeout`` or ``schedule_to_close_timeout``
    is required.

    Args:
        activity: The function decorated with :py:func:`temporalio.activity.defn`, or the name. This
            worker itself must know it.
        arg: The one argument of the activity.
        args: Its arguments where there are several. Excludes ``arg``.
        result_type: Type to decode the result into, for an activity given by its name. Without it
            the payload alone decides.
        schedule_to_close_timeout: Limit from the scheduling to the end, all retries included.
        schedule_to_start_timeout: Limit on the wait for a free slot of the worker. It is not retried.
        start_to_close_timeout: Limit on one attempt.
        retry_policy: How failed attempts are retried. Defaults to retrying after a second, then
            after twice as long each time; ``maximum_attempts=1`` does not retry.
        local_retry_threshold: A retry that is further away than this waits on a timer of the
            workflow instead of in the worker's memory. Defaults to a minute.
        cancellation_type: What cancelling the handle does. Defaults to trying.
        activity_id: Id that is unique among the run's running activities. Defaults to a number,
            and is best left to that.
        summary: One line in Temporal's Markdown about this activity, for tools that show the
            workflow.
        event_groups: Not supported; leave it unset.

    Returns:
        A task that ends with the activity's outcome.

    Raises:
        ValueError: Both ``arg`` and ``args`` are given, or neither of the two close timeouts, or the
            worker does not know the activity.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
        NotImplementedError: ``event_groups`` is given.
    """
    refuse_event_groups(event_groups)
    return _Runtime.current().workflow_start_local_activity(
        activity,
        *temporalio.common._arg_or_args(arg, args),
        result_type=result_type,
        schedule_to_close_timeout=schedule_to_close_timeout,
        schedule_to_start_timeout=schedule_to_start_timeout,
        start_to_close_timeout=start_to_close_timeout,
        retry_policy=retry_policy,
        local_retry_threshold=local_retry_threshold,
        cancellation_type=cancellation_type,
        activity_id=activity_id,
        summary=summary,
    )


@overload
async def execute_local_activity(
    activity: CallableAsyncNoParam[ReturnType],
    **options: Unpack[LocalActivityConfig],
) -> ReturnType: ...


@overload
async def execute_local_activity(
    activity: CallableSyncNoParam[ReturnType],
    **options: Unpack[LocalActivityConfig],
) -> ReturnType: ...


@overload
async def execute_local_activity(
    activity: CallableAsyncSingleParam[ParamType, ReturnType],
    arg: ParamType,
    **options: Unpack[LocalActivityConfig],
) -> ReturnType: ...


@overload
async def execute_local_activity(
    activity: CallableSyncSingleParam[ParamType, ReturnType],
    arg: ParamType,
    **options: Unpack[LocalActivityConfig],
) -> ReturnType: ...


@overload
async def execute_local_activity(
    activity: Callable[..., Awaitable[ReturnType]],
    *,
    args: Sequence[Any],
    **options: Unpack[LocalActivityConfig],
) -> ReturnType: ...


@overload
async def execute_local_activity(
    activity: Callable[..., ReturnType],
    *,
    args: Sequence[Any],
    **options: Unpack[LocalActivityConfig],
) -> ReturnType: ...


@overload
async def execute_local_activity(
    activity: str,
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    result_type: type[Any] | None = None,
    **options: Unpack[LocalActivityConfig],
) -> Any: ...


async def execute_local_activity(
    activity: Any,
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    result_type: type[Any] | None = None,
    schedule_to_close_timeout: timedelta | None = None,
    schedule_to_start_timeout: timedelta | None = None,
    start_to_close_timeout: timedelta | None = None,
    retry_policy: temporalio.common.RetryPolicy | None = None,
    local_retry_threshold: timedelta | None = None,
    cancellation_type: ActivityCancellationType = ActivityCancellationType.TRY_CANCEL,
    activity_id: str | None = None,
    summary: str | None = None,
    event_groups: EventGroups | None = None,
) -> Any:
    """Run an activity on this very worker and wait for its result.

    Short for awaiting what :py:func:`start_local_activity` returns, with the same arguments.

    Returns:
        The result of the activity.

    Raises:
        temporalio.exceptions.ActivityError: It failed, timed out or was cancelled.
        ValueError: Both ``arg`` and ``args`` are given, or neither of the two close timeouts, or the
            worker does not know the activity.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
        NotImplementedError: ``event_groups`` is given.
    """
    refuse_event_groups(event_groups)
    return await _Runtime.current().workflow_start_local_activity(
        activity,
        *temporalio.common._arg_or_args(arg, args),
        result_type=result_type,
        schedule_to_close_timeout=schedule_to_close_timeout,
        schedule_to_start_timeout=schedule_to_start_timeout,
        start_to_close_timeout=start_to_close_timeout,
        retry_policy=retry_policy,
        local_retry_threshold=local_retry_threshold,
        cancellation_type=cancellation_type,
        activity_id=activity_id,
        summary=summary,
    )
