"""Workflows of one module, one of which does not yield."""

from __future__ import annotations

import contextlib

from temporalio import workflow

from . import outside_helper

uses = 0


@workflow.defn
class Neighbour:
    """Uses the state of the module in each of its tasks."""

    @workflow.run
    async def run(self) -> list[int]:
        global uses
        seen = []
        try:
            for _ in range(3):
                uses += 1
                seen.append(uses)
                await workflow.sleep(1)
        finally:
            outside_helper.ended.append(uses)
        return seen


@workflow.defn
class Stuck:
    """Changes the state of the module and does not stop doing so."""

    @workflow.run
    async def run(self, stubborn: bool) -> None:
        global uses
        while not outside_helper.released:
            with contextlib.suppress(BaseException if stubborn else ZeroDivisionError):
                while not outside_helper.released:
                    uses += 100
