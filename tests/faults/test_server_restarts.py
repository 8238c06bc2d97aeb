"""The server ends and comes back with what it had written down.

It is killed once; ``CALLBOARD_LONG_TESTS=1`` has it killed ten times, and stopped politely as often.
"""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from temporalio.client import Client

from ..limits import LIMIT_SECONDS
from ..own_server import OwnServer
from .cases import connect, is_idle, name_of, start, worker_of
from .errands import DONE, STEPS, attempts

LONG = bool(os.environ.get("CALLBOARD_LONG_TESTS"))
RESTARTS = 10 if LONG else 1
SIGNALS = [signal.SIGKILL, *([signal.SIGTERM] if LONG else [])]
ERRANDS = 10


@pytest.mark.parametrize("by", SIGNALS, ids=lambda by: by.name)
async def test_a_worker_outlives_its_server(tmp_path: Path, by: signal.Signals) -> None:
    server = OwnServer(tmp_path, keeps=True)
    await server.start()
    try:
        case = name_of("restart")
        client = await connect(server.address, case)
        async with worker_of(client, case) as worker:
            handles = []
            for _ in range(RESTARTS):
                direct = await Client.connect(server.address)
                handles += [
                    await start(direct, case, "steps_and_activities") for _ in range(ERRANDS)
                ]
                server.end(by)
                # Long enough for polls and reports to find nobody, more than once.
                await asyncio.sleep(1)
                await server.start()
            results = await asyncio.wait_for(
                asyncio.gather(*(handle.result() for handle in handles)), 2 * LIMIT_SECONDS
            )
            assert results == [DONE] * len(handles)
            assert all(attempts[handle.id] > STEPS for handle in handles)
            await is_idle(worker)
    finally:
        server.end(signal.SIGTERM)
