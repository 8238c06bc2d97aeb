"""Shutdowns without a server and beside code that does not yield. Under load: ``tests/soak``."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from ..conftest import DevServer
from ..forwarder import Forwarder
from ..limits import LIMIT_SECONDS


@activity.defn
async def add_one(value: int) -> int:
    return value + 1


@workflow.defn
class Count:
    @workflow.run
    async def run(self, steps: int) -> int:
        value = 0
        for _ in range(steps):
            value = await workflow.execute_activity(
                add_one, value, start_to_close_timeout=timedelta(seconds=5)
            )
        return value


@workflow.defn
class NeverYields:
    @workflow.run
    async def run(self) -> None:
        time.sleep(4)


def worker_on(client: Client, task_queue: str) -> Worker:
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[Count, NeverYields],
        activities=[add_one],
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
    )


def workflow_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if "workflow" in thread.name]


async def test_a_worker_shut_down_before_it_runs_leaves_no_thread(
    client: Client, task_queue: str
) -> None:
    named_before = len(workflow_threads())
    worker = worker_on(client, task_queue)
    await worker.shutdown()
    await worker.run()
    # Threads show up in Python only once they have had the interpreter.
    await asyncio.sleep(0.5)
    assert len(workflow_threads()) <= named_before


async def test_shutdown_does_not_wait_for_a_namespace_that_nobody_describes(
    dev_server: DevServer, task_queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Forwarder(dev_server.target_host) as way:
        client = await Client.connect(way.address)
        way.fall_silent()
        worker = worker_on(client, task_queue)
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.1)
        assert not running.done()
        began = time.monotonic()
        await asyncio.wait_for(worker.shutdown(), LIMIT_SECONDS)
        assert time.monotonic() - began < 5
        await running
    assert "before the server described its namespace" in caplog.text


@pytest.mark.parametrize("fault", [Forwarder.fall_silent, Forwarder.break_off])
async def test_shutdown_without_a_server_ends(
    dev_server: DevServer, task_queue: str, fault: Callable[[Forwarder], None]
) -> None:
    async with Forwarder(dev_server.target_host) as way:
        client = await Client.connect(way.address)
        worker = worker_on(client, task_queue)
        running = asyncio.create_task(worker.run())
        direct = await Client.connect(dev_server.target_host)
        handle = await direct.start_workflow(
            Count.run, 1000, id=f"cut-off-{uuid.uuid4()}", task_queue=task_queue
        )
        await asyncio.sleep(0.5)
        fault(way)
        began = time.monotonic()
        await asyncio.wait_for(worker.shutdown(), LIMIT_SECONDS)
        # Five seconds for open polls, ten for calls that have begun.
        assert time.monotonic() - began < 15
        await running
        await handle.terminate()


async def test_code_that_does_not_yield_stops_neither_other_runs_nor_the_shutdown(
    client: Client, task_queue: str
) -> None:
    async with worker_on(client, task_queue):
        stuck = await client.start_workflow(
            NeverYields.run, id=f"stuck-{uuid.uuid4()}", task_queue=task_queue
        )
        await asyncio.sleep(0.2)
        others = [
            client.execute_workflow(
                Count.run, 1, id=f"beside-{uuid.uuid4()}", task_queue=task_queue
            )
            for _ in range(10)
        ]
        assert await asyncio.wait_for(asyncio.gather(*others), LIMIT_SECONDS) == [1] * 10
        began = time.monotonic()
        await stuck.terminate()
    assert time.monotonic() - began < 10
