"""Interceptors and converters stand between a run and the other workflows it has to do with."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.bridge._callboard import (
    ChildWorkflowJob,
    ChildWorkflowStartJob,
    ExternalCancelJob,
    ExternalSignalJob,
)
from temporalio.converter import (
    DataConverter,
    DefaultPayloadConverter,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    Interceptor,
    SignalChildWorkflowInput,
    SignalExternalWorkflowInput,
    StartChildWorkflowInput,
    WorkflowInboundInterceptor,
    WorkflowOutboundInterceptor,
)

from .driving import Driven, TaskFailed, decode, encode, result
from .failures import unknown_workflow


class Outbound(WorkflowOutboundInterceptor):
    async def start_child_workflow(self, input: StartChildWorkflowInput) -> Any:
        input.id = f"intercepted {input.id}"
        input.headers = {"header": Payload(data=b"of child")}
        return await super().start_child_workflow(input)

    async def signal_child_workflow(self, input: SignalChildWorkflowInput) -> None:
        input.args = [*input.args, "more"]
        await super().signal_child_workflow(input)

    async def signal_external_workflow(self, input: SignalExternalWorkflowInput) -> None:
        if input.signal == "elsewhere":
            input.namespace = "another"
        input.workflow_id = "somebody else"
        input.headers = {"header": Payload(data=b"of signal")}
        await super().signal_external_workflow(input)


class Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(Outbound(outbound))


class Intercepting(Interceptor):
    def workflow_interceptor_class(self, input: Any) -> type[WorkflowInboundInterceptor]:
        return Inbound


@workflow.defn
class Intercepted:
    @workflow.run
    async def run(self, signal: str) -> str:
        child = await workflow.start_child_workflow("child", id="child")
        await child.signal("poke", "one")
        await workflow.get_external_workflow_handle("other").signal(signal)
        return child.id


def test_interceptors_may_alter_what_goes_to_others() -> None:
    driven = Driven(Intercepted, "poke", interceptors=[Intercepting()])
    [start] = driven.start()
    assert start["workflow_id"] == "intercepted child"
    assert Payload.FromString(start["headers"]["header"]).data == b"of child"
    [first] = driven.activate(ChildWorkflowStartJob(1, run_id="run"))
    assert (first["child"], first["workflow_id"]) == (True, "intercepted child")
    assert [decode(one) for one in first["arguments"]] == ["one", "more"]
    [second] = driven.activate(ExternalSignalJob(1))
    assert (second["child"], second["workflow_id"]) == (False, "somebody else")
    assert Payload.FromString(second["headers"]["header"]).data == b"of signal"
    assert result(driven.activate(ExternalSignalJob(2))) == "intercepted child"


def test_signals_stay_in_their_namespace() -> None:
    driven = Driven(Intercepted, "elsewhere", interceptors=[Intercepting()])
    driven.start()
    driven.activate(ChildWorkflowStartJob(1, run_id="run"))
    with pytest.raises(TaskFailed, match="its own namespace, 'default'; got 'another'"):
        driven.activate(ExternalSignalJob(1))


class Knowing(DefaultPayloadConverter, WithSerializationContext):
    """Writes into each payload whom it is for."""

    def __init__(self, context: SerializationContext | None = None) -> None:
        super().__init__()
        self.context = context

    def with_context(self, context: SerializationContext) -> Knowing:
        return Knowing(context)

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        payloads = super().to_payloads(values)
        assert isinstance(self.context, WorkflowSerializationContext)
        for payload in payloads:
            payload.metadata["for"] = self.context.workflow_id.encode()
        return payloads

    def from_payloads(self, payloads: Sequence[Payload], type_hints: Any = None) -> list[Any]:
        assert isinstance(self.context, WorkflowSerializationContext)
        return [f"{self.context.workflow_id} reads {one.data.decode()}" for one in payloads]


@workflow.defn
class Addressed:
    @workflow.run
    async def run(self) -> Any:
        child = await workflow.start_child_workflow(
            "child", "a", id="child", memo={"m": 1}, static_summary="s", static_details="d"
        )
        await child.signal("poke", 1)
        with pytest.raises(ApplicationError) as failed:
            await workflow.get_external_workflow_handle("other").signal("poke", 2)
        with pytest.raises(ApplicationError) as also_failed:
            await workflow.get_external_workflow_handle("other").cancel()
        workflow.upsert_memo({"m": 1, "gone": None})
        return [await child, *failed.value.details, *also_failed.value.details]


def whom(payload: bytes) -> str:
    return Payload.FromString(payload).metadata["for"].decode()


def test_converters_are_told_whom_they_write_to() -> None:
    converter = dataclasses.replace(DataConverter.default, payload_converter_class=Knowing)
    driven = Driven(Addressed, data_converter=converter)
    [start] = driven.start()
    payloads = [*start["arguments"], start["memo"]["m"], start["summary"], start["details"]]
    assert {whom(one) for one in payloads} == {"child"}
    [to_child] = driven.activate(ChildWorkflowStartJob(1, run_id="run"))
    assert whom(to_child["arguments"][0]) == "child"
    [to_other] = driven.activate(ExternalSignalJob(1))
    assert whom(to_other["arguments"][0]) == "other"

    failure = unknown_workflow()
    failure.application_failure_info.details.payloads.add(data=b"details")
    driven.activate(ExternalSignalJob(2, failure=failure.SerializeToString()))
    [upsert] = driven.activate(ExternalCancelJob(1, failure=failure.SerializeToString()))
    assert {whom(one) for one in upsert["memo"].values()} == {"workflow-1"}
    ended = driven.activate(ChildWorkflowJob(1, result=encode("r")[0]))
    assert whom(ended[0]["result"]) == "workflow-1"
    assert decode(ended[0]["result"]) == ['child reads "r"', *["other reads details"] * 2]
