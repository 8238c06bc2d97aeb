"""Child workflows, and workflows elsewhere that are signalled and cancelled."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import (
    ApplicationError,
    ChildWorkflowError,
    FailureError,
    WorkflowAlreadyStartedError,
)
from temporalio.service import RPCError, RPCStatusCode

from .activities import echo, remote
from .stage import Stage, outcome, scenario

TYPES = workflow.ChildWorkflowCancellationType


@workflow.defn
class Child:
    """Ends in the way that its argument says."""

    def __init__(self) -> None:
        self.told: list[str] = []

    @workflow.run
    async def run(self, way: str) -> str:
        if way == "fail":
            raise ApplicationError("the child fails", 7, type="ChildFails", non_retryable=True)
        if way.startswith("wait for "):
            await workflow.wait_condition(lambda: len(self.told) >= int(way[-1]))
        if way == "linger":
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                await asyncio.sleep(0.2)
                raise
        if way == "again":
            workflow.continue_as_new("last")
        return f"{way} {self.told}"

    @workflow.signal
    def tell(self, what: str) -> None:
        self.told.append(what)


def child(way: str, name: str, **options: Any) -> Any:
    """Start a child whose id ends with a name."""
    own = f"{workflow.info().workflow_id}/{name}"
    return workflow.start_child_workflow("Child", way, id=own, result_type=str, **options)


@workflow.defn
class ParentOfAll:
    """Children that complete, continue as new, fail, time out; with ids given and made.

    Compatibility, ids: the default child id is `str(workflow.uuid4())`.
    """

    @workflow.run
    async def run(self) -> list[str]:
        results: list[str] = [
            await workflow.execute_child_workflow(
                "Child", "plain", result_type=str, static_summary="of the child"
            ),
            await (await child("again", "again", memo={"note": "m"})),
            *await asyncio.gather(*(self.side(number) for number in range(2))),
        ]
        handle = await child("told", "told", task_timeout=timedelta(seconds=7))
        results.append(
            f"{handle.id.rpartition('/')[2]} {handle.first_execution_run_id is not None}"
        )
        await handle
        for way, options in (
            ("fail", {"retry_policy": RetryPolicy(maximum_attempts=2)}),
            ("linger", {"execution_timeout": timedelta(seconds=1)}),
        ):
            try:
                await (await child(way, f"{way}s", **options))
            except ChildWorkflowError as error:
                results.append(f"{type(error.cause).__name__}: {error.cause}")
        return results

    async def side(self, number: int) -> str:
        return str(await (await child(f"side {number}", f"side-{number}")))


@scenario(ParentOfAll, Child)
async def children_of_many_kinds(stage: Stage) -> None:
    async with stage.worker():
        await outcome(await stage.start("ParentOfAll"))


@workflow.defn
class CancelsChildren:
    """Cancels a child in each of four ways: while it runs, and before it is sent."""

    @workflow.run
    async def run(self) -> list[str]:
        results = []
        for kind in TYPES:
            policy = workflow.ParentClosePolicy.TERMINATE
            handle = await child(
                "linger", kind.name, cancellation_type=kind, parent_close_policy=policy
            )
            await asyncio.sleep(0.1)
            handle.cancel()
            handle.cancel()
            results.append(f"{kind.name}: {await self.end(asyncio.wait_for(handle, 2))}")
            starting = asyncio.create_task(child("plain", f"{kind.name}-2", cancellation_type=kind))
            await asyncio.sleep(0)
            starting.cancel()
            results.append(f"unsent: {await self.end(starting)}")
        return results

    async def end(self, work: Any) -> str:
        try:
            await work
            return "done"
        except (ChildWorkflowError, asyncio.CancelledError, asyncio.TimeoutError) as error:
            return f"{type(error).__name__} from {type(error.__cause__).__name__}"


@scenario(CancelsChildren, Child)
async def children_cancelled_in_each_way(stage: Stage) -> None:
    async with stage.worker():
        await outcome(await stage.start("CancelsChildren"))


@workflow.defn
class CancelledParent:
    """Is cancelled while it waits for a child, in one of the ways."""

    @workflow.run
    async def run(self, kind: int) -> str:
        try:
            return str(await (await child("linger", "child", cancellation_type=TYPES(kind))))
        except ChildWorkflowError as error:
            await remote(echo, f"{error.cause}")
            return f"child: {type(error.cause).__name__}"
        except asyncio.CancelledError:
            return "raw"


async def cancel_parent(stage: Stage, kind: TYPES) -> None:
    async with stage.activities(), stage.worker():
        handle = await stage.start("CancelledParent", int(kind))
        await stage.until(handle, "WORKFLOW_TASK_COMPLETED", 2)
        await handle.cancel()
        await outcome(handle)


@scenario(CancelledParent, Child)
async def cancelled_parent_waits_for_child(stage: Stage) -> None:
    await cancel_parent(stage, TYPES.WAIT_CANCELLATION_COMPLETED)


@scenario(CancelledParent, Child)
async def cancelled_parent_tries_child(stage: Stage) -> None:
    await cancel_parent(stage, TYPES.TRY_CANCEL)


@scenario(CancelledParent, Child)
async def cancelled_parent_abandons_child(stage: Stage) -> None:
    await cancel_parent(stage, TYPES.ABANDON)


@workflow.defn
class SignalsChildren:
    """Signals a child, one that is closed, and starts one whose id is taken."""

    @workflow.run
    async def run(self) -> list[str]:
        handle = await child("wait for 2", "waiting")
        await asyncio.gather(handle.signal("tell", "one"), handle.signal("tell", "two"))
        results = [await handle]
        try:
            await handle.signal("tell", "too late")
        except Exception as error:
            results.append(f"{type(error).__name__}: {error}")
        running = await child("wait for 1", "running")
        try:
            await child("plain", "running")
        except WorkflowAlreadyStartedError as error:
            results.append(f"{type(error).__name__} {error.workflow_type}")
        await running.signal("tell", "end")
        results.append(await running)
        try:
            reuse = WorkflowIDReusePolicy.REJECT_DUPLICATE
            await child("plain", "running", id_reuse_policy=reuse)
        except WorkflowAlreadyStartedError:
            results.append("already there")
        return results


@scenario(SignalsChildren, Child)
async def children_signalled(stage: Stage) -> None:
    async with stage.worker():
        await outcome(await stage.start("SignalsChildren"))


@workflow.defn
class ReachesOthers:
    """Signals and cancels workflows that are there, that are not, and that it stops asking."""

    @workflow.run
    async def run(self, other: str) -> list[str]:
        results = []
        there, nowhere = (
            workflow.get_external_workflow_handle(name) for name in (other, f"{other}-nowhere")
        )
        unsent = asyncio.create_task(there.signal("tell", "never"))
        await asyncio.sleep(0)
        unsent.cancel()
        for work in (
            unsent,
            there.signal("tell", "one"),
            nowhere.signal("tell", "lost"),
            nowhere.cancel(),
            there.cancel(),
        ):
            try:
                await work
                results.append("done")
            except (FailureError, asyncio.CancelledError) as error:
                results.append(type(error).__name__)
        return results


@workflow.defn
class Other:
    """Waits for a signal, then for its cancellation."""

    def __init__(self) -> None:
        self.told: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return self.told
        return []

    @workflow.signal
    def tell(self, what: str) -> None:
        self.told.append(what)


@scenario(ReachesOthers, Other)
async def external_signals_and_cancels(stage: Stage) -> None:
    async with stage.worker():
        name = f"{stage.task_queue}-other"
        other = await stage.client.start_workflow("Other", id=name, task_queue=stage.task_queue)
        await outcome(await stage.start("ReachesOthers", name))
        await outcome(other)


@workflow.defn
class LeavesChildren:
    """Ends while children run, one of which was told to be abandoned."""

    @workflow.run
    async def run(self) -> str:
        for policy in workflow.ParentClosePolicy:
            await child("linger", policy.name, parent_close_policy=policy)
        return "left"


@scenario(LeavesChildren, Child)
async def children_left_running(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start("LeavesChildren")
        await outcome(handle)
        for policy in workflow.ParentClosePolicy:
            left = stage.client.get_workflow_handle(f"{handle.id}/{policy.name}")
            try:
                await left.terminate()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
