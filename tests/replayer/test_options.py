"""What a replayer is made with, and what of it workflow code sees."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory
from temporalio.common import HeaderCodecBehavior
from temporalio.converter import DataConverter, PayloadCodec
from temporalio.runtime import Runtime
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from ..limits import LIMIT_SECONDS
from . import workflows
from .replaying import each, failure_of, recorded, replayer

NOTES: list[Any] = []


@workflow.defn(name="Order")
class Curious:
    """Looks around."""

    @workflow.run
    async def run(self, text: str) -> str:
        info = workflow.info()
        NOTES.append((info.namespace, info.task_queue, info.workflow_id, info.run_id))
        NOTES.append(info.get_current_build_id())
        return await workflows.Order().run(text)


@workflow.defn(name="Waiting")
class Ending(workflows.Waiting):
    """Notes how it ends."""

    @workflow.run
    async def run(self) -> None:
        try:
            await super().run()
        except BaseException as error:
            NOTES.append(type(error).__name__)
            raise


class Noting(Interceptor):
    """Notes what workflows are started with."""

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        return NotingInbound


class NotingInbound(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        headers = {name: payload.data for name, payload in input.headers.items()}
        NOTES.append((list(input.args), headers))
        return await super().execute_workflow(input)


class Reversing(PayloadCodec):
    """Turns data around."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [Payload(metadata={"turned": b"yes"}, data=one.data[::-1]) for one in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        assert all(one.metadata["turned"] == b"yes" for one in payloads)
        plain = {"encoding": b"json/plain"}
        return [Payload(metadata=plain, data=one.data[::-1]) for one in payloads]


async def encoded() -> WorkflowHistory:
    """The completed history as a worker with that codec would have left it, with a header."""
    history = recorded("completed")
    started = history.events[0].workflow_execution_started_event_attributes
    completed = history.events[11].activity_task_completed_event_attributes
    started.header.fields["who"].data = b'"me"'
    started.header.fields["who"].metadata["encoding"] = b"json/plain"
    for payload in (started.input.payloads[0], completed.result.payloads[0]):
        [turned] = await Reversing().encode([payload])
        payload.CopyFrom(turned)
    return history


async def test_workflow_sees_what_it_was_told() -> None:
    NOTES.clear()
    curious = replayer(Curious, namespace="mine", build_id="build 7")
    history = recorded("completed")
    assert await failure_of(curious, history) is None
    run_id = history.run_id
    # The build of a task that has been is that of the worker which completed it.
    assert NOTES[0] == ("mine", "replay-build 7", "completed", run_id)
    assert await failure_of(replayer(Curious), history) is None
    assert NOTES[2] == ("ReplayNamespace", "replay-None", "completed", run_id)


async def test_build_id_is_that_of_the_live_task() -> None:
    NOTES.clear()
    history = recorded("completed")
    first_task = WorkflowHistory(history.workflow_id, history.events[:3])
    assert await failure_of(replayer(Curious, build_id="build 7"), first_task) is None
    assert NOTES[1] == "build 7"


async def test_interceptors_and_codec() -> None:
    NOTES.clear()
    history = await encoded()
    intercepted = replayer(
        interceptors=[Noting()], data_converter=DataConverter(payload_codec=Reversing())
    )
    assert await failure_of(intercepted, history) is None
    assert NOTES == [(["text"], {"who": b'"me"'})]


async def test_header_codec() -> None:
    NOTES.clear()
    history = await encoded()
    fields = history.events[0].workflow_execution_started_event_attributes.header.fields
    [turned] = await Reversing().encode([fields["who"]])
    fields["who"].CopyFrom(turned)
    intercepted = replayer(
        interceptors=[Noting()],
        data_converter=DataConverter(payload_codec=Reversing()),
        header_codec_behavior=HeaderCodecBehavior.CODEC,
    )
    assert await failure_of(intercepted, history) is None
    assert NOTES == [(["text"], {"who": b'"me"'})]


