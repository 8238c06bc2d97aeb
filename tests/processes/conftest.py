"""What tests of activities in processes share."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing.managers import SyncManager
from pathlib import Path
from typing import Any

import pytest

from temporalio import activity
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ActivityError
from temporalio.worker import SharedStateManager, Worker

from ..activity.calling_workflow import Call, CallActivity
from ..conftest import DevServer
from ..limits import LIMIT_SECONDS
from . import activities

SHARED_THREADS = ("temporal_heartbeat_poller", "temporal_shared_state")

ALL: list[Callable[..., Any]] = [
    found
    for found in vars(activities).values()
    if activity._Definition.from_callable(found) is not None and not isinstance(found, type)
]


@pytest.fixture
async def client(dev_server: DevServer) -> Client:
    return await Client.connect(dev_server.target_host)


@pytest.fixture
def task_queue() -> str:
    """A task queue of the test's own."""
    return f"queue-{uuid.uuid4()}"


@pytest.fixture(scope="module")
def manager() -> Iterator[SyncManager]:
    with multiprocessing.Manager() as running:
        yield running


@pytest.fixture
def state(manager: SyncManager) -> SharedStateManager:
    return SharedStateManager.create_from_multiprocessing(manager)


@pytest.fixture(scope="module")
def shared_pool() -> Iterator[ProcessPoolExecutor]:
    """A pool for tests that leave it whole."""
    with ProcessPoolExecutor(4) as pool:
        yield pool


class Processes:
    """Workers with everything in :py:mod:`.activities`, and calls of it from workflows."""

    def __init__(self, client: Client, task_queue: str, state: SharedStateManager) -> None:
        self.client = client
        self.task_queue = task_queue
        self.state = state

    def worker(self, executor: Executor, **options: Any) -> Worker:
        given = {
            "activities": [*ALL, activities.Adder(3), activities.Holder("held").method],
            "shared_state_manager": self.state,
            "workflows": [CallActivity],
        }
        return Worker(
            self.client,
            task_queue=self.task_queue,
            activity_executor=executor,
            **{**given, **options},
        )

    async def start(
        self, name: str, *args: Any, attempts: int = 1, heartbeat_seconds: float | None = 2.0
    ) -> WorkflowHandle[CallActivity, Any]:
        call = Call(name, list(args), attempts, heartbeat_seconds, start_to_close_seconds=30.0)
        return await self.client.start_workflow(
            CallActivity.run, call, id=f"call-{uuid.uuid4()}", task_queue=self.task_queue
        )

    async def result(self, name: str, *args: Any, **how: Any) -> Any:
        return await outcome(await self.start(name, *args, **how))

    async def failure(self, name: str, *args: Any, **how: Any) -> BaseException:
        return await failure(await self.start(name, *args, **how))


@pytest.fixture
def processes(client: Client, task_queue: str, state: SharedStateManager) -> Processes:
    return Processes(client, task_queue, state)


async def outcome(handle: WorkflowHandle[CallActivity, Any]) -> Any:
    return await asyncio.wait_for(handle.result(), LIMIT_SECONDS)


async def failure(handle: WorkflowHandle[CallActivity, Any]) -> BaseException:
    with pytest.raises(WorkflowFailureError) as caught:
        await outcome(handle)
    assert isinstance(caught.value.cause, ActivityError)
    assert caught.value.cause.cause is not None
    return caught.value.cause.cause


async def exists(path: Path) -> None:
    """Return when an activity has written a file."""
    give_up = time.monotonic() + LIMIT_SECONDS
    while not path.exists():
        assert time.monotonic() < give_up, f"{path} has never been written"
        await asyncio.sleep(0.02)


def worker_threads() -> list[str]:
    """Names of threads of this process that a worker keeps for activities in others."""
    names = [one.name for one in threading.enumerate()]
    return sorted(set(names) & {*SHARED_THREADS, "temporal_activity_events"})
