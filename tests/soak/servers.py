"""Dev servers of a test's own, which can be asked what calls they have had."""

from __future__ import annotations

import asyncio
import re
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..conftest import free_port
from ..limits import LIMIT_SECONDS
from ..own_server import OwnServer

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


class CountingServer(OwnServer):
    """A dev server that can be asked what calls it has had, with the arguments of :py:class:`OwnServer`."""

    def __init__(self, folder: Path, *, keeps: bool) -> None:
        self._metrics_port = free_port()
        super().__init__(folder, keeps=keeps, options=["--metrics-port", str(self._metrics_port)])

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
async def own_server(folder: Path, *, keeps: bool = False) -> AsyncIterator[CountingServer]:
    """Run a server, with the arguments of :py:class:`CountingServer`."""
    server = CountingServer(folder, keeps=keeps)
    try:
        await server.start()
        yield server
    finally:
        server.end()
