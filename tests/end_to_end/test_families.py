"""Children, other workflows, labels and continuation on a real server: the behaviour of the SDK."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.common import RetryPolicy, SearchAttributePair, TypedSearchAttributes
from temporalio.converter import (
    DataConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)
from temporalio.exceptions import CancelledError, ChildWorkflowError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ..caching import Cache
from ..limits import LIMIT_SECONDS
from . import families
from .families import (
    SHADE,
    SIZE,
    CancelsChild,
    Child,
    ChildWithOptions,
    HandsOver,
    Labels,
    LeavesChild,
    Reaches,
    RunsChild,
    RunsMany,
    SaysMuch,
    SeesChildFail,
    SignalsChild,
    TakesIdTwice,
    UpdatedToHandOver,
    WaitsForChild,
)

Status = WorkflowExecutionStatus
_NOT_FOUND = "ApplicationError: ExternalWorkflowExecutionNotFound: Unable to "
NOT_FOUND = {
    "signal": f"{_NOT_FOUND}signal external workflow because it was not found",
    "cancel": f"{_NOT_FOUND}cancel external workflow because not found",
}


class Bench:
    """A client with a worker behind it, and ids that nobody else uses."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.task_queue = f"families-{uuid.uuid4()}"
        self.child_id = f"child-{uuid.uuid4()}"

    def options(self, **more: Any) -> dict[str, Any]:
        return {"id": f"parent-{uuid.uuid4()}", "task_queue": self.task_queue, **more}

    async def execute(self, run: Any, *args: Any, **more: Any) -> Any:
        return await asyncio.wait_for(
            self.client.execute_workflow(run, args=args, **self.options(**more)), 30
        )

    async def start(self, run: Any, *args: Any, **more: Any) -> WorkflowHandle[Any, Any]:
        return await self.client.start_workflow(run, args=args, **self.options(**more))

    @property
    def child(self) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(self.child_id)

    async def child_status(self, expected: Status) -> None:
        """Return when the child has this status."""
        for _ in range(200):
            if (await self.child.describe()).status is expected:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{(await self.child.describe()).status} is not {expected}")

    async def parent_has_seen(
        self, parent: WorkflowHandle[Any, Any], kind: EventType.ValueType
    ) -> None:
        """Return when a task that began after an event of this kind is completed."""
        started = EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
        waited_for = [kind, started, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED]
        async for event in parent.fetch_history_events(wait_new_event=True):
            if event.event_type == waited_for[0]:
                del waited_for[0]
            if not waited_for:
                return
        raise AssertionError("the parent ended before")


@pytest_asyncio.fixture
async def bench(env: WorkflowEnvironment, cache: Cache) -> AsyncIterator[Bench]:
    bench = Bench(env.client)
    async with worker_for(bench):
        yield bench


def worker_for(bench: Bench) -> Worker:
    return Worker(
        bench.client,
        task_queue=bench.task_queue,
        workflows=families.WORKFLOWS,
        workflow_runner=UnsandboxedWorkflowRunner(),
    )


# ---- children ----


async def test_children_one_after_the_other(bench: Bench) -> None:
    assert await bench.execute(RunsChild.run, "work") == ["did work in attempt 1"] * 3


async def test_children_side_by_side(bench: Bench) -> None:
    results = await bench.execute(RunsMany.run, 10)
    assert results == [f"did number {number} in attempt 1" for number in range(10)]


async def test_a_child_knows_its_parent(bench: Bench) -> None:
    parent = f"the-parent-{bench.child_id}"
    seen = await bench.execute(WaitsForChild.run, bench.child_id, "who", id=parent)
    assert seen == f"{parent} {parent} 1"


async def test_a_child_that_continues_as_new_ends_with_its_last_run(bench: Bench) -> None:
    result = await bench.execute(WaitsForChild.run, bench.child_id, "continue")
    assert result == "did second run in attempt 1"


@pytest.mark.replays_as_a_whole
async def test_options_of_a_child(bench: Bench) -> None:
    seen = await bench.execute(ChildWithOptions.run, bench.child_id, "labels")
    assert seen == f"['of', 'a', 'child'] dark {bench.task_queue}"
    description = await bench.child.describe()
    assert await description.static_summary() == "the child in short"
    assert await description.static_details() == "the child\n\nat length"
    assert description.typed_search_attributes[SHADE] == "dark"


async def test_a_child_is_retried(bench: Bench) -> None:
    result = await bench.execute(ChildWithOptions.run, bench.child_id, "fail first")
    assert result == "did fail first in attempt 2"


