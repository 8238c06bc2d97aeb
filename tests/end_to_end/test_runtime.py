"""What surrounds workflow code, on a real server: the behaviour of the SDK."""

from __future__ import annotations

import asyncio
import uuid
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from temporalio import workflow
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import EnhancedStackTrace, WorkflowMetadata
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import HeaderCodecBehavior, Priority, RetryPolicy
from temporalio.converter import DataConverter, PayloadCodec
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ..limits import LIMIT_SECONDS
from . import runtime_kitchen as kitchen
from .runtime_kitchen import Bug, Code, Informed, Patched, Shows

pytestmark = pytest.mark.usefixtures("cache")

Handle = WorkflowHandle[Any, Any]


@pytest.fixture
def queue() -> str:
    return f"runtime-{uuid.uuid4()}"


@asynccontextmanager
async def serving(client: Client, queue: str, **options: Any) -> AsyncIterator[Worker]:
    """Run a worker with all workflows of the kitchen."""
    async with Worker(
        client,
        task_queue=queue,
        workflows=kitchen.WORKFLOWS,
        activities=kitchen.ACTIVITIES,
        workflow_runner=UnsandboxedWorkflowRunner(),
        # A worker that has gone leaves no task waiting for it.
        sticky_queue_schedule_to_start_timeout=timedelta(milliseconds=100),
        **options,
    ) as worker:
        yield worker


async def start(client: Client, queue: str, name: str, *args: Any, **options: Any) -> Handle:
    return await client.start_workflow(
        name, args=list(args), id=f"workflow-{uuid.uuid4()}", task_queue=queue, **options
    )


async def events_of(handle: Handle, kind: EventType.ValueType) -> list[Any]:
    return [event async for event in handle.fetch_history_events() if event.event_type == kind]


