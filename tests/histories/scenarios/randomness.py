"""Random values, and resets, after which they are others."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio import workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import ResetReapplyType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from .activities import echo, local, remote
from .stage import Handle, Kept, Stage, outcome, scenario, simple


@simple()
@workflow.defn
class RandomValues:
    """Shows its random values in the arguments of activities.

    Compatibility, formats: all share one stream.
    """

    @workflow.run
    async def run(self) -> list[Any]:
        random = workflow.random()
        named = workflow.new_random()
        first: list[Any] = [str(workflow.uuid4()), random.randint(1, 10**6), named.random()]
        await remote(echo, first)
        shuffled = list(range(10))
        random.shuffle(shuffled)
        second = [shuffled, random.random(), str(workflow.uuid4()), named.gauss(0, 1)]
        await local(echo, second)
        await remote(echo, second)
        return second


if hasattr(workflow, "uuid7"):

    @simple(since=(1, 33))
    @workflow.defn
    class TimedRandomIds:
        """Ids that sort by time."""

        @workflow.run
        async def run(self) -> list[str]:
            ids = [str(workflow.uuid7()), str(workflow.uuid4()), str(workflow.uuid7())]
            await remote(echo, ids)
            await asyncio.sleep(0.05)
            ids.append(str(workflow.uuid7()))
            await remote(echo, ids)
            return ids


@workflow.defn
class RandomUntilReset:
    """Random values before and after the point to which it is reset."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    @workflow.run
    async def run(self) -> list[Any]:
        values = []
        for _ in range(3):
            values.append(workflow.random().randint(1, 10**6))
            await remote(echo, values[-1])
            await remote(echo, str(workflow.uuid4()))
        await workflow.wait_condition(lambda: len(self.told) >= 2)
        return [*values, *self.told]

    @workflow.signal
    def tell(self, what: str) -> None:
        self.told.append(what)

    @workflow.update
    async def ask(self, what: str) -> int:
        await asyncio.sleep(0.01)
        self.told.append(workflow.random().randint(1, 10**6))
        return len(self.told)


async def reset(stage: Stage, handle: Handle, task: int) -> Handle:
    """Go back to one of the completed workflow tasks, with the signals and updates since."""
    event = await stage.until(handle, "WORKFLOW_TASK_COMPLETED", task)
    response = await stage.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=stage.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=handle.id, run_id=handle.run_id or ""),
            reason="to see other random values",
            workflow_task_finish_event_id=event.event_id,
            request_id=f"reset {handle.run_id} to {task}",
            reset_reapply_type=ResetReapplyType.RESET_REAPPLY_TYPE_ALL_ELIGIBLE,
        )
    )
    stage.keep.append(Kept(f"_{len(stage.keep)}", handle.id, response.run_id))
    return stage.client.get_workflow_handle(handle.id, run_id=response.run_id)


@scenario(RandomUntilReset)
async def reset_with_random_values(stage: Stage) -> None:
    """Reset twice; a signal and an update are applied again.

    Compatibility, formats: a reset reseeds from the new run id.
    """
    async with stage.activities(), stage.worker():
        handle = await stage.start("RandomUntilReset")
        await stage.until(handle, "ACTIVITY_TASK_COMPLETED", 6)
        await handle.signal("tell", "a signal")
        await handle.execute_update("ask", "an update", id="the update")
        await outcome(handle)
        once = await reset(stage, handle, 3)
        await outcome(once)
        await outcome(await reset(stage, once, 2))


@scenario(RandomUntilReset)
async def reset_to_the_first_task(stage: Stage) -> None:
    async with stage.activities(), stage.worker():
        handle = await stage.start("RandomUntilReset")
        await handle.signal("tell", "early")
        await handle.signal("tell", "early too")
        await outcome(handle)
        await outcome(await reset(stage, handle, 1))
