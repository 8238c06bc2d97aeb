"""Workflows of several steps, and a worker for it that can be killed.

Run as a script: ``python steps.py ADDRESS TASK_QUEUE``.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy


@activity.defn
async def add_one(value: int) -> int:
    return value + 1


@workflow.defn
class Steps:
    """Adds one per step; goes on to the next step when it is told to."""

    def __init__(self) -> None:
        self._allowed = 0
        self._value = 0

    @workflow.run
    async def run(self, steps: int) -> int:
        for step in range(steps):
            await workflow.wait_condition(lambda step=step: self._allowed > step)
            await workflow.sleep(0.01)
            self._value = await workflow.execute_activity(
                add_one, self._value, start_to_close_timeout=timedelta(seconds=5)
            )
        return self._value

    @workflow.signal
    def allow(self) -> None:
        self._allowed += 1

    @workflow.query
    def value(self) -> int:
        return self._value


@activity.defn
async def succeed_at_attempt(attempt: int) -> int:
    if activity.info().attempt < attempt:
        raise RuntimeError("too early")
    return activity.info().attempt


@workflow.defn
class BacksOff:
    """Waits between the attempts of a local activity for long enough to be killed meanwhile."""

    @workflow.run
    async def run(self, attempt: int) -> int:
        return await workflow.execute_local_activity(
            succeed_at_attempt,
            attempt,
            start_to_close_timeout=timedelta(seconds=5),
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=2), backoff_coefficient=1),
            local_retry_threshold=timedelta(seconds=1),
        )


async def main(address: str, task_queue: str) -> None:
    from temporalio.client import Client
    from temporalio.worker import Worker

    client = await Client.connect(address)
    worker = Worker(
        client,
        task_queue=task_queue,
        workflows=[Steps, BacksOff],
        activities=[add_one, succeed_at_attempt],
        # A killed worker's tasks come back to the others after this long.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
    )
    print("serving", flush=True)
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
