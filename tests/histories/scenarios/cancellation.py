"""Cancellation of activities, timers and workflows, and its races."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from .activities import echo, echo_after, hang, remote
from .stage import Handle, Stage, outcome, scenario, simple

TYPES = workflow.ActivityCancellationType


@workflow.defn
class ResultAndCancel:
    """Gets the result of an activity and its own cancellation, then goes on."""

    @workflow.run
    async def run(self, ways: list[str], seconds: float) -> list[str]:
        log: list[str] = []
        for way in ways:
            try:
                work = remote(echo_after, way, seconds)
                log.append(await (asyncio.shield(work) if way == "shielded" else work))
            except asyncio.CancelledError as error:
                log.append(f"raw {type(error).__name__}")
            except ActivityError as error:
                log.append(f"activity {is_cancelled_exception(error)}")
        log.append(await remote(echo, "after"))
        return log


async def stop_until_both(stage: Stage, handle: Handle) -> None:
    """Let the result of the first activity and a cancel wait for one workflow task."""
    async with stage.worker():
        await stage.until(handle, "ACTIVITY_TASK_SCHEDULED")
    await stage.until(handle, "ACTIVITY_TASK_COMPLETED")
    await handle.cancel()
    await stage.until(handle, "WORKFLOW_EXECUTION_CANCEL_REQUESTED")


@scenario(ResultAndCancel)
async def activity_result_and_cancel_in_one_task(stage: Stage) -> None:
    """Shows lang flag 1.

    Compatibility, flags: lang flag 1, recorded when it occurs.
    """
    async with stage.activities():
        handle = await stage.start("ResultAndCancel", ["plain"], 0.2)
        await stop_until_both(stage, handle)
        async with stage.worker():
            await outcome(handle)


@scenario(ResultAndCancel)
async def cancel_before_activity_result(stage: Stage) -> None:
    """The same race with the cancel first in the history."""
    async with stage.activities():
        handle = await stage.start("ResultAndCancel", ["plain"], 2)
        async with stage.worker():
            await stage.until(handle, "ACTIVITY_TASK_SCHEDULED")
        await handle.cancel()
        await stage.until(handle, "ACTIVITY_TASK_COMPLETED")
        async with stage.worker():
            await outcome(handle)


@scenario(ResultAndCancel)
async def shielded_result_and_cancel_in_one_task(stage: Stage) -> None:
    async with stage.activities():
        handle = await stage.start("ResultAndCancel", ["shielded", "plain"], 0.2)
        await stop_until_both(stage, handle)
        async with stage.worker():
            await outcome(handle)


@workflow.defn
class CleansUp:
    """Runs an activity on the way out when it is cancelled; swallows it on request."""

    @workflow.run
    async def run(self, swallow: bool) -> Any:
        try:
            await asyncio.gather(
                remote(hang, heartbeat_timeout=timedelta(seconds=5)), asyncio.sleep(60)
            )
        except (asyncio.CancelledError, ActivityError):
            cleaned = await asyncio.shield(remote(echo, "cleaned up"))
            if not swallow:
                raise
            return cleaned


async def cancel_when_busy(stage: Stage, swallow: bool) -> None:
    async with stage.activities(), stage.worker():
        handle = await stage.start("CleansUp", swallow)
        await stage.until(handle, "ACTIVITY_TASK_SCHEDULED")
        await handle.cancel()
        await outcome(handle)


@scenario(CleansUp)
async def cancelled_with_cleanup(stage: Stage) -> None:
    await cancel_when_busy(stage, swallow=False)


@scenario(CleansUp)
async def cancellation_swallowed(stage: Stage) -> None:
    await cancel_when_busy(stage, swallow=True)


@workflow.defn
class CancelledBeforeItsStart:
    """Is cancelled in its first task."""

    @workflow.run
    async def run(self) -> str:
        await asyncio.sleep(10)
        return "not cancelled"


@scenario(CancelledBeforeItsStart)
async def cancelled_in_the_first_task(stage: Stage) -> None:
    handle = await stage.start("CancelledBeforeItsStart")
    await handle.cancel()
    async with stage.worker():
        await outcome(handle)


@workflow.defn
class CancelsActivities:
    """Cancels activities in each of three ways: while they run, and before they are sent."""

    @workflow.run
    async def run(self) -> list[str]:
        results = []
        for kind in (TYPES.TRY_CANCEL, TYPES.WAIT_CANCELLATION_COMPLETED, TYPES.ABANDON):
            unsent = remote(hang, cancellation_type=kind)
            unsent.cancel()
            unsent.cancel()
            running = remote(hang, cancellation_type=kind, heartbeat_timeout=timedelta(seconds=5))
            await asyncio.sleep(0.3)
            running.cancel()
            for work in (unsent, running):
                try:
                    results.append(f"{kind.name}: {await work}")
                except (ActivityError, asyncio.CancelledError) as error:
                    results.append(f"{kind.name}: {type(error).__name__}")
        return results


simple()(CancelsActivities)


@simple(since=(1, 32))
@workflow.defn
class ActivitiesCancelledTwice:
    """A second cancel of the same activity, one loop later, changes nothing; in 1.31 it did.

    Promise 31: a cancel is idempotent.
    """

    @workflow.run
    async def run(self) -> list[str]:
        results = []
        for kind in (TYPES.TRY_CANCEL, TYPES.WAIT_CANCELLATION_COMPLETED, TYPES.ABANDON):
            limit = timedelta(seconds=5)
            running = remote(hang, cancellation_type=kind, heartbeat_timeout=limit)
            await asyncio.sleep(0.3)
            running.cancel()
            await asyncio.sleep(0)
            running.cancel()
            try:
                results.append(f"{kind.name}: {await running}")
            except (ActivityError, asyncio.CancelledError) as error:
                results.append(f"{kind.name}: {type(error).__name__}")
        return results


@workflow.defn
class SwallowedByActivity:
    """Waits for an activity that answers its cancellation with a result."""

    @workflow.run
    async def run(self) -> str:
        work = remote(
            hang,
            cancellation_type=TYPES.WAIT_CANCELLATION_COMPLETED,
            heartbeat_timeout=timedelta(seconds=5),
        )
        await asyncio.sleep(0.3)
        work.cancel()
        return str(await work)


simple()(SwallowedByActivity)


@simple()
@workflow.defn
class Timers:
    """Timers that fire, that are cancelled, and that are never sent; numbers are used up.

    Compatibility, ids: a number is used up even if its command is dropped.
    """

    @workflow.run
    async def run(self) -> list[str]:
        never = asyncio.create_task(asyncio.sleep(50))
        await asyncio.sleep(0)
        never.cancel()
        loop = asyncio.get_running_loop()
        fired: list[str] = []
        loop.call_later(0.05, fired.append, "call_later")
        loop.call_at(loop.time() + 0.1, fired.append, "call_at")
        loop.call_later(60, fired.append, "never").cancel()
        running = asyncio.create_task(asyncio.sleep(50))
        await workflow.sleep(timedelta(milliseconds=200))
        running.cancel()
        same_time = [asyncio.create_task(asyncio.sleep(0.1, n)) for n in range(3)]
        fired += [str(n) for n in await asyncio.gather(*same_time)]
        await asyncio.sleep(0.01)
        return fired


@workflow.defn
class TimerAndCancel:
    """Is cancelled in the task in which its timer fires."""

    @workflow.run
    async def run(self) -> str:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            return "cancelled"
        try:
            await remote(echo, "fired")
        except (asyncio.CancelledError, ActivityError) as error:
            return f"fired, then {type(error).__name__}"
        return "fired"


@scenario(TimerAndCancel)
async def timer_fires_and_cancel_in_one_task(stage: Stage) -> None:
    """Compatibility, activations: a fired timer is ready at once, a cancel is deferred."""
    async with stage.activities():
        handle = await stage.start("TimerAndCancel")
        async with stage.worker():
            await stage.until(handle, "TIMER_STARTED")
        await stage.until(handle, "TIMER_FIRED")
        await handle.cancel()
        async with stage.worker():
            await outcome(handle)


@scenario(TimerAndCancel)
async def cancel_before_timer_fires_in_one_task(stage: Stage) -> None:
    async with stage.activities():
        handle = await stage.start("TimerAndCancel")
        async with stage.worker():
            await stage.until(handle, "TIMER_STARTED")
        await handle.cancel()
        await stage.until(handle, "TIMER_FIRED")
        async with stage.worker():
            await outcome(handle)
