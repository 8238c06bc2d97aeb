"""A payload codec runs on the worker's loop while the lane waits, and sees what it has to."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.bridge._callboard import Activation, EvictJob, LaneDriver
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)
from temporalio.exceptions import ApplicationError
from temporalio.worker._workflow import _WorkflowWorker

from .driving import START_NS, completed, initialize

_MARK = b"coded:"


class MarkingCodec(PayloadCodec, WithSerializationContext):
    """Puts a mark in front of all data, and notes where and for whom it was called."""

    def __init__(self, context: SerializationContext | None = None, **options: Any) -> None:
        self.context = context
        self.options: dict[str, Any] = {"threads": set(), "contexts": [], "error": None, **options}

    def with_context(self, context: SerializationContext) -> MarkingCodec:
        codec = MarkingCodec(context)
        codec.options = self.options
        return codec

    def _note(self, what: str) -> None:
        self.options["threads"].add(threading.get_ident())
        self.options["contexts"].append((what, self.context))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        self._note("encode")
        await asyncio.sleep(self.options.get("delay", 0))
        return [Payload(metadata=one.metadata, data=_MARK + one.data) for one in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        self._note("decode")
        if self.options["error"] is not None:
            raise self.options["error"]
        return [
            Payload(metadata=one.metadata, data=one.data.removeprefix(_MARK)) for one in payloads
        ]


@workflow.defn
class Coded:
    @workflow.run
    async def run(self, word: str, local: bool = False) -> str:
        execute = workflow.execute_local_activity if local else workflow.execute_activity
        first = await execute(
            "work", word, start_to_close_timeout=timedelta(seconds=5), result_type=str
        )
        if first == "fail":
            raise ApplicationError("failed", "a detail")
        return first + word


@pytest.fixture
def event_loop_thread() -> Iterator[asyncio.AbstractEventLoop]:
    event_loop = asyncio.new_event_loop()
    thread = threading.Thread(target=event_loop.run_forever)
    thread.start()
    yield event_loop
    event_loop.call_soon_threadsafe(event_loop.stop)
    thread.join()
    event_loop.close()


class CodedLane:
    """One lane with a codec."""

    def __init__(self, codec: PayloadCodec, event_loop: asyncio.AbstractEventLoop) -> None:
        worker = _WorkflowWorker(
            namespace="default",
            task_queue="queue",
            workflows=[Coded, Relabelled],
            data_converter=dataclasses.replace(DataConverter.default, payload_codec=codec),
        )
        worker.use_event_loop(event_loop)
        self.driver = LaneDriver(worker, lanes=1, deadlock_timeout=0.2)

    def activate(self, *jobs: Any) -> tuple[list[dict[str, Any]], Failure | None]:
        self.driver.activate(Activation(run_id="run", jobs=list(jobs), timestamp_ns=START_NS))
        _, commands, _, failed = self.driver.next_answer(10)
        return commands, None if failed is None else Failure.FromString(failed[0])


@pytest.mark.parametrize("local", [False, True], ids=["remote", "local"])
@pytest.mark.parametrize("last", ["done", "fail"])
def test_codec_sees_all_payloads(
    event_loop_thread: asyncio.AbstractEventLoop, last: str, local: bool
) -> None:
    codec = MarkingCodec()
    lane = CodedLane(codec, event_loop_thread)
    [scheduled], _ = lane.activate(initialize(Coded, "x", local))
    assert [Payload.FromString(one).data for one in scheduled["arguments"]] == [_MARK + b'"x"']
    [ended], _ = lane.activate(completed(1, last))
    if last == "done":
        assert Payload.FromString(ended["result"]).data == _MARK + b'"donex"'
    else:
        failure = Failure.FromString(ended["failure"])
        assert failure.application_failure_info.details.payloads[0].data == _MARK + b'"a detail"'
    lane.activate(EvictJob())
    assert lane.driver.stop(5)
    own = WorkflowSerializationContext(namespace="default", workflow_id="workflow-1")
    of_activity = ActivitySerializationContext(
        namespace="default",
        workflow_id="workflow-1",
        workflow_type="Coded",
        activity_type="work",
        activity_id=None,
        activity_task_queue="queue",
        is_local=local,
    )
    assert codec.options["contexts"] == [
        ("decode", own),
        ("encode", of_activity),
        ("decode", of_activity),
        ("encode", own),
    ]
    assert len(codec.options["threads"]) == 1


@workflow.defn
class Relabelled:
    @workflow.run
    async def run(self) -> None:
        workflow.upsert_memo({"set": 1, "gone": None})


def test_codec_leaves_the_removal_of_a_memo_alone(
    event_loop_thread: asyncio.AbstractEventLoop,
) -> None:
    lane = CodedLane(MarkingCodec(), event_loop_thread)
    [upsert, _], _ = lane.activate(initialize(Relabelled))
    memo = {key: Payload.FromString(one) for key, one in upsert["memo"].items()}
    assert memo["set"].data == _MARK + b"1"
    # A server that saw anything but a null would keep the key.
    assert memo["gone"] == Payload(metadata={"encoding": b"binary/null"})
    lane.activate(EvictJob())
    assert lane.driver.stop(5)


def test_waiting_for_the_codec_is_not_the_workflows_time(
    event_loop_thread: asyncio.AbstractEventLoop,
) -> None:
    lane = CodedLane(MarkingCodec(delay=0.6), event_loop_thread)
    commands, failure = lane.activate(initialize(Coded, "x"))
    assert failure is None
    assert len(commands) == 1
    assert lane.driver.stop(5)


def test_codec_that_fails_fails_the_task(event_loop_thread: asyncio.AbstractEventLoop) -> None:
    codec = MarkingCodec(error=RuntimeError("no key"))
    lane = CodedLane(codec, event_loop_thread)
    commands, failure = lane.activate(initialize(Coded, "x"))
    assert failure is not None
    assert "no key" in failure.message
    lane.activate(EvictJob())
    codec.options["error"] = None
    commands, failure = lane.activate(initialize(Coded, "x"))
    assert failure is None
    assert len(commands) == 1
    assert lane.driver.stop(5)


def test_codec_can_fail_the_workflow(event_loop_thread: asyncio.AbstractEventLoop) -> None:
    codec = MarkingCodec(error=ApplicationError("gone", non_retryable=True))
    lane = CodedLane(codec, event_loop_thread)
    [ended], failure = lane.activate(initialize(Coded, "x"))
    assert failure is None
    assert Failure.FromString(ended["failure"]).message == "gone"
    assert lane.driver.stop(5)
