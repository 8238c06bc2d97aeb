"""Patches: asked for, deprecated, added while a run goes on, several in one task."""

from __future__ import annotations

import asyncio

from temporalio import workflow

from .activities import echo, local, remote
from .stage import Stage, outcome, scenario, simple


@simple()
@workflow.defn
class Patched:
    """Asks for one patch, several times."""

    @workflow.run
    async def run(self) -> list[str]:
        results = []
        for number in range(3):
            name = "new" if workflow.patched("only one") else "old"
            results.append(await remote(echo, f"{name} {number}"))
        return results


@simple()
@workflow.defn
class PatchesInOneTask:
    """Two patches and a deprecated one in the first task, and one later on."""

    @workflow.run
    async def run(self) -> list[bool]:
        answers = [workflow.patched("b first")]
        workflow.deprecate_patch("deprecated")
        answers.append(workflow.patched("a second"))
        await asyncio.sleep(0.05)
        answers.append(workflow.patched("c third") and workflow.patched("a second"))
        await local(echo, 1)
        workflow.deprecate_patch("a second")
        return answers


@simple()
@workflow.defn
class ManyPatches:
    """More of them than a search attribute can hold."""

    @workflow.run
    async def run(self) -> int:
        count = 0
        for number in range(30):
            count += workflow.patched(f"{number:03}-{'long name ' * 10}")
            if number % 10 == 0:
                await asyncio.sleep(0.01)
        return count


@workflow.defn(name="PatchAddedMidRun")
class BeforePatch:
    """The old code."""

    def __init__(self) -> None:
        self.steps = 0

    @workflow.run
    async def run(self) -> list[str]:
        results = []
        for number in range(3):
            await workflow.wait_condition(lambda number=number: self.steps > number)  # type: ignore[misc]
            results.append(await remote(echo, f"old {number}"))
        return results

    @workflow.signal
    def step(self) -> None:
        self.steps += 1


@workflow.defn(name="PatchAddedMidRun")
class AfterPatch:
    """The new code; each step has a patch of its own, and the first was done without."""

    def __init__(self) -> None:
        self.steps = 0

    @workflow.run
    async def run(self) -> list[str]:
        results = []
        for number in range(3):
            await workflow.wait_condition(lambda number=number: self.steps > number)  # type: ignore[misc]
            if workflow.patched(f"step {number}"):
                await asyncio.sleep(0.01)
                results.append(await local(echo, f"new {number}"))
            else:
                results.append(await remote(echo, f"old {number}"))
        return results

    @workflow.signal
    def step(self) -> None:
        self.steps += 1


@scenario(AfterPatch, same_code=False)
async def patch_added_while_it_runs(stage: Stage) -> None:
    """Two workers one after the other, the second with new code."""
    async with stage.activities():
        handle = await stage.start("PatchAddedMidRun")
        async with stage.worker(BeforePatch):
            await handle.signal("step")
            await stage.until(handle, "ACTIVITY_TASK_COMPLETED")
        async with stage.worker(AfterPatch):
            await handle.signal("step")
            await handle.signal("step")
            await outcome(handle)


@workflow.defn(name="PatchOneId")
class OneIdBefore:
    """Runs an activity in each of two rounds."""

    @workflow.run
    async def run(self) -> list[str]:
        results = [await remote(echo, "old")]
        await asyncio.sleep(1)
        return [*results, await remote(echo, "old")]


@workflow.defn(name="PatchOneId")
class OneIdAfter:
    """The same id in both rounds: the first answer, no, holds for the run."""

    @workflow.run
    async def run(self) -> list[str]:
        results = []
        for number in range(2):
            name = "new" if workflow.patched("both rounds") else "old"
            results.append(await remote(echo, name))
            if number == 0:
                await asyncio.sleep(1)
        return results


@scenario(OneIdAfter, same_code=False)
async def patch_keeps_its_first_answer(stage: Stage) -> None:
    """Compatibility, commands: the first answer per id holds, `False` included."""
    async with stage.activities():
        async with stage.worker(OneIdBefore):
            handle = await stage.start("PatchOneId")
            await stage.until(handle, "TIMER_STARTED")
        async with stage.worker(OneIdAfter):
            await outcome(handle)


@workflow.defn(name="PatchGone")
class PatchDeprecated:
    """Still names the patch."""

    @workflow.run
    async def run(self) -> str:
        workflow.deprecate_patch("gone")
        await asyncio.sleep(0.3)
        return str(await remote(echo, "new"))


@workflow.defn(name="PatchGone")
class PatchForgotten:
    """No longer names it."""

    @workflow.run
    async def run(self) -> str:
        await asyncio.sleep(0.3)
        return str(await remote(echo, "new"))


@scenario(PatchForgotten, same_code=False)
async def deprecated_patch_removed_while_it_runs(stage: Stage) -> None:
    async with stage.activities():
        async with stage.worker(PatchDeprecated):
            handle = await stage.start("PatchGone")
            await stage.until(handle, "TIMER_STARTED")
        async with stage.worker(PatchForgotten):
            await outcome(handle)


@workflow.defn
class PatchesInHandlers:
    """Handlers of signals and updates ask for patches before `run` does."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        self.notes.append(f"run {workflow.patched('shared')}")
        await workflow.wait_condition(lambda: len(self.notes) == 4)
        return self.notes

    @workflow.signal
    def say(self) -> None:
        self.notes.append(f"signal {workflow.patched('shared')} {workflow.patched('of signals')}")

    @workflow.update
    async def ask(self) -> bool:
        answer = workflow.patched("of updates")
        await asyncio.sleep(0.01)
        self.notes.append(f"update {answer}")
        return answer


@scenario(PatchesInHandlers)
async def patches_in_handlers(stage: Stage) -> None:
    handle = await stage.start("PatchesInHandlers")
    await handle.signal("say")
    async with stage.worker():
        await handle.execute_update("ask", id="the update")
        await handle.signal("say")
        await outcome(handle)
