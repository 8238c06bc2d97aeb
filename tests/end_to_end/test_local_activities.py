"""What local activities do, from the client's side, on a real server: the behaviour of the SDK.

Every test runs in the worlds that `tests.caching` makes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import CancelledError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ..caching import Cache
from ..limits import LIMIT_SECONDS
from . import local_cooks as cooks
from . import local_kitchen as kitchen
from .kitchen import Order
from .local_kitchen import (
    BugAfterLocal,
    CancelsBackoff,
    CancelsLocal,
    CancelsLocalAtOnce,
    ContinuesMeanwhile,
    EndsMeanwhile,
    HeartbeatsInVain,
    InfoOfLocal,
    LocalAndRemote,
    LocalBacksOff,
    LocalFails,
    LocalGivesUp,
    LocalPrices,
    LocalRetries,
    LocalTimesOut,
    LongLocal,
    ManyLocals,
    Meanwhile,
    Steps,
    Unknown,
)
from .test_workflows import Bench, started


def worker_of(bench: Bench, threads: ThreadPoolExecutor, **options: Any) -> Worker:
    return Worker(
        bench.client,
        task_queue=bench.task_queue,
        workflows=kitchen.WORKFLOWS,
        activities=cooks.ACTIVITIES,
        activity_executor=threads,
        max_concurrent_activities=8,
        workflow_runner=UnsandboxedWorkflowRunner(),
        **options,
    )


@pytest_asyncio.fixture
async def bench(env: WorkflowEnvironment, cache: Cache) -> AsyncIterator[Bench]:
    bench = Bench(env.client)
    with ThreadPoolExecutor(8) as threads:
        async with worker_of(bench, threads):
            yield bench


async def events_of(handle: WorkflowHandle[Any, Any], kind: str) -> list[Any]:
    """Return the events of a kind that are in a run's history."""
    wanted = EventType.Value(f"EVENT_TYPE_{kind}")
    return [event async for event in handle.fetch_history_events() if event.event_type == wanted]


async def markers_of(handle: WorkflowHandle[Any, Any]) -> list[dict[str, Any]]:
    """Return what the markers of local activities say of themselves."""
    markers = []
    for event in await events_of(handle, "MARKER_RECORDED"):
        attributes = event.marker_recorded_event_attributes
        assert attributes.marker_name == "core_local_activity"
        markers.append(json.loads(attributes.details["data"].payloads[0].data))
    return markers


async def until(condition: Callable[[], Any]) -> Any:
    """Return what ``condition`` gives once it holds."""
    while not (found := condition()):
        await asyncio.sleep(0.02)
    return found


async def test_every_form_of_a_local_activity(bench: Bench) -> None:
    orders = [Order("pear", 2), Order("fig", 5), Order("x", 0)]
    handle = await bench.client.start_workflow(LocalPrices.run, orders, **bench.options())
    assert await handle.result() == [8, 15, 0, 8, 105, 16, "word", "thread", "True", None]
    # All of it happens within one workflow task, and nothing of it is a task of its own.
    assert len(await events_of(handle, "WORKFLOW_TASK_COMPLETED")) == 1
    assert not await events_of(handle, "ACTIVITY_TASK_SCHEDULED")
    markers = await markers_of(handle)
    assert sorted(one["seq"] for one in markers) == list(range(1, 9))
    assert [one["activity_id"] for one in markers] == [str(one["seq"]) for one in markers]


async def test_local_and_remote_activities_share_their_numbers(bench: Bench) -> None:
    """Compatibility, ids: remote and local activities share one count."""
    handle = await bench.client.start_workflow(LocalAndRemote.run, **bench.options())
    assert await handle.result() == [2, 3, 6, 6, 6, 6]
    remote = await events_of(handle, "ACTIVITY_TASK_SCHEDULED")
    numbers = [int(e.activity_task_scheduled_event_attributes.activity_id) for e in remote]
    numbers += [one["seq"] for one in await markers_of(handle)]
    assert sorted(numbers) == list(range(1, 7))


async def test_many_in_a_row(bench: Bench) -> None:
    """Promise 24: results that the workflow has seen survive eviction."""
    steps = Steps(locals=5, parallel=4)
    handle = await bench.client.start_workflow(ManyLocals.run, steps, **bench.options())
    expected = []
    for number in range(5):
        expected += [number * n for n in range(4)] + [2]
    assert await handle.result() == expected
    assert cooks.calls[handle.id] == 20


