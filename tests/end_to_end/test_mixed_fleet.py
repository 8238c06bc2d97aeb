"""Workers of the official package and of ours share a task queue, while both are killed.

The short form runs always; ``CALLBOARD_LONG_TESTS=1`` runs 500 workflows. ``CALLBOARD_FLEET_SEED``
repeats a run's plans and kills; a failed run prints its seed.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from ..histories.official import official_environment, official_python
from .fleet import TASK_TIMEOUT, FleetMember, Plan

SCRIPT = Path(__file__).with_name("fleet.py")
LONG = os.environ.get("CALLBOARD_LONG_TESTS") == "1"
KINDS = ("callboard", "official")
START_LIMIT_SECONDS = 60


@dataclass
class Size:
    """How much a run of the test does."""

    workflows: int
    steps: int
    at_a_time: int
    least_kills: int
    seconds_between_kills: tuple[float, float]
    limit_seconds: float


SHORT_FORM = Size(30, 6, 15, 2, (1.0, 3.0), 240)
LONG_FORM = Size(500, 10, 40, 20, (2.0, 6.0), 1500)


async def start_script(kind: str, *arguments: str) -> asyncio.subprocess.Process:
    """Start the script on one of the two packages."""
    official = kind == "official"
    python = await asyncio.to_thread(official_python) if official else sys.executable
    return await asyncio.create_subprocess_exec(
        python,
        SCRIPT,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        env=official_environment() if official else None,
    )


class FleetWorker:
    """A worker process of one of the two packages, one after another."""

    def __init__(self, kind: str, address: str, task_queue: str) -> None:
        self.kind = kind
        self._arguments = ["serve", address, task_queue]
        self._starts = 0
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._starts += 1
        self._process = await start_script(
            self.kind, *self._arguments, f"{self.kind}-{self._starts}"
        )
        assert self._process.stdout is not None
        first = self._process.stdout.readline()
        assert await asyncio.wait_for(first, START_LIMIT_SECONDS) == b"serving\n"

    async def kill(self) -> None:
        """End the process as a crash would. It must not have ended by itself."""
        assert self._process is not None
        assert self._process.returncode is None, f"{self.kind} ended by itself"
        await self.stop()

    async def stop(self) -> None:
        """End the process if there is one."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


@dataclass
class Report:
    """What a run of the test came to."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    tasks: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    timed_out_tasks: int = 0
    shared_runs: int = 0
    replayed: dict[str, str] = field(default_factory=dict)
    events: int = 0
    seconds: float = 0

    def add(self, events: list[Any]) -> None:
        """Take a run's history in."""
        kinds = set()
        for event in events:
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                identity = event.workflow_task_completed_event_attributes.identity
                kinds.add(identity.split("-")[0])
                self.tasks[identity.split("-")[0]] += 1
            elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
                self.timed_out_tasks += 1
            elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                self._add_failure(event.workflow_task_failed_event_attributes)
        self.shared_runs += len(kinds) == len(KINDS)
        self.events += len(events)

    def _add_failure(self, failed: Any) -> None:
        # News that came while a task was being worked on: the server has the worker look again.
        if failed.cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND:
            return
        cause = WorkflowTaskFailedCause.Name(failed.cause)
        self.failures.append(f"{failed.identity}: {cause}: {failed.failure.message}")


async def disturb(
    workers: list[FleetWorker], source: random.Random, size: Size, report: Report
) -> None:
    """Kill workers at random moments, and start them again. Ends only when it is cancelled."""
    while True:
        await asyncio.sleep(source.uniform(*size.seconds_between_kills))
        victim = source.choice(workers)
        await victim.kill()
        report.kills[victim.kind] += 1
        await asyncio.sleep(source.uniform(0, 1))
        await victim.start()


async def replay_all(kind: str, folder: Path) -> str:
    """Replay all histories on one of the two packages; return what it says."""
    process = await start_script(kind, "replay", str(folder))
    said, _ = await process.communicate()
    return said.decode().strip()


async def run_member(
    env: WorkflowEnvironment, task_queue: str, number: int, plan: Plan, report: Report, folder: Path
) -> None:
    """Run one workflow, signal and update it at odd moments, and hold it to its result."""
    handle: WorkflowHandle[FleetMember, int] = await env.client.start_workflow(
        FleetMember.run,
        plan,
        id=f"{task_queue}-{number}",
        task_queue=task_queue,
        task_timeout=TASK_TIMEOUT,
    )
    for signal in range(plan.signals()):
        await asyncio.sleep(0.2 * (number % 5))
        if signal % 2:
            assert await handle.execute_update(FleetMember.give_and_count, signal) > 0
        else:
            await handle.signal(FleetMember.give, signal)
    assert await handle.result() == plan.result(), f"workflow {number} of {plan}"
    history = await handle.fetch_history()
    report.add(list(history.events))
    (folder / f"{handle.id}.json").write_text(history.to_json())


async def run_all(
    env: WorkflowEnvironment, source: random.Random, size: Size, report: Report, folder: Path
) -> None:
    task_queue = folder.name
    plans = [Plan.draw(source, size.steps) for _ in range(size.workflows)]
    places = asyncio.Semaphore(size.at_a_time)

    async def run_one(number: int) -> None:
        async with places:
            await run_member(env, task_queue, number, plans[number], report, folder)

    await asyncio.gather(*(run_one(number) for number in range(size.workflows)))


@pytest.mark.parametrize(
    "size", [LONG_FORM if LONG else SHORT_FORM], ids=["long" if LONG else "short"]
)
async def test_both_packages_finish_one_anothers_workflows(
    env: WorkflowEnvironment, size: Size, tmp_path: Path
) -> None:
    seed = int(os.environ.get("CALLBOARD_FLEET_SEED") or random.randrange(10**6))
    print(f"mixed fleet: CALLBOARD_FLEET_SEED={seed}")
    report = Report(seed)
    folder = tmp_path / f"fleet-{uuid.uuid4()}"
    folder.mkdir()
    address = env.client.service_client.config.target_host
    workers = [FleetWorker(kind, address, folder.name) for kind in KINDS]
    began = time.monotonic()
    await asyncio.gather(*(worker.start() for worker in workers))
    disturbance = asyncio.create_task(disturb(workers, random.Random(seed + 1), size, report))
    work = asyncio.create_task(run_all(env, random.Random(seed), size, report, folder))
    try:
        done, _ = await asyncio.wait(
            [disturbance, work],
            timeout=size.limit_seconds,
            return_when=asyncio.FIRST_COMPLETED,
        )
        assert done, f"not done after {size.limit_seconds} s: {report}"
        for ended in done:
            ended.result()
    finally:
        for task in (disturbance, work):
            task.cancel()
        await asyncio.gather(disturbance, work, return_exceptions=True)
        for worker in workers:
            await worker.stop()
    report.seconds = time.monotonic() - began
    report.replayed = {kind: await replay_all(kind, folder) for kind in KINDS}
    print(report)
    assert report.failures == []
    assert sum(report.kills.values()) >= size.least_kills
    assert all(report.tasks[kind] for kind in KINDS)
    assert report.shared_runs > 0
    assert report.replayed == dict.fromkeys(KINDS, f"replayed {size.workflows}")
