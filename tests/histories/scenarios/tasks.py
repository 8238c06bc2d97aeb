"""Workflow tasks that fail, time out, or are worked on by one worker after the other."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from .activities import echo, local, refuse, remote, silent, succeed_at
from .stage import Stage, outcome, scenario, simple


@workflow.defn(name="MendedCode")
class Broken:
    """Fails its task with an exception that is no failure."""

    @workflow.run
    async def run(self) -> str:
        await remote(echo, "before")
        raise RuntimeError("this code has a mistake")


@workflow.defn(name="MendedCode")
class Mended:
    """The same, with the mistake put right."""

    @workflow.run
    async def run(self) -> str:
        await remote(echo, "before")
        return str(await local(echo, "mended"))


@scenario(Mended)
async def task_fails_until_the_code_is_mended(stage: Stage) -> None:
    async with stage.activities():
        async with stage.worker(Broken):
            handle = await stage.start("MendedCode", task_timeout=timedelta(seconds=2))
            await stage.until(handle, "WORKFLOW_TASK_FAILED")
        async with stage.worker(Mended):
            await outcome(handle)


@workflow.defn(name="MovedAround")
class MovedAround:
    """Takes several steps, each of them on another worker."""

    def __init__(self) -> None:
        self.allowed = 0
        self.results: list[Any] = []

    @workflow.run
    async def run(self) -> list[Any]:
        for number in range(4):
            await workflow.wait_condition(lambda number=number: self.allowed > number)  # type: ignore[misc]
            work = [remote(echo, number), local(echo, number)]
            self.results += await asyncio.gather(*work, asyncio.sleep(0.01, "timer"))
        return self.results

    @workflow.signal
    def allow(self) -> None:
        self.allowed += 1


@scenario(MovedAround)
async def moved_from_worker_to_worker(stage: Stage) -> None:
    """Each worker replays what the others did."""
    async with stage.activities():
        handle = await stage.start("MovedAround")
        for number in range(3):
            async with stage.worker():
                await handle.signal("allow")
                await stage.until(handle, "TIMER_FIRED", number + 1)
        async with stage.worker():
            await handle.signal("allow")
            await outcome(handle)


@scenario(MovedAround)
async def replayed_at_every_task(stage: Stage) -> None:
    """A worker without a cache.

    Promise 19: cold replay at each task gives the same.
    """
    async with stage.activities(), stage.worker(max_cached_workflows=0):
        handle = await stage.start("MovedAround")
        for _ in range(4):
            await handle.signal("allow")
        await outcome(handle)


@simple()
@workflow.defn
class ActivityFailures:
    """Activities that are retried, that run out of attempts, and that time out in each way."""

    @workflow.run
    async def run(self) -> list[str]:
        results = []
        often = RetryPolicy(initial_interval=timedelta(milliseconds=50), maximum_attempts=3)
        brief = timedelta(milliseconds=300)
        for work in (
            remote(succeed_at, 3, retry_policy=often),
            remote(succeed_at, 9, retry_policy=often),
            remote(refuse, "for good", retry_policy=often),
            remote(silent, start_to_close_timeout=brief),
            remote(silent, heartbeat_timeout=brief),
            remote(silent, schedule_to_close_timeout=brief, retry_policy=often),
            remote(echo, 1, task_queue="nobody-is-there", schedule_to_start_timeout=brief),
        ):
            try:
                results.append(str(await work))
            except ActivityError as error:
                results.append(f"{error.retry_state!r} {type(error.cause).__name__}: {error.cause}")
        return results


@simple()
@workflow.defn
class ManyEvents:
    """So many activities side by side that the server sends the history in pages."""

    @workflow.run
    async def run(self) -> int:
        total = 0
        for _ in range(2):
            total += sum(await asyncio.gather(*(remote(echo, number) for number in range(60))))
        return total
