"""A workflow that runs one activity, for tests of activities on a server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy


@dataclass
class Call:
    """What to call, and how."""

    activity: str
    args: list[Any]
    attempts: int = 1
    heartbeat_seconds: float | None = None
    start_to_close_seconds: float = 20.0


@workflow.defn
class CallActivity:
    """Returns what the activity returns; a signal cancels the activity, not the workflow."""

    def __init__(self) -> None:
        self._cancel_requested = False

    @workflow.run
    async def run(self, call: Call) -> Any:
        running = workflow.start_activity(
            call.activity,
            args=call.args,
            start_to_close_timeout=timedelta(seconds=call.start_to_close_seconds),
            heartbeat_timeout=(
                None
                if call.heartbeat_seconds is None
                else timedelta(seconds=call.heartbeat_seconds)
            ),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(milliseconds=10), maximum_attempts=call.attempts
            ),
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
        await workflow.wait_condition(lambda: self._cancel_requested or running.done())
        if self._cancel_requested:
            running.cancel()
        return await running

    @workflow.signal
    def cancel_activity(self) -> None:
        self._cancel_requested = True
