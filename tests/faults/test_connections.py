"""Connections that are cut, fall silent or are slow in the middle of the work, and come back.

``CALLBOARD_LONG_TESTS=1`` also has a connection silent for longer than its keep-alive endures, and calls
that are never answered at all.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from temporalio.client import Client, KeepAliveConfig
from temporalio.worker import PollerBehaviorSimpleMaximum, Worker

from ..conftest import DevServer
from ..forwarder import Forwarder
from ..limits import LIMIT_SECONDS
from .cases import Case, ErrandHandle, all_of, connect, is_idle, name_of, start, worker_of
from .errands import DONE, STEPS, TASK_TIMEOUT, Errand, attempts
from .kinds import KINDS, case_of, work
from .proxy import ANY_METHOD, Fault, FaultyProxy

LONG = bool(os.environ.get("CALLBOARD_LONG_TESTS"))
ERRANDS = 10

Trouble = Callable[[Forwarder], Awaitable[None]]


async def cuts(way: Forwarder) -> None:
    for _ in range(15):
        await asyncio.sleep(0.2)
        way.cut()


async def silences(way: Forwarder) -> None:
    for _ in range(3):
        await asyncio.sleep(0.3)
        way.fall_silent()
        await asyncio.sleep(1)
        way.speak_again()


async def dead_connections(way: Forwarder) -> None:
    for _ in range(2):
        await asyncio.sleep(0.5)
        way.strand()
        await asyncio.sleep(2)


async def long_silence(way: Forwarder) -> None:
    """Longer than a client with the default keep-alive waits for a sign of life."""
    await asyncio.sleep(0.3)
    way.fall_silent()
    await asyncio.sleep(60)
    way.speak_again()


TROUBLES: list[Trouble] = [cuts, silences, dead_connections, *([long_silence] if LONG else [])]


@asynccontextmanager
async def errands_under_way(
    direct: Client, client: Client, case: str, **options: Any
) -> AsyncIterator[tuple[Worker, list[ErrandHandle]]]:
    """A worker and errands that have begun, which end right once the block has."""
    worker = worker_of(client, case, **options)
    async with worker:
        handles = [await start(direct, case, "steps_and_activities") for _ in range(ERRANDS)]
        yield worker, handles
        results = await asyncio.wait_for(
            asyncio.gather(*(handle.result() for handle in handles)), 2 * LIMIT_SECONDS
        )
        assert results == [DONE] * ERRANDS
        # One for each step, and the last one.
        assert all(attempts[handle.id] > STEPS for handle in handles)
        await is_idle(worker)


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_errands_go_on_over_bad_connections(
    dev_server: DevServer, direct: Client, trouble: Trouble
) -> None:
    async with Forwarder(dev_server.target_host) as way:
        # What nobody says to be dead is found out by pings alone.
        soon = KeepAliveConfig(interval_millis=500, timeout_millis=1000)
        keep_alive = soon if trouble is dead_connections else KeepAliveConfig.default
        client = await Client.connect(way.address, keep_alive_config=keep_alive)
        async with errands_under_way(direct, client, name_of(trouble.__name__)):
            await trouble(way)


@pytest.mark.parametrize("after_server", [False, True], ids=["before", "after"])
async def test_the_connection_is_cut_while_a_call_waits(
    proxy: FaultyProxy, direct: Client, after_server: bool
) -> None:
    """The server has acted on the call, or has not heard of it; the client sees neither."""
    loop = asyncio.get_running_loop()

    async def run(case: Case) -> None:
        async with Forwarder(proxy.address) as way:
            case.fault.then = lambda: loop.call_soon_threadsafe(way.cut)
            case.address = way.address
            await work(case, KINDS[case.fault.method])
            if case.fault.method.startswith("Respond"):
                # A transport that gives up on a call has not answered it.
                assert len(proxy.of(case.fault.method, case.name)) >= 2

    cases = [
        case_of(proxy, direct, method, None, after_server=after_server, swallowed=True)
        for method in KINDS
    ]
    await all_of(cases, run)


async def test_everything_takes_long(proxy: FaultyProxy, direct: Client) -> None:
    case = name_of("slow")
    for after_server in (False, True):
        proxy.add(Fault(ANY_METHOD, case=case, times=None, after_server=after_server, delay=0.1))
    client = await connect(proxy.address, case)
    async with errands_under_way(direct, client, case, **MORE_POLLS):
        pass


NEVER_ANSWERED = [
    "PollWorkflowTaskQueue",
    "PollActivityTaskQueue",
    "RespondActivityTaskCompleted",
    "RecordActivityTaskHeartbeat",
    # Nothing goes on with a run before its call has run into its deadline, after 30 s.
    *(["RespondWorkflowTaskCompleted", "RespondWorkflowTaskFailed"] if LONG else []),
]
# A poll that nobody answers is one of several, on the sticky queue too.
MORE_POLLS: dict[str, Any] = {
    "workflow_task_poller_behavior": PollerBehaviorSimpleMaximum(6),
    "nonsticky_to_sticky_poll_ratio": 0.5,
    "activity_task_poller_behavior": PollerBehaviorSimpleMaximum(3),
}


async def test_calls_that_are_never_answered(proxy: FaultyProxy, direct: Client) -> None:
    async def run(case: Case) -> None:
        await work(case, KINDS[case.fault.method], until_idle=False, **MORE_POLLS)

    cases = [
        case_of(proxy, direct, method, None, after_server=after_server, swallowed=True)
        for method in NEVER_ANSWERED
        for after_server in (False, True)
    ]
    await all_of(cases, run)


@pytest.mark.parametrize(
    "code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND], ids=lambda code: code.name
)
async def test_a_page_of_a_long_history_is_refused(
    proxy: FaultyProxy, direct: Client, code: grpc.StatusCode
) -> None:
    """Promise 20: the completion is not held up for ever, and the next attempt has all pages."""
    case = name_of("pages", code.name)
    handle = await direct.start_workflow(
        Errand.run,
        "signal",
        id=f"errand-{uuid.uuid4()}",
        task_queue=case,
        task_timeout=TASK_TIMEOUT,
    )
    # More events than the server puts in one page; there is no worker yet.
    for _ in range(6):
        await asyncio.gather(*(handle.signal(Errand.step) for _ in range(50)))
    await handle.signal(Errand.go)
    method = "GetWorkflowExecutionHistory"
    fault = proxy.add(Fault(method, code, case=case))
    async with worker_of(await connect(proxy.address, case), case) as worker:
        assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == DONE
        await is_idle(worker)
    assert fault.happened == 1
    assert len(proxy.of(method, case)) >= 2
    assert attempts[handle.id] >= 1


async def test_dead_connections_are_left_by_pings_alone(
    dev_server: DevServer, direct: Client
) -> None:
    """An idle worker finds out too: its polls move to a new connection."""
    case = name_of("idle")
    async with Forwarder(dev_server.target_host) as way:
        soon = KeepAliveConfig(interval_millis=500, timeout_millis=1000)
        client = await Client.connect(way.address, keep_alive_config=soon)
        async with worker_of(client, case):
            await asyncio.sleep(0.3)
            way.strand()
            handle = await start(direct, case, "nothing_else")
            assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == DONE
            assert attempts[handle.id] >= 1
