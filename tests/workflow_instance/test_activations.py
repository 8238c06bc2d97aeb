"""What runs before what within one activation. The transcripts compare it with the official SDK."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from temporalio import workflow
from temporalio.bridge._callboard import CancelJob, TimerJob

from .driving import Driven, kinds, result, signal, update

SEPARATE: list[int] = []
IN_ONE_BATCH = [2]


@workflow.defn
class Order:
    """Notes who has a turn; the notes are its result."""

    @workflow.init
    def __init__(self, how: str) -> None:
        self.log = [f"init {how}"]
        self.open = False

    @workflow.run
    async def run(self, how: str) -> list[str]:
        self.log.append("run")
        if how == "timer":
            asyncio.get_running_loop().call_later(1, self.close)
        waiting = [asyncio.create_task(self.wait(name)) for name in ("first", "second")]
        try:
            await workflow.wait_condition(lambda: "end" in self.log)
        except asyncio.CancelledError:
            self.log.append("cancelled")
        for task in waiting:
            task.cancel()
        return self.log

    async def wait(self, name: str) -> None:
        await workflow.wait_condition(lambda: self.open)
        self.log.append(name)

    def close(self) -> None:
        self.log.append("closed")
        self.open = False

    @workflow.signal
    async def note(self, word: str) -> None:
        self.log.append(word)
        await asyncio.sleep(0)
        if word != "end":
            self.log.append(f"{word} a turn later")

    @workflow.signal
    def unlock(self) -> None:
        self.open = True

    @workflow.signal
    async def glimpse(self) -> None:
        self.open = True
        for _ in range(3):
            await asyncio.sleep(0)
        self.open = False

    @workflow.update
    async def change(self, word: str) -> None:
        self.log.append(word)


def log_after(run: Driven, *jobs: Any, flags: list[int]) -> Any:
    """Return what the run has noted after ``jobs``."""
    commands = run.activate(*jobs, flags=flags)
    if "complete_workflow" not in kinds(commands):
        commands = run.activate(signal("note", "end"), flags=flags)
    return [one for one in result(commands) if one != "end"]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (SEPARATE, ["init x", "early", "update", "early a turn later", "run"]),
        (IN_ONE_BATCH, ["init x", "early", "update", "run", "early a turn later"]),
    ],
)
def test_handlers_of_the_first_task(flags: list[int], expected: list[str]) -> None:
    """Compatibility, activations: four sets, and the loop is drained after each.

    Compatibility, activations: first-task handlers run before `run`.
    Compatibility, activations: the instance and `@workflow.init` are built in the first drain.
    Compatibility, flags: lang flag 2 applies all jobs, then runs the loop once; off by default.
    """
    run = Driven(Order, "x")
    early = [signal("note", "early"), update("change", "update")]
    assert log_after(run, run.initialization, *early, flags=flags) == expected
    assert run.flags == [], "the flag is honoured, but not recorded anew"


@pytest.mark.parametrize(
    ("flags", "expected"),
    [(SEPARATE, ["first", "second", "closed"]), (IN_ONE_BATCH, ["closed"])],
)
def test_conditions_are_checked_after_each_set(flags: list[int], expected: list[str]) -> None:
    """Compatibility, activations: wait conditions are checked after sets two and three."""
    run = Driven(Order, "timer")
    run.start(flags=flags)
    log = log_after(run, signal("unlock"), TimerJob(1), flags=flags)
    assert log == ["init timer", "run", *expected]


def test_conditions_are_met_in_the_order_of_their_registration() -> None:
    """Compatibility, activations: wait conditions, in registration order."""
    run = Driven(Order, "x")
    run.start()
    assert log_after(run, signal("unlock"), flags=SEPARATE)[2:] == ["first", "second"]


@pytest.mark.parametrize("flags", [SEPARATE, IN_ONE_BATCH])
def test_conditions_are_not_checked_between_turns(flags: list[int]) -> None:
    """Compatibility, activations: wait conditions, only when the ready queue is empty."""
    run = Driven(Order, "x")
    run.start(flags=flags)
    assert log_after(run, signal("glimpse"), flags=flags)[2:] == []


@workflow.defn
class Chain:
    """Each of its conditions is met by what waits for the next one."""

    def __init__(self) -> None:
        self.stage = 0

    @workflow.run
    async def run(self) -> list[int]:
        log: list[int] = []

        async def advance(number: int) -> None:
            await workflow.wait_condition(lambda: self.stage == number)
            log.append(number)
            self.stage = number + 1

        await asyncio.gather(*(advance(number) for number in (3, 2, 1)))
        return log

    @workflow.signal
    def begin(self) -> None:
        self.stage = 1


def test_conditions_are_checked_until_nothing_is_ready() -> None:
    """Compatibility, activations: wait conditions, again until nothing is ready."""
    run = Driven(Chain)
    run.start()
    assert result(run.activate(signal("begin"))) == [1, 2, 3]


def test_fired_timer_is_ready_at_once() -> None:
    """Compatibility, activations: a fired timer goes straight on the ready queue."""
    run = Driven(Order, "timer")
    run.start()
    log = log_after(run, signal("note", "a"), TimerJob(1), flags=IN_ONE_BATCH)
    assert log[2:] == ["a", "closed", "a a turn later"]


def test_cancel_is_deferred() -> None:
    """Compatibility, activations: a workflow cancel is a deferred `call_soon(task.cancel)`."""
    run = Driven(Order, "x")
    run.start()
    log = log_after(run, signal("note", "a"), CancelJob("why"), flags=IN_ONE_BATCH)
    assert log[2:] == ["a", "a a turn later", "cancelled"]


@workflow.defn
class Tools:
    """Tells what asyncio is made of here."""

    @workflow.run
    async def run(self) -> list[bool]:
        loop = asyncio.get_running_loop()
        task, future = asyncio.current_task(), loop.create_future()
        return [type(task) is asyncio.Task, type(future) is asyncio.Future]


def test_tasks_and_futures_are_those_of_python() -> None:
    """Compatibility, activations: loop hops; keep CPython's `Task` and `Future`."""
    assert result(Driven(Tools).start()) == [True, True]


@workflow.defn
class Defaults:
    """Leaves to the package what it can."""

    @workflow.run
    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_at(loop.time() + 0.0123456, print)
        soon = timedelta(seconds=5)
        workflow.start_activity("remote", start_to_close_timeout=soon)
        workflow.start_local_activity("local", start_to_close_timeout=soon)
        await workflow.start_child_workflow("Child")


def test_numbers_and_ids_that_the_package_chooses() -> None:
    """Compatibility, commands: `call_at` rounds to 1 ms.

    Compatibility, ids: counters from 1, one per kind; the default activity id is the number.
    Compatibility, ids: the default child id is `str(workflow.uuid4())`.
    """
    timer, remote, local, child = Driven(Defaults, seed=5).start()
    assert (timer["sequence"], timer["seconds"]) == (1, 0.012)
    assert [(one["sequence"], one["activity_id"]) for one in (remote, local)] == [
        (1, "1"),
        (2, "2"),
    ]
    drawn = UUID(int=Random(5).getrandbits(128), version=4)
    assert (child["sequence"], child["workflow_id"]) == (1, str(drawn))
