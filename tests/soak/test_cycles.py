"""Workers start and stop in turn while their workflows go on: nothing is lost, doubled or left behind."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import threading
import time
import uuid
import weakref
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from ..limits import LIMIT_SECONDS
from .counting import STEPS, Count, add_one, steps_done
from .figures import TARGET, ProcessFigures, figures_of, growth, plot, steady_growth
from .lengths import LONG
from .servers import own_server

CYCLES = 1000 if LONG else 12
WORKFLOWS_PER_CYCLE = 3
CYCLES_BETWEEN_CHECKS = 25
# What is made at first use is there after these.
WARM_UP_CYCLES = CYCLES // 4
MOST_BYTES_PER_CYCLE = 10_000 if LONG else 500_000
"""This test itself keeps what was done for each workflow: some 2 kB each time."""
MOST_EXTRA = 5
"""Threads for blocking calls and connections may come and go; what a worker left behind would be one
for each cycle."""


_workers: list[weakref.ref[Worker]] = []


def worker_on(client: Client, task_queue: str) -> Worker:
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[Count],
        activities=[add_one],
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        # What has begun may end, so that no activity has to be tried again.
        graceful_shutdown_timeout=timedelta(seconds=LIMIT_SECONDS),
    )


async def cycle(client: Client, task_queue: str, number: int) -> list[WorkflowHandle[Count, int]]:
    """Serve while workflows start, and stop at one moment or another of their course."""
    worker = worker_on(client, task_queue)
    _workers.append(weakref.ref(worker))
    async with worker:
        handles = [
            await client.start_workflow(
                Count.run, id=f"{task_queue}-{number}-{which}", task_queue=task_queue
            )
            for which in range(WORKFLOWS_PER_CYCLE)
        ]
        await asyncio.sleep(number % 7 * 0.02)
    at_end = worker.snapshot()
    assert at_end["state"] == "stopped"
    held = {
        kind: slots["used"] + slots["polling"]
        for kind, slots in at_end["slots"].items()
        if slots["used"] or slots["polling"]
    }
    assert not held, f"slots are still held after the end: {held}"
    assert at_end["activities_in_flight"] == 0
    return handles


async def finish(
    client: Client, task_queue: str, handles: list[WorkflowHandle[Count, int]]
) -> None:
    """Serve until all have ended, each with the right result."""
    async with worker_on(client, task_queue):
        results = asyncio.gather(*(handle.result() for handle in handles))
        assert await asyncio.wait_for(results, 3 * LIMIT_SECONDS) == [STEPS] * len(handles)


async def settled(threads_before: set[str]) -> ProcessFigures:
    """What this process has once threads that have nothing more to do are gone."""
    give_up = time.monotonic() + LIMIT_SECONDS
    while left := {one.name for one in threading.enumerate()} - threads_before:
        # Threads of asyncio's default executor stay, and are few.
        if all(name.startswith("asyncio_") for name in left):
            break
        assert time.monotonic() < give_up, f"threads that no worker needs any more: {left}"
        await asyncio.sleep(0.05)
    return figures_of(os.getpid())


async def test_many_workers_in_turn_lose_nothing_and_leave_nothing(tmp_path: Path) -> None:
    steps_done.clear()
    _workers.clear()
    task_queue = f"cycles-{uuid.uuid4()}"
    started: list[str] = []
    resident: list[tuple[float, float]] = []
    threads_before = {one.name for one in threading.enumerate()}
    children_before = set(multiprocessing.active_children())
    async with own_server(tmp_path) as server:
        client = await Client.connect(server.address)
        unfinished: list[WorkflowHandle[Count, int]] = []
        for number in range(1, CYCLES + 1):
            unfinished += await cycle(client, task_queue, number)
            resident.append((number, figures_of(os.getpid()).resident / 2**20))
            if number % CYCLES_BETWEEN_CHECKS == 0 or number == CYCLES:
                await finish(client, task_queue, unfinished)
                started += [handle.id for handle in unfinished]
                unfinished.clear()
                print(f"{number} cycles: {figures_of(os.getpid())}", flush=True)
            if number == WARM_UP_CYCLES:
                warm = await settled(threads_before)
        end = await settled(threads_before)
        gc.collect()
        left = sum(worker() is not None for worker in _workers)
        calls = await server.calls()

    per_cycle = (steady_growth if LONG else growth)(resident[WARM_UP_CYCLES:]) * 2**20
    title = f"{CYCLES:,} starts and stops of a worker: {per_cycle:.0f} bytes more each time"
    plot(TARGET / "cycles.svg", resident, title, "workers", "MiB resident in the process")
    print(title, warm, end, resident[WARM_UP_CYCLES], resident[-1], calls)
    # Each step was worked on once, and so was each reported once: the server has refused no report.
    once = {(workflow_id, value): 1 for workflow_id in started for value in range(STEPS)}
    assert {key: times for key, times in steps_done.items() if once.get(key) != times} == {}
    assert len(steps_done) == len(once)
    refused = {what: times for what, times in calls.errors.items() if what[0].startswith("Respond")}
    assert refused == {}
    assert left == 0, f"{left} workers are still there"
    assert end.threads <= warm.threads + MOST_EXTRA
    assert end.files <= warm.files + MOST_EXTRA
    assert per_cycle < MOST_BYTES_PER_CYCLE
    assert set(multiprocessing.active_children()) == children_before
