"""A worker that is killed outright loses nothing: another one finishes its workflows."""

from __future__ import annotations

import asyncio
import sys
import uuid
from datetime import timedelta
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from ..limits import LIMIT_SECONDS
from .steps import BacksOff, Steps

SCRIPT = Path(__file__).with_name("steps.py")


async def start_worker(env: WorkflowEnvironment, task_queue: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        SCRIPT,
        env.client.service_client.config.target_host,
        task_queue,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), timeout=LIMIT_SECONDS) == b"serving\n"
    return process


async def take_step(handle: WorkflowHandle[Steps, int], value: int) -> None:
    async def value_reached() -> None:
        while await handle.query(Steps.value) < value:
            await asyncio.sleep(0.05)

    await handle.signal(Steps.allow)
    await asyncio.wait_for(value_reached(), timeout=LIMIT_SECONDS)


async def test_another_worker_finishes_what_a_killed_one_began(env: WorkflowEnvironment) -> None:
    """Promise 17: a worker that misses its cache fetches the history and goes on."""
    task_queue = f"killed-{uuid.uuid4()}"
    first = await start_worker(env, task_queue)
    try:
        handles = [
            await env.client.start_workflow(
                Steps.run, 3, id=f"{task_queue}-{n}", task_queue=task_queue
            )
            for n in range(10)
        ]
        await asyncio.gather(*(take_step(handle, 1) for handle in handles))
    finally:
        first.kill()
        await first.wait()

    second = await start_worker(env, task_queue)
    try:
        await asyncio.gather(*(take_step(handle, 2) for handle in handles))
        for handle in handles:
            await handle.signal(Steps.allow)
        results = await asyncio.wait_for(
            asyncio.gather(*(handle.result() for handle in handles)), timeout=LIMIT_SECONDS
        )
        assert results == [3] * len(handles)
    finally:
        second.terminate()
        await second.wait()


async def test_another_worker_goes_on_with_the_attempts_of_a_local_activity(
    env: WorkflowEnvironment,
) -> None:
    task_queue = f"killed-{uuid.uuid4()}"
    handle = await env.client.start_workflow(
        BacksOff.run, 3, id=task_queue, task_queue=task_queue, task_timeout=timedelta(seconds=2)
    )

    async def count(event: str) -> int:
        wanted = EventType.Value(f"EVENT_TYPE_{event}")
        return len([one async for one in handle.fetch_history_events() if one.event_type == wanted])

    for backoffs in (1, 2):
        worker = await start_worker(env, task_queue)
        try:
            while await count("TIMER_STARTED") < backoffs:
                await asyncio.sleep(0.05)
        finally:
            worker.kill()
            await worker.wait()
    worker = await start_worker(env, task_queue)
    try:
        assert await asyncio.wait_for(handle.result(), timeout=LIMIT_SECONDS) == 3
    finally:
        worker.terminate()
        await worker.wait()
    assert (await count("MARKER_RECORDED"), await count("TIMER_FIRED")) == (3, 2)
