"""What a worker does about local activities, beside running them."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    PayloadCodec,
    PayloadConverter,
    SerializationContext,
    WithSerializationContext,
)
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    StartLocalActivityInput,
    Worker,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from ..limits import LIMIT_SECONDS

SHORT = timedelta(seconds=5)
log: list[str] = []
gates: list[asyncio.Event] = []


@activity.defn
async def greet(name: str) -> str:
    return f"hello {name}"


@activity.defn
async def wait_at_gate() -> str:
    log.append("started")
    try:
        await gates[-1].wait()
    except asyncio.CancelledError:
        reasons = vars(activity.cancellation_details() or {})
        log.append(f"cancelled: {[reason for reason, holds in reasons.items() if holds]}")
        raise
    return "through"


@workflow.defn
class Greets:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_local_activity(greet, name, start_to_close_timeout=SHORT)


@activity.defn
async def complete_later() -> str:
    log.append("started")
    activity.raise_complete_async()


@workflow.defn
class CompletesLater:
    @workflow.run
    async def run(self) -> str:
        try:
            return await workflow.execute_local_activity(
                complete_later, start_to_close_timeout=SHORT
            )
        except ApplicationError as error:
            return f"{error.type}: {error.message}"


@workflow.defn
class Waits:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_local_activity(
            wait_at_gate, start_to_close_timeout=timedelta(seconds=50)
        )


@pytest.fixture
async def gate() -> asyncio.Event:
    """A gate of this test's own loop, which is closed, and an empty log."""
    log.clear()
    gates.append(asyncio.Event())
    return gates[-1]


@pytest.fixture
def options() -> dict[str, Any]:
    return {"id": f"local-{uuid.uuid4()}", "task_queue": f"local-{uuid.uuid4()}"}


async def test_a_worker_without_remote_activities_runs_local_ones(
    env: WorkflowEnvironment, options: dict[str, Any]
) -> None:
    async with Worker(
        env.client,
        task_queue=options["task_queue"],
        workflows=[Greets],
        activities=[greet],
        no_remote_activities=True,
    ):
        assert await env.client.execute_workflow(Greets.run, "you", **options) == "hello you"


async def test_a_worker_without_activities_fails_the_task(
    env: WorkflowEnvironment, options: dict[str, Any]
) -> None:
    async with Worker(env.client, task_queue=options["task_queue"], workflows=[Greets]):
        handle = await env.client.start_workflow(Greets.run, "you", **options)
        message = await asyncio.wait_for(failure_of_first_task(handle), LIMIT_SECONDS)
        await handle.terminate()
    assert message == (
        "Activity function greet is not registered on this worker, no available activities."
    )


async def failure_of_first_task(handle: Any) -> str:
    while True:
        async for event in handle.fetch_history_events():
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                failed = event.workflow_task_failed_event_attributes
                return str(failed.failure.message)
        await asyncio.sleep(0.05)


class Politeness(Interceptor):
    """Alters what local activities are given, and reads the headers that it sends along."""

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        return PoliteInbound

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return HeaderReader(next)


class PoliteInbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(PoliteOutbound(outbound))


class PoliteOutbound(WorkflowOutboundInterceptor):
    def start_local_activity(self, input: StartLocalActivityInput) -> workflow.ActivityHandle[Any]:
        header = PayloadConverter.default.to_payload("a header")
        changed = dataclasses.replace(
            input, args=[f"dear {input.args[0]}"], headers={**input.headers, "note": header}
        )
        return super().start_local_activity(changed)


