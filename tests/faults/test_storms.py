"""Every call may meet any fault, and connections end: a worker in a storm, with all kinds of errands and a small cache.

A failed run prints its seed, and ``CALLBOARD_FAULT_SEED`` repeats its draws; what they meet is up to the
machine. ``CALLBOARD_LONG_TESTS=1`` has ten storms instead of one, and longer ones.
"""

from __future__ import annotations

import asyncio
import os
import random
from datetime import timedelta
from typing import Any

import pytest

from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import PollerBehaviorSimpleMaximum, Worker

from ..forwarder import Forwarder
from ..limits import LIMIT_SECONDS
from .cases import CODES, ErrandHandle, connect, is_idle, name_of, start, until, worker_of
from .errands import DONE, Errand, attempts
from .proxy import ANY_METHOD, Fault, FaultyProxy

LONG = bool(os.environ.get("CALLBOARD_LONG_TESTS"))
STORMS = 10 if LONG else 1
SEED = int(os.environ.get("CALLBOARD_FAULT_SEED") or random.SystemRandom().randrange(10**6))

# Each call meets one in six times a status, before the server or after it, and as often a delay.
SHARE_OF_STATUSES = 1 / 6
SHARE_OF_DELAYS = 1 / 6
LONGEST_DELAY = 0.5

ERRANDS = [
    "nothing_else",
    "retried_activity",
    "heartbeats",
    "failed_task",
    "signal",
    "cancelled_activity",
    "local_activities",
    "long_local_activity",
    "updated",
    "children",
    "continued",
    "steps_and_activities",
] * (3 if LONG else 1)

WORKERS = 4
GRACEFUL = timedelta(milliseconds=200)
# Ten seconds for calls without an answer, five for the notice; the rest is a busy machine's.
SHUTDOWN_SECONDS = GRACEFUL.total_seconds() + 10 + 5 + 15

WAIT_FOR_SIGNAL = {"signal", "cancelled_activity", "updated"}

OPTIONS: dict[str, Any] = {
    "max_cached_workflows": len(ERRANDS) // 4,
    "workflow_task_poller_behavior": PollerBehaviorSimpleMaximum(6),
    "activity_task_poller_behavior": PollerBehaviorSimpleMaximum(3),
    "max_heartbeat_throttle_interval": timedelta(milliseconds=200),
}


def brew(proxy: FaultyProxy, case: str, draws: random.Random) -> list[Fault]:
    """Add faults that happen by chance."""

    def chance(share: float) -> Any:
        return lambda message: draws.random() < share

    faults = []
    for after_server in (False, True):
        options: dict[str, Any] = {"case": case, "times": None, "after_server": after_server}
        share = SHARE_OF_STATUSES / 2 / len(CODES)
        faults += [Fault(ANY_METHOD, code, when=chance(share), **options) for code in CODES]
        delay = draws.uniform(0, LONGEST_DELAY)
        faults.append(Fault(ANY_METHOD, delay=delay, when=chance(SHARE_OF_DELAYS / 2), **options))
    return [proxy.add(fault) for fault in faults]


async def cut_now_and_then(way: Forwarder, draws: random.Random) -> None:
    while True:
        await asyncio.sleep(draws.uniform(0.2, 2))
        way.cut()


async def check_history(handle: ErrandHandle, kind: str) -> None:
    """No task has failed but by order: a worker that loses its way through a history says so there."""
    from temporalio.api.enums.v1 import WorkflowTaskFailedCause

    by_order = ["the history of the workflow could not be fetched"]
    if kind == "failed_task":
        by_order.append("the first task fails")
    # The server's own words for a command that came too late.
    unhandled = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
    async for event in handle.fetch_history_events():
        if event.HasField("workflow_task_failed_event_attributes"):
            failed = event.workflow_task_failed_event_attributes
            assert failed.cause == unhandled or failed.failure.message.startswith(
                tuple(by_order)
            ), (
                kind,
                failed,
            )


