"""Workflow code that blocks, that does not let go, or that has a bug, on a real server."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerSnapshot

from ..limits import LIMIT_SECONDS
from ..runtime.telling import scrape, scraped_runtime

release = threading.Event()


@pytest.fixture(autouse=True)
def released() -> Iterator[None]:
    """Let all code go on when the test is over."""
    release.clear()
    yield
    release.set()


@workflow.defn
class Blocks:
    """Keeps its thread until it is let go."""

    @workflow.run
    async def run(self) -> str:
        block_here()
        return "unblocked"


def block_here() -> None:
    release.wait(2 * LIMIT_SECONDS)


@workflow.defn
class Clings:
    """Goes on after each cancellation, until it is let go."""

    def __init__(self) -> None:
        self._done = False

    @workflow.run
    async def run(self, how: str) -> str:
        while not self._done:
            try:
                if how == "yields":
                    await workflow.wait_condition(lambda: self._done)
                else:
                    await workflow.sleep(1000)
            except BaseException:
                if release.is_set():
                    raise
        return "done"

    @workflow.signal
    def end(self) -> None:
        self._done = True


@workflow.defn
class Quick:
    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(0.01)
        return "quick"


def worker_of(client: Client, queue: str, **options: Any) -> Worker:
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[Blocks, Clings, Quick],
        workflow_runner=UnsandboxedWorkflowRunner(),
        **options,
    )
    assert worker._workflow_worker is not None
    worker._workflow_worker._deadlock_timeout_seconds = 0.5
    return worker


def snapshot(worker: Worker) -> WorkerSnapshot:
    return worker.snapshot()


async def start(client: Client, queue: str, name: str, *args: Any) -> WorkflowHandle[Any, Any]:
    return await client.start_workflow(
        name,
        args=list(args),
        id=str(uuid.uuid4()),
        task_queue=queue,
        task_timeout=timedelta(seconds=3),
    )


async def task_failure(handle: WorkflowHandle[Any, Any]) -> Any:
    while True:
        async for event in handle.fetch_history_events():
            if event.HasField("workflow_task_failed_event_attributes"):
                return event.workflow_task_failed_event_attributes.failure
        await asyncio.sleep(0.05)


async def until(condition: Any) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to this"
        await asyncio.sleep(0.05)


async def test_blocked_workflow_is_reported_and_stops_no_other(env: WorkflowEnvironment) -> None:
    """Promises 13 and 14: a blocked workflow is reported with its stack, and costs no other a slot."""
    queue = f"bad-code-{uuid.uuid4()}"
    async with worker_of(env.client, queue, max_concurrent_workflow_tasks=2) as worker:
        blocked = [await start(env.client, queue, "Blocks") for _ in range(3)]
        failures = [await asyncio.wait_for(task_failure(one), LIMIT_SECONDS) for one in blocked]
        for failure in failures:
            assert failure.message == (
                "[TMPRL1101] Potential deadlock detected: workflow didn't yield within 0.5 second(s)."
            )
            assert "in block_here" in failure.stack_trace
        others = [await start(env.client, queue, "Quick") for _ in range(5)]
        results = await asyncio.wait_for(
            asyncio.gather(*(one.result() for one in others)), LIMIT_SECONDS
        )
        assert results == ["quick"] * 5
        release.set()
        results = await asyncio.wait_for(
            asyncio.gather(*(one.result() for one in blocked)), LIMIT_SECONDS
        )
        assert results == ["unblocked"] * 3
        await until(lambda: snapshot(worker)["slots"]["workflow"]["used"] == 0)


@pytest.mark.parametrize("how", ["yields", "never yields"])
async def test_clinging_workflow_stops_no_eviction(env: WorkflowEnvironment, how: str) -> None:
    """Promise 14: code that swallows its cancellation cannot stop an eviction, and is counted."""
    queue = f"bad-code-{uuid.uuid4()}"
    runtime, address = scraped_runtime()
    target_host = env.client.service_client.config.target_host
    client = await Client.connect(target_host, runtime=runtime)
    async with worker_of(client, queue, max_cached_workflows=1) as worker:
        clinging = await start(env.client, queue, "Clings", how)
        await until(lambda: snapshot(worker)["cache"]["runs"] == 1)
        await asyncio.sleep(0.2)
        # There is room for one run only.
        other = await start(env.client, queue, "Quick")
        assert await asyncio.wait_for(other.result(), LIMIT_SECONDS) == "quick"
        await until(lambda: snapshot(worker)["cache"]["abandoned"] >= 1)
        if how == "yields":
            # The run itself goes on, by replay.
            await clinging.signal("end")
            assert await asyncio.wait_for(clinging.result(), LIMIT_SECONDS) == "done"
        await until(lambda: snapshot(worker)["slots"]["workflow"]["used"] == 0)
        release.set()
    _, counted = scrape(address).only("temporal_workflow_run_abandoned")
    assert counted == snapshot(worker)["cache"]["abandoned"]


@pytest.mark.parametrize("how", ["yields", "never yields"])
async def test_clinging_workflow_stops_no_shutdown(env: WorkflowEnvironment, how: str) -> None:
    """Promise 14: code that swallows its cancellation cannot stop a shutdown."""
    queue = f"bad-code-{uuid.uuid4()}"
    worker = worker_of(env.client, queue)
    running = asyncio.create_task(worker.run())
    await start(env.client, queue, "Clings", how)
    await until(lambda: snapshot(worker)["cache"]["runs"] == 1)
    await asyncio.sleep(0.2)
    began = time.monotonic()
    await worker.shutdown()
    await running
    assert time.monotonic() - began < 10


async def test_blocked_workflow_stops_no_shutdown(env: WorkflowEnvironment) -> None:
    """Promise 14: one stuck run blocks no shutdown."""
    queue = f"bad-code-{uuid.uuid4()}"
    worker = worker_of(env.client, queue)
    running = asyncio.create_task(worker.run())
    blocked = await start(env.client, queue, "Blocks")
    await asyncio.wait_for(task_failure(blocked), LIMIT_SECONDS)
    began = time.monotonic()
    with contextlib.suppress(asyncio.CancelledError):
        await worker.shutdown()
        await running
    assert time.monotonic() - began < 10
