"""Local activities: one after the other, side by side, retried, cancelled, long, failing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, FailureError

from .activities import echo, echo_after, hang, local, moment, refuse, remote, silent, succeed_at
from .stage import Stage, outcome, scenario, simple

TYPES = workflow.ActivityCancellationType
SHORT_TASK = timedelta(seconds=2)


@simple()
@workflow.defn
class LocalSequential:
    """One after the other, in one workflow task; then a timer, and more."""

    @workflow.run
    async def run(self) -> list[Any]:
        results = [await local(echo, number) for number in range(3)]
        await asyncio.sleep(0.05)
        results.append(await local(echo, "after a timer"))
        results.append(await remote(echo, "remote"))
        return results


@simple()
@workflow.defn
class LocalGathered:
    """Side by side; they end in another order than they begin."""

    @workflow.run
    async def run(self) -> list[Any]:
        first = await asyncio.gather(*(local(echo_after, s, s) for s in (0.3, 0.1, 0.2)))
        return [
            *first,
            *await asyncio.gather(local(echo, 1), asyncio.sleep(0.05), local(echo_after, 2, 0.1)),
        ]


@simple()
@workflow.defn
class LocalReactions:
    """Each result is followed by a command of its own, while the others still run."""

    @workflow.run
    async def run(self) -> list[Any]:
        self.order: list[Any] = []
        await asyncio.gather(*(self.react(seconds) for seconds in (0.5, 0.1, 0.3)))
        return self.order

    async def react(self, seconds: float) -> None:
        self.order.append(await local(echo_after, seconds, seconds))
        await remote(echo, seconds)
        self.order.append(f"remote {seconds}")
        await local(echo_after, seconds, seconds / 2)


@simple()
@workflow.defn
class LocalBesideOthers:
    """Local activities beside timers and remote ones that end in between."""

    @workflow.run
    async def run(self) -> list[Any]:
        self.order: list[Any] = []

        async def note(name: str, work: Any) -> None:
            await work
            self.order.append(name)

        await asyncio.gather(
            note("local", local(echo_after, 1, 0.6)),
            note("timer", asyncio.sleep(0.2)),
            note("remote", remote(echo, 1)),
            note("quick", local(echo, 1)),
        )
        return self.order


@simple()
@workflow.defn
class LocalRetries:
    """Retried within one workflow task."""

    @workflow.run
    async def run(self) -> int:
        policy = RetryPolicy(initial_interval=timedelta(milliseconds=20))
        result: int = await local(succeed_at, 4, retry_policy=policy)
        return result


@simple()
@workflow.defn
class LocalBackoffTimer:
    """Retried past the threshold, by way of timers; another timer and activity take numbers."""

    @workflow.run
    async def run(self) -> list[Any]:
        policy = RetryPolicy(initial_interval=timedelta(seconds=1), backoff_coefficient=1.0)
        retried = local(
            succeed_at, 3, retry_policy=policy, local_retry_threshold=timedelta(milliseconds=500)
        )
        await asyncio.sleep(0.1)
        await remote(echo, "between")
        await asyncio.sleep(0.1)
        return [await retried, await local(echo, "after")]


@simple(since=(1, 34))
@workflow.defn
class LocalBackoffCancelled:
    """Cancelled while its backoff timer runs; up to 1.33 that ended in a failed task."""

    @workflow.run
    async def run(self) -> list[str]:
        results = []
        for kind in (TYPES.TRY_CANCEL, TYPES.WAIT_CANCELLATION_COMPLETED, TYPES.ABANDON):
            retried = local(
                succeed_at,
                9,
                retry_policy=RetryPolicy(initial_interval=timedelta(seconds=30)),
                local_retry_threshold=timedelta(seconds=1),
                cancellation_type=kind,
            )
            await asyncio.sleep(0.3)
            retried.cancel()
            try:
                await retried
            except (ActivityError, asyncio.CancelledError) as error:
                results.append(type(error).__name__)
        return results


@simple()
@workflow.defn
class LocalFails:
    """Fails for good, runs out of attempts, and takes too long."""

    @workflow.run
    async def run(self) -> list[str]:
        results = []
        twice = RetryPolicy(maximum_attempts=2, initial_interval=timedelta(milliseconds=10))
        for work in (
            local(refuse, "no"),
            local(succeed_at, 5, retry_policy=twice),
            local(silent, start_to_close_timeout=timedelta(milliseconds=200), retry_policy=twice),
            local(silent, schedule_to_close_timeout=timedelta(milliseconds=300)),
        ):
            try:
                await work
            except FailureError as error:
                results.append(f"{type(error).__name__} {error} from {error.cause}")
        return results


@simple()
@workflow.defn
class LocalCancelled:
    """Cancelled in each of three ways: at once, and while it runs."""

    @workflow.run
    async def run(self) -> list[str]:
        results = []
        for kind in (TYPES.TRY_CANCEL, TYPES.WAIT_CANCELLATION_COMPLETED, TYPES.ABANDON):
            unsent = local(hang, cancellation_type=kind)
            unsent.cancel()
            running = local(hang, cancellation_type=kind)
            await local(echo_after, "meanwhile", 0.2)
            running.cancel()
            for work in (unsent, running):
                try:
                    await asyncio.wait_for(asyncio.shield(work), 3)
                    results.append("done")
                except (ActivityError, asyncio.CancelledError, asyncio.TimeoutError) as error:
                    results.append(f"{kind.name} {type(error).__name__}")
        return results


@workflow.defn
class LocalLong:
    """Local activities that run for longer than a workflow task may."""

    def __init__(self) -> None:
        self.signals: list[str] = []

    @workflow.run
    async def run(self) -> list[Any]:
        results = await asyncio.gather(
            local(echo_after, "long", 4.5),
            local(echo_after, "shorter", 2.5),
            asyncio.sleep(0.5, "t"),
        )
        return [*results, await local(echo, "after"), *self.signals]

    @workflow.signal
    async def say(self, what: str) -> None:
        self.signals.append(what)
        self.signals.append(await local(echo, f"{what} too"))


@scenario(LocalLong, slow=True)
async def local_activity_longer_than_its_task(stage: Stage) -> None:
    """The task heartbeats, and the timer fires meanwhile."""
    async with stage.worker():
        await outcome(await stage.start("LocalLong", task_timeout=SHORT_TASK))


@scenario(LocalLong, slow=True)
async def signals_during_a_long_local_activity(stage: Stage) -> None:
    async with stage.worker():
        handle = await stage.start("LocalLong", task_timeout=SHORT_TASK)
        for number in range(3):
            await asyncio.sleep(0.7)
            await handle.signal("say", f"signal {number}")
        await outcome(handle)


@workflow.defn
class LocalInHandlers:
    """Local activities in handlers of signals and updates, beside those of `run`."""

    def __init__(self) -> None:
        self.notes: list[Any] = []

    @workflow.run
    async def run(self) -> list[Any]:
        self.notes.append(await local(echo_after, "run", 0.2))
        await workflow.wait_condition(lambda: "end" in self.notes)
        return self.notes

    @workflow.signal
    async def say(self, what: str) -> None:
        self.notes.append(await local(echo, what))

    @workflow.update
    async def ask(self, what: str) -> Any:
        self.notes.append(await local(echo_after, what, 0.1))
        return len(self.notes)


@scenario(LocalInHandlers)
async def local_activities_in_handlers(stage: Stage) -> None:
    handle = await stage.start("LocalInHandlers")
    await handle.signal("say", "early")
    async with stage.worker():
        for number in range(2):
            await handle.execute_update("ask", f"update {number}", id=f"update-{number}")
            await handle.signal("say", f"signal {number}")
        await handle.signal("say", "end")
        await outcome(handle)


@simple()
@workflow.defn
class LocalAdvancesTime:
    """Workflow time goes on with local activities, and never back."""

    @workflow.run
    async def run(self) -> list[bool]:
        times = [moment()]
        for seconds in (0.1, 0.0, 0.2):
            await local(echo_after, 1, seconds)
            times.append(moment())
        await asyncio.sleep(0.1)
        times.append(moment())
        await remote(echo, times == sorted(times))
        return [times == sorted(times), times[-1] > times[0]]


@simple()
@workflow.defn
class LocalWithSummary:
    """With an id, a summary and a schedule-to-start limit."""

    @workflow.run
    async def run(self) -> list[Any]:
        return [
            await local(echo, 1, activity_id="by name", summary="of one"),
            await local(echo, 2, schedule_to_start_timeout=timedelta(seconds=9)),
            await remote(echo, 3, activity_id="remote by name"),
        ]


@simple()
@workflow.defn
class LocalLeftRunning:
    """Returns while a local activity still runs, and another was never waited for."""

    @workflow.run
    async def run(self) -> str:
        left = local(echo_after, "nobody waits", 1)
        result = await local(echo, "first")
        left.add_done_callback(lambda done: None)
        return str(result)