async def until_event(handle: Handle, kind: EventType.ValueType, count: int = 1) -> list[Any]:
    """Wait until the history has so many events of a kind."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while len(found := await events_of(handle, kind)) < count:
            await asyncio.sleep(0.05)
    return found


# ---- patches ----


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def deploy(version: int) -> None:
        monkeypatch.setattr(Code, "version", version)

    return deploy


async def change_versions(handle: Handle) -> list[str]:
    described = await handle.describe()
    return list(described.search_attributes.get("TemporalChangeVersion", []))  # type: ignore[arg-type]


COMPLETED = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


@pytest.mark.replays_as_a_whole
async def test_run_begun_before_a_patch_keeps_the_old_way(
    env: WorkflowEnvironment, queue: str, deployed: Any
) -> None:
    """Compatibility, commands: patches; the first answer per id holds, `False` included."""
    client = env.client
    deployed(1)
    async with serving(client, queue):
        handle = await start(client, queue, "Patched")
        await until_event(handle, COMPLETED, 2)
    deployed(2)
    async with serving(client, queue):
        await handle.signal(Patched.step)
        await handle.signal(Patched.step)
        # The first place is in the past. The second one is reached for the first time.
        assert await handle.result() == ["old", "False", "new", "True"]
    assert await change_versions(handle) == ["way-1"]


@pytest.mark.replays_as_a_whole
async def test_run_begun_with_a_patch_survives_its_deprecation(
    env: WorkflowEnvironment, queue: str, deployed: Any
) -> None:
    client = env.client
    deployed(2)
    async with serving(client, queue):
        handle = await start(client, queue, "Patched")
        await until_event(handle, COMPLETED, 2)
        assert await handle.query(Patched.steps) == 0
    assert await change_versions(handle) == ["way-0"]
    deployed(3)
    async with serving(client, queue):
        await handle.signal(Patched.step)
        assert await handle.query(Patched.steps) == 1
        await handle.signal(Patched.step)
        assert await handle.result() == ["new", "new"]
    assert await change_versions(handle) == ["way-0", "way-1"]


@pytest.mark.replays_as_a_whole
async def test_callback_keeps_new_runs_on_the_old_way(
    env: WorkflowEnvironment, queue: str, deployed: Any
) -> None:
    client = env.client
    deployed(2)
    asked: list[tuple[str, str]] = []

    def activate(input: Any) -> bool:
        asked.append((input.workflow_info.workflow_type, input.patch_id))
        return bool(input.patch_id == "way-1")

    async with serving(client, queue, patch_activation_callback=activate):
        handle = await start(client, queue, "Patched", start_signal="step")
        await handle.signal(Patched.step)
        assert await handle.result() == ["old", "False", "new", "True"]
    assert set(asked) == {("Patched", "way-0"), ("Patched", "way-1")}
    assert await change_versions(handle) == ["way-1"]


# ---- interceptors ----


@pytest.mark.parametrize("given_to", ["worker", "client"])
async def test_interceptors_carry_a_word_along(
    env: WorkflowEnvironment, queue: str, given_to: str
) -> None:
    carrying = kitchen.Carrying()
    client = env.client
    options: dict[str, Any] = {"interceptors": [carrying]}
    if given_to == "client":
        # An interceptor may be one of a worker and of a client at once.
        config = env.client.config()
        config["interceptors"] = [carrying]  # type: ignore[list-item]
        client = _client_with(config)
        options = {}
    async with serving(client, queue, **options):
        handle = await start(env.client, queue, "Carried", False)
        await until_event(handle, EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
        await handle.signal("send")
        await until_event(handle, EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED, 2)
        assert await handle.query("log") == ["log", ["RUN with start", "SIGNAL with signal send"]]
        for refused in ("refused", "refused by the interceptor"):
            with pytest.raises(WorkflowUpdateFailedError) as failure:
                await handle.execute_update("change", refused)
            assert str(failure.value.cause) == refused
        assert await handle.execute_update("change", "word") == "WORD with update change"
        assert await handle.result() == [
            "RUN with start",
            "SIGNAL with signal send",
            "WORD with update change",
        ]


def _client_with(config: Any) -> Client:
    from temporalio.client import Interceptor as ClientInterceptor

    class Both(kitchen.Carrying, ClientInterceptor):
        pass

    config["interceptors"] = [Both()]
    return Client(**config)


class Reversing(PayloadCodec):
    """Turns the data around."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload(metadata={"encoding": b"reversed"}, data=one.SerializeToString()[::-1])
            for one in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload.FromString(one.data[::-1])
            if one.metadata.get("encoding") == b"reversed"
            else one
            for one in payloads
        ]


