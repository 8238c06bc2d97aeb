"""Workflows that keep their lane to themselves, and one that does not.

In a module of their own: the sandbox loads what a workflow's module imports.
"""

from __future__ import annotations

import time

from temporalio import workflow

stuck: set[str] = set()


# The sandbox would not let it sleep, nor know that it slept before.
@workflow.defn(sandboxed=False)
class StuckOnce:
    """Holds its lane in its first attempt."""

    @workflow.run
    async def run(self) -> str:
        run_id = workflow.info().run_id
        if run_id not in stuck:
            stuck.add(run_id)
            time.sleep(4)
        return "done"


@workflow.defn
class Quick:
    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(0.1)
        return "quick"


@workflow.defn
class Swallower:
    """Does not let itself be evicted."""

    @workflow.run
    async def run(self) -> str:
        while True:
            try:
                await workflow.wait_condition(lambda: self.told)
                return "told"
            except BaseException:
                if self.told:
                    raise

    def __init__(self) -> None:
        self.told = False

    @workflow.signal
    def tell(self) -> None:
        self.told = True
