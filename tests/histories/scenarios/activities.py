"""The activities of the scenarios, and short ways to start them.

Each gives the same result whenever it runs, so that a task can be run again.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

ONCE = RetryPolicy(maximum_attempts=1)


@activity.defn
async def echo(value: Any) -> Any:
    """Gives back what it got."""
    return value


@activity.defn
async def echo_after(value: Any, seconds: float) -> Any:
    """Gives back what it got, after a while."""
    await asyncio.sleep(seconds)
    return value


@activity.defn
async def refuse(message: str) -> None:
    """Fails for good."""
    raise ApplicationError(message, {"code": 7}, type="Refused", non_retryable=True)


@activity.defn
async def succeed_at(attempt: int) -> int:
    """Fails until an attempt."""
    if activity.info().attempt < attempt:
        raise ApplicationError(f"attempt {activity.info().attempt}", type="TooEarly")
    return attempt


@activity.defn
async def hang() -> str:
    """Runs until it is cancelled, and says so."""
    try:
        while True:
            activity.heartbeat()
            await asyncio.sleep(0.1)
    except asyncio.CancelledError:
        if activity.is_cancelled() and activity.info().workflow_type == "SwallowedByActivity":
            return "cleaned up"
        raise


@activity.defn
async def silent() -> None:
    """Runs for longer than anyone waits for it."""
    await asyncio.sleep(30)


ACTIVITIES = [echo, echo_after, refuse, succeed_at, hang, silent]


def remote(name: Any, *args: Any, **options: Any) -> workflow.ActivityHandle[Any]:
    """Start an activity on the task queue of the activities."""
    defaults: dict[str, Any] = {
        "task_queue": workflow.info().task_queue + "-activities",
        "start_to_close_timeout": timedelta(seconds=20),
        "retry_policy": ONCE,
    }
    return workflow.start_activity(name, args=args, **{**defaults, **options})


def local(name: Any, *args: Any, **options: Any) -> workflow.ActivityHandle[Any]:
    """Start a local activity."""
    defaults: dict[str, Any] = {"start_to_close_timeout": timedelta(seconds=20)}
    return workflow.start_local_activity(name, args=args, **{**defaults, **options})


def moment() -> int:
    """The workflow's time, in milliseconds since its start."""
    return round((workflow.now() - workflow.info().start_time) / timedelta(milliseconds=1))
