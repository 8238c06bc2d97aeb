"""Dev servers of a test's own, which can be killed, and asked what calls they have had."""

from __future__ import annotations

import asyncio
import re
import subprocess
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..conftest import free_port, temporal_executable, wait_until_healthy
from ..limits import LIMIT_SECONDS

SAMPLE = re.compile(r"(?P<name>\w+)\{(?P<labels>.*)\} (?P<value>\S+)")
SETTLED_SECONDS = 2.5
LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass
class Calls:
    """Calls that clients and workers have made, by operation.

    Attributes:
        requests: How many there were, those answered with errors included.
        errors: How many were answered with an error, by its type too.
    """

    requests: Counter[str] = field(default_factory=Counter)
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)


class OwnServer:
    """A dev server on a port of its own.

    Args:
        folder: Where its log is.
        keeps: Have it keep what it has in a file there, so that it can be killed and started again. That
            makes it slower.
    """

    def __init__(self, folder: Path, *, keeps: bool) -> None:
        self._folder = folder
        self._keeps = keeps
        self._port = free_port()
        self._metrics_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where clients find it, also after it was killed and started again."""
        return f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Start it and return when it answers."""
        command = [temporal_executable(), "server", "start-dev", "--headless", "--ip", "127.0.0.1"]
        command += ["--port", str(self._port), "--metrics-port", str(self._metrics_port)]
        command += ["--log-level", "warn"]
        if self._keeps:
            command += ["--db-filename", str(self._folder / "server.db")]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        await wait_until_healthy(self._process, self.address)

    def kill(self) -> None:
        """End it with no time for anything, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def calls(self) -> Calls:
        """What calls the default namespace has had since the last start, once no more are counted."""
        before, now = None, self._calls()
        while before != now:
            # It adds up what it has counted once a second.
            await asyncio.sleep(SETTLED_SECONDS)
            before, now = now, self._calls()
        return now

    def _calls(self) -> Calls:
        url = f"http://127.0.0.1:{self._metrics_port}/metrics"
        with urllib.request.urlopen(url, timeout=LIMIT_SECONDS) as answer:
            lines = answer.read().decode().splitlines()
        calls = Calls()
        for sample in filter(None, map(SAMPLE.fullmatch, lines)):
            labels = dict(LABEL.findall(sample["labels"]))
            # Services of the server call each other by the same names.
            if (labels.get("service_name"), labels.get("namespace")) != ("frontend", "default"):
                continue
            value = int(float(sample["value"]))
            if sample["name"] == "service_requests":
                calls.requests[labels["operation"]] += value
            elif sample["name"] == "service_error_with_type":
                calls.errors[labels["operation"], labels["error_type"]] += value
        return calls


@asynccontextmanager
async def own_server(folder: Path, *, keeps: bool = False) -> AsyncIterator[OwnServer]:
    """Run a server, with the arguments of :py:class:`OwnServer`."""
    server = OwnServer(folder, keeps=keeps)
    try:
        await server.start()
        yield server
    finally:
        server.kill()