async def test_retries_stay_in_memory(bench: Bench) -> None:
    handle = await bench.client.start_workflow(LocalRetries.run, 4, **bench.options())
    assert await handle.result() == [4, "1"]
    [marker] = await markers_of(handle)
    assert (marker["attempt"], marker["backoff"]) == (4, None)
    assert [attempt for attempt, _, _ in cooks.seen[handle.id]] == [1, 2, 3, 4]


async def test_retries_past_the_threshold_wait_on_a_timer(bench: Bench) -> None:
    """Compatibility, local activities: number, timer, and a new schedule with what it goes on from."""
    handle = await bench.client.start_workflow(LocalBacksOff.run, 3, **bench.options())
    assert await handle.result() == [3, "3", 1, "4"]
    markers = await markers_of(handle)
    assert [(one["seq"], one["attempt"], bool(one["backoff"])) for one in markers] == [
        (1, 1, True),
        (2, 2, True),
        (3, 3, False),
        (4, 1, False),
    ]
    assert len(await events_of(handle, "TIMER_FIRED")) == 2
    # Its first schedule counts for all attempts.
    scheduled = [json.dumps(one["original_schedule_time"]) for one in markers]
    assert scheduled[0] == scheduled[1] == scheduled[2] != scheduled[3]
    attempts = [(attempt, number) for attempt, number, _ in cooks.seen[handle.id]]
    assert attempts == [(1, "1"), (2, "2"), (3, "3"), (1, "4")]


async def test_failure_as_the_workflow_sees_it(bench: Bench) -> None:
    result = await bench.client.execute_workflow(LocalFails.run, **bench.options())
    assert result == ["Broken: no way", "Broken", "['detail', 7]", True]


# Who says that it was cancelled: the worker at once, or the activity in the end.
AT_ONCE = "ActivityError from CancelledError: Activity cancelled"
BY_ITSELF = "ActivityError from CancelledError: Cancelled"


async def test_last_attempt_fails(bench: Bench) -> None:
    handle = await bench.client.start_workflow(LocalGivesUp.run, **bench.options())
    assert await handle.result() == "ApplicationError Always: always"
    assert cooks.seen[handle.id] == [1, 2, 3]
    [marker] = await markers_of(handle)
    assert (marker["attempt"], marker["backoff"]) == (3, None)


@pytest.mark.parametrize("kind", ["start_to_close", "schedule_to_close"])
async def test_timeouts(bench: Bench, kind: str) -> None:
    options = {f"{kind}_timeout": 0.3}
    handle = await bench.client.start_workflow(LocalTimesOut.run, options, **bench.options())
    assert await handle.result() == [
        "Local Activity timed out: TimeoutError: Activity timed out",
        kind.upper(),
        "CANCEL_REQUESTED",
        "sleep_for",
        "1",
        "",
        "[0, 0]",
    ]
    assert await until(lambda: cooks.seen.get(handle.id)) == ["timed out True"]


@pytest.mark.parametrize(
    "name, cancellation_type, expected, told",
    [
        ("wait_until_cancelled", 0, AT_ONCE, "cancelled True"),
        ("wait_until_cancelled", 1, BY_ITSELF, "cancelled True"),
        ("wait_until_cancelled", 2, AT_ONCE, "cancelled True"),
        ("survive_cancellation", 0, AT_ONCE, "survived"),
        ("survive_cancellation", 1, "result: survived", "survived"),
        ("survive_cancellation", 2, AT_ONCE, "survived"),
        ("block_until_cancelled", 1, BY_ITSELF, "cancelled in the thread"),
    ],
)
@pytest.mark.replays_as_a_whole
async def test_cancelled_while_it_runs(
    bench: Bench, name: str, cancellation_type: int, expected: str, told: str
) -> None:
    """Compatibility, local activities: each cancellation type records a marker."""
    handle = await bench.client.start_workflow(
        CancelsLocal.run,
        args=[name, cancellation_type],
        **bench.options(task_timeout=timedelta(seconds=2)),
    )
    assert await handle.result() == expected
    assert len(await markers_of(handle)) == 1
    # The activity itself may be the last to know.
    assert await until(lambda: cooks.seen[handle.id][1:]) == [told]


