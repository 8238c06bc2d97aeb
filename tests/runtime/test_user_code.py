"""Metrics of activities and workflows, on a real server."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from temporalio.client import Client, WorkflowHandle
from temporalio.runtime import BufferedMetricUpdate, MetricBuffer
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from ..conftest import DevServer
from ..limits import LIMIT_SECONDS
from .counting import ACTIVITIES, Counting, CountingUnsandboxed, Meters
from .telling import SERVICE, buffered_runtime, of_user

NUMBER = 3
MISTAKES = [
    "ValueError: Metric value cannot be negative",
    'TypeError: Invalid value type for key "a": expected str, int, float or bool, got NoneType',
]


def worker_on(client: Client, task_queue: str, **options: Any) -> Worker:
    given = {"workflows": [Counting, Meters], **options}
    return Worker(
        client,
        task_queue=task_queue,
        activities=ACTIVITIES,
        activity_executor=ThreadPoolExecutor(10),
        max_concurrent_activities=10,
        **given,
    )


async def connected(dev_server: DevServer) -> tuple[Client, MetricBuffer]:
    made, buffer = buffered_runtime()
    return await Client.connect(dev_server.target_host, runtime=made), buffer


async def run_through(client: Client, task_queue: str) -> WorkflowHandle[Any, Any]:
    """Have a workflow count at each of its steps."""
    handle = await client.start_workflow(Counting.run, NUMBER, id=task_queue, task_queue=task_queue)
    for _ in range(2):
        assert not await handle.query(Counting.look)
    assert await handle.execute_update(Counting.change, 5) == 5
    await handle.signal(Counting.end)
    assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == MISTAKES
    assert await handle.query(Counting.look)
    return handle


def described(updates: list[BufferedMetricUpdate]) -> Counter[tuple[Any, ...]]:
    return Counter(
        (one.metric.name, one.value, tuple(sorted(one.attributes.items()))) for one in updates
    )


def expected(task_queue: str, *, with_activities: bool = True) -> Counter[tuple[Any, ...]]:
    """What is recorded, once each, by name, value and attributes."""
    place = {**SERVICE, "namespace": "default", "task_queue": task_queue}
    of_workflow = {**place, "workflow_type": "Counting"}
    recorded: list[tuple[str, float, dict[str, Any]]] = [
        ("kept", NUMBER, of_workflow),
        ("kept", NUMBER, {**of_workflow, "after": "count_on_loop"}),
        ("kept", NUMBER, {**of_workflow, "after": "count_in_thread"}),
        ("time", 1000 * NUMBER, of_workflow),
        ("gauge", NUMBER, {**of_workflow, "m": 1, "v": True}),
        ("gauge-float", NUMBER / 2, of_workflow),
        ("hist", NUMBER, {**of_workflow, "h": "x"}),
        ("hist-float", NUMBER / 2, of_workflow),
        ("signal", 1, of_workflow),
        ("update", 5, of_workflow),
        ("validator", 5, of_workflow),
    ]
    for name, is_local in (
        ("count_on_loop", False),
        ("count_in_thread", False),
        ("count_on_loop", True),
    ):
        recorded.append(("activity", NUMBER, {**place, "activity_type": name, "local": is_local}))
    return Counter(
        (name, value, tuple(sorted(attributes.items()))) for name, value, attributes in recorded
    )


@pytest.mark.parametrize("sandboxed", [True, False], ids=["sandbox", "no sandbox"])
@pytest.mark.parametrize("cached", [0, 100], ids=["always replayed", "cached"])
async def test_each_step_counts_once(
    dev_server: DevServer, task_queue: str, cached: int, sandboxed: bool
) -> None:
    client, buffer = await connected(dev_server)
    options: dict[str, Any] = {"max_cached_workflows": cached}
    if not sandboxed:
        options["workflows"] = [CountingUnsandboxed]
    async with worker_on(client, task_queue, **options):
        await run_through(client, task_queue)
    assert described(of_user(buffer.retrieve_updates())) == expected(task_queue)


async def test_a_replayer_counts_nothing(dev_server: DevServer, task_queue: str) -> None:
    client, _ = await connected(dev_server)
    async with worker_on(client, task_queue):
        handle = await run_through(client, task_queue)
    history = await handle.fetch_history()
    made, buffer = buffered_runtime()
    await Replayer(workflows=[Counting], runtime=made).replay_workflow(history)
    assert of_user(buffer.retrieve_updates()) == []


async def test_without_metrics_there_is_nothing_to_make(
    env: WorkflowEnvironment, task_queue: str
) -> None:
    async with worker_on(env.client, task_queue):
        said = await env.client.execute_workflow(Meters.run, id=task_queue, task_queue=task_queue)
    assert said == [True, True, True]


async def test_each_activity_makes_its_meter_once(dev_server: DevServer, task_queue: str) -> None:
    client, _ = await connected(dev_server)
    async with worker_on(client, task_queue):
        said = await client.execute_workflow(Meters.run, id=task_queue, task_queue=task_queue)
    assert said == [False, False, True]