@pytest.mark.parametrize(
    ("how", "what", "cause"),
    [
        ("fail", "failed", "ApplicationError: Sad: the child fails"),
        ("wait", "timed out", "TimeoutError: Timed out"),
    ],
)
async def test_a_child_fails(bench: Bench, how: str, what: str, cause: str) -> None:
    seen = await bench.execute(SeesChildFail.run, bench.child_id, how)
    assert seen == [
        f"Child Workflow execution {what}",
        cause,
        bench.child_id,
        "Child",
        "default",
        "RETRY_POLICY_NOT_SET",
        "True",
        "True",
    ]


async def test_a_child_is_terminated(bench: Bench) -> None:
    parent = await bench.start(WaitsForChild.run, bench.child_id, "wait")
    await running(bench.child)
    await bench.child.terminate(reason="enough")
    with pytest.raises(WorkflowFailureError) as failure:
        await parent.result()
    assert str(failure.value.cause) == "Child Workflow execution terminated"
    assert isinstance(failure.value.cause, ChildWorkflowError)
    assert repr(failure.value.cause.cause) == "TerminatedError('Terminated')"


async def test_an_id_that_is_taken(bench: Bench) -> None:
    assert await bench.execute(TakesIdTwice.run, bench.child_id) == [
        bench.child_id,
        "Child",
        "Workflow execution already started",
        "",
        "WorkflowAlreadyStartedError: Workflow execution already started",
    ]


CANCELLED = "ChildWorkflowError: Child Workflow {} < CancelledError: Cancelled"


@pytest.mark.parametrize("moment", ["same task", "next task", "twice"])
@pytest.mark.parametrize(
    ("kind", "how", "status"),
    [
        (0, "wait", Status.RUNNING),
        (1, "wait", Status.CANCELED),
        (2, "wait", Status.CANCELED),
        (3, "wait", Status.CANCELED),
        (2, "stubborn", Status.COMPLETED),
        # Waits for the end as well, whatever its name says.
        (3, "stubborn", Status.COMPLETED),
    ],
)
async def test_a_child_is_cancelled(
    bench: Bench, moment: str, kind: int, how: str, status: Status
) -> None:
    """Promise 31: a cancel in any state of a child never fails the task."""
    parent = await bench.start(CancelsChild.run, bench.child_id, moment, kind, how)
    while not await parent.query(CancelsChild.seen_so_far):
        await asyncio.sleep(0.05)
    await bench.child_status(status)
    if status is Status.RUNNING:
        # Its late end is in the parent's history too, and changes nothing there.
        last_before = "CHILD_WORKFLOW_EXECUTION_STARTED"
        if moment != "same task":
            last_before = "EXTERNAL_WORKFLOW_EXECUTION_SIGNALED"
        await bench.parent_has_seen(parent, EventType.Value(f"EVENT_TYPE_{last_before}"))
        await bench.child.signal(Child.finish)
        assert await bench.child.result() == ("" if moment == "same task" else "a task goes by")
    await parent.signal(CancelsChild.finish)
    [fate] = await parent.result()
    if how == "stubborn":
        assert fate == "result stays, though cancelled: no longer needed"
    else:
        assert fate == CANCELLED.format("execution cancelled")
    if status is not Status.RUNNING:
        assert await bench.child.query(Child.reason) == "no longer needed"


@pytest.mark.parametrize("kind", range(4))
async def test_a_child_that_is_cancelled_before_it_is_sent_never_is(
    bench: Bench, kind: int
) -> None:
    """Compatibility, commands: cancelled before it was sent leaves no trace."""
    [fate] = await bench.execute(CancelsChild.run, bench.child_id, "unsent", kind, "wait")
    assert fate == CANCELLED.format("Execution cancelled before scheduled: ")
    with pytest.raises(Exception, match="not found"):
        await bench.child.describe()


async def test_cancelling_a_parent_cancels_its_child(bench: Bench) -> None:
    parent = await bench.start(WaitsForChild.run, bench.child_id, "wait")
    await running(bench.child)
    await parent.cancel()
    with pytest.raises(WorkflowFailureError) as failure:
        await parent.result()
    assert isinstance(failure.value.cause, CancelledError)
    await bench.child_status(Status.CANCELED)


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        (0, Status.TERMINATED),
        (1, Status.TERMINATED),
        (2, Status.RUNNING),
        (3, Status.CANCELED),
    ],
)
async def test_what_becomes_of_a_child_whose_parent_ends(
    bench: Bench, policy: int, status: Status
) -> None:
    await bench.execute(LeavesChild.run, bench.child_id, policy)
    await bench.child_status(status)
    if status is Status.RUNNING:
        await bench.child.signal(Child.finish)
        assert await bench.child.result() == ""


# ---- other workflows ----