async def test_cancelled_before_it_was_sent(bench: Bench) -> None:
    """Compatibility, ids: a number is used up even if its command is dropped."""
    handle = await bench.client.start_workflow(CancelsLocalAtOnce.run, **bench.options())
    assert await handle.result() == [AT_ONCE] * 3
    markers = await markers_of(handle)
    assert [(one["seq"], one["attempt"]) for one in markers] == [(1, 0), (2, 0), (3, 0)]
    assert handle.id not in cooks.seen


async def test_cancelled_between_two_attempts(bench: Bench) -> None:
    """Compatibility, local activities: the new number is taken when the backoff arrives."""
    handle = await bench.client.start_workflow(CancelsBackoff.run, **bench.options())
    assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == ["cancelled", "result: 9"]
    assert len(await events_of(handle, "TIMER_CANCELED")) == 1
    # The number that the backoff took stays unused.
    assert [one["seq"] for one in await markers_of(handle)] == [1, 3]


async def test_cancelled_workflow_cancels_its_local_activity(bench: Bench) -> None:
    handle = await bench.client.start_workflow(
        LongLocal.run, 50, **bench.options(task_timeout=timedelta(seconds=2))
    )
    await until(lambda: cooks.calls[handle.id])
    await handle.cancel()
    with pytest.raises(WorkflowFailureError) as failure:
        await asyncio.wait_for(handle.result(), LIMIT_SECONDS)
    assert isinstance(failure.value.cause, CancelledError)
    assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED


async def test_longer_than_the_workflow_task(bench: Bench) -> None:
    """Compatibility, local activities: the task heartbeats at 80 % of its timeout."""
    handle = await bench.client.start_workflow(
        LongLocal.run, 13, **bench.options(task_timeout=timedelta(seconds=5))
    )
    assert await handle.result() == ["slept 13.0", "after"]
    assert cooks.calls[handle.id] == 1
    started = await events_of(handle, "WORKFLOW_TASK_STARTED")
    completed = await events_of(handle, "WORKFLOW_TASK_COMPLETED")
    assert len(completed) >= 4
    # A heartbeat at 80 % of the task's time, with room for a machine that has more to do.
    first = completed[0].event_time.ToDatetime() - started[0].event_time.ToDatetime()
    assert timedelta(seconds=3.95) < first < timedelta(seconds=5)
    assert not await events_of(handle, "WORKFLOW_TASK_TIMED_OUT")
    assert [one["seq"] for one in await markers_of(handle)] == [1, 2]


async def test_messages_while_a_local_activity_runs(bench: Bench) -> None:
    """Promise 25: queries and new tasks do not lose the task that waits."""
    handle = await bench.client.start_workflow(
        Meanwhile.run, **bench.options(task_timeout=timedelta(seconds=2))
    )
    await until(lambda: cooks.calls[handle.id])
    assert await handle.query(Meanwhile.log) == []
    await handle.signal(Meanwhile.put, "fig")
    assert (
        await asyncio.wait_for(handle.execute_update(Meanwhile.change, "pear"), LIMIT_SECONDS) == 8
    )
    log = await handle.query(Meanwhile.log)
    # The update may come with the signal, or after the price of what that has put.
    assert sorted(log) == ["fig", "fig costs 3", "update pear"]
    assert log[0] == "fig"
    cooks.gates[handle.id].set()
    assert await handle.result() == [*log, "through the gate"]
    # The one that waits, and one price for each message.
    assert cooks.calls[handle.id] == 3


async def test_continues_as_new_while_one_runs(bench: Bench) -> None:
    handle = await bench.client.start_workflow(
        ContinuesMeanwhile.run, True, **bench.options(task_timeout=timedelta(seconds=2))
    )
    assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == "12"


@pytest.mark.parametrize("at_once", [True, False], ids=["at-once", "later"])
async def test_ends_while_one_runs(bench: Bench, at_once: bool) -> None:
    """Promise 26: local activities after a terminal command are discarded."""
    handle = await bench.client.start_workflow(
        EndsMeanwhile.run, at_once, **bench.options(task_timeout=timedelta(seconds=2))
    )
    assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == "ended"
    assert cooks.calls[handle.id] == 0
    assert await markers_of(handle) == []


