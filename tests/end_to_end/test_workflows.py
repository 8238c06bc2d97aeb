"""What workflows do, from the client's side, on a real server: the behaviour of the SDK."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    TerminatedError,
    TimeoutError,
)
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ..caching import Cache
from ..limits import LIMIT_SECONDS
from . import kitchen
from .kitchen import (
    ActivityFails,
    BrokenUntilMended,
    CancelsActivity,
    CleansUp,
    Counts,
    FailsWith,
    HeartbeatTimeout,
    Mailbox,
    Order,
    PriceOrders,
    RacingSteps,
    Randomness,
    ResumesActivity,
    Retries,
    Timers,
    Versions,
)


class Bench:
    """A client with a worker behind it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.task_queue = f"end-to-end-{uuid.uuid4()}"

    def options(self, **more: Any) -> dict[str, Any]:
        return {"id": f"workflow-{uuid.uuid4()}", "task_queue": self.task_queue, **more}


@pytest_asyncio.fixture
async def bench(env: WorkflowEnvironment, cache: Cache) -> AsyncIterator[Bench]:
    bench = Bench(env.client)
    with ThreadPoolExecutor(8) as threads:
        async with Worker(
            env.client,
            task_queue=bench.task_queue,
            workflows=kitchen.WORKFLOWS,
            activities=kitchen.ACTIVITIES,
            activity_executor=threads,
            workflow_runner=UnsandboxedWorkflowRunner(),
        ):
            yield bench


async def test_activities_side_by_side(bench: Bench) -> None:
    orders = [Order("pear", 2), Order("fig", 5), Order("x", 0)]
    result = await bench.client.execute_workflow(PriceOrders.run, orders, **bench.options())
    assert result == [8, 15, 0]


async def test_wide_fan_out(bench: Bench) -> None:
    orders = [Order("ab", n) for n in range(50)]
    result = await bench.client.execute_workflow(PriceOrders.run, orders, **bench.options())
    assert result == [2 * n for n in range(50)]


async def test_activity_is_retried(bench: Bench) -> None:
    assert await bench.client.execute_workflow(Retries.run, 3, **bench.options()) == 3


async def test_activity_failure_as_the_workflow_sees_it(bench: Bench) -> None:
    assert await bench.client.execute_workflow(ActivityFails.run, **bench.options()) == [
        "Activity task failed",
        "Broken: no way",
        "Broken",
        "['detail', 7]",
        "True",
        "fail_for_good",
        "1",
        "NON_RETRYABLE_FAILURE",
    ]


@pytest.mark.parametrize(
    "name, cancellation_type, expected",
    [
        ("wait_until_cancelled", 0, "ActivityError from CancelledError"),
        ("wait_until_cancelled", 1, "ActivityError from CancelledError"),
        ("wait_until_cancelled", 2, "ActivityError from CancelledError"),
        ("block_until_cancelled", 0, "ActivityError from CancelledError"),
        ("block_until_cancelled", 1, "result: cancelled in the thread"),
    ],
)
async def test_activity_is_cancelled(
    bench: Bench, name: str, cancellation_type: int, expected: str
) -> None:
    result = await bench.client.execute_workflow(
        CancelsActivity.run, args=[name, cancellation_type], **bench.options()
    )
    assert result == expected


async def test_heartbeat_timeout(bench: Bench) -> None:
    result = await bench.client.execute_workflow(HeartbeatTimeout.run, **bench.options())
    assert result == "TimeoutError: activity Heartbeat timeout"


async def test_heartbeat_details_reach_the_next_attempt(bench: Bench) -> None:
    result = await bench.client.execute_workflow(ResumesActivity.run, **bench.options())
    assert result == "resumed from ['step', 3]"


async def test_timers_and_the_tools_of_asyncio(bench: Bench) -> None:
    assert await bench.client.execute_workflow(Timers.run, **bench.options()) == [
        "a",
        "b",
        "wait_for timed out",
        "wait_condition timed out",
        "sleep cancelled",
        "queue brought 5",
    ]