@pytest.mark.parametrize("behavior", list(HeaderCodecBehavior))
async def test_headers_are_coded_as_the_client_says(
    env: WorkflowEnvironment, queue: str, behavior: HeaderCodecBehavior
) -> None:
    config = env.client.config()
    config["data_converter"] = DataConverter(payload_codec=Reversing())
    config["header_codec_behavior"] = behavior
    client = Client(**config)
    async with serving(client, queue, interceptors=[kitchen.Carrying()]):
        handle = await start(client, queue, "Carried", True)
        first = client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
        scheduled = await until_event(first, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
        header = scheduled[0].activity_task_scheduled_event_attributes.header.fields["baggage"]
        coded = behavior != HeaderCodecBehavior.NO_CODEC
        assert (header.metadata["encoding"] == b"reversed") is coded
        if behavior == HeaderCodecBehavior.WORKFLOW_ONLY_CODEC:
            # Activities see headers as they come, which is coded.
            await first.terminate()
            return
        await until_event(first, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW)
        following = client.get_workflow_handle(handle.id)
        await following.signal("send")
        await following.execute_update("change", "word")
        log = await following.result()
        assert "RUN with start+" in log


# ---- what a run shows of itself ----


async def test_built_in_queries(env: WorkflowEnvironment, queue: str) -> None:
    client = env.client
    async with serving(client, queue):
        handle = await start(client, queue, "Shows", static_summary="sum", static_details="det")
        await until_event(handle, COMPLETED)
        trace = await handle.query("__stack_trace", result_type=str)
        assert "block_beside" in trace
        assert "Stack for <Task pending name='run (workflow: Shows, id: " in trace
        assert "(most recent call last):" in trace

        enhanced = await handle.query("__enhanced_stack_trace", result_type=EnhancedStackTrace)
        assert (enhanced.sdk.name, enhanced.sdk.version) == ("sdk-python", "1.35.0")
        [beside] = [
            place
            for stack in enhanced.stacks
            for place in stack.locations
            if place.function_name == "block_beside"
        ]
        source = enhanced.sources[beside.file_path]
        assert (
            source.content.splitlines()[beside.line - 1].strip() == "await asyncio.Event().wait()"
        )

        shown = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
        assert shown.current_details == "**blocked**"
        definition = shown.definition
        assert definition.type == "Shows"
        built_in = ["__enhanced_stack_trace", "__stack_trace", "__temporal_workflow_metadata"]
        assert [one.name for one in definition.query_definitions] == ["", *built_in, "answer"]
        signals = {one.name: one.description for one in definition.signal_definitions}
        assert signals == {"end": "ends the workflow", "hang": "", "later": ""}
        assert [one.name for one in definition.update_definitions] == ["change"]

        described = await handle.describe()
        assert await described.static_summary() == "sum"
        assert await described.static_details() == "det"
        assert await handle.query("something", 1) == "something 1"
        await handle.signal(Shows.end)
        assert await handle.result() == "ended"


async def test_unfinished_handlers_are_warned_of(env: WorkflowEnvironment, queue: str) -> None:
    client = env.client
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with serving(client, queue):
            handle = await start(client, queue, "Shows")
            await handle.signal("hang")
            await handle.signal("end")
            await handle.result()
    unfinished = [
        str(one.message)
        for one in caught
        if issubclass(one.category, workflow.UnfinishedSignalHandlersWarning)
    ]
    assert unfinished
    assert all(one.startswith("[TMPRL1102]") and '"hang", "count": 1' in one for one in unfinished)


async def test_signals_wait_for_handlers(env: WorkflowEnvironment, queue: str) -> None:
    """Promise 27: signals arrive exactly once, in history order, and wait for their handler."""
    client = env.client
    async with serving(client, queue):
        handle = await start(client, queue, "Buffers")
        for name in ("some", "other", "some", "third", "other"):
            await handle.signal(name, name[0])
        for what in ("some", "any"):
            await handle.signal("open", what)
        await handle.signal("open", "end")
        assert await handle.result() == [
            "some s",
            "some s",
            "other ['o']",
            "other ['o']",
            "third ['t']",
        ]


async def test_dynamic_workflow_takes_any_type(env: WorkflowEnvironment, queue: str) -> None:
    client = env.client
    async with serving(client, queue):
        handle = await start(client, queue, "Whatever", 1, "two")
        assert await handle.result() == "Whatever [1, 'two']"
        failing = await start(client, queue, "Other", "fail")
        with pytest.raises(WorkflowFailureError) as failure:
            await failing.result()
        assert isinstance(failure.value.cause, ApplicationError)
        assert failure.value.cause.type == "KeyError"


async def test_run_knows_itself(env: WorkflowEnvironment, queue: str) -> None:
    client = env.client
    async with serving(client, queue):
        handle = await start(
            client,
            queue,
            "Informed",
            "x",
            memo={"key": "value"},
            retry_policy=RetryPolicy(maximum_attempts=3),
            priority=Priority(priority_key=2),
            execution_timeout=timedelta(minutes=2),
            run_timeout=timedelta(minutes=1),
            task_timeout=timedelta(seconds=7),
        )
        first, second = await handle.result()
    lengths = first.pop("length"), second.pop("length")
    assert lengths == (3, 8)
    assert first == second
    assert first == {
        "attempt": 1,
        "continued": None,
        "cron": None,
        "execution timeout": "0:02:00",
        "run timeout": "0:01:00",
        "task timeout": "0:00:07",
        "runs agree": True,
        "original": True,
        "headers": 0,
        "namespace": client.namespace,
        "parent": None,
        "root": None,
        "priority": 2,
        "memo": {"key": "value"},
        "memo value": "value",
        "default": "default",
        "retry": [3, "0:00:01"],
        "type": Informed.__name__,
        "starts in order": True,
        "size": True,
        "suggested": False,
        "in workflow": True,
        "instance": "Informed",
    }


async def test_no_line_is_logged_twice(
    env: WorkflowEnvironment, queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = env.client
    async with serving(client, queue):
        handle = await start(client, queue, "Logs")
        await handle.execute_update("line", "hello", id="the-update")
        await handle.result()
    lines = [one for one in caplog.records if one.name == "temporalio.workflow"]
    said = sorted(one.getMessage().split(" ({")[0] for one in lines)
    assert said == ["line 0", "line 1", "line 2", "update says hello", "validator says hello"]
    details = {one.getMessage()[:6]: one.temporal_workflow for one in lines}  # type: ignore[attr-defined]
    assert details["update"]["update_id"] == "the-update"
    assert details["line 0"]["workflow_id"] == handle.id
    assert "update_id" not in details["line 0"]


# ---- failures, resets, cancellation ----


async def test_worker_says_what_fails_workflows(env: WorkflowEnvironment, queue: str) -> None:
    client = env.client
    async with serving(client, queue, workflow_failure_exception_types=[Bug]):
        handle = await start(client, queue, "Raises")
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, ApplicationError)
    assert (failure.value.cause.type, failure.value.cause.message) == ("Bug", "raised")
    assert not await events_of(handle, EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)


@pytest.mark.cannot_replay
@pytest.mark.parametrize("kind", [workflow.NondeterminismError, Exception])
async def test_nondeterminism_can_fail_the_workflow(
    env: WorkflowEnvironment, queue: str, deployed: Any, kind: type[BaseException]
) -> None:
    """Promise 23: nondeterminism fails the workflow where configured."""
    client = env.client
    deployed(2)
    async with serving(client, queue):
        handle = await start(client, queue, "Patched")
        await until_event(handle, COMPLETED, 2)
    # The marker is there and nobody asks for it.
    deployed(4)
    async with serving(client, queue, workflow_failure_exception_types=[kind]):
        await handle.signal(Patched.step)
        with pytest.raises(WorkflowFailureError) as failure:
            await asyncio.wait_for(handle.result(), LIMIT_SECONDS)
    assert "TMPRL1100" in str(failure.value.cause)


async def test_reset_draws_other_numbers(env: WorkflowEnvironment, queue: str) -> None:
    """Compatibility, formats: a reset reseeds from the new run id."""
    client = env.client
    async with serving(client, queue):
        handle = await start(client, queue, "Draws")
        await until_event(handle, COMPLETED)
        await handle.signal("nobody waits for this")
        _, second = await until_event(handle, COMPLETED, 2)
        reset = await client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=handle.id),
                workflow_task_finish_event_id=second.event_id,
                request_id=str(uuid.uuid4()),
            )
        )
        again = client.get_workflow_handle(handle.id, run_id=reset.run_id)
        # In one task with the signal, the new seed would come after it.
        await until_event(again, COMPLETED, 2)
        await again.signal("go")
        before, after, seeds = await again.result()
    assert len(seeds) == 2
    assert seeds[0] != seeds[1]
    # The named generator differs from the plain one, before and after.
    assert before[0] != before[1]
    assert after[0] != after[1]
    assert all(one != other for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("let it pass", CancelledError),
        ("again", "not cancelled again"),
        ("shield", "shielded, because"),
        ("fail", ApplicationError),
    ],
)
async def test_cancellation(env: WorkflowEnvironment, queue: str, how: str, expected: Any) -> None:
    client = env.client
    async with serving(client, queue):
        handle = await start(client, queue, "Cancelled", how)
        await until_event(handle, COMPLETED)
        await handle.cancel(reason="because")
        if isinstance(expected, str):
            assert await handle.result() == expected
            return
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        assert isinstance(failure.value.cause, expected)
