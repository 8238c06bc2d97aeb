"""Signals, updates and queries: in the first task, dynamic ones, refused ones, waiting ones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.client import WorkflowUpdateStage
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from .activities import echo, local, remote
from .stage import SET_LANG_FLAG, Handle, Stage, outcome, scenario, simple


@workflow.defn
class Messages:
    """Notes each message in the order of its handler; the notes are its result."""

    @workflow.init
    def __init__(self, greeting: str) -> None:
        self.notes = [f"init {greeting}"]
        self.finished = False

    @workflow.run
    async def run(self, greeting: str) -> list[str]:
        self.notes.append("run")
        await workflow.wait_condition(lambda: self.finished)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.notes

    @workflow.signal
    def note(self, what: str) -> None:
        self.notes.append(f"signal {what}")

    @workflow.signal
    async def note_later(self, what: str) -> None:
        self.notes.append(f"begin {what}")
        await remote(echo, what)
        self.notes.append(f"end {what}")

    @workflow.signal
    def finish(self) -> None:
        self.finished = True

    @workflow.update
    def change(self, what: str) -> str:
        self.notes.append(f"update {what}")
        return what.upper()

    @change.validator
    def check(self, what: str) -> None:
        if what.startswith("bad"):
            raise ApplicationError(f"{what} is refused", type="Refusal")

    @workflow.update
    async def change_later(self, what: str, seconds: float) -> int:
        self.notes.append(f"begin update {what}")
        await asyncio.sleep(seconds)
        await remote(echo, what)
        self.notes.append(f"end update {what}")
        return len(self.notes)

    @workflow.update
    async def change_locally(self, what: str) -> Any:
        return await local(echo, what)

    @workflow.update
    def fail(self, what: str) -> None:
        self.notes.append(f"failing {what}")
        raise ApplicationError(what, "detail", type="UpdateFailed")

    @workflow.query
    def notes_so_far(self) -> list[str]:
        return self.notes


async def update(handle: Handle, name: str, *args: Any) -> Any:
    """Send an update and wait for its outcome, whatever it is."""
    try:
        return await handle.execute_update(name, args=args, id=f"{name}-{args[:1]}")
    except Exception as error:
        return error


@scenario(Messages)
async def signals_in_the_first_task(stage: Stage) -> None:
    """Compatibility, activations: first-task signal handlers run before `run`."""
    handle = await stage.start("Messages", "hi", start_signal="note", start_signal_args=["first"])
    for signal, args in (("note_later", ["second"]), ("note", ["third"]), ("finish", [])):
        await handle.signal(signal, args=args)
    async with stage.activities(), stage.worker():
        await outcome(handle)


@scenario(Messages)
async def updates_and_signals_in_the_first_task(stage: Stage) -> None:
    """Signals and updates come before the first task is begun.

    Compatibility, activations: signals and updates keep their mutual order.
    """
    handle = await stage.start("Messages", "hi")
    first = asyncio.create_task(update(handle, "change", "at once"))
    await asyncio.sleep(0.5)
    await handle.signal("note", "early")
    rest = [
        asyncio.create_task(update(handle, *request))
        for request in (("change_later", "waits", 0.1), ("change", "bad"), ("change_locally", "x"))
    ]
    await asyncio.sleep(0.5)
    await handle.signal("note", "last of the first task")
    async with stage.activities(), stage.worker():
        await asyncio.gather(first, *rest)
        await handle.signal("finish")
        await outcome(handle)


@scenario(Messages)
async def updates_validated_and_refused(stage: Stage) -> None:
    """Promise 28: a rejection leaves no trace."""
    async with stage.activities(), stage.worker():
        handle = await stage.start("Messages", "hi")
        for what in ("good", "bad", "better"):
            await update(handle, "change", what)
        await update(handle, "unknown")
        await handle.signal("note", "between")
        await asyncio.gather(
            update(handle, "change", "bad at once"),
            update(handle, "change", "good at once"),
            update(handle, "fail", "no"),
        )
        await update(handle, "change_locally", "now")
        await handle.signal("finish")
        await outcome(handle)


@scenario(Messages)
async def updates_that_wait(stage: Stage) -> None:
    """Some are waited for only until they are accepted, and the workflow waits for all."""
    async with stage.activities(), stage.worker():
        handle = await stage.start("Messages", "hi")
        for number in range(3):
            await handle.start_update(
                "change_later",
                args=[f"number {number}", 0.4 - number / 10],
                wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                id=f"waiting-{number}",
            )
            await handle.signal("note_later", f"signal {number}")
        await handle.signal("finish")
        await outcome(handle)


@scenario(Messages)
async def queries_between(stage: Stage) -> None:
    """They leave no trace; one is asked with the first task, one of the closed workflow.

    Promise 29: queries change nothing that replay can see.
    """
    async with stage.activities(), stage.worker():
        handle = await stage.start("Messages", "hi")
        for number in range(3):
            await handle.query("notes_so_far")
            await handle.signal("note_later", f"number {number}")
            await handle.query("notes_so_far")
        await stage.until(handle, "ACTIVITY_TASK_COMPLETED", 3)
        await handle.signal("finish")
        await outcome(handle)
        await handle.query("notes_so_far")


@scenario(Messages, same_code=False, needs=SET_LANG_FLAG)
async def all_jobs_before_the_loop(stage: Stage) -> None:
    """Shows lang flag 2: `run` sees what came with its start, and handlers run after it.

    Compatibility, flags: lang flag 2, honoured when present.
    """
    handle = await stage.start("Messages", "hi", start_signal="note", start_signal_args=["first"])
    await handle.signal("note_later", "second")
    early = asyncio.create_task(update(handle, "change_later", "early", 0.05))
    await asyncio.sleep(0.5)
    async with stage.activities(), stage.worker(single_batch=True):
        await early
        await asyncio.gather(
            update(handle, "change", "at once"),
            handle.signal("note_later", "third"),
            update(handle, "change_locally", "x"),
        )
        await handle.signal("finish")
        await outcome(handle)


@workflow.defn
class DynamicHandlers:
    """Has a handler for every name, and some that it sets while it runs."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: len(self.notes) >= 3)
        workflow.set_signal_handler("late", self.late)
        workflow.set_update_handler("set later", self.set_later)
        await workflow.wait_condition(lambda: "end" in self.notes)
        return self.notes

    def late(self, what: str) -> None:
        self.notes.append(f"late {what}")

    async def set_later(self, what: str) -> str:
        await asyncio.sleep(0.01)
        return what

    @workflow.signal(dynamic=True)
    async def any_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self.notes.append(name)

    @workflow.update(dynamic=True)
    async def any_update(self, name: str, args: Sequence[RawValue]) -> str:
        value = workflow.payload_converter().from_payload(args[0].payload, str)
        self.notes.append(f"{name} {value}")
        return await remote(echo, name)

    @workflow.query(dynamic=True)
    def any_query(self, name: str, args: Sequence[RawValue]) -> int:
        return len(args)


