"""Promise 40: no poll error is fatal before its grace period, and a worker without a poll for long says so."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pytest

from temporalio.client import Client
from temporalio.worker import Worker

from ..limits import LIMIT_SECONDS
from .counting import STEPS, Count, add_one
from .lengths import LONG
from .servers import own_server

WARNED_AFTER_SECONDS = 60


@pytest.mark.skipif(not LONG, reason="takes the minute after which a worker says something")
async def test_a_worker_says_so_and_goes_on_when_there_is_a_server_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    task_queue = f"no-poll-{uuid.uuid4()}"
    async with own_server(tmp_path, keeps=True) as server:
        client = await Client.connect(server.address)
        worker = Worker(client, task_queue=task_queue, workflows=[Count], activities=[add_one])

        async def use(name: str) -> int:
            started = client.execute_workflow(
                Count.run, id=f"{task_queue}-{name}", task_queue=task_queue
            )
            return await asyncio.wait_for(started, LIMIT_SECONDS)

        async with worker:
            assert await use("before") == STEPS
            server.end()
            await asyncio.sleep(WARNED_AFTER_SECONDS / 2)
            assert "no poll has succeeded for long" not in capfd.readouterr().err
            # Waits between polls are ten seconds at most.
            await asyncio.sleep(WARNED_AFTER_SECONDS / 2 + 15)
            assert "no poll has succeeded for long" in capfd.readouterr().err
            assert worker.is_running
            await server.start()
            assert await use("after") == STEPS
