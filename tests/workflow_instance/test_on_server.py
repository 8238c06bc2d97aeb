"""What a worker's lanes do about workflow code that misbehaves, on a real server."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from ..caching import Cache
from ..limits import LIMIT_SECONDS
from .misbehaving import Quick, StuckOnce, Swallower, stuck

pytestmark = pytest.mark.usefixtures("cache")


async def _failed_tasks(handle: WorkflowHandle[Any, Any]) -> list[str]:
    return [
        event.workflow_task_failed_event_attributes.failure.message
        async for event in handle.fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    ]


async def _until(condition: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "it did not come to be in time"
        await asyncio.sleep(0.05)


@pytest.fixture
async def task_queue() -> AsyncIterator[str]:
    yield f"lanes-{uuid.uuid4()}"


async def test_stuck_workflow_fails_its_task_and_stops_no_other(
    env: WorkflowEnvironment, task_queue: str
) -> None:
    client = env.client
    async with Worker(client, task_queue=task_queue, workflows=[StuckOnce, Quick]):
        handle = await client.start_workflow(
            StuckOnce.run, id=f"stuck-{uuid.uuid4()}", task_queue=task_queue
        )

        async def is_stuck() -> bool:
            return bool(stuck)

        await _until(is_stuck)
        began = time.monotonic()
        others = [
            client.execute_workflow(Quick.run, id=f"quick-{uuid.uuid4()}", task_queue=task_queue)
            for _ in range(10)
        ]
        assert await asyncio.gather(*others) == ["quick"] * 10
        assert time.monotonic() - began < 8
        assert await handle.result() == "done"
    [message] = await _failed_tasks(handle)
    assert message == (
        "[TMPRL1101] Potential deadlock detected: workflow didn't yield within 2 second(s)."
    )


@pytest.mark.cannot_replay
async def test_unregistered_workflow_fails_its_task(
    env: WorkflowEnvironment, task_queue: str
) -> None:
    async with Worker(env.client, task_queue=task_queue, workflows=[Quick]):
        handle = await env.client.start_workflow(
            "Stranger", id=f"stranger-{uuid.uuid4()}", task_queue=task_queue
        )

        async def has_failed() -> bool:
            return bool(await _failed_tasks(handle))

        await _until(has_failed)
        assert (await _failed_tasks(handle))[0] == (
            "Workflow class Stranger is not registered on this worker, available workflows: Quick"
        )
        await handle.terminate()


async def test_swallowed_eviction_keeps_nobody_waiting(
    env: WorkflowEnvironment, task_queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = env.client
    async with Worker(client, task_queue=task_queue, workflows=[Swallower], max_cached_workflows=1):
        handles = [
            await client.start_workflow(
                Swallower.run, id=f"swallower-{uuid.uuid4()}", task_queue=task_queue
            )
            for _ in range(5)
        ]
        for handle in handles:
            await handle.signal(Swallower.tell)
        results = await asyncio.wait_for(
            asyncio.gather(*(handle.result() for handle in handles)), timeout=LIMIT_SECONDS
        )
        assert results == ["told"] * 5


async def test_cache_holds_no_more_runs_than_it_may(
    env: WorkflowEnvironment, task_queue: str, cache: Cache
) -> None:
    """Promise 10: cached runs never exceed the limit. Promise 13: slots in use return to 0."""
    client = env.client
    async with Worker(
        client, task_queue=task_queue, workflows=[Quick], max_cached_workflows=2
    ) as worker:
        runs = asyncio.gather(
            *(
                client.execute_workflow(Quick.run, id=f"{task_queue}-{n}", task_queue=task_queue)
                for n in range(10)
            )
        )
        cached: list[Any] = []
        while not runs.done():
            cached.append(worker.snapshot()["cache"]["runs"])
            await asyncio.sleep(0.002)
        assert await runs == ["quick"] * 10
        assert max(cached) <= 2
        # Where each task evicts its run, it may never be seen there.
        assert max(cached) > 0 or cache is Cache.FORGETFUL

        async def is_idle() -> bool:
            return bool(worker.snapshot()["slots"]["workflow"]["used"] == 0)

        await _until(is_idle)
