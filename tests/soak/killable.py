"""A worker with activities of all kinds, to be killed with or without its processes.

Run as a script: ``python killable.py ADDRESS TASK_QUEUE RECORD``. It says which processes its pool has
when it serves. Each activity leaves a line in the file RECORD.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from temporalio import activity, workflow
from temporalio.common import RetryPolicy

if TYPE_CHECKING:
    from temporalio.client import Client

STEPS = 6
POOL_PROCESSES = 2
SERVER_SECONDS = 60.0


def _record(step: int) -> int:
    line = f"{activity.info().workflow_id} {step}\n"
    record = os.open(os.environ["KILLABLE_RECORD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        # One call, so that a line is whole or not there at all.
        os.write(record, line.encode())
    finally:
        os.close(record)
    return step + 1


@activity.defn
async def step_in_loop(step: int) -> int:
    await asyncio.sleep(0.02)
    return _record(step)


@activity.defn
def step_in_process(step: int) -> int:
    time.sleep(0.02)
    activity.heartbeat(step)
    return _record(step)


@workflow.defn
class Chain:
    """Goes up one step after the other, each in another way; returns how high it has come."""

    @workflow.run
    async def run(self) -> int:
        reached = 0
        while reached < STEPS:
            reached = await self._step(reached)
            await workflow.sleep(0.02)
        return reached

    async def _step(self, step: int) -> int:
        # What is lost with a process is tried again soon.
        timeout = timedelta(seconds=3)
        retry_policy = RetryPolicy(
            initial_interval=timedelta(seconds=0.1), maximum_interval=timedelta(seconds=1)
        )
        start: Callable[..., workflow.ActivityHandle[int]] = workflow.start_activity
        kind = step % 3
        if kind == 0:
            start = workflow.start_local_activity
        return await start(
            step_in_process if kind == 2 else step_in_loop,
            step,
            start_to_close_timeout=timeout,
            retry_policy=retry_policy,
        )


def _process_id() -> int:
    # Long enough that no process takes two of these calls while another is not made yet.
    time.sleep(0.1)
    return os.getpid()


async def connected(address: str) -> Client:
    """A client of a server that may just be started again."""
    from temporalio.client import Client

    async with asyncio.timeout(SERVER_SECONDS):
        while True:
            try:
                return await Client.connect(address)
            except RuntimeError as error:
                print(error, file=sys.stderr)
                await asyncio.sleep(0.1)


async def main(address: str, task_queue: str) -> None:
    from temporalio.worker import SharedStateManager, Worker

    with multiprocessing.Manager() as manager, ProcessPoolExecutor(POOL_PROCESSES) as pool:
        # Before there are threads, which a fork would leave behind.
        calls = [pool.submit(_process_id) for _ in range(POOL_PROCESSES)]
        process_ids = {call.result() for call in calls}
        worker = Worker(
            await connected(address),
            task_queue=task_queue,
            workflows=[Chain],
            activities=[step_in_loop, step_in_process],
            activity_executor=pool,
            max_concurrent_activities=POOL_PROCESSES,
            shared_state_manager=SharedStateManager.create_from_multiprocessing(manager),
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        )
        print(*process_ids, flush=True)
        await worker.run()


if __name__ == "__main__":
    os.environ["KILLABLE_RECORD"] = sys.argv[3]
    asyncio.run(main(*sys.argv[1:3]))