class HeaderReader(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        note = PayloadConverter.default.from_payload(input.headers["note"])
        return f"{await super().execute_activity(input)}, {note}, {activity.info().is_local}"


async def test_interceptors_see_local_activities(
    env: WorkflowEnvironment, options: dict[str, Any]
) -> None:
    async with Worker(
        env.client,
        task_queue=options["task_queue"],
        workflows=[Greets],
        activities=[greet],
        interceptors=[Politeness()],
    ):
        result = await env.client.execute_workflow(Greets.run, "you", **options)
    assert result == "hello dear you, a header, True"


class Marking(PayloadCodec, WithSerializationContext):
    """Puts a mark in front of all data, and notes what it codes local activities for."""

    def __init__(self, context: SerializationContext | None = None) -> None:
        self._context = context

    def with_context(self, context: SerializationContext) -> Marking:
        return Marking(context)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        self._note("encode")
        return [Payload(metadata=one.metadata, data=b"coded:" + one.data) for one in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        self._note("decode")
        return [
            Payload(metadata=one.metadata, data=one.data.removeprefix(b"coded:"))
            for one in payloads
        ]

    def _note(self, what: str) -> None:
        context = self._context
        if isinstance(context, ActivitySerializationContext):
            log.append(f"{what} {context.activity_type} {context.is_local}")


async def test_payloads_go_through_the_codec(
    env: WorkflowEnvironment, options: dict[str, Any]
) -> None:
    log.clear()
    config = env.client.config()
    config["data_converter"] = DataConverter(payload_codec=Marking())
    client = Client(**config)
    async with Worker(
        client, task_queue=options["task_queue"], workflows=[Greets], activities=[greet]
    ):
        handle = await client.start_workflow(Greets.run, "you", **options)
        assert await handle.result() == "hello you"
    # The workflow encodes what the activity decodes, and the other way round.
    assert log == [f"{way} greet True" for way in ("encode", "decode", "encode", "decode")]
    history = await handle.fetch_history()
    [marker] = [
        event.marker_recorded_event_attributes
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED
    ]
    [result] = marker.details["result"].payloads
    assert result.data == b'coded:"hello you"'


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.02)


async def test_a_terminated_workflow_has_its_local_activity_cancelled(
    env: WorkflowEnvironment, options: dict[str, Any], gate: asyncio.Event
) -> None:
    """Promise 9: a local activity that runs at the eviction of its run gets its cancel."""
    async with Worker(
        env.client,
        task_queue=options["task_queue"],
        workflows=[Waits],
        activities=[wait_at_gate],
    ):
        handle = await env.client.start_workflow(
            Waits.run, **options, task_timeout=timedelta(seconds=1)
        )
        await asyncio.wait_for(until(lambda: bool(log)), LIMIT_SECONDS)
        await handle.terminate()
        await asyncio.wait_for(until(lambda: len(log) == 2), LIMIT_SECONDS)
    assert log == ["started", "cancelled: ['cancel_requested']"]


async def test_shutdown_cancels_a_local_activity_and_the_next_worker_starts_over(
    env: WorkflowEnvironment, options: dict[str, Any], gate: asyncio.Event
) -> None:
    """Promise 9: at shutdown too. The official package lets it run to its end instead."""

    def worker() -> Worker:
        return Worker(
            env.client,
            task_queue=options["task_queue"],
            workflows=[Waits],
            activities=[wait_at_gate],
            graceful_shutdown_timeout=timedelta(milliseconds=300),
        )

    async with worker():
        handle = await env.client.start_workflow(
            Waits.run, **options, task_timeout=timedelta(seconds=1)
        )
        await asyncio.wait_for(until(lambda: bool(log)), LIMIT_SECONDS)
    assert log == ["started", "cancelled: ['worker_shutdown']"]
    gate.set()
    async with worker():
        assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == "through"
    assert log == ["started", "cancelled: ['worker_shutdown']", "started"]


async def test_a_local_activity_cannot_complete_later(
    env: WorkflowEnvironment, options: dict[str, Any]
) -> None:
    """The official package lets it run into its timeouts instead."""
    log.clear()
    async with Worker(
        env.client,
        task_queue=options["task_queue"],
        workflows=[CompletesLater],
        activities=[complete_later],
    ):
        result = await env.client.execute_workflow(CompletesLater.run, **options)
    assert result == (
        "LocalActivityCompletesLater: a local activity cannot be completed from outside"
    )
    assert log == ["started"]
