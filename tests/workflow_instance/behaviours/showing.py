"""Numbers that a run draws, and what it shows of itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

from ..simulation import Job
from .playing import Behaviour

_INIT: list[Job] = [("init",)]

# ---- randomness and time ----


@workflow.defn
class Drawing:
    """Draws numbers from every source, before and after a reset."""

    def __init__(self) -> None:
        self.seeds: list[int] = []
        self.drawn: list[Any] = []
        workflow.register_random_seed_callback(self._broken)
        workflow.register_random_seed_callback(self.seeds.append)
        self.named = workflow.new_random("name")
        self.other = workflow.new_random("other")
        self.plain = workflow.new_random()

    @staticmethod
    def _broken(seed: int) -> None:
        raise ValueError("broken callback")

    def draw(self) -> None:
        generators = [workflow.random(), self.named, self.other, self.plain]
        self.drawn.append([one.randint(1, 10**9) for one in generators])
        self.drawn.append([str(workflow.uuid4()), str(workflow.uuid7()), workflow.random_seed()])
        self.drawn.append([workflow.time(), workflow.time_ns(), str(workflow.now())])
        self.drawn.append(asyncio.get_running_loop().time())

    @workflow.run
    async def run(self) -> Any:
        self.draw()
        await workflow.wait_condition(lambda: len(self.drawn) > 8)
        self.draw()
        return [self.drawn, self.seeds]

    @workflow.signal
    def more(self) -> None:
        self.draw()


def _randomness() -> list[Behaviour]:
    more: Job = ("signal", "more")
    return [
        Behaviour("drawn", Drawing, [_INIT, [more], [more]]),
        Behaviour("seeded anew", Drawing, [_INIT, [more], [("seed", 99), more], [more]]),
        Behaviour("seeded at once", Drawing, [[("seed", 5), *_INIT, more], [more], [more]]),
    ]


# ---- what a run shows ----


@workflow.defn
class Shown:
    """Says about itself what others ask for."""

    @workflow.run
    async def run(self) -> str:
        workflow.set_current_details("at work")
        workflow.set_signal_handler("set_later", lambda: None)
        await workflow.wait_condition(lambda: False, timeout=timedelta(seconds=5))
        return workflow.get_current_details()

    @workflow.signal(description="says hello")
    def hello(self) -> None:
        workflow.set_current_details("greeted")

    @workflow.signal(dynamic=True, description="any signal")
    def any_signal(self, name: str, args: Sequence[RawValue]) -> None: ...

    @workflow.query(description="answers")
    def answer(self) -> int:
        return 42

    @workflow.update(name="renamed", description="changes")
    def change(self) -> None: ...


def _shown() -> list[Behaviour]:
    ask: list[Job] = [("query", "__temporal_workflow_metadata")]
    hello: list[Job] = [("signal", "hello")]
    return [
        Behaviour("metadata", Shown, [_INIT, ask, hello, ask, [("query", "unknown")]]),
    ]


def behaviours() -> list[Behaviour]:
    """Return what this file adds to the comparison."""
    return [*_randomness(), *_shown()]
