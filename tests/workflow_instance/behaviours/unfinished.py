"""Runs that end while handlers still run."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.workflow import HandlerUnfinishedPolicy

from ..simulation import Job
from .playing import Behaviour

_INIT: list[Job] = [("init",)]


@workflow.defn
class Unfinished:
    """Ends in a given way while handlers still run."""

    def __init__(self) -> None:
        self.how = ""

    @workflow.run
    async def run(self) -> bool:
        await workflow.wait_condition(lambda: self.how != "")
        if self.how == "fail":
            raise ApplicationError("failed")
        if self.how == "continue":
            workflow.continue_as_new()
        if self.how == "cancel":
            raise CancelledError("gone")
        return workflow.all_handlers_finished()

    @workflow.signal
    def end(self, how: str) -> None:
        self.how = how

    @workflow.signal
    async def hangs(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal(unfinished_policy=HandlerUnfinishedPolicy.ABANDON)
    async def abandoned(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal(name="another")
    async def hangs_too(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def hanging_update(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update(unfinished_policy=HandlerUnfinishedPolicy.ABANDON)
    async def abandoned_update(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def short_update(self) -> bool:
        return workflow.all_handlers_finished()


def behaviours() -> list[Behaviour]:
    """Return what this file adds to the comparison."""
    running: list[Job] = [
        ("signal", "hangs"),
        ("signal", "another"),
        ("signal", "hangs"),
        ("signal", "abandoned"),
        ("update", "u1", "hanging_update"),
        ("update", "u2", "abandoned_update"),
        ("update", "u3", "short_update"),
        ("update", "u4", "hanging_update"),
    ]
    endings: dict[str, list[Job]] = {
        "done": [("signal", "end", "done")],
        "fail": [("signal", "end", "fail")],
        "continue": [("signal", "end", "continue")],
        "cancel": [("signal", "end", "cancel"), ("cancel", "asked to")],
    }
    named = [
        Behaviour(f"unfinished {how}", Unfinished, [_INIT, running, jobs])
        for how, jobs in endings.items()
    ]
    quiet = [("signal", "abandoned"), ("update", "u3", "short_update")]
    return [
        *named,
        Behaviour("unfinished but fine", Unfinished, [_INIT, quiet, endings["done"]]),
        Behaviour("all in one task", Unfinished, [[*running, *_INIT, *endings["done"]]]),
    ]
