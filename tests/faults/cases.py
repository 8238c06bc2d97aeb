"""One case of a fault: a worker of its own, whose calls alone meet the fault."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import grpc

from temporalio.client import Client, WorkflowHandle
from temporalio.worker import PollerBehaviorSimpleMaximum, UnsandboxedWorkflowRunner, Worker

from ..limits import LIMIT_SECONDS
from .errands import ACTIVITIES, TASK_TIMEOUT, Errand
from .proxy import CASE_HEADER, Call, Fault, FaultyProxy

CODES = [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK]

RETRIED = {
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DATA_LOSS,
}
"""What may pass by itself; all other codes are the last word about a call."""

ErrandHandle = WorkflowHandle[Any, str]


def name_of(*parts: str) -> str:
    """A name that no other case has: of the case, its task queue and its workflow."""
    return "-".join([*parts, uuid.uuid4().hex[:8]])


async def connect(address: str, case: str) -> Client:
    """A client whose calls belong to a case."""
    return await Client.connect(address, rpc_metadata={CASE_HEADER: case}, identity=case)


def worker_of(client: Client, case: str, **options: Any) -> Worker:
    """A worker with few polls, on the task queue of its case."""
    few: dict[str, Any] = {
        f"{kind}_task_poller_behavior": PollerBehaviorSimpleMaximum(polls)
        for kind, polls in (("workflow", 2), ("activity", 1))
    }
    return Worker(
        client,
        task_queue=case,
        workflows=[Errand],
        activities=ACTIVITIES,
        workflow_runner=UnsandboxedWorkflowRunner(),
        **{**few, **options},
    )


async def start(direct: Client, case: str, kind: str) -> ErrandHandle:
    """Start an errand on the task queue of its case."""
    return await direct.start_workflow(
        Errand.run, kind, id=name_of(case), task_queue=case, task_timeout=TASK_TIMEOUT
    )


@dataclass
class Case:
    """One fault, and who meets it.

    Attributes:
        name: The case's, and that of its task queue.
        fault: What happens.
        proxy: Where it happens.
        direct: A client that meets no fault.
        address: Where the worker of the case finds its server: the proxy, if nothing else is said.
    """

    name: str
    fault: Fault
    proxy: FaultyProxy
    direct: Client
    address: str = ""

    def __post_init__(self) -> None:
        self.address = self.address or self.proxy.address


async def all_of(cases: list[Case], run: Callable[[Case], Awaitable[None]]) -> None:
    """Run all cases at once, and name those that failed."""
    ends = await asyncio.gather(*map(run, cases), return_exceptions=True)
    failed = [(case, end) for case, end in zip(cases, ends, strict=True) if end is not None]
    assert not failed, "\n".join(f"{case.name}: {end!r}" for case, end in failed)


async def until(is_so: Callable[[], object], what: str) -> None:
    """Return when something has come true.

    Raises:
        TimeoutError: It has not within the limit of tests.
    """
    give_up = time.monotonic() + LIMIT_SECONDS
    while not is_so():
        if time.monotonic() > give_up:
            raise TimeoutError(f"waited in vain until {what}")
        await asyncio.sleep(0.02)


async def has_completed_task(handle: ErrandHandle) -> None:
    """Return when the server has the answer to a workflow task."""

    async def completed() -> None:
        while not any(
            [
                event.HasField("workflow_task_completed_event_attributes")
                async for event in handle.fetch_history_events()
            ]
        ):
            await asyncio.sleep(0.05)

    await asyncio.wait_for(completed(), LIMIT_SECONDS)


async def is_idle(worker: Worker) -> None:
    """Return when the worker holds no slot for a task any more."""

    def holds_none() -> bool:
        return all(slots["used"] == 0 for slots in worker.snapshot()["slots"].values())

    await until(holds_none, "no slot is in use")


def check_deadlines(calls: list[Call]) -> None:
    """Callers wait for long polls for 70 s and for all else for 30 s, a busy machine's delay less."""
    for call in calls:
        longest = 70 if call.method.startswith("Poll") else 30
        assert call.seconds_left is not None, call.method
        assert longest - 15 < call.seconds_left <= longest, (call.method, call.seconds_left)
