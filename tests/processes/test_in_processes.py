"""Activities in the processes of a pool, each against a real server."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import uuid
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from temporalio import activity, workflow
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)

from .activities import in_activity
from .conftest import Processes, exists, failure, outcome


async def test_one_source_runs_in_all_three_kinds(
    processes: Processes, shared_pool: ProcessPoolExecutor
) -> None:
    expected = {
        "word": "word",
        "in_activity": True,
        "attempt": 1,
        "heartbeat_timeout": "0:00:02",
        "task_queue": processes.task_queue,
        "logged": True,
        "is_cancelled": False,
        "is_worker_shutdown": False,
        "cancellation_details": None,
        "converted": '"word"',
    }
    async with processes.worker(shared_pool):
        on_loop = await processes.result("look_around_async", "word")
        in_process = await processes.result("look_around", "word")
    with ThreadPoolExecutor(5) as threads:
        async with processes.worker(threads):
            in_thread = await processes.result("look_around", "word")
    here = os.getpid()
    assert on_loop == {
        **expected,
        "client": "gives one",
        "metric_meter": "gives one",
        "pid": here,
    }
    assert in_thread == {**expected, "client": "No", "metric_meter": "gives one", "pid": here}
    elsewhere = in_process.pop("pid")
    assert in_process == {**expected, "client": "No", "metric_meter": "Metric"}
    assert elsewhere != here
    assert shared_pool.submit(in_activity).result() is False


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
async def test_processes_may_be_started_in_any_way(processes: Processes, method: str) -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
        async with processes.worker(pool):
            assert await processes.result("count_on", attempts=2) == ["reached", 199]


async def test_methods_callable_objects_and_dynamic_activities_run_in_processes(
    processes: Processes, shared_pool: ProcessPoolExecutor
) -> None:
    async with processes.worker(shared_pool):
        assert await processes.result("Adder", 4) == 7
        assert await processes.result("method") == "held"
        assert await processes.result("unheard_of", 1, "two") == ["unheard_of", 1, "two"]


async def test_the_newest_heartbeat_reaches_the_next_attempt(
    processes: Processes, shared_pool: ProcessPoolExecutor
) -> None:
    async with processes.worker(shared_pool):
        results = await asyncio.gather(
            *(processes.result("count_on", attempts=2) for _ in range(8))
        )
    assert results == [["reached", 199]] * 8


@pytest.mark.parametrize("raises", [False, True])
async def test_a_cancellation_is_seen_with_its_reason_and_raises_nothing(
    processes: Processes, shared_pool: ProcessPoolExecutor, raises: bool
) -> None:
    async with processes.worker(shared_pool):
        handle = await processes.start("wait_for_cancellation", raises)
        await asyncio.sleep(0.5)
        await handle.signal("cancel_activity")
        if raises:
            assert isinstance(await failure(handle), CancelledError)
        else:
            cancelled, details = await outcome(handle)
            assert cancelled
            assert [name for name, holds in details.items() if holds] == ["cancel_requested"]


async def test_an_activity_can_be_cancelled_before_it_gets_a_process(
    processes: Processes, tmp_path: Path
) -> None:
    with ProcessPoolExecutor(1) as pool:
        async with processes.worker(pool):
            await processes.start("block", str(tmp_path / "first"), 3, heartbeat_seconds=None)
            await exists(tmp_path / "first")
            # Process pools prefetch one call; it cannot heartbeat before it runs, so only the worker's
            # end tells it to stop.
            await processes.start(
                "wait_for_cancellation_by_shutdown",
                str(tmp_path / "second"),
                str(tmp_path / "seen"),
                heartbeat_seconds=None,
            )
            await asyncio.sleep(0.5)
            assert not (tmp_path / "second").exists()
        assert (tmp_path / "second").exists()
    assert "worker_shutdown=True" in (tmp_path / "seen").read_text()


async def test_the_worker_s_shutdown_is_seen(
    processes: Processes, shared_pool: ProcessPoolExecutor, tmp_path: Path
) -> None:
    worker = processes.worker(shared_pool, graceful_shutdown_timeout=timedelta(seconds=10))
    async with worker:
        handle = await processes.start(
            "wait_for_shutdown", str(tmp_path / "started"), heartbeat_seconds=None
        )
        await exists(tmp_path / "started")
    async with processes.worker(shared_pool):
        assert await outcome(handle) == [True, False]


@pytest.mark.parametrize(
    ("how", "kind", "message"),
    [
        ("application error", "Kind", "said"),
        ("plain", "ValueError", "plain"),
        ("of two arguments", "OfTwoArguments", "1 and 2"),
        ("with lock", "WithLock", "locked"),
    ],
)
async def test_an_error_arrives_whether_or_not_it_can_be_pickled(
    processes: Processes, shared_pool: ProcessPoolExecutor, how: str, kind: str, message: str
) -> None:
    async with processes.worker(shared_pool):
        error = await processes.failure("fail", how)
        assert await processes.result("Adder", 1) == 4
    assert isinstance(error, ApplicationError)
    assert (error.type, error.message) == (kind, message)
    assert error.non_retryable == (how == "application error")
    assert list(error.details) == ([1, "two"] if how == "application error" else [])
    traceback = error.cause
    assert isinstance(traceback, ApplicationError)
    assert traceback.type == "_RemoteTraceback"
    assert "in fail" in traceback.message


async def test_what_breaks_no_process_fails_its_activity_only(
    processes: Processes, shared_pool: ProcessPoolExecutor
) -> None:
    async with processes.worker(shared_pool):
        for name, kind in (
            ("exit_process", "SystemExit"),
            ("unpicklable_result", "AttributeError"),
            ("heartbeat_not_picklable", "AttributeError"),
            ("heartbeat_not_encodable", "TypeError"),
        ):
            error = await processes.failure(name)
            assert isinstance(error, ApplicationError)
            assert error.type in (kind, "PicklingError"), name
        assert await processes.result("Adder", 1) == 4


@workflow.defn
class CallLocally:
    @workflow.run
    async def run(self) -> list[Any]:
        limit = timedelta(seconds=20)
        waiting = workflow.start_local_activity(
            "wait_for_cancellation",
            False,
            start_to_close_timeout=limit,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
        # Within one workflow task, as no timer and no signal is: its task goes on while these run.
        seen = await workflow.execute_local_activity(
            "look_around", "word", start_to_close_timeout=limit
        )
        waiting.cancel()
        return [seen["pid"], *await waiting]


async def test_local_activities_run_in_processes_too(
    processes: Processes, shared_pool: ProcessPoolExecutor
) -> None:
    async with processes.worker(shared_pool, workflows=[CallLocally]):
        pid, cancelled, details = await processes.client.execute_workflow(
            CallLocally.run, id=str(uuid.uuid4()), task_queue=processes.task_queue
        )
    assert pid in shared_pool._processes
    assert cancelled
    assert details["cancel_requested"]


async def test_an_activity_can_be_left_open(
    processes: Processes, shared_pool: ProcessPoolExecutor
) -> None:
    async with processes.worker(shared_pool):
        handle = await processes.start("complete_later", heartbeat_seconds=None)
        await asyncio.sleep(0.5)
        assert (await handle.describe()).status == WorkflowExecutionStatus.RUNNING
        open_one = processes.client.get_async_activity_handle(
            workflow_id=handle.id, run_id=None, activity_id="1"
        )
        await open_one.complete("from outside")
        assert await outcome(handle) == "from outside"


class Watch(Interceptor):
    """Notes what passes, and in which process."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return WatchInbound(super().intercept_activity(next), self.seen)


