"""The server ends and comes back with what it had written down.

It is killed once; ``CALLBOARD_LONG_TESTS=1`` has it killed ten times, and stopped politely as often.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from temporalio.client import Client

from ..conftest import START_LIMIT_SECONDS, free_port, temporal_executable, wait_until_healthy
from ..limits import LIMIT_SECONDS
from .cases import connect, is_idle, name_of, start, worker_of
from .errands import DONE, STEPS, attempts

LONG = bool(os.environ.get("CALLBOARD_LONG_TESTS"))
RESTARTS = 10 if LONG else 1
SIGNALS = [signal.SIGKILL, *([signal.SIGTERM] if LONG else [])]
ERRANDS = 10


class LastingServer:
    """A dev server that keeps its state in a file, and its port.

    Args:
        folder: Where its file and its log are.
    """

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def target_host(self) -> str:
        return f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Return once it answers."""
        command = [temporal_executable(), "server", "start-dev", "--headless", "--ip", "127.0.0.1"]
        command += ["--port", str(self._port), "--db-filename", str(self._folder / "server.db")]
        command += ["--log-level", "warn"]
        give_up = time.monotonic() + START_LIMIT_SECONDS
        while True:
            with (self._folder / "server.log").open("ab") as log:
                self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
            try:
                return await wait_until_healthy(self._process, self.target_host)
            except RuntimeError:
                # Its other ports are as free as the system says; now and then one is still taken.
                if self._process.poll() is None or time.monotonic() > give_up:
                    raise
            await asyncio.sleep(0.5)

    def end(self, by: signal.Signals) -> None:
        """Return once it is gone."""
        if self._process is not None:
            self._process.send_signal(by)
            self._process.wait()
            self._process = None


@pytest.mark.parametrize("by", SIGNALS, ids=lambda by: by.name)
async def test_a_worker_outlives_its_server(tmp_path: Path, by: signal.Signals) -> None:
    server = LastingServer(tmp_path)
    await server.start()
    try:
        case = name_of("restart")
        client = await connect(server.target_host, case)
        async with worker_of(client, case) as worker:
            handles = []
            for _ in range(RESTARTS):
                direct = await Client.connect(server.target_host)
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