async def test_signal_with_start_comes_before_run(bench: Bench) -> None:
    """Compatibility, activations: first-task signal handlers run before `run`."""
    handle = await bench.client.start_workflow(Mailbox.run, **bench.options(start_signal="finish"))
    assert await handle.result() == ["run"]


async def test_signals_arrive_once_and_in_order(bench: Bench) -> None:
    """Promise 27: signals arrive exactly once, in history order."""
    handle = await bench.client.start_workflow(Mailbox.run, **bench.options())
    await started(handle)
    for number in range(20):
        await handle.signal(Mailbox.put, str(number))
    await handle.signal("finish")
    assert await handle.result() == ["run", *(str(number) for number in range(20))]


async def test_a_signal_that_cannot_be_read_is_dropped(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    handle = await bench.client.start_workflow(Mailbox.run, **bench.options())
    await handle.signal("put", {"not": "text"})
    await handle.signal("finish")
    assert await handle.result() == ["run"]
    dropped = [one for one in caplog.records if "dropping the signal" in one.getMessage()]
    # Without a cache it is dropped again in each replay.
    assert {(one.name, one.levelname) for one in dropped} == {
        ("temporalio.worker._workflow_instance", "ERROR")
    }


async def test_queries(bench: Bench) -> None:
    """Promise 29: queries change no state.

    Compatibility, queries: on a closed workflow it replays it whole and answers.
    """
    handle = await bench.client.start_workflow(Mailbox.run, **bench.options())
    await started(handle)
    await handle.signal(Mailbox.put, "one")
    # Without a sticky queue this server now and then loses a query that comes while a workflow task
    # is under way, whoever works for it: so the signal's task has to be over.
    assert await handle.query(Mailbox.received) == ["run", "one"]
    answers = await asyncio.gather(*(handle.query(Mailbox.received) for _ in range(10)))
    assert answers == [["run", "one"]] * 10

    with pytest.raises(WorkflowQueryFailedError, match="this query is broken") as failed:
        await handle.query(Mailbox.broken_query)
    assert failed.value.cause is None
    with pytest.raises(WorkflowQueryFailedError, match="While in read-only function"):
        await handle.query(Mailbox.command_in_query)
    with pytest.raises(WorkflowQueryFailedError, match="Query handler for 'absent' expected"):
        await handle.query("absent")

    await handle.signal("finish")
    assert await handle.result() == ["run", "one"]
    assert await handle.query(Mailbox.received) == ["run", "one"]


async def test_updates(bench: Bench) -> None:
    """Promise 28: a rejection leaves no trace."""
    handle = await bench.client.start_workflow(Mailbox.run, **bench.options())
    assert await handle.execute_update(Mailbox.put_and_count, "one") == 2
    assert await handle.execute_update(Mailbox.at_once, Order("fig", 1)) == Order("fig", 2)

    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await handle.execute_update(Mailbox.put_and_count, "refuse")
    assert isinstance(refused.value.cause, ApplicationError)
    assert refused.value.cause.type == "Refused"

    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle.execute_update(Mailbox.fail)
    assert str(failed.value.cause) == "UpdateFails: the update fails"

    with pytest.raises(WorkflowUpdateFailedError, match="Workflow update failed") as absent:
        await handle.execute_update("absent")
    assert "Update handler for 'absent' expected" in str(absent.value.cause)

    counts = await asyncio.gather(
        *(handle.execute_update(Mailbox.put_and_count, f"many-{n}") for n in range(5))
    )
    assert sorted(counts) == [4, 5, 6, 7, 8]
    await handle.signal("finish")
    assert (await handle.result())[:3] == ["run", "one", "fig"]


async def test_continue_as_new(bench: Bench) -> None:
    handle = await bench.client.start_workflow(Counts.run, args=[0, 3], **bench.options())
    assert await handle.result() == "3 in a later run: True"


async def test_cancelled_workflow_cleans_up(bench: Bench) -> None:
    handle = await bench.client.start_workflow(CleansUp.run, False, **bench.options())
    await started(handle)
    await handle.cancel()
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED


async def test_cancellation_can_be_swallowed(bench: Bench) -> None:
    handle = await bench.client.start_workflow(CleansUp.run, True, **bench.options())
    await started(handle)
    await handle.cancel(reason="enough")
    assert await handle.result() == "cleaned for 10 because 'enough'"


async def test_terminated(bench: Bench) -> None:
    handle = await bench.client.start_workflow(CleansUp.run, False, **bench.options())
    await started(handle)
    await handle.terminate(reason="stop it")
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert isinstance(failure.value.cause, TerminatedError)


async def test_what_fails_a_workflow(bench: Bench) -> None:
    async def cause_of(kind: str) -> BaseException | None:
        with pytest.raises(WorkflowFailureError) as failure:
            await bench.client.execute_workflow(FailsWith.run, kind, **bench.options())
        return failure.value.cause

    outer = await cause_of("application")
    assert isinstance(outer, ApplicationError)
    assert (outer.message, outer.type, list(outer.details)) == ("outer", "Outer", [{"a": 1}])
    assert isinstance(outer.cause, ApplicationError)
    assert (outer.cause.message, outer.cause.type) == ("inner", "ValueError")

    half = await cause_of("unwritable details")
    assert isinstance(half, ApplicationError)
    assert (half.message, list(half.details)) == ("half written", [])

    timeout = await cause_of("timeout")
    assert isinstance(timeout, (TimeoutError, ApplicationError)), repr(timeout)

    activity = await cause_of("activity")
    assert isinstance(activity, ActivityError)
    assert str(activity.cause) == "Broken: deep"


async def test_a_bug_fails_the_task_and_can_be_mended(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = await bench.client.start_workflow(
        BrokenUntilMended.run, **bench.options(task_timeout=timedelta(seconds=1))
    )

    async def task_failed() -> str:
        while True:
            async for event in handle.fetch_history_events():
                failed = event.workflow_task_failed_event_attributes
                if event.HasField("workflow_task_failed_event_attributes"):
                    return failed.failure.message
            await asyncio.sleep(0.05)

    assert await asyncio.wait_for(task_failed(), LIMIT_SECONDS) == "a bug in the workflow"
    monkeypatch.setattr(kitchen, "mended", True)
    assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == "mended"


async def test_random_values_do_not_change_in_replay(bench: Bench) -> None:
    """Compatibility, formats: one random stream, the same in replay."""
    first, number, second, attempt = await bench.client.execute_workflow(
        Randomness.run, **bench.options()
    )
    assert uuid.UUID(first).version == uuid.UUID(second).version == 4
    assert first != second
    assert 1 <= int(number) <= 10**6
    assert attempt == "1"


async def test_a_workflow_knows_its_workers_build_id(bench: Bench) -> None:
    before, deployment, after = await bench.client.execute_workflow(Versions.run, **bench.options())
    assert before == after != ""
    assert deployment == ""


async def test_many_runs_share_the_cache(bench: Bench) -> None:
    """Promise 17: a sticky cache miss has no effect that a user can see."""
    handles = [
        await bench.client.start_workflow(RacingSteps.run, 3, **bench.options()) for _ in range(10)
    ]
    for _ in range(2):
        await asyncio.gather(*(handle.signal(RacingSteps.nudge) for handle in handles))
    results = await asyncio.wait_for(
        asyncio.gather(*(handle.result() for handle in handles)), timeout=LIMIT_SECONDS
    )
    assert results == [8] * 10


async def started(handle: Any) -> None:
    """Return when the workflow's first task has been completed."""
    while True:
        async for event in handle.fetch_history_events():
            if event.HasField("workflow_task_completed_event_attributes"):
                return
        await asyncio.sleep(0.05)
