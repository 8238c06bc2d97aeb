"""The tools of asyncio, and those of the package beside them."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

from .activities import echo, echo_after, hang, refuse, remote
from .stage import Stage, outcome, scenario, simple


@simple()
@workflow.defn
class Gather:
    """Activities and a timer side by side, then one that fails, with its exception as a value."""

    @workflow.run
    async def run(self) -> list[str]:
        first = await asyncio.gather(
            remote(echo_after, "slow", 0.3), asyncio.sleep(0.1, "timer"), remote(echo, "fast")
        )
        second = await asyncio.gather(
            remote(refuse, "no"), remote(echo, "yes"), return_exceptions=True
        )
        return [*first, *(type(part).__name__ for part in second)]


@simple()
@workflow.defn
class GatherFailsFirst:
    """A gather that ends with the first exception while its other parts go on."""

    @workflow.run
    async def run(self) -> list[Any]:
        rest = asyncio.ensure_future(remote(echo_after, "later", 0.4))
        try:
            await asyncio.gather(rest, remote(refuse, "now"))
        except ActivityError as error:
            return [str(error.cause), await rest]
        raise AssertionError("the gather fails")


@simple()
@workflow.defn
class WaitFor:
    """Limits that are kept and limits that are not; one that is there at once."""

    @workflow.run
    async def run(self) -> list[Any]:
        results: list[Any] = [await asyncio.wait_for(remote(echo, "in time"), 20)]
        try:
            await asyncio.wait_for(remote(echo_after, "too late", 5), 0.2)
        except (asyncio.TimeoutError, ActivityError) as error:
            results.append(type(error).__name__)
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0)
        except asyncio.TimeoutError:
            results.append("at once")
        results.append(await asyncio.wait_for(remote(echo, "no limit"), None))
        return results


if sys.version_info >= (3, 11):

    @simple(python=(3, 11))
    @workflow.defn
    class TaskGroups:
        """A group that succeeds, then one whose failing part cancels the others.

        A group keeps its tasks in a set and cancels them in no certain order: only one of them may
        issue a command when it is cancelled, or no package replays it reliably.

        Compatibility, activations: the library's `TaskGroup` goes through sets of tasks.
        """

        @workflow.run
        async def run(self) -> list[Any]:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self.part(n)) for n in range(5)]
            results: list[Any] = [task.result() for task in tasks]
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(asyncio.Event().wait())
                    group.create_task(self.part(100, heartbeat=True))
                    group.create_task(self.broken())
                    group.create_task(asyncio.Event().wait())
            except ExceptionGroup as errors:  # noqa: F821
                results.append([type(error).__name__ for error in errors.exceptions])
            return results

        async def part(self, number: int, heartbeat: bool = False) -> Any:
            return await (remote(hang) if heartbeat else remote(echo, number))

        async def broken(self) -> None:
            await remote(refuse, "one of the group")

    @simple(python=(3, 11))
    @workflow.defn
    class Timeouts:
        """`asyncio.timeout` that passes, that is moved, and one within another."""

        @workflow.run
        async def run(self) -> list[Any]:
            results: list[Any] = []
            async with asyncio.timeout(20):
                results.append(await remote(echo, "in time"))
            try:
                async with asyncio.timeout(0.2):
                    await asyncio.sleep(30)
            except TimeoutError:
                results.append("timed out")
            try:
                async with asyncio.timeout(30) as outer:
                    async with asyncio.timeout(60):
                        outer.reschedule(asyncio.get_running_loop().time() + 0.3)
                        await remote(echo_after, "never", 10)
            except (TimeoutError, ActivityError) as error:
                results.append(f"{type(error).__name__} {outer.expired()}")
            return results


@workflow.defn
class QueueOfSignals:
    """Two consumers work on what signals put in a bounded queue."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[int] = asyncio.Queue(maxsize=2)
        self.done: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        consumers = [asyncio.create_task(self.consume(name)) for name in ("a", "b")]
        await workflow.wait_condition(lambda: len(self.done) == 6)
        await self.queue.join()
        for consumer in consumers:
            consumer.cancel()
        await asyncio.gather(*consumers, return_exceptions=True)
        return self.done

    async def consume(self, name: str) -> None:
        while True:
            item = await self.queue.get()
            self.done.append(f"{name}{await remote(echo, item)}")
            self.queue.task_done()

    @workflow.signal
    async def put(self, items: list[int]) -> None:
        for item in items:
            await self.queue.put(item)


@scenario(QueueOfSignals)
async def queue_of_signals(stage: Stage) -> None:
    handle = await stage.start("QueueOfSignals")
    await handle.signal("put", [1, 2, 3])
    async with stage.activities(), stage.worker():
        await stage.until(handle, "ACTIVITY_TASK_COMPLETED")
        await handle.signal("put", [4, 5, 6])
        await outcome(handle)


@simple()
@workflow.defn
class LockSemaphoreEvent:
    """Tasks that share a lock, a semaphore, an event and a condition."""

    @workflow.run
    async def run(self) -> list[str]:
        self.log: list[str] = []
        self.lock, self.two, self.go = asyncio.Lock(), asyncio.Semaphore(2), asyncio.Event()
        self.changed = asyncio.Condition()
        tasks = [asyncio.create_task(self.part(number)) for number in range(4)]
        await asyncio.sleep(0.05)
        self.go.set()
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.log) >= 4)
        await asyncio.gather(*tasks)
        return self.log

    async def part(self, number: int) -> None:
        await self.go.wait()
        async with self.two:
            await remote(echo, number)
        async with self.lock:
            await asyncio.sleep(0.02)
            await remote(echo, number + 10)
        async with self.changed:
            self.log.append(str(number))
            self.changed.notify_all()


@workflow.defn
class Shielded:
    """An activity behind a shield outlives the cancellation of those who wait for it."""

    @workflow.run
    async def run(self) -> list[Any]:
        work = remote(echo_after, "finished", 1)
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            return ["cancelled", await work]
        return ["not cancelled"]


@scenario(Shielded)
async def shielded_activity(stage: Stage) -> None:
    async with stage.activities(), stage.worker():
        handle = await stage.start("Shielded")
        await stage.until(handle, "ACTIVITY_TASK_SCHEDULED")
        await handle.cancel()
        await outcome(handle)


@simple()
@workflow.defn
class WaitAndAsCompleted:
    """`workflow.wait` in each of its ways, and `workflow.as_completed` with a limit.

    Compatibility, activations: `workflow.wait` and `as_completed`.
    """

    @workflow.run
    async def run(self) -> list[Any]:
        results: list[Any] = []
        tasks = [asyncio.ensure_future(remote(echo_after, t, t)) for t in (0.5, 0.1, 0.3)]
        done, pending = await workflow.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        results.append([len(done), len(pending)])
        for next_one in workflow.as_completed(tasks):
            results.append(await next_one)
        broken = [asyncio.ensure_future(work) for work in (remote(refuse, "x"), asyncio.sleep(9))]
        done, pending = await workflow.wait(broken, return_when=asyncio.FIRST_EXCEPTION)
        results.append([len(done), len(pending)])
        done, pending = await workflow.wait(pending, timeout=0.1)
        results.append([len(done), len(pending)])
        for left in pending:
            left.cancel()
        try:
            for next_one in workflow.as_completed(
                [asyncio.sleep(9), asyncio.sleep(0.1, 1)], timeout=0.2
            ):
                results.append(await next_one)
        except asyncio.TimeoutError:
            results.append("timed out")
        return results
