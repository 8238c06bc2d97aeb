"""A worker that is measured while others drive it.

    python -m measuring.worker ADDRESS TASK_QUEUE SCENARIO RUNNER CACHED

Asked for `cpu`, it answers with the CPU time that its process has used; for `memory`, with the bytes
that are resident in it. It serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measuring.protocol import answer, leave, requests
from measuring.runners import workflow_runner
from measuring.scenarios import SCENARIOS
from temporalio.client import Client
from temporalio.worker import Worker

ACTIVITY_THREADS = 100


def resident_bytes() -> int:
    """Resident memory of this process, from /proc, without what only waits to be collected."""
    gc.collect()
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/self/status has no line VmRSS")


async def main(address: str, task_queue: str, name: str, runner: str, cached: int) -> None:
    scenario = SCENARIOS[name]()
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        worker = Worker(
            await Client.connect(address),
            task_queue=task_queue,
            workflows=[scenario.workflow],
            activities=scenario.activities,
            activity_executor=threads,
            workflow_runner=workflow_runner(runner),
            max_cached_workflows=cached,
        )
        async with worker:
            answer(serving=task_queue)
            async for request in requests():
                if request == ["cpu"]:
                    answer(cpu=time.process_time())
                elif request == ["memory"]:
                    answer(memory=resident_bytes())
                else:
                    raise ValueError(f"a worker answers to cpu and memory, not to {request}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5], cached=int(sys.argv[5])))
    leave()
