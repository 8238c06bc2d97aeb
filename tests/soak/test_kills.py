"""Workers, processes of pools and servers are killed at random moments, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client, WorkflowHandle

from ..limits import LIMIT_SECONDS
from .killable import STEPS, Chain
from .lengths import LONG
from .servers import CountingServer, own_server

SCRIPT = Path(__file__).with_name("killable.py")
ROUNDS = 200 if LONG else 6
ROUNDS_BETWEEN_CHECKS = 20
WORKFLOWS_PER_ROUND = 4
VICTIMS = ("worker", "process of the pool", "server")
KILLED = -signal.SIGKILL


class KeptWorker:
    """A worker in a process of its own that is started again whenever it has ended."""

    def __init__(self, address: str, task_queue: str, record: Path) -> None:
        self._command = [sys.executable, SCRIPT, address, task_queue, record]
        self._process: subprocess.Popen[str] | None = None
        self._pool: list[int] = []
        self._serving = asyncio.Event()
        self.ends: Counter[int] = Counter()
        """How often a process of it has ended, by exit code."""

    async def keep(self) -> None:
        """Start it again and again, until cancelled."""
        while True:
            # Not one of asyncio's, whose wait also waits for the pipe, which the pool's processes share.
            process = subprocess.Popen(
                self._command, stdout=subprocess.PIPE, text=True, start_new_session=True
            )
            try:
                assert process.stdout is not None
                said = await asyncio.to_thread(process.stdout.readline)
                assert said, "the worker ended before it served"
                self._process, self._pool = process, [int(word) for word in said.split()]
                self._serving.set()
                self.ends[await asyncio.to_thread(process.wait)] += 1
            finally:
                self._serving.clear()
                # The processes of a killed worker may stay, as nobody tells them to end.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    async def kill(self) -> None:
        await asyncio.wait_for(self._serving.wait(), LIMIT_SECONDS)
        assert self._process is not None
        # Nobody may do anything with it after that.
        self._serving.clear()
        self._process.kill()

    async def kill_process_of_pool(self, chance: random.Random) -> None:
        await asyncio.wait_for(self._serving.wait(), LIMIT_SECONDS)
        # It is gone when the worker has not noticed yet that it was killed earlier.
        with suppress(ProcessLookupError):
            os.kill(chance.choice(self._pool), signal.SIGKILL)


@asynccontextmanager
async def kept_worker(
    server: CountingServer, task_queue: str, record: Path
) -> AsyncIterator[KeptWorker]:
    worker = KeptWorker(server.address, task_queue, record)
    keeping = asyncio.create_task(worker.keep())
    try:
        yield worker
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def check(handles: list[WorkflowHandle[Chain, int]], record: Path) -> None:
    """Every workflow has the right result, and each of its activities has run."""
    limit = 3 * LIMIT_SECONDS
    results = await asyncio.wait_for(asyncio.gather(*(one.result() for one in handles)), limit)
    assert results == [STEPS] * len(handles)
    ran = set(record.read_text().splitlines())
    assert {f"{one.id} {step}" for one in handles for step in range(STEPS)} <= ran


async def test_nothing_is_lost_whoever_is_killed(tmp_path: Path) -> None:
    seed = int(os.environ.get("CALLBOARD_SEED", random.SystemRandom().randrange(10**6)))
    print(f"CALLBOARD_SEED={seed} repeats the kills")
    chance = random.Random(seed)
    task_queue, record = f"kills-{uuid.uuid4()}", tmp_path / "record"
    killed: Counter[str] = Counter()
    handles: list[WorkflowHandle[Chain, int]] = []
    async with (
        own_server(tmp_path, keeps=True) as server,
        kept_worker(server, task_queue, record) as worker,
    ):
        client = await Client.connect(server.address)
        for number in range(1, ROUNDS + 1):
            for _ in range(WORKFLOWS_PER_ROUND):
                handles.append(
                    await client.start_workflow(
                        Chain.run,
                        id=f"{task_queue}-{uuid.uuid4()}",
                        task_queue=task_queue,
                        task_timeout=timedelta(seconds=2),
                    )
                )
            await asyncio.sleep(chance.uniform(0, 1))
            victim = VICTIMS[number % 3] if number <= 3 else chance.choice(VICTIMS)
            killed[victim] += 1
            if victim == "worker":
                await worker.kill()
            elif victim == "server":
                server.end()
                await server.start()
            else:
                await worker.kill_process_of_pool(chance)
            if number % ROUNDS_BETWEEN_CHECKS == 0 or number == ROUNDS:
                await check(handles, record)
                print(f"{number} rounds: {dict(killed)}; the worker has ended {worker.ends}")
                handles.clear()
        # A worker whose pool is broken ends with an error once it wants something of it.
        assert set(worker.ends) <= {KILLED, 1}
        # It may have been about to end, or its pool been broken already.
        assert worker.ends[KILLED] <= killed["worker"]
        assert sum(worker.ends.values()) <= killed["worker"] + killed["process of the pool"]
