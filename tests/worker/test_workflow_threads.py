"""On how many threads workflows run, and what becomes of their coroutines."""

from __future__ import annotations

import asyncio
import gc
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ..limits import LIMIT_SECONDS
from .test_lifecycle import until

endings: list[tuple[str, str]] = []
"""How coroutines of runs have ended, and on which thread."""


all_there = threading.Barrier(3)


@workflow.defn
class Where:
    """Waits, without letting go of its thread, until three runs are on threads."""

    @workflow.run
    async def run(self) -> str:
        all_there.wait(LIMIT_SECONDS)
        return threading.current_thread().name


@workflow.defn
class Doubling:
    @workflow.run
    async def run(self, number: int) -> int:
        await workflow.sleep(0.01)
        return number * 2


@workflow.defn
class Waiting:
    """Notes how it ends."""

    @workflow.run
    async def run(self) -> None:
        try:
            await workflow.wait_condition(lambda: False)
        except BaseException as error:
            endings.append((type(error).__name__, threading.current_thread().name))
            raise

    @workflow.query
    def is_there(self) -> bool:
        return True


def threads_of_workflows() -> set[int | None]:
    return {one.ident for one in threading.enumerate() if one.name.startswith("temporal_workflow_")}


async def test_workflows_run_on_as_many_threads_as_the_executor_has(
    client: Client, task_queue: str
) -> None:
    executor = ThreadPoolExecutor(3, thread_name_prefix="unused")
    before = threads_of_workflows()
    async with Worker(
        client,
        task_queue=task_queue,
        workflows=[Where],
        workflow_task_executor=executor,
        workflow_runner=UnsandboxedWorkflowRunner(),
        # None of them is stuck.
        debug_mode=True,
    ) as worker:
        assert worker.config()["workflow_task_executor"] is executor
        names = await asyncio.gather(
            *(
                client.execute_workflow(
                    Where.run,
                    id=f"where-{uuid.uuid4()}",
                    task_queue=task_queue,
                    task_timeout=timedelta(seconds=LIMIT_SECONDS),
                )
                for _ in range(3)
            )
        )
        assert len(threads_of_workflows() - before) == 3
    assert set(names) == {f"temporal_workflow_{index}" for index in range(3)}
    assert not executor._threads
    await until(lambda: threads_of_workflows() <= before)


@pytest.mark.parametrize("workers", [1, 64])
async def test_any_number_of_threads_will_do(client: Client, task_queue: str, workers: int) -> None:
    async with Worker(
        client,
        task_queue=task_queue,
        workflows=[Doubling],
        workflow_task_executor=ThreadPoolExecutor(workers),
    ):
        doubled = await asyncio.gather(
            *(
                client.execute_workflow(
                    Doubling.run, number, id=f"doubling-{uuid.uuid4()}", task_queue=task_queue
                )
                for number in range(30)
            )
        )
    assert doubled == [2 * number for number in range(30)]


@pytest.mark.parametrize("disabled", [False, True])
async def test_coroutines_of_an_evicted_run_are_ended_or_left_to_the_collector(
    client: Client, task_queue: str, disabled: bool
) -> None:
    endings.clear()
    gc.collect()
    gc.disable()
    try:
        async with Worker(
            client,
            task_queue=task_queue,
            workflows=[Waiting],
            workflow_runner=UnsandboxedWorkflowRunner(),
            max_cached_workflows=1,
            disable_safe_workflow_eviction=disabled,
        ):
            first, second = [
                await client.start_workflow(
                    Waiting.run, id=f"waiting-{uuid.uuid4()}", task_queue=task_queue
                )
                for _ in range(2)
            ]
            # Each pushes the other out of the cache.
            assert [await one.query(Waiting.is_there) for one in (first, second)] == [True, True]
            if disabled:
                assert endings == []
            else:
                await until(lambda: len(endings) > 0)
        left = list(endings)
        gc.collect()
    finally:
        gc.enable()
    if disabled:
        assert left == []
        assert len(endings) >= 2
        assert {error for error, _ in endings} == {"GeneratorExit"}
        assert {thread for _, thread in endings} == {threading.current_thread().name}
    else:
        assert endings == left
        assert {error for error, _ in endings} == {"CancelledError"}
        assert all(thread.startswith("temporal_workflow_") for _, thread in endings)
    for handle in (first, second):
        await handle.terminate()