async def test_unknown_local_activity_fails_the_task(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = await bench.client.start_workflow(
        Unknown.run, **bench.options(task_timeout=timedelta(seconds=2))
    )
    failed: list[Any] = []
    while not failed:
        await asyncio.sleep(0.05)
        failed = await events_of(handle, "WORKFLOW_TASK_FAILED")
    message = failed[0].workflow_task_failed_event_attributes.failure.message
    assert message.startswith(
        "Activity function nobody is not registered on this worker, available activities: Doubler, "
    )
    monkeypatch.setattr(kitchen, "mended", True)
    assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == "mended"


LOCAL_INFO = {
    "activity_run_id": "None",
    "activity_type": "describe",
    "attempt": "1",
    "current_attempt_scheduled_time": "recent",
    "heartbeat_details": "[]",
    "heartbeat_timeout": "None",
    "in order": True,
    "is_local": "True",
    "namespace": "default",
    "priority": "Priority(priority_key=None, fairness_key=None, fairness_weight=None)",
    "scheduled_time": "recent",
    "started_time": "recent",
    "task_queue": "end",
    "token": True,
    "workflow_namespace": "default",
    "workflow_type": "InfoOfLocal",
}
RETRIED = (
    "RetryPolicy(initial_interval=datetime.timedelta(seconds=1), backoff_coefficient=2.0, "
    "maximum_interval=datetime.timedelta(seconds=100)"
)
NO_ERROR_TYPES = "non_retryable_error_types=None)"


@pytest.mark.parametrize("bare", [True, False], ids=["bare", "options"])
async def test_what_a_local_activity_knows_of_itself(bench: Bench, bare: bool) -> None:
    result = await bench.client.execute_workflow(InfoOfLocal.run, bare, **bench.options())
    assert result == {
        **LOCAL_INFO,
        "activity_id": "1" if bare else "my own",
        "retry_policy": f"{RETRIED}, maximum_attempts={0 if bare else 4}, {NO_ERROR_TYPES}",
        "schedule_to_close_timeout": "None" if bare else "0:00:30",
        "start_to_close_timeout": "0:00:05" if bare else "0:00:30",
    }


async def test_heartbeats_go_nowhere(bench: Bench) -> None:
    result = await bench.client.execute_workflow(HeartbeatsInVain.run, **bench.options())
    assert result == "done"


async def test_what_was_not_delivered_runs_again(bench: Bench) -> None:
    """Promise 24: undelivered results are worked for again."""
    handle = await bench.client.start_workflow(
        BugAfterLocal.run, **bench.options(task_timeout=timedelta(seconds=2))
    )
    assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == 2
    assert len(await markers_of(handle)) == 1


async def test_many_runs_share_the_slots(env: WorkflowEnvironment) -> None:
    bench = Bench(env.client)
    with ThreadPoolExecutor(8) as threads:
        async with worker_of(bench, threads, max_concurrent_local_activities=2):
            results = await asyncio.gather(
                *(
                    bench.client.execute_workflow(ManyLocals.run, Steps(2, 5), **bench.options())
                    for _ in range(10)
                )
            )
    assert results == [[0, 0, 0, 0, 0, 2, 0, 1, 2, 3, 4, 2]] * 10


async def test_schedule_to_start_timeout(env: WorkflowEnvironment) -> None:
    bench = Bench(env.client)
    with ThreadPoolExecutor(8) as threads:
        async with worker_of(bench, threads, max_concurrent_local_activities=1):
            first = await bench.client.start_workflow(Meanwhile.run, **bench.options())
            await until(lambda: cooks.calls[first.id])
            options = {"schedule_to_start_timeout": 0.3, "schedule_to_close_timeout": 20}
            second = await bench.client.start_workflow(
                LocalTimesOut.run, options, **bench.options()
            )
            result = await asyncio.wait_for(second.result(), LIMIT_SECONDS)
            cooks.gates[first.id].set()
            await first.result()
    assert result[1] == "SCHEDULE_TO_START"
    assert cooks.calls[second.id] == 0


async def test_no_eviction_loses_what_runs(env: WorkflowEnvironment) -> None:
    bench = Bench(env.client)
    with ThreadPoolExecutor(8) as threads:
        async with worker_of(bench, threads, max_cached_workflows=1):
            first = await bench.client.start_workflow(
                LongLocal.run, 6, **bench.options(task_timeout=timedelta(seconds=5))
            )
            await started(first)
            others = [
                bench.client.execute_workflow(ManyLocals.run, Steps(), **bench.options())
                for _ in range(5)
            ]
            await asyncio.gather(*others)
            assert await asyncio.wait_for(first.result(), LIMIT_SECONDS) == ["slept 6.0", "after"]
            assert cooks.calls[first.id] == 1
