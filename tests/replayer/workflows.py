"""Workflows whose histories are recorded beside this file, and what they might be changed into.

They run unchanged on the official package.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError

SECONDS = timedelta(seconds=5)


@activity.defn
async def decorate(text: str) -> str:
    """Takes a moment and succeeds."""
    return text + "!"


@workflow.defn(name="Order")
class Order:
    """A timer, then an activity."""

    @workflow.run
    async def run(self, text: str) -> str:
        await workflow.sleep(0.01)
        return await workflow.execute_activity(decorate, text, start_to_close_timeout=SECONDS)


@workflow.defn(name="Order")
class OrderWithoutTimer:
    @workflow.run
    async def run(self, text: str) -> str:
        return await workflow.execute_activity(decorate, text, start_to_close_timeout=SECONDS)


@workflow.defn(name="Order")
class OrderWithTimerMore:
    @workflow.run
    async def run(self, text: str) -> str:
        await workflow.sleep(0.01)
        result = await workflow.execute_activity(decorate, text, start_to_close_timeout=SECONDS)
        await workflow.sleep(0.01)
        return result


@workflow.defn(name="Order")
class OrderAtOnce:
    @workflow.run
    async def run(self, text: str) -> str:
        return text


@workflow.defn(name="Order")
class OrderThatRaises:
    @workflow.run
    async def run(self, text: str) -> str:
        await workflow.sleep(0.01)
        raise ValueError("this is no failure")


@workflow.defn(name="Order")
class OrderThatFails:
    @workflow.run
    async def run(self, text: str) -> str:
        await workflow.sleep(0.01)
        await workflow.execute_activity(decorate, text, start_to_close_timeout=SECONDS)
        raise ApplicationError("a failure of the workflow")


@workflow.defn(name="Order")
class OrderThatBlocks:
    @workflow.run
    async def run(self, text: str) -> str:
        await workflow.sleep(0.01)
        time.sleep(3)
        return text


@workflow.defn(name="Failing")
class Failing:
    """Fails after a timer."""

    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(0.01)
        raise ApplicationError("meant to fail")


@workflow.defn(name="Again")
class Again:
    """Goes on as new while there are rounds left."""

    @workflow.run
    async def run(self, rounds: int) -> str:
        await workflow.sleep(0.01)
        if rounds:
            workflow.continue_as_new(rounds - 1)
        return "over"


# What the workflow below has seen, with ``is_replaying`` at that moment.
SEEN: list[tuple[str, bool]] = []


def see(what: str) -> None:
    """Note a step of the workflow."""
    SEEN.append((what, workflow.unsafe.is_replaying()))


@workflow.defn(name="Waiting")
class Waiting:
    """A timer, a patch, and two signals to wait for."""

    def __init__(self) -> None:
        self.told = 0

    @workflow.run
    async def run(self) -> None:
        see("start")
        await workflow.sleep(0.5)
        see("slept")
        see(f"patched {workflow.patched('newer')}")
        await workflow.wait_condition(lambda: self.told == 2)
        see("done")
        await asyncio.sleep(100)

    @workflow.signal
    async def go(self) -> None:
        """Brings the end closer."""
        see("go")
        self.told += 1

    @workflow.signal
    async def poke(self) -> None:
        """Changes nothing."""
        see("poke")

    @workflow.query
    def count(self) -> int:
        """How often it was told to go."""
        return self.told


FACTS: list[tuple[str, bool, int, int, str]] = []


def note_facts(what: str) -> None:
    """Note what the workflow is told of its task."""
    info = workflow.info()
    FACTS.append(
        (
            what,
            info.is_continue_as_new_suggested(),
            info.get_current_history_size(),
            info.get_current_history_length(),
            str(workflow.now()),
        )
    )


@workflow.defn(name="Waiting")
class Observing:
    """Like the one above, as far as a run goes that is only just begun."""

    @workflow.run
    async def run(self) -> None:
        note_facts("run")
        await workflow.sleep(0.5)

    @workflow.signal
    async def go(self) -> None:
        """Look again."""
        note_facts("go")
