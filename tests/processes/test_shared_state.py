"""The manager of shared state by itself, and workers with one that users have written."""

from __future__ import annotations

import asyncio
import inspect
import multiprocessing
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.managers import SyncManager
from typing import Any

import pytest

from temporalio.client import Client
from temporalio.worker import SharedHeartbeatSender, SharedStateManager

from .conftest import SHARED_THREADS, Processes, outcome, worker_threads


def test_the_public_names_have_the_sdk_s_signatures() -> None:
    create = inspect.signature(SharedStateManager.create_from_multiprocessing)
    assert list(create.parameters) == ["mgr", "queue_poller_executor"]
    assert create.parameters["queue_poller_executor"].default is None
    assert SharedStateManager.__abstractmethods__ == {
        "new_event",
        "register_heartbeater",
        "unregister_heartbeater",
    }
    assert SharedHeartbeatSender.__abstractmethods__ == {"send_heartbeat"}


def send(sender: SharedHeartbeatSender, token: bytes, count: int) -> None:
    for number in range(count):
        sender.send_heartbeat(token, number)


async def test_heartbeats_come_in_order_and_the_last_one_before_the_end(
    state: SharedStateManager, shared_pool: ProcessPoolExecutor
) -> None:
    loop = asyncio.get_running_loop()
    for _ in range(20):
        seen: list[int] = []
        sender = await state.register_heartbeater(b"token", seen.append)
        await loop.run_in_executor(shared_pool, send, sender, b"token", 50)
        await state.unregister_heartbeater(b"token")
        assert seen == sorted(set(seen))
        assert seen[-1] == 49


async def test_one_heartbeater_s_error_is_logged_and_its_own(
    state: SharedStateManager, shared_pool: ProcessPoolExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(number: int) -> None:
        raise LookupError(f"refused {number}")

    seen: list[int] = []
    loop = asyncio.get_running_loop()
    refused = await state.register_heartbeater(b"refused", refuse)
    taken = await state.register_heartbeater(b"taken", seen.append)
    await loop.run_in_executor(shared_pool, send, refused, b"refused", 5)
    await loop.run_in_executor(shared_pool, send, taken, b"taken", 5)
    await state.unregister_heartbeater(b"refused")
    await state.unregister_heartbeater(b"taken")
    assert seen[-1] == 4
    assert "refused 4" in caplog.text


async def test_without_a_worker_no_thread_outlives_the_last_heartbeater(
    state: SharedStateManager,
) -> None:
    await state.register_heartbeater(b"one", print)
    await state.register_heartbeater(b"other", print)
    await state.unregister_heartbeater(b"one")
    assert worker_threads() == sorted(SHARED_THREADS)
    await state.unregister_heartbeater(b"other")
    with pytest.raises(KeyError):
        await state.unregister_heartbeater(b"other")
    give_up = time.monotonic() + 5
    while worker_threads():
        assert time.monotonic() < give_up
        await asyncio.sleep(0.01)


async def test_a_poller_s_executor_that_refuses_is_an_error(manager: SyncManager) -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    state = SharedStateManager.create_from_multiprocessing(manager, executor)
    with pytest.raises(RuntimeError, match="after shutdown"):
        await state.register_heartbeater(b"token", print)


class QueueSender(SharedHeartbeatSender):
    def __init__(self, heartbeats: Any) -> None:
        self.heartbeats = heartbeats

    def send_heartbeat(self, task_token: bytes, *details: Any) -> None:
        self.heartbeats.put((task_token, details))


class OneQueue(SharedStateManager):
    """As a user might write it, by the public methods alone."""

    def __init__(self, manager: SyncManager) -> None:
        self.manager = manager
        self.heartbeats = manager.Queue()
        self.takers: dict[bytes, Callable[..., None]] = {}

    def new_event(self) -> threading.Event:
        return self.manager.Event()

    async def register_heartbeater(
        self, task_token: bytes, heartbeat: Callable[..., None]
    ) -> SharedHeartbeatSender:
        self.takers[task_token] = heartbeat
        return QueueSender(self.heartbeats)

    async def unregister_heartbeater(self, task_token: bytes) -> None:
        while not self.heartbeats.empty():
            token, details = self.heartbeats.get()
            self.takers[token](*details)


async def test_a_manager_of_a_user_s_own_serves_a_worker(
    client: Client, task_queue: str, manager: SyncManager, shared_pool: ProcessPoolExecutor
) -> None:
    processes = Processes(client, task_queue, OneQueue(manager))
    async with processes.worker(shared_pool):
        assert await processes.result("count_on", attempts=2) == ["reached", 199]
    # It hands heartbeats over at the end only, so nothing but the worker's end can cancel.
    assert worker_threads() == []


async def test_two_workers_share_a_manager_and_a_pool(
    client: Client, task_queue: str, shared_pool: ProcessPoolExecutor
) -> None:
    with multiprocessing.Manager() as manager:
        state = SharedStateManager.create_from_multiprocessing(manager)
        one, other = (Processes(client, f"{task_queue}-{n}", state) for n in range(2))
        async with one.worker(shared_pool), other.worker(shared_pool):
            handles = [await which.start("wait_for_cancellation", False) for which in (one, other)]
            await asyncio.sleep(0.5)
            await handles[0].signal("cancel_activity")
            assert (await outcome(handles[0]))[0]
            again = await one.result("count_on", attempts=2)
            assert again == ["reached", 199]
            await handles[1].signal("cancel_activity")
            assert (await outcome(handles[1]))[0]
    assert worker_threads() == []
