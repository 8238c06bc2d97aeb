"""Measures what a cached workflow run costs in memory.

Starts workflows that wait for a signal on one worker that keeps them all in its cache, compares the
worker process's resident memory before and after, then signals all of them and checks every result.
The server runs in a process of its own and is not counted. From the repository's folder:

    make build
    .venv/bin/python benches/memory/cached_runs.py --runs 10000

Linux only: resident memory is read from /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

CALLS_AT_A_TIME = 100
WARM_UP_RUNS = 200
STARTED_LINE = "serving"


@workflow.defn
class WaitForGreeting:
    """Waits for a signal and returns it with its own number."""

    def __init__(self) -> None:
        self._greeting: str | None = None

    @workflow.run
    async def run(self, number: int) -> str:
        await workflow.wait_condition(lambda: self._greeting is not None)
        return f"{self._greeting} {number}"

    @workflow.signal
    def greet(self, greeting: str) -> None:
        self._greeting = greeting


def resident_bytes(process_id: int) -> int:
    """Resident memory of a process, from /proc."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {process_id} has no resident memory")


async def in_batches(calls: Iterable[Callable[[], Awaitable[object]]]) -> None:
    """Make calls, a limited number at a time."""
    waiting = iter(calls)

    async def work() -> None:
        for call in waiting:
            await call()

    await asyncio.gather(*(work() for _ in range(CALLS_AT_A_TIME)))


async def serve(address: str, task_queue: str, cached: int) -> None:
    """Be the worker that is measured, until this process is stopped."""
    worker = Worker(
        await Client.connect(address),
        task_queue=task_queue,
        workflows=[WaitForGreeting],
        max_cached_workflows=cached,
    )
    print(STARTED_LINE, flush=True)
    await worker.run()


async def start_runs(
    client: Client, task_queue: str, numbers: range
) -> list[WorkflowHandle[WaitForGreeting, str]]:
    handles: list[WorkflowHandle[WaitForGreeting, str]] = []

    async def start(number: int) -> None:
        handle = await client.start_workflow(
            WaitForGreeting.run, number, id=f"{task_queue}-{number}", task_queue=task_queue
        )
        handles.append(handle)

    await in_batches((lambda number=number: start(number)) for number in numbers)
    for handle in handles:
        await wait_for_first_task(handle)
    return handles


async def wait_for_first_task(handle: WorkflowHandle[WaitForGreeting, str]) -> None:
    """Return when the worker has run the workflow up to its wait."""
    while True:
        description = await handle.describe()
        # Started, then a workflow task scheduled, started and completed.
        if description.history_length >= 4:
            return
        await asyncio.sleep(0.05)


async def finish_runs(handles: list[WorkflowHandle[WaitForGreeting, str]]) -> None:
    async def finish(handle: WorkflowHandle[WaitForGreeting, str]) -> None:
        await handle.signal(WaitForGreeting.greet, "hello")
        number = handle.id.rsplit("-", 1)[1]
        result = await handle.result()
        if result != f"hello {number}":
            raise AssertionError(f"{handle.id} returned {result!r}")

    await in_batches((lambda handle=handle: finish(handle)) for handle in handles)


async def measure(client: Client, runs: int) -> None:
    address = client.service_client.config.target_host
    task_queue = f"cached-runs-{uuid.uuid4()}"
    worker = subprocess.Popen(
        [sys.executable, __file__, "--serve", address, task_queue, "--runs", str(runs)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert worker.stdout is not None
        if worker.stdout.readline().strip() != STARTED_LINE:
            raise RuntimeError("the worker did not start")
        # What is made once, not per run, must be there before the first measurement.
        await finish_runs(await start_runs(client, task_queue, range(WARM_UP_RUNS)))
        before = resident_bytes(worker.pid)
        began = time.monotonic()
        handles = await start_runs(client, task_queue, range(WARM_UP_RUNS, WARM_UP_RUNS + runs))
        after = resident_bytes(worker.pid)
        print(f"{runs} runs cached after {time.monotonic() - began:.1f} s")
        print(f"resident memory before: {before / 2**20:.1f} MiB")
        print(f"resident memory after:  {after / 2**20:.1f} MiB")
        print(f"per cached run:         {(after - before) / runs:.0f} bytes")
        await finish_runs(handles)
        print(f"all {runs} results are right")
        print(f"resident memory at the end: {resident_bytes(worker.pid) / 2**20:.1f} MiB")
    finally:
        worker.terminate()
        worker.wait()


async def main() -> None:
    parser = argparse.ArgumentParser(description="Memory per cached workflow run.")
    parser.add_argument("--runs", type=int, default=10_000, help="runs to cache")
    parser.add_argument("--address", help="a server's host:port; without it one is started")
    parser.add_argument("--serve", nargs=2, metavar=("ADDRESS", "QUEUE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        return await serve(*given.serve, cached=given.runs)
    if given.address:
        return await measure(await Client.connect(given.address), given.runs)
    async with await WorkflowEnvironment.start_local() as environment:
        await measure(environment.client, given.runs)


if __name__ == "__main__":
    asyncio.run(main())
