"""Workflows whose first task comes with the answer to their start, on a real server."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

import pytest

from temporalio import workflow
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    WorkflowHandle,
)
from temporalio.worker import Worker

from ..conftest import DevServer


@workflow.defn
class Echo:
    @workflow.run
    async def run(self, text: str) -> str:
        return text


class Passing(OutboundInterceptor):
    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        return await super().start_workflow(input)


class PassOn(Interceptor):
    """Has calls go by way of messages."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return Passing(next)


async def start(client: Client, queue: str) -> WorkflowHandle[Any, Any]:
    return await client.start_workflow(
        Echo.run, "hello", id=str(uuid.uuid4()), task_queue=queue, request_eager_start=True
    )


async def polling(worker: Worker) -> None:
    """Wait until the worker has begun to work."""
    while not worker.snapshot()["polls"]["workflow"]["normal"]:
        await asyncio.sleep(0.01)


def started_eagerly(handle: WorkflowHandle[Any, Any]) -> bool:
    eager: bool = getattr(handle, "__temporal_eagerly_started")
    return eager


@pytest.mark.parametrize("interceptors", [(), (PassOn(),)], ids=["short way", "interceptor"])
async def test_a_worker_of_the_connection_gets_the_first_task(
    dev_server: DevServer, task_queue: str, interceptors: Sequence[Interceptor]
) -> None:
    client = await Client.connect(dev_server.target_host, interceptors=interceptors)
    other = await Client.connect(dev_server.target_host)
    async with Worker(client, task_queue=task_queue, workflows=[Echo]) as worker:
        await polling(worker)
        handles = [await start(client, task_queue) for _ in range(5)]
        assert [await handle.result() for handle in handles] == ["hello"] * 5
        assert all(map(started_eagerly, handles))
        [usual, elsewhere] = [await start(other, task_queue), await start(client, "another")]
        assert not started_eagerly(usual) and not started_eagerly(elsewhere)
        await elsewhere.terminate()
        # The short way of a start that is awaited at once.
        result = await client.execute_workflow(
            Echo.run, "hi", id=task_queue, task_queue=task_queue, request_eager_start=True
        )
        assert result == "hi"
        unasked = await client.start_workflow(
            Echo.run, "hello", id=str(uuid.uuid4()), task_queue=task_queue
        )
        assert not started_eagerly(unasked)
        assert await usual.result() == await unasked.result() == "hello"
        while worker.snapshot()["slots"]["workflow"]["used"]:
            await asyncio.sleep(0.01)
    after = await start(client, task_queue)
    assert not started_eagerly(after)
    await after.terminate()


async def test_without_a_free_slot_the_first_task_goes_the_usual_way(
    dev_server: DevServer, task_queue: str
) -> None:
    client = await Client.connect(dev_server.target_host)
    # Both slots are held by polls.
    async with Worker(
        client, task_queue=task_queue, workflows=[Echo], max_concurrent_workflow_tasks=2
    ) as worker:
        while worker.snapshot()["slots"]["workflow"]["free"]:
            await asyncio.sleep(0.01)
        handle = await start(client, task_queue)
        assert not started_eagerly(handle)
        assert await handle.result() == "hello"


async def test_a_new_client_of_the_worker_takes_its_place(
    dev_server: DevServer, task_queue: str
) -> None:
    old = await Client.connect(dev_server.target_host)
    new = await Client.connect(dev_server.target_host)
    async with Worker(old, task_queue=task_queue, workflows=[Echo]) as worker:
        await polling(worker)
        worker.client = new
        [by_old, by_new] = [await start(old, task_queue), await start(new, task_queue)]
        assert (started_eagerly(by_old), started_eagerly(by_new)) == (False, True)
        assert await by_old.result() == await by_new.result() == "hello"
