"""What code may do while a run is being made: interceptors, the object, its first signals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ExecuteWorkflowInput,
    WorkflowInboundInterceptor,
    WorkflowOutboundInterceptor,
)

from ..simulation import Job
from .playing import Behaviour, attempt

_INIT: list[Job] = [("init",)]


class Curious(WorkflowInboundInterceptor):
    """Looks at the run from the first moment on."""

    def __init__(self, next: WorkflowInboundInterceptor) -> None:
        super().__init__(next)
        self.seen = self._look()

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        self.seen += self._look()
        super().init(outbound)
        self.seen += self._look()

    @staticmethod
    def _look() -> list[str]:
        looks: list[Callable[[], Any]] = [
            workflow.in_workflow,
            lambda: workflow.instance() is None,
            workflow.random_seed,
            workflow.unsafe.is_replaying,
        ]
        return [attempt(look) for look in looks]

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        return [self.seen, await super().execute_workflow(input)]


class Greedy(WorkflowInboundInterceptor):
    """Acts on its own, before and beside the workflow."""

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        await asyncio.sleep(0.5)
        beside = asyncio.create_task(workflow.sleep(3))
        result = await super().execute_workflow(input)
        beside.cancel()
        return result


@workflow.defn
class Constructed:
    """Does in its constructor what most do later.

    Compatibility, activations: the instance and `@workflow.init` are built in the first drain.
    """

    @workflow.init
    def __init__(self, how: str) -> None:
        self.log: list[Any] = [how, workflow.info().workflow_type, workflow.random().random()]
        if how == "acts":
            self.task = asyncio.get_running_loop().create_task(self._beside())
            workflow.set_update_handler("set_early", self._early)
        if how == "bug":
            raise ValueError("in the constructor")
        if how == "fails":
            raise ApplicationError("in the constructor")

    async def _beside(self) -> None:
        self.log.append("beside")
        await workflow.sleep(1)
        self.log.append("beside later")

    def _early(self, word: str) -> str:
        self.log.append(f"early {word}")
        return word

    @workflow.run
    async def run(self, how: str) -> list[Any]:
        self.log.append("run")
        await workflow.wait_condition(lambda: len(self.log) > 6, timeout=timedelta(seconds=9))
        return self.log

    @workflow.signal
    def note(self, word: str) -> None:
        self.log.append(f"note {word}")


def behaviours() -> list[Behaviour]:
    """Return what this file adds to the comparison."""
    note: Job = ("signal", "note", "early")
    update: Job = ("update", "u", "set_early", "two")
    timers: list[list[Job]] = [[("timer", 1)], [("timer", 2)], [("timer", 3)]]
    return [
        Behaviour("curious", Constructed, [_INIT, [note] * 6], ["x"], interceptors=[Curious]),
        Behaviour("greedy", Constructed, [_INIT, *timers], ["x"], interceptors=[Greedy]),
        Behaviour(
            "greedy with signals",
            Constructed,
            [[note, *_INIT], [("cancel", "enough")], *timers],
            ["x"],
            interceptors=[Greedy],
        ),
        Behaviour("acts", Constructed, [[note, update, *_INIT], *timers[:1], [note] * 3], ["acts"]),
        Behaviour("acts in replay", Constructed, [[update, *_INIT]], ["acts"], replaying=(0,)),
        *(
            Behaviour(f"constructor {how}", Constructed, [[note, *_INIT]], [how])
            for how in ("bug", "fails")
        ),
        Behaviour("started by a signal", Constructed, [[note, *_INIT], [note] * 4], ["x"]),
        Behaviour("cancelled at once", Constructed, [[("cancel", "why"), *_INIT]], ["x"]),
        Behaviour("cancelled after init", Constructed, [[*_INIT, ("cancel", "why")]], ["x"]),
    ]
