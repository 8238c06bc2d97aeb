"""A process that ends while a worker in it is busy, in one way or another.

Run as a script: ``python leaving.py ADDRESS TASK_QUEUE HOW``.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def wait_long() -> None:
    while True:
        activity.heartbeat("still there")
        await asyncio.sleep(0.01)


@activity.defn
def wait_in_thread() -> None:
    # Not longer: the interpreter itself waits at its end for what an executor has begun.
    for _ in range(20):
        activity.heartbeat("still there")
        time.sleep(0.05)


@workflow.defn
class Busy:
    @workflow.run
    async def run(self) -> None:
        limit = timedelta(minutes=5)
        await asyncio.gather(
            workflow.execute_activity(wait_long, start_to_close_timeout=limit),
            workflow.execute_activity(wait_in_thread, start_to_close_timeout=limit),
            self._wait_locally(limit),
        )

    async def _wait_locally(self, limit: timedelta) -> None:
        # In a task of its own, which is held back until it is nearly over.
        await workflow.sleep(0.01)
        await workflow.execute_local_activity(wait_long, start_to_close_timeout=limit)


async def serve(address: str, task_queue: str, ready: threading.Event) -> None:
    from temporalio.client import Client
    from temporalio.worker import Worker

    client = await Client.connect(address)
    async with Worker(
        client,
        task_queue=task_queue,
        workflows=[Busy],
        activities=[wait_long, wait_in_thread],
        activity_executor=ThreadPoolExecutor(100),
    ) as worker:
        for number in range(5):
            await client.start_workflow(
                Busy.run, id=f"{task_queue}-{number}", task_queue=task_queue
            )
        while worker.snapshot()["activities_in_flight"] < 10:
            await asyncio.sleep(0.01)
        ready.set()
        await asyncio.sleep(300)


def leave(how: str) -> None:
    print("leaving", flush=True)
    if how == "exits":
        sys.exit(3)
    if how == "raises":
        raise LookupError("on the way out")


if __name__ == "__main__":
    busy = threading.Event()
    serving = serve(*sys.argv[1:3], busy)
    if sys.argv[3] == "is interrupted":
        # In the main thread, where the signal arrives.
        threading.Thread(target=lambda: (busy.wait(), leave("")), daemon=True).start()
        asyncio.run(serving)
    else:
        threading.Thread(target=asyncio.run, args=[serving], daemon=True).start()
        busy.wait()
        leave(sys.argv[3])
