"""Ways to end: completed, failed, continued, terminated, timed out, and several at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

from .activities import echo, local, remote
from .stage import Kept, Stage, outcome, scenario, simple


@simple()
@workflow.defn
class FailsWithDetails:
    """Fails with details, a cause, and a type of its own."""

    @workflow.run
    async def run(self) -> None:
        await remote(echo, 1)
        try:
            raise ValueError("the cause")
        except ValueError as error:
            raise ApplicationError("it fails", 1, [2], type="Special") from error


@simple()
@workflow.defn
class CompletesAtOnce:
    """Leaves nothing but its result."""

    @workflow.run
    async def run(self) -> None:
        return None


@simple()
@workflow.defn
class LeavesWork:
    """Returns while timers, activities and handlers are pending."""

    @workflow.run
    async def run(self) -> str:
        left = [asyncio.create_task(asyncio.sleep(50)), asyncio.ensure_future(remote(echo, "left"))]
        await asyncio.sleep(0.01)
        left.append(asyncio.create_task(asyncio.sleep(60)))
        await asyncio.sleep(0)
        return f"left {len(left)}"


@workflow.defn
class Continues:
    """Goes on as new until its count is done; other arguments and limits each time."""

    @workflow.run
    async def run(self, count: int) -> str:
        await remote(echo, count)
        if count:
            workflow.continue_as_new(
                count - 1,
                run_timeout=timedelta(minutes=count),
                task_timeout=timedelta(seconds=5 + count),
                retry_policy=RetryPolicy(maximum_attempts=count),
            )
        return "done"


@scenario(Continues)
async def continued_as_new(stage: Stage) -> None:
    async with stage.activities(), stage.worker():
        handle = await stage.start("Continues", 2)
        await outcome(handle)
        await keep_next_run(stage, handle)


async def keep_next_run(stage: Stage, handle: Any) -> None:
    """Keep the history of the run that the latest one of a workflow is."""
    last = await stage.client.get_workflow_handle(handle.id).describe()
    stage.keep.append(Kept("_last_run", handle.id, last.run_id))


@workflow.defn
class ContinuesFromHandler:
    """Goes on as new from the handler of a signal, as another type."""

    @workflow.run
    async def run(self, round: int) -> int:
        await workflow.wait_condition(lambda: round > 0)
        return round

    @workflow.signal
    async def go_on(self) -> None:
        await local(echo, 1)
        workflow.continue_as_new(workflow="ContinuesFromHandler", args=[1])


@scenario(ContinuesFromHandler)
async def continued_from_a_signal_handler(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start("ContinuesFromHandler", 0)
        await handle.signal("go_on")
        await outcome(handle)


@workflow.defn
class RetriedWorkflow:
    """Fails in its first run, and so is begun once more by the server."""

    @workflow.run
    async def run(self) -> str:
        if workflow.info().attempt == 1:
            raise ApplicationError("not yet")
        last = workflow.get_last_failure()
        return f"attempt {workflow.info().attempt} after {last}"


@scenario(RetriedWorkflow)
async def retried_workflow(stage: Stage) -> None:
    policy = RetryPolicy(initial_interval=timedelta(milliseconds=100))
    async with stage.worker():
        handle = await stage.start("RetriedWorkflow", retry_policy=policy)
        await outcome(handle)
        await keep_next_run(stage, handle)


@workflow.defn
class Waits:
    """Waits for a signal that may never come."""

    def __init__(self) -> None:
        self.done = False

    @workflow.run
    async def run(self) -> str:
        await remote(echo, "begun")
        await workflow.wait_condition(lambda: self.done)
        return "done"


@scenario(Waits)
async def terminated(stage: Stage) -> None:
    async with stage.activities(), stage.worker():
        handle = await stage.start("Waits")
        await stage.until(handle, "ACTIVITY_TASK_COMPLETED")
        await stage.until(handle, "WORKFLOW_TASK_COMPLETED", 2)
        await handle.terminate("enough")
        await outcome(handle)


@scenario(Waits)
async def timed_out(stage: Stage) -> None:
    async with stage.activities(), stage.worker():
        handle = await stage.start("Waits", run_timeout=timedelta(seconds=2))
        await outcome(handle)


@scenario(Waits)
async def still_open(stage: Stage) -> None:
    """A history with no end; the last task is completed."""
    async with stage.activities(), stage.worker():
        handle = await stage.start("Waits")
        await stage.until(handle, "WORKFLOW_TASK_COMPLETED", 2)


@workflow.defn
class EndsTwice:
    """Signals end it in several ways; each handler goes on with commands after that."""

    def __init__(self) -> None:
        self.done = False

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.done)
        return "completed"

    @workflow.signal
    async def fail(self) -> None:
        asyncio.ensure_future(remote(echo, "before failing"))
        raise ApplicationError("failed by a signal")

    @workflow.signal
    def complete(self) -> None:
        self.done = True

    @workflow.signal
    async def work(self, what: str) -> None:
        await remote(echo, what)

    @workflow.signal
    def go_on(self) -> None:
        workflow.continue_as_new()

    @workflow.update
    async def complete_by_update(self) -> str:
        self.done = True
        return "told"


async def send_in_one_task(stage: Stage, *signals: str) -> None:
    """Let signals wait for one workflow task, the first or a later one."""
    async with stage.activities():
        handle = await stage.start("EndsTwice")
        for name in signals:
            await handle.signal(name, args=["work"] if name == "work" else [])
        async with stage.worker():
            await outcome(handle)


@scenario(EndsTwice)
async def fails_and_completes_in_one_task(stage: Stage) -> None:
    """Shows core flag 3."""
    await send_in_one_task(stage, "fail", "complete", "work")


@scenario(EndsTwice)
async def completes_and_fails_in_one_task(stage: Stage) -> None:
    async with stage.activities():
        handle = await stage.start("EndsTwice")
        async with stage.worker():
            await stage.until(handle, "WORKFLOW_TASK_COMPLETED")
        for name in ("work", "complete", "fail", "go_on"):
            await handle.signal(name, args=["work"] if name == "work" else [])
        async with stage.worker():
            await outcome(handle)


@scenario(EndsTwice)
async def continues_and_fails_in_one_task(stage: Stage) -> None:
    """The next run waits for nothing that comes, so it is told to complete."""
    async with stage.activities():
        handle = await stage.start("EndsTwice")
        for name in ("go_on", "work", "fail"):
            await handle.signal(name, args=["work"] if name == "work" else [])
        async with stage.worker():
            await stage.until(handle, "WORKFLOW_EXECUTION_CONTINUED_AS_NEW")
            latest = stage.client.get_workflow_handle(handle.id)
            await latest.signal("complete")
            await outcome(latest)


@scenario(EndsTwice)
async def completed_by_an_update(stage: Stage) -> None:
    """The update is answered in the task that completes the workflow."""
    async with stage.worker():
        handle = await stage.start("EndsTwice")
        await stage.until(handle, "WORKFLOW_TASK_COMPLETED")
        await handle.execute_update("complete_by_update", id="the update")
        await outcome(handle)
