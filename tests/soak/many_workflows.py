"""A worker whose memory is watched, in a process of its own.

Run as a script: ``python many_workflows.py ADDRESS TASK_QUEUE CACHED``. It serves until its standard
input ends, and then says what its cache looks like.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def double(number: int) -> int:
    return number * 2


@workflow.defn(name="Sum")
class DoubleAndOne:
    """What the stub service drives under this name, and checks the results of."""

    @workflow.run
    async def run(self, number: int) -> int:
        doubled = await workflow.execute_activity(
            double, number, start_to_close_timeout=timedelta(minutes=1)
        )
        await workflow.sleep(1)
        return doubled + 1


async def main(address: str, task_queue: str, cached: str) -> None:
    from temporalio.client import Client
    from temporalio.worker import Worker

    worker = Worker(
        await Client.connect(address),
        task_queue=task_queue,
        workflows=[DoubleAndOne],
        activities=[double],
        max_cached_workflows=int(cached),
    )
    async with worker:
        print("serving", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        give_up = time.monotonic() + 10
        # The last runs leave only after the service has their end.
        while worker.snapshot()["cache"]["runs"] and time.monotonic() < give_up:
            await asyncio.sleep(0.01)
        print(json.dumps(worker.snapshot()["cache"]), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