class WatchInbound(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, seen: list[Any]) -> None:
        super().__init__(next)
        self.seen = seen

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        super().init(WatchOutbound(outbound, self.seen))

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        self.seen.append(("called in", os.getpid(), type(input.executor)))
        changed = ExecuteActivityInput(
            fn=input.fn, args=["changed"], executor=input.executor, headers=input.headers
        )
        result = await super().execute_activity(changed)
        self.seen.append(("returned", result["pid"], activity.info().activity_type))
        return result


class WatchOutbound(ActivityOutboundInterceptor):
    def __init__(self, next: ActivityOutboundInterceptor, seen: list[Any]) -> None:
        super().__init__(next)
        self.seen = seen

    def heartbeat(self, *details: Any) -> None:
        self.seen.append(("heartbeat", details, activity.info().activity_type))
        super().heartbeat(*details)


async def test_interceptors_stand_in_the_worker_s_process(
    processes: Processes, shared_pool: ProcessPoolExecutor
) -> None:
    watch = Watch()
    async with processes.worker(shared_pool, interceptors=[watch]):
        result = await processes.result("look_around", "word")
    assert result["word"] == "changed"
    assert result["pid"] != os.getpid()
    assert watch.seen == [
        ("called in", os.getpid(), ProcessPoolExecutor),
        ("heartbeat", ("around", "changed"), "look_around"),
        ("returned", result["pid"], "look_around"),
    ]


class Swap(Interceptor):
    def __init__(self, executor: Executor) -> None:
        self.executor = executor

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return SwapInbound(next, self.executor)


class SwapInbound(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, executor: Executor) -> None:
        super().__init__(next)
        self.executor = executor

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        swapped = ExecuteActivityInput(
            fn=input.fn, args=input.args, executor=self.executor, headers=input.headers
        )
        return await super().execute_activity(swapped)


async def test_an_interceptor_may_choose_the_executor(
    processes: Processes, shared_pool: ProcessPoolExecutor
) -> None:
    with ThreadPoolExecutor(5) as threads:
        async with processes.worker(threads, interceptors=[Swap(shared_pool)]):
            assert (await processes.result("look_around", "word"))["pid"] != os.getpid()
            handle = await processes.start("wait_for_cancellation", True)
            await asyncio.sleep(0.5)
            await handle.signal("cancel_activity")
            assert isinstance(await failure(handle), CancelledError)
        async with processes.worker(
            threads, interceptors=[Swap(shared_pool)], shared_state_manager=None
        ):
            error = await processes.failure("look_around", "word")
            assert "a shared_state_manager must be present" in str(error)
        async with processes.worker(shared_pool, interceptors=[Swap(threads)]):
            assert (await processes.result("look_around", "word"))["pid"] == os.getpid()
