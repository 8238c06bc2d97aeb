"""Another client for a worker that runs, on a real server."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

import pytest

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from ..conftest import DevServer
from ..forwarder import Forwarder
from ..limits import LIMIT_SECONDS

_started = asyncio.Event()
_go_on = asyncio.Event()


@activity.defn
async def identity_of_client() -> str:
    _started.set()
    await _go_on.wait()
    return activity.client().identity


@workflow.defn
class AsksForClient:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity(
            identity_of_client, start_to_close_timeout=timedelta(seconds=60)
        )


async def test_calls_go_by_the_new_client_and_nothing_is_lost(dev_server: DevServer) -> None:
    _started.clear()
    _go_on.clear()
    outside = await Client.connect(dev_server.target_host)
    new = await Client.connect(dev_server.target_host, identity="new")
    queue = f"queue-{uuid.uuid4()}"
    async with Forwarder(dev_server.target_host) as forwarder:
        old = await Client.connect(forwarder.address, identity="old")
        worker = Worker(
            old, task_queue=queue, workflows=[AsksForClient], activities=[identity_of_client]
        )
        assert worker.client is old
        async with worker:
            in_flight = await outside.start_workflow(AsksForClient.run, id=queue, task_queue=queue)
            await asyncio.wait_for(_started.wait(), LIMIT_SECONDS)
            worker.client = new
            assert worker.client is new
            assert worker.config(active_config=True)["client"] is new
            # What the worker does from now on must not need the old connection.
            forwarder.break_off()
            _go_on.set()
            assert await asyncio.wait_for(in_flight.result(), LIMIT_SECONDS) == "old"
            later = outside.execute_workflow(AsksForClient.run, id=f"{queue}-2", task_queue=queue)
            assert await asyncio.wait_for(later, LIMIT_SECONDS) == "new"


async def test_a_client_that_cannot_be_used_changes_nothing(dev_server: DevServer) -> None:
    client = await Client.connect(dev_server.target_host)
    lazy = await Client.connect(dev_server.target_host, lazy=True)
    worker = Worker(client, task_queue="queue", activities=[identity_of_client])
    with pytest.raises(RuntimeError, match="Lazy clients cannot be used for workers"):
        worker.client = lazy
    assert worker.client is client
