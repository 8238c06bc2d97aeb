"""What goes wrong around activities in processes, and what it must not touch."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import SharedStateManager

from ..limits import LIMIT_SECONDS
from .conftest import Processes, exists, failure, outcome, worker_threads


async def test_a_killed_process_ends_the_worker_and_nothing_is_lost(
    processes: Processes, tmp_path: Path
) -> None:
    told: list[BaseException] = []

    async def note(error: BaseException) -> None:
        told.append(error)

    with ProcessPoolExecutor(2) as pool:
        worker = processes.worker(pool, on_fatal_error=note)
        running = asyncio.create_task(worker.run())
        beside = await processes.start(
            "block", str(tmp_path / "started"), 1, attempts=5, heartbeat_seconds=None
        )
        await exists(tmp_path / "started")
        killed = await processes.start("kill_own_process", str(tmp_path / "killed"), attempts=5)
        with pytest.raises(RuntimeError, match="Activity worker failed") as caught:
            await asyncio.wait_for(running, LIMIT_SECONDS)
        assert isinstance(caught.value.__cause__, BrokenProcessPool)
        assert told == [caught.value]
        assert worker.is_shutdown
    assert worker_threads() == []
    with ProcessPoolExecutor(2) as pool:
        async with processes.worker(pool):
            assert await outcome(killed) == "survived"
            assert await outcome(beside) == "done"


async def test_a_process_killed_from_outside_cancels_the_block_and_raises_at_its_end(
    processes: Processes, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    with ProcessPoolExecutor(1) as pool:
        with pytest.raises(RuntimeError, match="Activity worker failed"):
            async with processes.worker(pool):
                handle = await processes.start("block", str(started), 60, heartbeat_seconds=None)
                await exists(started)
                await asyncio.sleep(0.1)
                os.kill(int(started.read_text()), signal.SIGKILL)
                await asyncio.sleep(20)
    error = await _failure_by_another_worker(processes, handle)
    assert isinstance(error, ApplicationError)
    assert error.type == "BrokenProcessPool"


async def _failure_by_another_worker(processes: Processes, handle: Any) -> BaseException:
    with ThreadPoolExecutor(1) as threads:
        async with processes.worker(threads, max_concurrent_activities=1):
            return await failure(handle)


async def test_one_that_heartbeats_without_pause_holds_up_no_other(
    processes: Processes, shared_pool: ProcessPoolExecutor
) -> None:
    async with processes.worker(shared_pool):
        flood = processes.result("heartbeat_without_pause", 4.0, heartbeat_seconds=1.0)
        others = [
            processes.result("heartbeat_now_and_then", 3.0, heartbeat_seconds=1.0) for _ in range(3)
        ]
        sent, *rarely = await asyncio.gather(flood, *others)
    assert sent > 1000
    assert all(rare > 5 for rare in rarely)


async def test_what_an_activity_leaves_behind_disturbs_no_other(
    processes: Processes, shared_pool: ProcessPoolExecutor
) -> None:
    async with processes.worker(shared_pool):
        await processes.result("leave_a_heartbeating_thread")
        assert await processes.result("count_on", attempts=2) == ["reached", 199]


async def test_without_the_manager_s_process_the_worker_goes_on_with_the_rest(
    client: Client, task_queue: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    manager = multiprocessing.Manager()
    state = SharedStateManager.create_from_multiprocessing(manager)
    processes = Processes(client, task_queue, state)
    with ProcessPoolExecutor(2) as pool:
        async with processes.worker(pool):
            running = await processes.start(
                "block", str(tmp_path / "started"), 1, heartbeat_seconds=None
            )
            await exists(tmp_path / "started")
            os.kill(manager._process.pid, signal.SIGKILL)  # type: ignore[attr-defined]
            # It needs nothing of the manager any more.
            assert await outcome(running) == "done"
            error = await processes.failure("Adder", 1)
            assert isinstance(error, ApplicationError)
            assert error.type in ("ConnectionRefusedError", "FileNotFoundError", "EOFError")
            assert (await processes.result("look_around_async", "word"))["word"] == "word"
    assert "the multiprocessing manager cannot be reached" in caplog.text
    assert worker_threads() == []


async def test_the_event_loop_does_not_wait_for_a_manager_that_does_not_answer(
    client: Client, task_queue: str, tmp_path: Path
) -> None:
    with multiprocessing.Manager() as manager, ProcessPoolExecutor(2) as pool:
        state = SharedStateManager.create_from_multiprocessing(manager)
        processes = Processes(client, task_queue, state)
        manager_pid: int = manager._process.pid  # type: ignore[attr-defined]
        often = timedelta(seconds=0.2)
        async with processes.worker(pool, max_heartbeat_throttle_interval=often):
            cancelled = await processes.start("wait_for_cancellation", False, heartbeat_seconds=20)
            blocked = await processes.start(
                "block", str(tmp_path / "started"), 1, heartbeat_seconds=None
            )
            await exists(tmp_path / "started")
            os.kill(manager_pid, signal.SIGSTOP)
            try:
                # One ends, one is cancelled, one begins: each has business with the manager.
                await cancelled.signal("cancel_activity")
                begun = await processes.start("Adder", 1, heartbeat_seconds=None)
                stopped = time.monotonic()
                while time.monotonic() < stopped + 2:
                    said = await processes.result("look_around_async", "word")
                    assert said["word"] == "word"
            finally:
                os.kill(manager_pid, signal.SIGCONT)
            assert (await outcome(cancelled))[0]
            assert await outcome(blocked) == "done"
            assert await outcome(begun) == 4


async def test_a_worker_leaves_no_thread_and_no_process(client: Client, task_queue: str) -> None:
    before = set(multiprocessing.active_children())
    with multiprocessing.Manager() as manager:
        state = SharedStateManager.create_from_multiprocessing(manager)
        one, other = (
            Processes(client, task_queue, state),
            Processes(client, task_queue + "2", state),
        )
        with ProcessPoolExecutor(2) as pool:
            async with one.worker(pool):
                async with other.worker(pool):
                    assert await one.result("Adder", 1) == 4
                    assert await other.result("count_on", attempts=2) == ["reached", 199]
                    assert len(worker_threads()) == 3
                # The manager's own serve the worker that is left.
                assert await one.result("count_on", attempts=2) == ["reached", 199]
                assert len(worker_threads()) == 3
            assert worker_threads() == []
            # And may serve another one later.
            async with one.worker(pool):
                assert await one.result("count_on", attempts=2) == ["reached", 199]
            assert worker_threads() == []
    assert set(multiprocessing.active_children()) == before


async def test_a_thread_that_is_lent_for_heartbeats_is_given_back(
    client: Client, task_queue: str, shared_pool: ProcessPoolExecutor
) -> None:
    with multiprocessing.Manager() as manager, ThreadPoolExecutor(1) as lent:
        state = SharedStateManager.create_from_multiprocessing(manager, lent)
        processes = Processes(client, task_queue, state)
        async with processes.worker(shared_pool):
            for _ in range(2):
                assert await processes.result("count_on", attempts=2) == ["reached", 199]
                free = lent.submit(time.monotonic)
                await asyncio.wait_for(asyncio.wrap_future(free), 5)


async def test_an_executor_that_takes_no_more_fails_the_activity_only(
    processes: Processes,
) -> None:
    pool = ProcessPoolExecutor(1)
    pool.shutdown()
    async with processes.worker(pool):
        error = await processes.failure("Adder", 1)
        assert "after shutdown" in str(error)
        assert (await processes.result("look_around_async", "word"))["word"] == "word"


class Elsewhere(Executor):
    """Of no class that a worker knows."""

    def __init__(self, within: ProcessPoolExecutor) -> None:
        self.within = within

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        return self.within.submit(fn, *args, **kwargs)


async def test_any_other_executor_is_one_with_processes(
    processes: Processes, shared_pool: ProcessPoolExecutor
) -> None:
    async with processes.worker(Elsewhere(shared_pool)):
        assert await processes.result("count_on", attempts=2) == ["reached", 199]
        assert (await processes.result("look_around", "word"))["pid"] != os.getpid()