async def help_along(handle: ErrandHandle, kind: str) -> None:
    """Give an errand what it waits for, and see it end right."""
    if kind == "updated":
        await handle.execute_update(Errand.noted_by, 0)
    if kind == "signal":
        answer = None
        while answer is None:
            try:
                answer = await handle.query(Errand.may_go, rpc_timeout=timedelta(seconds=5))
            except RPCError:
                # The worker's answer did not get through.
                await asyncio.sleep(0.1)
        assert answer is False
    if kind == "cancelled_activity":
        await until(lambda: attempts[handle.id], "the activity runs")
    if kind in WAIT_FOR_SIGNAL:
        await handle.signal(Errand.go)
    assert await handle.result() == DONE
    assert attempts[handle.id] >= 1


@pytest.mark.parametrize("storm", range(STORMS))
async def test_a_worker_in_a_storm(proxy: FaultyProxy, direct: Client, storm: int) -> None:
    seed = SEED + storm
    case = name_of(f"storm-{seed}")
    async with Forwarder(proxy.address) as way:
        worker = worker_of(await connect(way.address, case), case, **OPTIONS)
        await weather(proxy, direct, way, worker, seed)


async def weather(
    proxy: FaultyProxy, direct: Client, way: Forwarder, worker: Worker, seed: int
) -> None:
    case = worker.task_queue
    async with worker:
        # The server's word about the namespace comes first: without it there is no worker.
        await until(lambda: proxy.of("PollActivityTaskQueue", case), "the worker polls")
        faults = brew(proxy, case, random.Random(seed))
        handles = [(await start(direct, case, kind), kind) for kind in ERRANDS]
        cutting = asyncio.create_task(cut_now_and_then(way, random.Random(seed)))
        await asyncio.wait_for(
            asyncio.gather(*(help_along(handle, kind) for handle, kind in handles)),
            4 * LIMIT_SECONDS,
        )
        cutting.cancel()
        met = sum(fault.happened for fault in faults)
        for fault in faults:
            proxy.lift(fault)
        await is_idle(worker)
    assert met > len(ERRANDS)
    for handle, kind in handles:
        await check_history(handle, kind)


async def one_turn(
    proxy: FaultyProxy, way: Forwarder, worker: Worker, draws: random.Random
) -> None:
    """Have the worker work for a moment in a storm, and stop in time."""
    running = asyncio.create_task(worker.run())
    await until(lambda: worker.snapshot()["polls"]["activity"]["normal"], "it polls")
    faults = brew(proxy, worker.task_queue, draws)
    cutting = asyncio.create_task(cut_now_and_then(way, draws))
    await asyncio.sleep(draws.uniform(0.2, 2))
    await asyncio.wait_for(worker.shutdown(), SHUTDOWN_SECONDS)
    await asyncio.wait_for(running, SHUTDOWN_SECONDS)
    cutting.cancel()
    for fault in faults:
        proxy.lift(fault)


@pytest.mark.parametrize("storm", range(STORMS))
async def test_workers_stop_in_time_in_a_storm(
    proxy: FaultyProxy, direct: Client, storm: int
) -> None:
    """One after the other is stopped whatever it is at; the last one finishes what they began."""
    draws = random.Random(SEED + storm)
    case = name_of(f"turns-{SEED + storm}")
    async with Forwarder(proxy.address) as way:
        client = await connect(way.address, case)
        handles = [(await start(direct, case, kind), kind) for kind in ERRANDS]
        helping = asyncio.gather(*(help_along(handle, kind) for handle, kind in handles))
        for _ in range(WORKERS):
            worker = worker_of(client, case, graceful_shutdown_timeout=GRACEFUL, **OPTIONS)
            await one_turn(proxy, way, worker, draws)
        async with worker_of(client, case, **OPTIONS):
            await asyncio.wait_for(helping, 4 * LIMIT_SECONDS)
    for handle, kind in handles:
        await check_history(handle, kind)
