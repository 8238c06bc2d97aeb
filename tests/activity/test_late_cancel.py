"""Promise 34: a late thread cancellation never reaches the next activity on that thread."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import CancelledError
from temporalio.worker import Worker

from ..limits import LIMIT_SECONDS
from .calling_workflow import Call, CallActivity

PAIRS = 40

_seen: Counter[str] = Counter()


@activity.defn
def heartbeat_for(seconds: float) -> str:
    """Ends at about the time at which it is cancelled."""
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            activity.heartbeat()
            time.sleep(0.001)
    except CancelledError:
        _seen["cancelled"] += 1
        raise
    _seen["ended"] += 1
    return "ended"


@activity.defn
def compute() -> str:
    """Runs on the same thread right after another one, in steps that an exception would break off."""
    end = time.monotonic() + 0.05
    while time.monotonic() < end:
        sum(range(100))
    return "undisturbed"


async def test_what_runs_next_on_the_thread_is_not_disturbed(
    client: Client, task_queue: str
) -> None:
    _seen.clear()

    async def call(name: str, *args: float) -> str:
        handle = await client.start_workflow(
            CallActivity.run,
            Call(name, list(args), heartbeat_seconds=30),
            id=f"{task_queue}-{name}-{time.monotonic_ns()}",
            task_queue=task_queue,
        )
        if name == "heartbeat_for":
            await asyncio.sleep(0.05)
            await handle.signal(CallActivity.cancel_activity)
        try:
            return str(await asyncio.wait_for(handle.result(), LIMIT_SECONDS))
        except WorkflowFailureError:
            return "failed"

    with ThreadPoolExecutor(1) as thread:
        async with Worker(
            client,
            task_queue=task_queue,
            workflows=[CallActivity],
            activities=[heartbeat_for, compute],
            activity_executor=thread,
            max_concurrent_activities=2,
            # Each heartbeat may bring the cancellation.
            max_heartbeat_throttle_interval=timedelta(milliseconds=5),
        ):
            seconds = 0.1
            for _ in range(PAIRS):
                first = asyncio.create_task(call("heartbeat_for", seconds))
                assert await call("compute") == "undisturbed"
                # Towards the moment at which the cancellation comes, whichever that is.
                seconds *= 1.2 if await first == "ended" else 0.8
    # Otherwise nothing was late and nothing in time.
    assert _seen["cancelled"] and _seen["ended"], _seen
