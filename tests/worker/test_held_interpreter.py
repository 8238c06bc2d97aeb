"""User code that keeps the interpreter to itself, on a real server.

``CALLBOARD_LONG_TESTS=1`` has it held for 30 seconds at a time instead of 3.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import (
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    Worker,
    WorkerTuner,
)

from ..conftest import DevServer
from ..limits import LIMIT_SECONDS
from ..runtime.telling import Scrape, scrape, scraped_runtime

HELD_SECONDS = 30 if os.environ.get("CALLBOARD_LONG_TESTS") == "1" else 3
HEARTBEAT_TIMEOUT = timedelta(seconds=HELD_SECONDS * 2)
TIMES = 2

_held = asyncio.Event()


@activity.defn
def hold() -> float:
    """Keep the interpreter: functions of a PyDLL are called without letting go of it."""
    before = time.monotonic()
    ctypes.PyDLL(None).usleep(HELD_SECONDS * 1_000_000)
    return time.monotonic() - before


@activity.defn
async def heartbeat(number: int) -> int:
    """Heartbeat until the interpreter was held for the last time."""
    count = 0
    while not _held.is_set():
        count += 1
        activity.heartbeat(number, count)
        await asyncio.sleep(0.01)
    return count


@workflow.defn
class HoldsOn:
    @workflow.run
    async def run(self, heartbeating: int) -> list[int]:
        beating = [
            workflow.start_activity(
                heartbeat,
                number,
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=HEARTBEAT_TIMEOUT,
            )
            for number in range(heartbeating)
        ]
        for _ in range(TIMES):
            held = await workflow.execute_activity(
                hold, start_to_close_timeout=timedelta(minutes=5)
            )
            assert held >= HELD_SECONDS
            # Now the others get on.
            await workflow.sleep(0.5)
        await workflow.execute_activity(set_held, start_to_close_timeout=timedelta(minutes=1))
        return await asyncio.gather(*beating)


@activity.defn
async def set_held() -> None:
    _held.set()


class Few(CustomSlotSupplier):
    """Gives six slots, each after a while."""

    def __init__(self) -> None:
        self.held = 0

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        while self.held >= 6:
            await asyncio.sleep(0.01)
        self.held += 1
        return SlotPermit()

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:
        return None

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None: ...

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        self.held -= 1


async def test_everything_goes_on_once_the_interpreter_is_free(
    client: Client, task_queue: str
) -> None:
    _held.clear()
    supplier, other = Few(), FixedSizeSlotSupplier(10)
    tuner = WorkerTuner.create_composite(
        workflow_supplier=other,
        activity_supplier=supplier,
        local_activity_supplier=other,
        nexus_supplier=other,
    )
    with ThreadPoolExecutor(2) as executor:
        worker = Worker(
            client,
            task_queue=task_queue,
            workflows=[HoldsOn],
            activities=[hold, heartbeat, set_held],
            activity_executor=executor,
            tuner=tuner,
            max_heartbeat_throttle_interval=timedelta(milliseconds=200),
            default_heartbeat_throttle_interval=timedelta(milliseconds=200),
        )
        async with worker:
            result = await client.execute_workflow(
                HoldsOn.run,
                4,
                id=task_queue,
                task_queue=task_queue,
                # A task that is in hand while the interpreter is held must not run out of time.
                task_timeout=timedelta(seconds=HELD_SECONDS * 3),
            )
            # None of the activities was tried again: each has counted from one.
            assert len(result) == 4 and all(count > 10 for count in result)
            assert {actor["state"] for actor in worker.snapshot()["actors"]} == {"alive"}
            assert not any(actor["restarts"] for actor in worker.snapshot()["actors"])
            history = await client.get_workflow_handle(task_queue).fetch_history()
            attempts = [
                event.activity_task_started_event_attributes.attempt
                for event in history.events
                if event.HasField("activity_task_started_event_attributes")
            ]
            assert attempts == [1] * (4 + TIMES + 1)
    assert supplier.held == 0


@activity.defn
def hold_at_shutdown() -> tuple[float, float]:
    """Keep the interpreter from the shutdown of the worker on; say from when to when.

    Heartbeats twice before. The second one is too early to be sent then, and must be sent later, when
    no Python code can run.
    """
    activity.wait_for_worker_shutdown_sync(LIMIT_SECONDS)
    before = time.monotonic()
    activity.heartbeat("first")
    activity.heartbeat("second")
    ctypes.PyDLL(None).usleep(HELD_SECONDS * 1_000_000)
    return before, time.monotonic()


@workflow.defn
class HoldsAtShutdown:
    @workflow.run
    async def run(self) -> tuple[float, float]:
        return await workflow.execute_activity(
            hold_at_shutdown,
            start_to_close_timeout=timedelta(minutes=5),
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
        )


async def test_metrics_heartbeats_and_shutdown_go_on_while_the_interpreter_is_held(
    dev_server: DevServer, task_queue: str
) -> None:
    """Promises 35 and 38."""
    made, address = scraped_runtime()
    client = await Client.connect(dev_server.target_host, runtime=made)
    watcher = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("watch_metrics.py")), address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    interval = timedelta(seconds=HELD_SECONDS / 6)
    with ThreadPoolExecutor(2) as executor:
        worker = Worker(
            client,
            task_queue=task_queue,
            workflows=[HoldsAtShutdown],
            activities=[hold_at_shutdown],
            activity_executor=executor,
            graceful_shutdown_timeout=timedelta(minutes=5),
            max_heartbeat_throttle_interval=interval,
            default_heartbeat_throttle_interval=interval,
        )
        running = asyncio.create_task(worker.run())
        handle = await client.start_workflow(
            HoldsAtShutdown.run, id=task_queue, task_queue=task_queue
        )
        async with asyncio.timeout(LIMIT_SECONDS):
            while _shown(await asyncio.to_thread(scrape, address))["used"] < 1:
                await asyncio.sleep(0.05)
        await asyncio.wait_for(worker.shutdown(), LIMIT_SECONDS + HELD_SECONDS)
        await running
    async with Worker(client, task_queue=task_queue, workflows=[HoldsAtShutdown]):
        began, ended = await asyncio.wait_for(handle.result(), LIMIT_SECONDS)
    output, _ = watcher.communicate(timeout=LIMIT_SECONDS)
    scrapes = [
        _shown(Scrape(one["text"]))
        for one in json.loads(output)
        if began <= one["began"] and one["ended"] <= ended
    ]
    # The scrapes were answered, what an activity had last said went to the server, and polling ended.
    assert len(scrapes) >= 2
    assert scrapes[-1]["heartbeats"] == 2
    assert scrapes[-1]["pollers"] == 0
    assert scrapes[-1]["shutdowns"] == 1


def _shown(found: Scrape) -> dict[str, float]:
    """The figures of interest."""

    def of(name: str, **wanted: str) -> float:
        series = found.series.get(f"temporal_{name}", [])
        return sum(value for labels, value in series if wanted.items() <= labels.items())

    return {
        "pollers": of("num_pollers"),
        "used": of("worker_task_slots_used", worker_type="ActivityWorker"),
        "heartbeats": of("request", operation="RecordActivityTaskHeartbeat"),
        "shutdowns": of("request", operation="ShutdownWorker"),
    }
