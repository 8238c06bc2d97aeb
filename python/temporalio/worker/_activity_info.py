"""What an activity is told about its attempt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import temporalio.api

from ..activity import Info
from ..common import Priority, RetryPolicy

if TYPE_CHECKING:
    from ..bridge._callboard import ActivityTask


def _info_of(
    task: ActivityTask, *, namespace: str, task_queue: str, details: Sequence[Any]
) -> Info:
    """Make the public facts from a task.

    Args:
        task: The task.
        namespace: Where the activity runs if the task does not say.
        task_queue: Where the worker took it from.
        details: The last heartbeat's, decoded.
    """
    return Info(
        activity_id=task.activity_id,
        activity_run_id=None if task.workflow_id else task.activity_run_id or None,
        activity_type=task.activity_type,
        attempt=task.attempt,
        current_attempt_scheduled_time=_time(task.current_attempt_scheduled_time),
        heartbeat_details=details,
        heartbeat_timeout=_duration(task.heartbeat_timeout),
        is_local=task.is_local,
        namespace=task.workflow_namespace or namespace,
        priority=_priority(task.priority),
        retry_policy=_retry_policy(task.retry_policy),
        schedule_to_close_timeout=_duration(task.schedule_to_close_timeout),
        scheduled_time=_time(task.scheduled_time),
        start_to_close_timeout=_duration(task.start_to_close_timeout),
        started_time=_time(task.started_time),
        task_queue=task_queue,
        task_token=task.task_token,
        workflow_id=task.workflow_id or None,
        workflow_namespace=task.workflow_namespace or None,
        workflow_run_id=task.workflow_run_id or None,
        workflow_type=task.workflow_type or None,
    )


def _time(seconds: float | None) -> datetime:
    # A time that the server leaves out reads as the epoch.
    return datetime.fromtimestamp(seconds or 0, timezone.utc)


def _duration(seconds: float | None) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None


def _priority(message: bytes | None) -> Priority:
    return Priority._from_proto(temporalio.api.common.v1.Priority.FromString(message or b""))


def _retry_policy(message: bytes | None) -> RetryPolicy | None:
    return (
        None
        if message is None
        else RetryPolicy.from_proto(temporalio.api.common.v1.RetryPolicy.FromString(message))
    )
