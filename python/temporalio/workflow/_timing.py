"""The workflow's clock, and waiting by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from ._event_groups import EventGroups, refuse_event_groups
from ._runtime import _Runtime

__all__ = ["now", "sleep", "time", "time_ns", "wait_condition"]


def now() -> datetime:
    """Return the workflow's time, aware and in UTC.

    It stands still within one workflow task and is the same in replay.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return datetime.fromtimestamp(time(), timezone.utc)


def time() -> float:
    """Return the workflow's time in seconds since the epoch.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return time_ns() / 1e9


def time_ns() -> int:
    """Return the workflow's time in nanoseconds since the epoch.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_time_ns()


async def sleep(
    duration: float | timedelta,
    *,
    summary: str | None = None,
    event_groups: EventGroups | None = None,
) -> None:
    """Let time pass, by a timer that the server keeps.

    Args:
        duration: How long, in seconds or as a timedelta.
        summary: One line in Temporal's Markdown about this timer, for tools that show the workflow.
        event_groups: Not supported; leave it unset.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
        NotImplementedError: ``event_groups`` is given.
    """
    refuse_event_groups(event_groups)
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    await _Runtime.current().workflow_sleep(duration=seconds, summary=summary)


async def wait_condition(
    fn: Callable[[], bool],
    *,
    timeout: timedelta | float | None = None,
    timeout_summary: str | None = None,
    event_groups: EventGroups | None = None,
) -> None:
    """Wait until ``fn`` returns true.

    It is asked each time the workflow has made progress, so it should be quick, and it must only
    read. What it raises is raised here.

    Args:
        fn: Plain function without parameters.
        timeout: How long to wait at most, in seconds or as a timedelta. None waits without a timer,
            so a change from or to None is a change that replay sees. Avoid 0: it times out at once.
        timeout_summary: One line about the timer, for tools that show the workflow.
        event_groups: Not supported; leave it unset.

    Raises:
        asyncio.TimeoutError: ``fn`` was not true in time.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
        NotImplementedError: ``event_groups`` is given.
    """
    refuse_event_groups(event_groups)
    seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    await _Runtime.current().workflow_wait_condition(
        fn, timeout=seconds, timeout_summary=timeout_summary
    )
