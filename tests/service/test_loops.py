"""Results on their way to asyncio loops of several kinds and fates."""

from __future__ import annotations

import asyncio
import gc
import os
import weakref
from collections.abc import Callable
from typing import Any

from temporalio.service import ConnectConfig, ServiceClient
from tests.conftest import DevServer


class SocketlessLoop(asyncio.SelectorEventLoop):
    """As Windows' proactor loop: it cannot watch sockets for others."""

    def add_reader(self, fd: Any, callback: Callable[..., Any], *args: Any) -> None:
        """Refuse."""
        raise NotImplementedError


def test_loop_that_cannot_watch_sockets(dev_server: DevServer) -> None:
    async def check_often() -> bool:
        client = await ServiceClient.connect(ConnectConfig(dev_server.target_host))
        return all([await client.check_health() for _ in range(50)])

    loop = SocketlessLoop()
    try:
        assert loop.run_until_complete(asyncio.wait_for(check_often(), 20))
    finally:
        loop.close()


def test_loops_one_after_another_share_a_client(dev_server: DevServer) -> None:
    client = asyncio.run(ServiceClient.connect(ConnectConfig(dev_server.target_host)))
    for _ in range(5):
        assert asyncio.run(client.check_health())


def test_closed_loops_leave_nothing_behind(dev_server: DevServer) -> None:
    client = asyncio.run(ServiceClient.connect(ConnectConfig(dev_server.target_host)))
    loops: list[weakref.ref[asyncio.AbstractEventLoop]] = []
    descriptors: list[int] = []
    for _ in range(8):
        loop = asyncio.new_event_loop()
        loops.append(weakref.ref(loop))
        # The call is under way when its loop is closed; nobody will ever take the answer.
        task = loop.create_task(client.check_health())
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        del loop, task
        assert asyncio.run(client.check_health())
        gc.collect()
        descriptors.append(len(os.listdir("/proc/self/fd")))
    assert [loop() for loop in loops[:-1]] == [None] * 7
    assert descriptors[-1] <= descriptors[1]


async def test_a_cancelled_call_disturbs_no_other(dev_server: DevServer) -> None:
    client = await ServiceClient.connect(ConnectConfig(dev_server.target_host))
    calls = [asyncio.ensure_future(client.check_health()) for _ in range(100)]
    await asyncio.sleep(0)
    for call in calls[::2]:
        call.cancel()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes[::2])
    assert outcomes[1::2] == [True] * 50
