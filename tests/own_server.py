"""Dev servers of one test's own, which can be ended and started again."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from .conftest import START_LIMIT_SECONDS, free_port, temporal_executable, wait_until_healthy


class OwnServer:
    """A dev server on a port of its own.

    Args:
        folder: Where its log is.
        keeps: Have it keep what it has in a file there, so that it has that when it is started again.
            That makes it slower.
        options: More words for its command line.
    """

    def __init__(self, folder: Path, *, keeps: bool, options: Sequence[str] = ()) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        kept = ["--db-filename", str(folder / "server.db")] if keeps else []
        self._options = [*kept, *options]

    @property
    def address(self) -> str:
        """Where clients find it, also after it was ended and started again."""
        return f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Start it and return when it answers."""
        command = [temporal_executable(), "server", "start-dev", "--headless", "--ip", "127.0.0.1"]
        command += ["--port", str(self._port), "--log-level", "warn", *self._options]
        give_up = time.monotonic() + START_LIMIT_SECONDS
        while True:
            with (self._folder / "server.log").open("ab") as log:
                self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
            try:
                return await wait_until_healthy(self._process, self.address)
            except RuntimeError:
                # Its other ports are as free as the system says; now and then one is still taken.
                if self._process.poll() is None or time.monotonic() > give_up:
                    raise
            await asyncio.sleep(0.5)

    def end(self, by: signal.Signals = signal.SIGKILL) -> None:
        """Return once it is gone, if it runs."""
        if self._process is not None:
            self._process.send_signal(by)
            self._process.wait()
            self._process = None
