"""How an activity is asked for, and what stands for it until it has ended."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from enum import IntEnum
from typing import TypedDict

import temporalio.common

from ..types import ReturnType
from ._event_groups import EventGroups
from ._versioning import VersioningIntent

__all__ = ["ActivityCancellationType", "ActivityConfig", "ActivityHandle", "LocalActivityConfig"]


class ActivityHandle(asyncio.Task[ReturnType]):
    """A started activity: an :py:class:`asyncio.Task` that ends with the activity's outcome.

    Awaiting it gives the result. It raises :py:class:`temporalio.exceptions.ActivityError` where
    the activity failed, timed out or was cancelled. Cancelling it asks for the cancellation of the
    activity in the way that ``cancellation_type`` says.
    """


class ActivityCancellationType(IntEnum):
    """What happens to an activity, and to the code that waits for it, when it is cancelled."""

    TRY_CANCEL = 0
    """Request the cancellation, and report it as cancelled at once."""

    WAIT_CANCELLATION_COMPLETED = 1
    """Request the cancellation, and go on waiting for however the activity ends."""

    ABANDON = 2
    """Request nothing, and report it as cancelled at once. The activity runs on unheeded."""


class ActivityConfig(TypedDict, total=False):
    """The options of :py:func:`start_activity` and :py:func:`execute_activity` as a dictionary.

    Made to be kept in one place and unpacked with ``**``. See :py:func:`start_activity` for what
    each means.
    """

    task_queue: str | None
    schedule_to_close_timeout: timedelta | None
    schedule_to_start_timeout: timedelta | None
    start_to_close_timeout: timedelta | None
    heartbeat_timeout: timedelta | None
    retry_policy: temporalio.common.RetryPolicy | None
    cancellation_type: ActivityCancellationType
    activity_id: str | None
    versioning_intent: VersioningIntent | None
    summary: str | None
    event_groups: EventGroups | None
    priority: temporalio.common.Priority


class LocalActivityConfig(TypedDict, total=False):
    """The options of :py:func:`start_local_activity` and :py:func:`execute_local_activity`.

    A dictionary made to be kept in one place and unpacked with ``**``, as
    :py:class:`ActivityConfig` is. See :py:func:`start_local_activity` for what each means.
    """

    schedule_to_close_timeout: timedelta | None
    schedule_to_start_timeout: timedelta | None
    start_to_close_timeout: timedelta | None
    retry_policy: temporalio.common.RetryPolicy | None
    local_retry_threshold: timedelta | None
    cancellation_type: ActivityCancellationType
    activity_id: str | None
    summary: str | None
    event_groups: EventGroups | None
