"""Activities from end to end: a workflow calls them on a real server."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from temporalio import activity
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    TimeoutError,
)
from temporalio.worker import Worker

from ..limits import LIMIT_SECONDS
from .calling_workflow import Call, CallActivity

pytestmark = pytest.mark.usefixtures("cache")


@activity.defn
async def greet(name: str) -> str:
    return f"hello {name} from attempt {activity.info().attempt}"


@activity.defn
def greet_in_thread(name: str) -> str:
    return f"hello {name} from attempt {activity.info().attempt}"


@activity.defn
async def fail_twice() -> int:
    attempt = activity.info().attempt
    if attempt < 3:
        raise ApplicationError("not yet", type="NotYet")
    return attempt


@activity.defn
async def count_on() -> list[Any]:
    details = list(activity.info().heartbeat_details)
    if activity.info().attempt == 1:
        activity.heartbeat("reached", 41)
        raise RuntimeError("lost after the heartbeat")
    return details


def worker_for(
    client: Client, task_queue: str, *activities: Callable[..., Any], **options: Any
) -> Worker:
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[CallActivity],
        activities=activities,
        activity_executor=ThreadPoolExecutor(10),
        **options,
    )


async def start(client: Client, task_queue: str, call: Call) -> WorkflowHandle[CallActivity, Any]:
    return await client.start_workflow(
        CallActivity.run, call, id=f"call-{uuid.uuid4()}", task_queue=task_queue
    )


async def result(client: Client, task_queue: str, call: Call) -> Any:
    handle = await start(client, task_queue, call)
    return await asyncio.wait_for(handle.result(), LIMIT_SECONDS)


async def cause_of_failure(handle: WorkflowHandle[CallActivity, Any]) -> BaseException | None:
    with pytest.raises(WorkflowFailureError) as caught:
        await asyncio.wait_for(handle.result(), LIMIT_SECONDS)
    assert isinstance(caught.value.cause, ActivityError)
    return caught.value.cause.cause


async def test_async_and_threaded_activities_return_to_their_workflow(
    client: Client, task_queue: str
) -> None:
    async with worker_for(client, task_queue, greet, greet_in_thread):
        for name in ("greet", "greet_in_thread"):
            said = await result(client, task_queue, Call(name, ["you"]))
            assert said == "hello you from attempt 1"


async def test_a_failed_attempt_is_retried(client: Client, task_queue: str) -> None:
    async with worker_for(client, task_queue, fail_twice):
        assert await result(client, task_queue, Call("fail_twice", [], attempts=5)) == 3


async def test_the_last_attempt_s_failure_reaches_the_workflow(
    client: Client, task_queue: str
) -> None:
    async with worker_for(client, task_queue, fail_twice):
        cause = await cause_of_failure(await start(client, task_queue, Call("fail_twice", [])))
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.message) == ("NotYet", "not yet")


async def test_heartbeat_details_reach_the_next_attempt(client: Client, task_queue: str) -> None:
    async with worker_for(client, task_queue, count_on):
        call = Call("count_on", [], attempts=3, heartbeat_seconds=5)
        assert await result(client, task_queue, call) == ["reached", 41]


async def test_an_unregistered_activity_fails_with_the_names_that_are_known(
    client: Client, task_queue: str
) -> None:
    async with worker_for(client, task_queue, greet):
        cause = await cause_of_failure(await start(client, task_queue, Call("grete", ["you"])))
    assert isinstance(cause, ApplicationError)
    assert cause.type == "NotFoundError"
    assert not cause.non_retryable
    assert "grete" in cause.message
    assert cause.message.endswith("available activities: greet")


async def test_a_result_that_cannot_be_encoded_fails_the_activity_only(
    client: Client, task_queue: str
) -> None:
    @activity.defn
    async def unserializable() -> object:
        return object()

    async with worker_for(client, task_queue, unserializable, greet):
        handle = await start(client, task_queue, Call("unserializable", []))
        cause = await cause_of_failure(handle)
        assert isinstance(cause, ApplicationError)
        assert "object" in cause.message
        said = await result(client, task_queue, Call("greet", ["you"]))
        assert said == "hello you from attempt 1"


async def test_an_activity_that_takes_too_long_times_out(client: Client, task_queue: str) -> None:
    started = asyncio.Event()

    @activity.defn
    async def sleep() -> None:
        started.set()
        await asyncio.sleep(3)

    async with worker_for(client, task_queue, sleep):
        call = Call("sleep", [], start_to_close_seconds=1)
        cause = await cause_of_failure(await start(client, task_queue, call))
        assert started.is_set()
    assert isinstance(cause, TimeoutError)


@pytest.mark.parametrize("kind", ["wait_in_loop", "wait_in_thread"])
@pytest.mark.parametrize("how", ["pass on", "return"])
async def test_a_cancellation_from_the_workflow_reaches_the_activity(
    client: Client, task_queue: str, kind: str, how: str
) -> None:
    started = threading.Event()

    @activity.defn
    async def wait_in_loop(how: str) -> str:
        started.set()
        try:
            while True:
                activity.heartbeat()
                await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            if how == "pass on":
                raise
            return str(activity.cancellation_details())

    @activity.defn
    def wait_in_thread(how: str) -> str:
        started.set()
        pause = threading.Event()
        try:
            while True:
                activity.heartbeat()
                pause.wait(0.05)
        except CancelledError:
            if how == "pass on":
                raise
            return str(activity.cancellation_details())

    async with worker_for(client, task_queue, wait_in_loop, wait_in_thread):
        handle = await start(client, task_queue, Call(kind, [how], heartbeat_seconds=1))
        await asyncio.to_thread(started.wait, LIMIT_SECONDS)
        await handle.signal(CallActivity.cancel_activity)
        if how == "return":
            said = await asyncio.wait_for(handle.result(), LIMIT_SECONDS)
            assert "cancel_requested=True" in said
        else:
            assert isinstance(await cause_of_failure(handle), CancelledError)


async def test_an_activity_can_be_completed_from_outside(client: Client, task_queue: str) -> None:
    token: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    @activity.defn
    async def wait_for_others() -> str:
        token.set_result(activity.info().task_token)
        activity.raise_complete_async()

    async with worker_for(client, task_queue, wait_for_others, max_concurrent_activities=1):
        handle = await start(client, task_queue, Call("wait_for_others", []))
        task_token = await asyncio.wait_for(token, LIMIT_SECONDS)
        await client.get_async_activity_handle(task_token=task_token).complete("from outside")
        assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == "from outside"


async def test_a_worker_that_shuts_down_lets_activities_finish_in_the_grace_period(
    client: Client, task_queue: str
) -> None:
    started, told = asyncio.Event(), asyncio.Event()

    @activity.defn
    async def finish_when_told() -> str:
        started.set()
        await activity.wait_for_worker_shutdown()
        told.set()
        assert not activity.is_cancelled()
        return "finished"

    grace = timedelta(seconds=LIMIT_SECONDS)
    async with worker_for(client, task_queue, finish_when_told, graceful_shutdown_timeout=grace):
        handle = await start(client, task_queue, Call("finish_when_told", []))
        await asyncio.wait_for(started.wait(), LIMIT_SECONDS)
    assert told.is_set()
    async with worker_for(client, task_queue, greet):
        assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == "finished"


@pytest.mark.parametrize("kind", ["wait_in_loop", "wait_in_thread"])
async def test_an_activity_cancelled_by_shutdown_is_retried_elsewhere(
    client: Client, task_queue: str, kind: str
) -> None:
    started = threading.Event()
    details: list[activity.ActivityCancellationDetails | None] = []

    @activity.defn
    async def wait_in_loop() -> str:
        started.set()
        try:
            await asyncio.sleep(LIMIT_SECONDS)
        finally:
            details.append(activity.cancellation_details())
        return "not cancelled"

    @activity.defn
    def wait_in_thread() -> str:
        started.set()
        pause = threading.Event()
        try:
            for _ in range(int(LIMIT_SECONDS / 0.02)):
                pause.wait(0.02)
        finally:
            details.append(activity.cancellation_details())
        return "not cancelled"

    @activity.defn(name=kind)
    async def second_attempt() -> int:
        return activity.info().attempt

    async with worker_for(client, task_queue, wait_in_loop, wait_in_thread):
        handle = await start(client, task_queue, Call(kind, [], attempts=2))
        await asyncio.to_thread(started.wait, LIMIT_SECONDS)
    assert details == [activity.ActivityCancellationDetails(worker_shutdown=True)]
    async with worker_for(client, task_queue, second_attempt):
        assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == 2


async def test_no_more_activities_run_at_a_time_than_allowed(
    client: Client, task_queue: str
) -> None:
    running, most = 0, 0

    @activity.defn
    async def count() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1

    async with worker_for(client, task_queue, count, max_concurrent_activities=2):
        calls = (result(client, task_queue, Call("count", [])) for _ in range(8))
        await asyncio.gather(*calls)
    assert (running, most) == (0, 2)


async def test_a_completion_that_the_server_does_not_want_is_only_logged(
    client: Client, task_queue: str
) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    @activity.defn
    async def outlive_the_workflow() -> None:
        started.set()
        await go_on.wait()

    async with worker_for(client, task_queue, outlive_the_workflow, greet) as worker:
        handle = await start(client, task_queue, Call("outlive_the_workflow", []))
        await asyncio.wait_for(started.wait(), LIMIT_SECONDS)
        await handle.terminate()
        go_on.set()
        said = await result(client, task_queue, Call("greet", ["you"]))
        assert said == "hello you from attempt 1"
        assert worker.is_running


async def test_heartbeats_go_on_while_the_worker_shuts_down(
    client: Client, task_queue: str
) -> None:
    started = asyncio.Event()

    @activity.defn
    async def beat_at_the_end() -> list[Any]:
        if activity.info().attempt > 1:
            return list(activity.info().heartbeat_details)
        started.set()
        await activity.wait_for_worker_shutdown()
        activity.heartbeat("from the shutdown")
        raise RuntimeError("to be tried again")

    grace = timedelta(seconds=LIMIT_SECONDS)
    call = Call("beat_at_the_end", [], attempts=2, heartbeat_seconds=10)
    async with worker_for(client, task_queue, beat_at_the_end, graceful_shutdown_timeout=grace):
        handle = await start(client, task_queue, call)
        await asyncio.wait_for(started.wait(), LIMIT_SECONDS)
    async with worker_for(client, task_queue, beat_at_the_end):
        details = await asyncio.wait_for(handle.result(), LIMIT_SECONDS)
    assert details == ["from the shutdown"]


async def test_a_shutdown_under_load_loses_no_completion(client: Client, task_queue: str) -> None:
    begun: dict[str, int] = {}
    ended = 0

    @activity.defn
    async def work() -> tuple[str, int]:
        nonlocal ended
        info = activity.info()
        assert info.workflow_id is not None
        begun.setdefault(info.workflow_id, info.attempt)
        await asyncio.sleep(0.02)
        ended += 1
        return info.workflow_id, info.attempt

    # A server that does not end polls at a shutdown may hand a task to a poll that is just being
    # dropped. Such a task never begins here; its second attempt comes after the timeout.
    call = Call("work", [], attempts=3, start_to_close_seconds=2)
    handles = [await start(client, task_queue, call) for _ in range(40)]
    grace = timedelta(seconds=LIMIT_SECONDS)
    async with worker_for(client, task_queue, work, graceful_shutdown_timeout=grace):
        for _ in range(int(LIMIT_SECONDS / 0.005)):
            if ended >= 5:
                break
            await asyncio.sleep(0.005)
    assert len(begun) == ended >= 5
    async with worker_for(client, task_queue, work):
        results = [asyncio.wait_for(handle.result(), LIMIT_SECONDS) for handle in handles]
        attempts = {workflow_id: attempt for workflow_id, attempt in await asyncio.gather(*results)}
    # Had a completion been lost, a later attempt would have brought the result.
    assert attempts == begun
    assert ended == 40
