"""The life of a worker on a real server: start, failure, shutdown."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from temporalio import activity, workflow
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client
from temporalio.worker import Worker

from ..conftest import DevServer
from ..limits import LIMIT_SECONDS


@activity.defn
async def greet(name: str) -> str:
    return f"hello {name}"


@activity.defn
def in_thread() -> None: ...


@workflow.defn
class Greeting:
    @workflow.run
    async def run(self, activity_type: str, args: list[Any]) -> Any:
        return await workflow.execute_activity(
            activity_type, args=args, start_to_close_timeout=timedelta(seconds=10)
        )


async def test_a_workflow_with_an_activity_runs(client: Client, task_queue: str) -> None:
    async with Worker(client, task_queue=task_queue, workflows=[Greeting], activities=[greet]):
        said = await client.execute_workflow(
            Greeting.run, args=["greet", ["you"]], id=f"greet-{uuid.uuid4()}", task_queue=task_queue
        )
    assert said == "hello you"


async def test_a_worker_says_where_in_its_life_it_is(client: Client, task_queue: str) -> None:
    worker = Worker(client, task_queue=task_queue, activities=[greet])
    assert (worker.is_running, worker.is_shutdown) == (False, False)
    running = asyncio.create_task(worker.run())
    await until(lambda: worker.is_running)
    assert not worker.is_shutdown
    await asyncio.wait_for(worker.shutdown(), LIMIT_SECONDS)
    await running
    assert (worker.is_running, worker.is_shutdown) == (False, True)
    await worker.shutdown()


async def test_a_worker_runs_once(client: Client, task_queue: str) -> None:
    worker = Worker(client, task_queue=task_queue, activities=[greet])
    async with worker:
        await until(lambda: worker.is_running)
        with pytest.raises(RuntimeError, match="Already started"):
            await worker.run()
        with pytest.raises(RuntimeError, match="Already started"):
            await worker.__aenter__()
        assert worker.is_running
    with pytest.raises(RuntimeError, match="Already started"):
        await worker.run()


async def test_a_block_that_was_not_entered_cannot_be_left(client: Client, task_queue: str) -> None:
    worker = Worker(client, task_queue=task_queue, activities=[greet])
    with pytest.raises(RuntimeError, match="Never started"):
        await worker.__aexit__(None, None, None)


async def test_shutdown_before_the_start_hangs_neither_itself_nor_the_run(
    client: Client, task_queue: str
) -> None:
    worker = Worker(client, task_queue=task_queue, activities=[greet])
    await asyncio.wait_for(worker.shutdown(), LIMIT_SECONDS)
    await asyncio.wait_for(worker.run(), LIMIT_SECONDS)
    assert worker.is_shutdown


async def test_shutdown_during_the_start_waits_for_the_end(client: Client, task_queue: str) -> None:
    worker = Worker(client, task_queue=task_queue, workflows=[Greeting], activities=[greet])
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0)
    await asyncio.wait_for(worker.shutdown(), LIMIT_SECONDS)
    assert worker.is_shutdown
    await running


async def test_leaving_a_block_at_once_is_a_clean_shutdown(client: Client, task_queue: str) -> None:
    async with Worker(client, task_queue=task_queue, workflows=[Greeting]) as worker:
        pass
    assert worker.is_shutdown


async def test_a_wrong_namespace_is_found_before_the_first_poll(
    dev_server: DevServer, task_queue: str
) -> None:
    client = await Client.connect(dev_server.target_host, namespace="no-such-namespace")
    worker = Worker(client, task_queue=task_queue, activities=[greet])
    with pytest.raises(RuntimeError, match="validation failed.*no-such-namespace.*not found"):
        await worker.run()
    assert not worker.is_running
    await asyncio.wait_for(worker.shutdown(), LIMIT_SECONDS)
    with pytest.raises(RuntimeError, match="no-such-namespace"):
        async with Worker(client, task_queue=task_queue, activities=[greet]):
            await asyncio.sleep(LIMIT_SECONDS)


async def test_cancelling_the_run_shuts_the_worker_down(client: Client, task_queue: str) -> None:
    worker = Worker(client, task_queue=task_queue, workflows=[Greeting], activities=[greet])
    running = asyncio.create_task(worker.run())
    await until(lambda: worker.is_running)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, LIMIT_SECONDS)
    assert worker.is_shutdown


async def test_an_error_of_the_block_comes_through(client: Client, task_queue: str) -> None:
    with pytest.raises(ValueError, match="the block's own"):
        async with Worker(client, task_queue=task_queue, activities=[greet]) as worker:
            raise ValueError("the block's own")
    assert worker.is_shutdown


async def test_a_broken_executor_stops_the_worker_and_its_block(
    client: Client, task_queue: str
) -> None:
    def fail_to_start() -> None:
        raise OSError("no threads today")

    told: list[BaseException] = []

    async def on_fatal_error(error: BaseException) -> None:
        told.append(error)

    worker = Worker(
        client,
        task_queue=task_queue,
        workflows=[Greeting],
        activities=[in_thread],
        activity_executor=ThreadPoolExecutor(1, initializer=fail_to_start),
        on_fatal_error=on_fatal_error,
    )
    interrupted = False
    with pytest.raises(RuntimeError, match="Activity worker failed") as caught:
        async with worker:
            handle = await client.start_workflow(
                Greeting.run,
                args=["in_thread", []],
                id=f"broken-{uuid.uuid4()}",
                task_queue=task_queue,
            )
            try:
                await asyncio.sleep(LIMIT_SECONDS)
            except asyncio.CancelledError:
                interrupted = True
                raise
    assert interrupted
    assert isinstance(caught.value.__cause__, BrokenExecutor)
    assert told == [caught.value]
    assert worker.is_shutdown
    await handle.terminate()


async def test_a_failing_fatal_error_handler_changes_nothing(
    client: Client, task_queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def on_fatal_error(error: BaseException) -> None:
        raise ValueError("the handler's own")

    worker = Worker(
        client, task_queue=task_queue, activities=[greet], on_fatal_error=on_fatal_error
    )
    running = asyncio.create_task(worker.run())
    await until(lambda: worker.is_running)
    worker._lifecycle.fail(OSError("made up"))
    with pytest.raises(OSError, match="made up"):
        await asyncio.wait_for(running, LIMIT_SECONDS)
    assert "Fatal error handler failed" in caplog.text


async def test_activities_do_not_run_where_they_are_turned_off(
    client: Client, task_queue: str
) -> None:
    only_workflows = Worker(
        client,
        task_queue=task_queue,
        workflows=[Greeting],
        activities=[greet],
        no_remote_activities=True,
    )
    async with only_workflows:
        handle = await client.start_workflow(
            Greeting.run,
            args=["greet", ["you"]],
            id=f"turned-off-{uuid.uuid4()}",
            task_queue=task_queue,
        )
        while not (await handle.describe()).raw_description.pending_activities:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        description = await handle.describe()
        [pending] = description.raw_description.pending_activities
        assert pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
        await handle.terminate()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds, for a while."""
    for _ in range(int(LIMIT_SECONDS / 0.005)):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to hold in time")
