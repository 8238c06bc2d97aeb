"""What updates know of themselves, and what becomes of them."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from ..simulation import Job
from .playing import Behaviour

_INIT: list[Job] = [("init",)]


@workflow.defn
class Informed:
    """Tells which update runs, also from what an update has started.

    Compatibility, updates: arguments are decoded again after validation.
    """

    def __init__(self) -> None:
        self.log: list[Any] = [self.current()]

    @staticmethod
    def current() -> Any:
        info = workflow.current_update_info()
        return info and [info.id, info.name]

    @workflow.run
    async def run(self) -> Any:
        self.log.append(["run", self.current()])
        await workflow.wait_condition(lambda: self.log[-1] == "end")
        workflow.logger.warning("run ends")
        return self.log

    @workflow.update
    async def change(self, words: list[str]) -> Any:
        self.log.append(["change", self.current(), words])
        workflow.logger.warning("changes %s", words[0], extra={"mine": 1})

        async def beside() -> None:
            await asyncio.sleep(0)
            self.log.append(["beside", self.current()])

        await asyncio.create_task(beside())
        if words[0] == "mine":
            raise ApplicationError("mine")
        if words[0] == "bug":
            raise ValueError("bug")
        if words[0] == "cancel":
            raise asyncio.CancelledError("by hand")
        return words

    @change.validator
    def check(self, words: list[str]) -> None:
        self.log.append(["check", self.current()])
        workflow.logger.warning("checks")
        words[0] = "altered"
        if len(words) > 1:
            raise ValueError("too many")

    @workflow.signal
    def end(self) -> None:
        workflow.logger.warning("ends")
        self.log.extend([self.current(), "end"])

    @workflow.query
    def asked(self) -> Any:
        workflow.logger.warning("is asked")
        return self.current()


def behaviours() -> list[Behaviour]:
    """Return what this file adds to the comparison."""

    def change(*words: str) -> list[list[Job]]:
        return [[("update", "the-id", "change", list(words))]]

    end: list[list[Job]] = [[("query", "asked")], [("signal", "end")]]
    return [
        Behaviour("update info", Informed, [_INIT, *change("fine"), *end]),
        Behaviour("update in the first task", Informed, [[*change("fine")[0], *_INIT], *end]),
        Behaviour("update rejected", Informed, [_INIT, *change("a", "b"), *end]),
        Behaviour("update fails", Informed, [_INIT, *change("mine"), *end]),
        Behaviour("update is a bug", Informed, [_INIT, *change("bug"), *end]),
        Behaviour(
            "update fails by type",
            Informed,
            [_INIT, *change("bug"), *end],
            failure_types=[ValueError],
        ),
        Behaviour("update cancelled", Informed, [_INIT, *change("cancel"), *end]),
        Behaviour("logged in replay", Informed, [_INIT, *change("fine"), *end], replaying=(0, 1)),
    ]
