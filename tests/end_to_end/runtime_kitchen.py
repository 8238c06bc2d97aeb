"""Workflows for what surrounds workflow code: patches, interceptors, handlers, built-in queries."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NoReturn

from temporalio import activity, workflow
from temporalio.common import RawValue
from temporalio.converter import PayloadConverter
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ContinueAsNewInput,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    HandleQueryInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

SHORT = timedelta(seconds=5)
_CONVERTER = PayloadConverter.default

# ---- patches: the code of a workflow changes while its runs go on ----


class Code:
    """Which version of :py:class:`Patched` is deployed. A test needs to say so."""

    version = 1


@activity.defn
async def note(text: str) -> str:
    return text


@workflow.defn
class Patched:
    """Takes the old way, or asks, or has forgotten that there was an old way."""

    def __init__(self) -> None:
        self._steps = 0

    async def _note(self, text: str) -> str:
        return await workflow.execute_activity(note, text, start_to_close_timeout=SHORT)

    @workflow.run
    async def run(self) -> list[str]:
        log = []
        for number in range(2):
            if Code.version == 1:
                log.append(await self._note("old"))
            elif Code.version == 2:
                way = f"way-{number}"
                log.append(await self._note("new" if workflow.patched(way) else "old"))
                # The answer holds for the run.
                log.append(str(workflow.patched(way)))
            elif Code.version == 3:
                workflow.deprecate_patch(f"way-{number}")
                log.append(await self._note("new"))
            else:
                log.append(await self._note("new"))
            await workflow.wait_condition(lambda number=number: self._steps > number)
        return log

    @workflow.signal
    def step(self) -> None:
        self._steps += 1

    @workflow.query
    def steps(self) -> int:
        return self._steps


# ---- interceptors ----

baggage: contextvars.ContextVar[str] = contextvars.ContextVar("baggage", default="none")


class Carrying(Interceptor):
    """Carries a word from caller to callee in a header, and in a context variable."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return CarryingActivity(super().intercept_activity(next))

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        input.unsafe_extern_functions["shout"] = str.upper
        return CarryingInbound


class CarryingActivity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        carried = _carried(input.headers)
        return f"{await super().execute_activity(input)} with {carried}"


def _carried(headers: Any) -> str:
    return str(_CONVERTER.from_payload(headers["baggage"])) if "baggage" in headers else "nothing"


class CarryingInbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(CarryingOutbound(outbound))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        carried = _carried(input.headers)
        baggage.set("start" if carried == "nothing" else carried + "+")
        return await super().execute_workflow(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:
        baggage.set(f"signal {input.signal}")
        await super().handle_signal(input)

    async def handle_query(self, input: HandleQueryInput) -> Any:
        return [input.query, await super().handle_query(input)]

    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        if input.args[0] == "refused by the interceptor":
            raise ApplicationError(input.args[0])
        super().handle_update_validator(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        baggage.set(f"update {input.update}")
        return await super().handle_update_handler(input)


class CarryingOutbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        input.headers = {**input.headers, "baggage": _CONVERTER.to_payload(baggage.get())}
        return super().start_activity(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
        input.headers = {**input.headers, "baggage": _CONVERTER.to_payload(baggage.get())}
        super().continue_as_new(input)


@workflow.defn
class Carried:
    """Shows what arrives with each of its activities."""

    def __init__(self) -> None:
        self._log: list[str] = []

    async def _show(self, what: str) -> str:
        shout = workflow.extern_functions()["shout"]
        shown = await workflow.execute_activity(note, shout(what), start_to_close_timeout=SHORT)
        self._log.append(shown)
        return shown

    @workflow.run
    async def run(self, again: bool) -> list[str]:
        await self._show("run")
        if again:
            workflow.continue_as_new(False)
        await workflow.wait_condition(lambda: len(self._log) == 3)
        return self._log

    @workflow.signal
    async def send(self) -> None:
        await self._show("signal")

    @workflow.query
    def log(self) -> list[str]:
        return self._log

    @workflow.update
    async def change(self, word: str) -> str:
        return await self._show(word)

    @change.validator
    def check(self, word: str) -> None:
        if word == "refused":
            raise ApplicationError(word)


# ---- handlers and what a run shows of itself ----


@workflow.defn
class Shows:
    """Blocks in three places, and has handlers of every kind."""

    @workflow.run
    async def run(self) -> str:
        workflow.set_current_details("**blocked**")
        workflow.set_signal_handler("later", lambda: None)
        beside = asyncio.create_task(self.block_beside())
        await workflow.wait_condition(lambda: bool(self.ended))
        beside.cancel()
        return workflow.get_current_details()

    ended = ""

    async def block_beside(self) -> None:
        await asyncio.Event().wait()

    @workflow.signal(description="ends the workflow")
    def end(self) -> None:
        workflow.set_current_details("ended")
        self.ended = "now"

    @workflow.signal
    async def hang(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.query(description="answers")
    def answer(self) -> int:
        return 42

    @workflow.query(dynamic=True)
    def any_query(self, name: str, args: Sequence[RawValue]) -> str:
        return f"{name} {len(args)}"

    @workflow.update(description="changes nothing")
    def change(self) -> None: ...


@workflow.defn
class Buffers:
    """Takes handlers only after signals for them have come."""

    def __init__(self) -> None:
        self._log: list[str] = []
        self._opened: set[str] = set()

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: "some" in self._opened)
        workflow.set_signal_handler("some", self._some)
        await workflow.wait_condition(lambda: "any" in self._opened)
        workflow.set_dynamic_signal_handler(self._any)
        await workflow.wait_condition(lambda: "end" in self._opened)
        return self._log

    @workflow.signal
    def open(self, what: str) -> None:
        self._opened.add(what)

    async def _some(self, word: str) -> None:
        await asyncio.sleep(0)
        self._log.append(f"some {word}")

    def _any(self, name: str, args: Sequence[RawValue]) -> None:
        words = workflow.payload_converter().from_payloads([arg.payload for arg in args], None)
        self._log.append(f"{name} {words}")


@workflow.defn(dynamic=True)
class AnyType:
    """Stands in for types that nobody knows."""

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> str:
        values = [workflow.payload_converter().from_payload(arg.payload) for arg in args]
        await workflow.sleep(0.01)
        if values == ["fail"]:
            raise KeyError("fails by its config")
        return f"{workflow.info().workflow_type} {values}"

    @workflow.dynamic_config
    def config(self) -> workflow.DynamicWorkflowConfig:
        return workflow.DynamicWorkflowConfig(failure_exception_types=[KeyError])


@workflow.defn
class Informed:
    """Tells what it knows of itself, at its start and a task later."""

    @workflow.run
    async def run(self, memo: str) -> list[dict[str, Any]]:
        first = self._facts()
        await workflow.sleep(0.01)
        return [first, self._facts()]

    def _facts(self) -> dict[str, Any]:
        info = workflow.info()
        policy = info.retry_policy
        return {
            "attempt": info.attempt,
            "continued": info.continued_run_id,
            "cron": info.cron_schedule,
            "execution timeout": str(info.execution_timeout),
            "run timeout": str(info.run_timeout),
            "task timeout": str(info.task_timeout),
            "runs agree": info.run_id == info.first_execution_run_id,
            "original": info.run_id == info.original_execution_run_id,
            "headers": len(info.headers),
            "namespace": info.namespace,
            "parent": info.parent,
            "root": info.root,
            "priority": info.priority.priority_key,
            "memo": workflow.memo(),
            "memo value": workflow.memo_value("key", type_hint=str),
            "default": workflow.memo_value("absent", "default"),
            "retry": policy and [policy.maximum_attempts, str(policy.initial_interval)],
            "type": info.workflow_type,
            "starts in order": info.workflow_start_time <= info.start_time <= workflow.now(),
            "length": info.get_current_history_length(),
            "size": info.get_current_history_size() > 0,
            "suggested": info.is_continue_as_new_suggested(),
            "in workflow": workflow.in_workflow(),
            "instance": type(workflow.instance()).__name__,
        }


@workflow.defn
class Logs:
    """Logs a line a task; replay must not repeat it."""

    def __init__(self) -> None:
        self._lines = 0

    @workflow.run
    async def run(self) -> int:
        for number in range(3):
            workflow.logger.warning("line %s", number)
            await workflow.sleep(0.01)
        return self._lines

    @workflow.update
    async def line(self, text: str) -> None:
        workflow.logger.warning("update says %s", text)

    @line.validator
    def check(self, text: str) -> None:
        workflow.logger.warning("validator says %s", text)


class Bug(Exception):
    """No failure, unless a worker says so."""


@workflow.defn
class Raises:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(0.01)
        raise Bug("raised")


@workflow.defn
class Draws:
    """Draws numbers from generators of its own; a reset gives it other ones."""

    def __init__(self) -> None:
        self._go = False
        self._named = workflow.new_random("name")
        self._seeds = [workflow.random_seed()]
        workflow.register_random_seed_callback(self._seeds.append)

    @workflow.run
    async def run(self) -> list[list[Any]]:
        before = self._draw()
        await workflow.wait_condition(lambda: self._go)
        return [before, self._draw(), self._seeds]

    def _draw(self) -> list[Any]:
        drawn: list[Any] = [one.randint(1, 10**9) for one in (workflow.random(), self._named)]
        return [*drawn, str(workflow.uuid4()), str(workflow.uuid7())]

    @workflow.signal
    def go(self) -> None:
        self._go = True


@workflow.defn
class Cancelled:
    """Deals with its cancellation in several ways."""

    @workflow.run
    async def run(self, how: str) -> str:
        shielded = asyncio.create_task(workflow.sleep(0.2))
        try:
            if how == "shield":
                await asyncio.shield(shielded)
            else:
                await workflow.sleep(100)
        except asyncio.CancelledError:
            if how == "shield":
                await shielded
                return f"shielded, {workflow.cancellation_reason()}"
            if how == "again":
                # Requested once, delivered once.
                await workflow.sleep(0.01)
                return "not cancelled again"
            if how == "fail":
                raise ApplicationError("failed instead") from None
            raise
        return "never"


WORKFLOWS = [
    Patched,
    Carried,
    Shows,
    Buffers,
    AnyType,
    Informed,
    Logs,
    Raises,
    Draws,
    Cancelled,
]
ACTIVITIES = [note]