@scenario(DynamicHandlers)
async def dynamic_handlers(stage: Stage) -> None:
    async with stage.activities(), stage.worker():
        handle = await stage.start("DynamicHandlers")
        await handle.signal("late", "before it is set")
        await update(handle, "anything", "value")
        await handle.query("who knows", args=[1, 2])
        await handle.signal("another", 1)
        await update(handle, "set later", "value")
        await handle.signal("late", "after it is set")
        await handle.signal("end")
        await outcome(handle)


@workflow.defn
class BuffersSignals:
    """Gets signals before it has a handler for them, and drops one that does not decode."""

    @workflow.run
    async def run(self) -> list[Any]:
        got: list[Any] = []

        def take(number: int) -> None:
            got.append(number)

        await asyncio.sleep(0.2)
        workflow.set_signal_handler("number", take)
        await workflow.wait_condition(lambda: len(got) >= 3)
        return got


@scenario(BuffersSignals)
async def signals_before_their_handler(stage: Stage) -> None:
    handle = await stage.start("BuffersSignals")
    for number in (1, 2):
        await handle.signal("number", number)
    async with stage.worker():
        await stage.until(handle, "TIMER_FIRED")
        await handle.signal("number", "not a number")
        await handle.signal("number", 3)
        await outcome(handle)


@workflow.defn
class Conditions:
    """Waits for conditions with and without a limit; several at once, in their order."""

    def __init__(self) -> None:
        self.level = 0
        self.notes: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        waiting = [asyncio.create_task(self.wait_for(level)) for level in (3, 1, 2)]
        try:
            await workflow.wait_condition(lambda: self.level > 9, timeout=0.1)
        except asyncio.TimeoutError:
            self.notes.append("timed out")
        try:
            await workflow.wait_condition(lambda: False, timeout=0)
        except asyncio.TimeoutError:
            self.notes.append("at once")
        await workflow.wait_condition(lambda: self.level > 0, timeout=30)
        await asyncio.gather(*waiting)
        await workflow.wait_condition(lambda: True)
        return self.notes

    async def wait_for(self, level: int) -> None:
        await workflow.wait_condition(lambda: self.level >= level)
        self.notes.append(f"level {level}")
        await remote(echo, level)

    @workflow.signal
    def raise_to(self, level: int) -> None:
        self.level = level


@scenario(Conditions)
async def wait_conditions(stage: Stage) -> None:
    """Compatibility, activations: wait conditions, in registration order."""
    async with stage.activities(), stage.worker():
        handle = await stage.start("Conditions")
        await stage.until(handle, "TIMER_FIRED")
        await handle.signal("raise_to", 2)
        await stage.until(handle, "ACTIVITY_TASK_COMPLETED")
        await handle.signal("raise_to", 3)
        await outcome(handle)


@workflow.defn
class RacedCompletion:
    """Completes so slowly that a signal comes first, and takes that into account."""

    def __init__(self) -> None:
        self.got: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        await remote(echo, 1)
        if not workflow.unsafe.is_replaying() and not self.got:
            time.sleep(1.2)
        return self.got

    @workflow.signal
    def say(self, what: str) -> None:
        self.got.append(what)


@scenario(RacedCompletion)
async def signal_races_the_completion(stage: Stage) -> None:
    """The server refuses the completion: there is a command that is not handled."""
    async with stage.activities(), stage.worker():
        handle = await stage.start("RacedCompletion")
        await stage.until(handle, "ACTIVITY_TASK_COMPLETED")
        await asyncio.sleep(0.3)
        await handle.signal("say", "in time")
        await outcome(handle)


@simple()
@workflow.defn
class SignalsItself:
    """No workflow can signal itself by way of the server, which says so of each signal."""

    @workflow.run
    async def run(self) -> list[str]:
        me = workflow.get_external_workflow_handle(workflow.info().workflow_id)
        signals = (me.signal("take", number) for number in range(3))
        answers = await asyncio.gather(*signals, return_exceptions=True)
        return [f"{type(answer).__name__}: {answer}" for answer in answers]