async def test_codec_that_fails_fails_the_task() -> None:
    coded = replayer(data_converter=DataConverter(payload_codec=Reversing()))
    failure = await failure_of(coded, recorded("completed"))
    assert type(failure) is RuntimeError
    assert str(failure).startswith("4: ")


def test_config_is_what_was_given() -> None:
    runner = UnsandboxedWorkflowRunner()
    given: dict[str, Any] = {
        "workflows": [workflows.Order],
        "workflow_task_executor": None,
        "workflow_runner": runner,
        "unsandboxed_workflow_runner": runner,
        "namespace": "mine",
        "data_converter": DataConverter(),
        "interceptors": [Noting()],
        "build_id": "build",
        "identity": "me",
        "workflow_failure_exception_types": [ValueError],
        "debug_mode": True,
        "runtime": Runtime.default(),
        "disable_safe_workflow_eviction": False,
        "header_codec_behavior": HeaderCodecBehavior.CODEC,
    }
    made = Replayer(**given)
    assert made.config() == given
    assert made.config(active_config=True) == given
    changed = made.config()
    assert isinstance(changed["workflows"], list)
    changed["workflows"].clear()
    changed["namespace"] = "other"
    assert made.config() == given
    assert Replayer(**made.config()).config() == given


def test_defaults() -> None:
    config = Replayer(workflows=[workflows.Order]).config()
    assert config["namespace"] == "ReplayNamespace"
    assert config["data_converter"] is DataConverter.default
    assert config["header_codec_behavior"] == HeaderCodecBehavior.NO_CODEC
    assert not config["debug_mode"]


def test_there_must_be_workflows() -> None:
    with pytest.raises(ValueError, match="At least one workflow must be specified"):
        Replayer(workflows=[])


def lanes_since(before: set[threading.Thread]) -> set[str]:
    names = {thread.name for thread in set(threading.enumerate()) - before}
    return {name for name in names if name.startswith("temporal_workflow_")}


async def test_as_many_threads_as_the_executor_has() -> None:
    executor = concurrent.futures.ThreadPoolExecutor(3)
    made = replayer(workflow_task_executor=executor)
    assert made.config()["workflow_task_executor"] is executor
    before = set(threading.enumerate())
    async with made.workflow_replay_iterator(each(recorded("completed"))) as results:
        assert [one.replay_failure async for one in results] == [None]
        expected = {f"temporal_workflow_{index}" for index in range(3)}
        async with asyncio.timeout(LIMIT_SECONDS):
            # A thread is known once it has begun.
            while not expected <= (found := lanes_since(before)):
                await asyncio.sleep(0.01)
        assert found == expected
    assert not executor._threads
    with pytest.raises(TypeError, match="workflow_task_executor must be a .*ThreadPoolExecutor"):
        replayer(workflow_task_executor=concurrent.futures.ProcessPoolExecutor(1))


@pytest.mark.parametrize(
    ("disabled", "ending"), [(False, ["CancelledError"]), (True, ["GeneratorExit"])]
)
async def test_coroutines_are_ended_or_left_to_the_collector(
    disabled: bool, ending: list[str]
) -> None:
    NOTES.clear()
    gc.disable()
    try:
        made = replayer(Ending, disable_safe_workflow_eviction=disabled)
        assert await failure_of(made, recorded("mid_flight")) is None
        assert NOTES == ([] if disabled else ending)
        gc.collect()
        assert NOTES == ending
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([int], "Workflow int missing attributes"),
        ([workflows.Order, workflows.OrderAtOnce], "More than one workflow named Order"),
    ],
)
async def test_workflows_are_looked_at_when_something_is_replayed(
    wrong: list[type], message: str
) -> None:
    made = replayer(*wrong)
    with pytest.raises(ValueError, match=message):
        await made.replay_workflow(recorded("completed"))
