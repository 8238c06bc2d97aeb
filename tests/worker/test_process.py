"""A worker and the process that it is in: its end, a fork of it, its interpreter."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from ..conftest import DevServer
from ..forwarder import Forwarder
from ..limits import LIMIT_SECONDS

FOLDER = Path(__file__).parent
LEAVES_AS = {"returns": 0, "exits": 3, "raises": 1, "is interrupted": -signal.SIGINT}


@activity.defn
async def nothing() -> None:
    pass


@workflow.defn
class Nothing:
    @workflow.run
    async def run(self) -> None:
        pass


@pytest.mark.parametrize("how", LEAVES_AS)
def test_an_interpreter_ends_although_a_worker_is_busy(
    dev_server: DevServer, task_queue: str, how: str
) -> None:
    """Promise 39: the interpreter's exit never hangs, and nothing crashes on the way."""
    command = [sys.executable, FOLDER / "leaving.py", dev_server.target_host, task_queue, how]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "leaving\n"
            if how == "is interrupted":
                process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=LIMIT_SECONDS)
        finally:
            process.kill()
    assert process.returncode == LEAVES_AS[how], errors
    assert "Fatal Python error" not in errors
    assert "panicked" not in errors


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_in_a_forked_child_everything_is_refused_at_once(dev_server: DevServer) -> None:
    """Promise 37: a runtime made before a fork fails at once and clearly in the child."""
    # Later versions of Python warn of a fork beside threads, rightly.
    command = [sys.executable, "-W", "ignore", FOLDER / "forking.py", dev_server.target_host]
    said = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=2 * LIMIT_SECONDS
    )
    names = ("call", "start", "run", "connect", "make", "replay")
    assert said.stdout.splitlines() == [*(f"{name} refused" for name in names), "parent went on"]


@contextmanager
def longest_wait() -> Iterator[list[float]]:
    """Have a thread look how long it has to wait for the interpreter, in seconds."""
    waits = [0.0]
    ended = threading.Event()

    def watch() -> None:
        before = time.monotonic()
        while not ended.wait(0.01):
            now = time.monotonic()
            waits[0] = max(waits[0], now - before)
            before = now

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield waits
    finally:
        ended.set()
        watching.join()


async def test_no_call_keeps_the_interpreter_while_it_waits_for_a_silent_server(
    dev_server: DevServer, task_queue: str
) -> None:
    """Promise 35: no bridge call blocks with the GIL held."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with longest_wait() as waits:
            with pytest.raises((RuntimeError, asyncio.TimeoutError)):
                nobody = Client.connect(f"127.0.0.1:{silent.getsockname()[1]}")
                await asyncio.wait_for(nobody, 5)
            async with Forwarder(dev_server.target_host) as way:
                client = await Client.connect(way.address)
                worker = Worker(
                    client, task_queue=task_queue, workflows=[Nothing], activities=[nothing]
                )
                running = asyncio.create_task(worker.run())
                await client.execute_workflow(Nothing.run, id=task_queue, task_queue=task_queue)
                way.fall_silent()
                call = asyncio.create_task(client.service_client.check_health())
                await asyncio.sleep(0.5)
                worker.snapshot()
                call.cancel()
                # Open polls are given five seconds, and so are calls.
                await asyncio.wait_for(worker.shutdown(), LIMIT_SECONDS)
                await running
    assert waits[0] < 3