async def test_signals_to_a_child(bench: Bench) -> None:
    [notes, too_late] = await bench.execute(SignalsChild.run, bench.child_id)
    assert notes == "by handle by name by name"
    assert too_late == NOT_FOUND["signal"]


@pytest.mark.parametrize("by_run", [False, True])
async def test_signal_to_another_workflow(bench: Bench, by_run: bool) -> None:
    other = await bench.start(Child.run, "wait")
    run_id = other.first_execution_run_id if by_run else None
    assert await bench.execute(Reaches.run, "signal", other.id, run_id) == "result None"
    assert await other.result() == "from afar"


@pytest.mark.parametrize("by_run", [False, True])
async def test_cancel_of_another_workflow(bench: Bench, by_run: bool) -> None:
    other = await bench.start(Child.run, "stubborn")
    run_id = other.first_execution_run_id if by_run else None
    canceller = await bench.start(Reaches.run, "cancel", other.id, run_id)
    assert await canceller.result() == "result None"
    who = canceller.first_execution_run_id
    assert await other.result() == (
        "stays, though cancelled: "
        f"Cancel requested by workflow with run id {who} with reason: a good reason"
    )


@pytest.mark.parametrize("what", ["signal", "cancel"])
@pytest.mark.parametrize("wrong_run", [False, True])
async def test_nobody_is_there(bench: Bench, what: str, wrong_run: bool) -> None:
    workflow_id, run_id = f"nobody-{uuid.uuid4()}", None
    if wrong_run:
        other = await bench.start(Child.run, "wait")
        workflow_id, run_id = other.id, str(uuid.uuid4())
    seen = await bench.execute(Reaches.run, what, workflow_id, run_id)
    assert seen == NOT_FOUND[what]


async def test_a_signal_is_taken_back_before_it_is_sent(bench: Bench) -> None:
    other = await bench.start(Child.run, "wait")
    seen = await bench.execute(Reaches.run, "taken back", other.id, None)
    assert seen == "CancelledError: Signal was cancelled before being sent"
    events = [event async for event in other.fetch_history_events()]
    assert not any(one.HasField("workflow_execution_signaled_event_attributes") for one in events)


# ---- labels and continuation ----


async def test_labels_show_at_once_and_in_descriptions(bench: Bench) -> None:
    first = [{"Shade": "light", "Size": 5, "Tags": ["a", "b"]}, {"kept": {"a": 1}, "gone": "soon"}]
    second = [{"Size": 6, "Tags": ["a", "b"]}, {"kept": {"a": 1}, "new": 2}]
    handle = await bench.start(Labels.run)
    assert await handle.query(Labels.labels_now) == first
    assert await described(handle) == first
    await handle.signal(Labels.step)
    assert await handle.query(Labels.labels_now) == second
    assert await described(handle) == second
    await handle.signal(Labels.step)
    assert await handle.result() == [first, second, second]


async def described(handle: WorkflowHandle[Any, Any]) -> list[Any]:
    description = await handle.describe()
    attributes = {
        pair.key.name: pair.value
        for pair in description.typed_search_attributes
        if pair.key.name in ("Shade", "Size", "Tags")
    }
    return [attributes, dict(await description.memo())]


async def test_what_a_continued_run_takes_over(bench: Bench) -> None:
    """Compatibility, commands: continue-as-new takes over what is unset."""
    options: dict[str, Any] = {
        "memo": {"note": "of the start", "old": True},
        "search_attributes": TypedSearchAttributes([SearchAttributePair(SIZE, 3)]),
        "retry_policy": RetryPolicy(maximum_attempts=4),
    }
    # The memo is as it was at the start: its upserts do not go over.
    memo = {"note": "of the start", "old": True}
    taken_over = ["next", memo, {"Shade": "upserted", "Size": 3}, 4, 1]
    plain, by_name, given = await asyncio.gather(
        *(bench.execute(HandsOver.run, how, **options) for how in ("plain", "by name", "all"))
    )
    assert plain == by_name == taken_over
    assert given == ["next", {"note": "given"}, {"Size": 9}, 7, 1]


async def test_an_update_cannot_continue_as_new(bench: Bench) -> None:
    handle = await bench.start(UpdatedToHandOver.run, task_timeout=timedelta(seconds=1))
    waiting = asyncio.create_task(handle.execute_update(UpdatedToHandOver.hand_over))

    async def failed_task() -> str:
        while True:
            async for event in handle.fetch_history_events():
                if event.HasField("workflow_task_failed_event_attributes"):
                    return event.workflow_task_failed_event_attributes.failure.message
            await asyncio.sleep(0.05)

    message = await asyncio.wait_for(failed_task(), LIMIT_SECONDS)
    assert message == "Cannot continue as new from an update handler"
    waiting.cancel()
    await handle.terminate()


# ---- codec ----


class Reversing(PayloadCodec, WithSerializationContext):
    """Writes all data backwards, and notes what it saw for which workflow."""

    def __init__(self, context: SerializationContext | None = None, seen: Any = None) -> None:
        self.context = context
        self.seen: set[tuple[str, str, str | None]] = set() if seen is None else seen

    def with_context(self, context: SerializationContext) -> Reversing:
        return Reversing(context, self.seen)

    def _note(self, what: str, payloads: Sequence[Payload]) -> None:
        who = None
        if isinstance(self.context, WorkflowSerializationContext):
            who = self.context.workflow_id
        self.seen |= {(what, one.data.decode(), who) for one in payloads}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        self._note("encode", payloads)
        return [
            Payload(metadata={"encoding": b"reversed"}, data=one.SerializeToString()[::-1])
            for one in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        assert all(one.metadata["encoding"] == b"reversed" for one in payloads)
        decoded = [Payload.FromString(one.data[::-1]) for one in payloads]
        self._note("decode", decoded)
        return decoded


def with_codec(client: Client, codec: PayloadCodec) -> Client:
    config = client.config()
    config["data_converter"] = dataclasses.replace(DataConverter.default, payload_codec=codec)
    return Client(**config)


@pytest_asyncio.fixture
async def coded(env: WorkflowEnvironment, cache: Cache) -> AsyncIterator[Bench]:
    bench = Bench(with_codec(env.client, Reversing()))
    async with worker_for(bench):
        yield bench


async def test_codec_is_told_whose_payloads_it_sees(env: WorkflowEnvironment) -> None:
    codec = Reversing()
    bench = Bench(with_codec(env.client, codec))
    async with worker_for(bench):
        # What the client encodes is not noted: it has a codec of its own.
        bench.client = with_codec(env.client, Reversing())
        other = await bench.start(Child.run, "wait")
        parent = await bench.start(SaysMuch.run, bench.child_id, other.id)
        assert await asyncio.wait_for(parent.result(), LIMIT_SECONDS) == "own result"
        # A second worker would have to see it as well.
        assert await other.query(Child.reason) is None
    child = bench.child_id
    wanted = {
        ("encode", "wait", child),
        ("decode", "wait", child),
        ("encode", "child memo", child),
        ("decode", "child memo", child),
        ("encode", "child summary", parent.id),
        ("encode", "child details", parent.id),
        # The child's result has the same words.
        ("encode", "to child", child),
        ("decode", "to child", child),
        ("encode", "to other", other.id),
        ("decode", "to other", other.id),
        ("encode", "a detail", f"{child}-2"),
        ("decode", "a detail", f"{child}-2"),
        ("encode", "own memo", parent.id),
        ("encode", "own summary", parent.id),
        ("encode", "own result", parent.id),
    }
    words = {word for _, word, _ in wanted} - {"wait"}
    seen = {(what, data.strip('"'), who) for what, data, who in codec.seen}
    assert {one for one in seen if one[1] in words or one[2] == child} >= wanted
    assert {one for one in seen if one[1] in words} <= wanted


@pytest.mark.replays_as_a_whole
async def test_codec_around_children_and_signals(coded: Bench) -> None:
    bench = coded
    assert (await bench.execute(SignalsChild.run, bench.child_id))[0] == "by handle by name by name"
    seen = await bench.execute(SeesChildFail.run, f"{bench.child_id}-2", "fail")
    assert seen[1] == "ApplicationError: Sad: the child fails"
    labels = await bench.execute(ChildWithOptions.run, f"{bench.child_id}-3", "labels")
    assert labels.startswith("['of', 'a', 'child'] dark")
    handle = await bench.start(Labels.run)
    assert (await handle.query(Labels.labels_now))[1] == {"kept": {"a": 1}, "gone": "soon"}
    assert (await described(handle))[1] == {"kept": {"a": 1}, "gone": "soon"}
    await handle.signal(Labels.step)
    assert (await handle.query(Labels.labels_now))[1] == {"kept": {"a": 1}, "new": 2}
    # Under a codec, the official package leaves a None behind where a value was removed.
    memo = {key: value for key, value in (await described(handle))[1].items() if value is not None}
    assert memo == {"kept": {"a": 1}, "new": 2}
    await handle.terminate()


async def running(handle: WorkflowHandle[Any, Any]) -> None:
    """Return when the workflow's first task has been completed."""
    for _ in range(200):
        try:
            async for event in handle.fetch_history_events():
                if event.HasField("workflow_task_completed_event_attributes"):
                    return
        except Exception as error:
            assert "not found" in str(error)
        await asyncio.sleep(0.05)
    raise AssertionError("it does not run")
