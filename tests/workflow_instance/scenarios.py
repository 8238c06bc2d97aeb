"""Workflows for the comparison of command streams. They run on any package with this API."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ActivityCancellationType

_TIMEOUT = timedelta(seconds=30)

# What a local activity is told that is to be tried again later.
BACKOFF_ATTEMPT = 4
BACKOFF = timedelta(seconds=2, microseconds=345678)
FIRST_SCHEDULED_NS = 1_699_999_999_123_456_789


def refuse_unknown(activity_name: str) -> None:
    """Stand in for a worker that knows all local activities but one."""
    if activity_name == "unknown":
        raise ValueError("this worker does not know it")


def activity(name: str, *args: Any, **options: Any) -> workflow.ActivityHandle[Any]:
    """Start an activity that none of these tests runs."""
    return workflow.start_activity(name, args=args, start_to_close_timeout=_TIMEOUT, **options)


def local(name: str, *args: Any, **options: Any) -> workflow.ActivityHandle[Any]:
    """Start a local activity that none of these tests runs."""
    return workflow.start_local_activity(
        name, args=args, **{"start_to_close_timeout": _TIMEOUT, **options}
    )


async def outcome(awaitable: Awaitable[Any]) -> str:
    """Return in a word what became of something."""
    try:
        return f"result {await awaitable}"
    except ActivityError as error:
        return f"activity error {type(error.cause).__name__}"
    except asyncio.TimeoutError:
        return "timeout"
    except asyncio.CancelledError:
        return "cancelled"


class Logged:
    """Notes what happens in which order."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.finished = False

    def note(self, what: str) -> None:
        self.log.append(what)


@workflow.defn
class Everything(Logged):
    """Does what a list of words says; signals and updates come in between."""

    @workflow.run
    async def run(self, parts: list[str]) -> list[str]:
        self.note("run")
        for part in parts:
            self.note(f"begin {part}")
            self.note(await outcome(getattr(self, f"part_{part}")()))
        self.finished = True
        return self.log

    # ---- handlers ----

    @workflow.signal
    async def slow(self, number: int) -> None:
        self.note(f"slow {number} begins")
        await workflow.sleep(number)
        self.note(f"slow {number} ends")

    @workflow.signal
    def quick(self, number: int) -> None:
        self.note(f"quick {number}")

    @workflow.signal
    async def work(self, number: int) -> None:
        self.note("work " + await outcome(activity("from_signal", number)))

    @workflow.signal(dynamic=True)
    async def any_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self.note(f"any {name} {len(args)}")

    @workflow.query
    def log_so_far(self) -> list[str]:
        return self.log

    @workflow.query
    async def wrong(self) -> None:
        workflow.start_activity("not_here", start_to_close_timeout=_TIMEOUT)

    @workflow.update
    async def change(self, number: int) -> int:
        self.note(f"change {number} begins")
        await workflow.sleep(number)
        self.note(f"change {number} ends")
        return number * 2

    @change.validator
    def check_change(self, number: int) -> None:
        if number < 0:
            raise ApplicationError("must not be negative")

    @workflow.update
    def change_now(self, number: int) -> int:
        self.note(f"change now {number}")
        if number == 13:
            raise ApplicationError("unlucky")
        return number

    # ---- parts ----

    async def part_gather(self) -> Any:
        handles = [activity("gathered", number) for number in range(3)]
        return await asyncio.gather(*handles, asyncio.sleep(5), return_exceptions=True) and None

    async def part_wait_for(self) -> Any:
        return await asyncio.wait_for(activity("waited_for"), 10)

    async def part_wait_for_sleep(self) -> Any:
        return await asyncio.wait_for(asyncio.sleep(20, "slept"), 10.1234)

    async def part_shield(self) -> Any:
        handle = activity("shielded")
        first = await outcome(asyncio.wait_for(asyncio.shield(handle), 3))
        self.note(first)
        return await handle

    async def part_queue(self) -> Any:
        queue: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
        seen: list[int] = []

        async def consume(name: str) -> None:
            while len(seen) < 6:
                seen.append(await queue.get())
                self.note(f"{name} got {seen[-1]}")

        consumers = [asyncio.create_task(consume(name)) for name in "ab"]
        for number in range(6):
            await queue.put(number)
            if number % 2:
                await workflow.sleep(1)
        await workflow.wait_condition(lambda: len(seen) == 6)
        for task in consumers:
            task.cancel()
        await asyncio.gather(*consumers, return_exceptions=True)
        return seen

    async def part_lock(self) -> Any:
        lock = asyncio.Lock()
        semaphore = asyncio.Semaphore(2)

        async def contend(number: int) -> int:
            async with semaphore, lock:
                self.note(f"in {number}")
                await workflow.sleep(1)
                self.note(f"out {number}")
                return number

        return await asyncio.gather(*(contend(number) for number in range(4)))

    async def part_event(self) -> Any:
        event = asyncio.Event()

        async def wait(number: int) -> None:
            await event.wait()
            self.note(f"event {number}")
            await asyncio.sleep(0)
            self.note(f"event {number} after a turn")

        tasks = [asyncio.create_task(wait(number)) for number in range(3)]
        await workflow.sleep(1)
        event.set()
        await asyncio.sleep(0)
        self.note("set")
        await asyncio.gather(*tasks)

    async def part_task_group(self) -> Any:
        if sys.version_info < (3, 11):
            return None
        try:
            async with asyncio.TaskGroup() as group:
                # Only one is left to be cancelled: the group's set has no order to compare.
                group.create_task(self._fail_after(1))
                group.create_task(outcome(activity("grouped")))
        except BaseExceptionGroup as error:  # noqa: F821
            return [str(one) for one in error.exceptions]

    async def _fail_after(self, seconds: float) -> None:
        await workflow.sleep(seconds)
        raise ApplicationError("in the group")

    async def part_timeout(self) -> Any:
        if sys.version_info < (3, 11):
            return None
        async with asyncio.timeout(2.5):
            await asyncio.sleep(1)
            self.note("still in time")
            await activity("too_slow")

    async def part_condition(self) -> Any:
        await workflow.wait_condition(lambda: any("quick" in one for one in self.log), timeout=7)
        self.note("condition holds")

    async def part_condition_chain(self) -> Any:
        stage = 0

        async def advance(number: int) -> None:
            nonlocal stage
            await workflow.wait_condition(lambda: stage >= number)
            self.note(f"stage {number}")
            stage = number + 1

        tasks = [asyncio.create_task(advance(number)) for number in (2, 1, 0)]
        await asyncio.gather(*tasks)

    async def part_cancel_types(self) -> Any:
        handles = [
            activity(kind.name, cancellation_type=kind, activity_id=f"id-{kind.name}")
            for kind in ActivityCancellationType
        ]
        await asyncio.sleep(1)
        for handle in handles:
            handle.cancel()
        return [await outcome(handle) for handle in handles]

    async def part_cancel_unstarted(self) -> Any:
        handle = activity("never_awaited")
        handle.cancel()
        return await outcome(handle)

    async def part_cancel_sleep(self) -> Any:
        task = asyncio.create_task(workflow.sleep(50))
        await asyncio.sleep(0)
        task.cancel()
        return await outcome(task)

    async def part_cancel_before_start(self) -> Any:
        task = asyncio.create_task(workflow.sleep(50))
        task.cancel()
        return await outcome(task)

    async def part_race(self) -> Any:
        slow = asyncio.create_task(outcome(activity("racer")))
        timer = asyncio.create_task(asyncio.sleep(4))
        done, pending = await workflow.wait([slow, timer], return_when=asyncio.FIRST_COMPLETED)
        self.note(f"{len(done)} done {len(pending)} pending")
        for task in pending:
            task.cancel()
        return await asyncio.gather(*pending, return_exceptions=True) and None

    async def part_as_completed(self) -> Any:
        tasks = [
            asyncio.create_task(asyncio.sleep(number, number), name=str(number))
            for number in (3, 1, 2)
        ]
        for finished in workflow.as_completed(tasks):
            self.note(f"completed {await finished}")

    async def part_callbacks(self) -> Any:
        loop = asyncio.get_running_loop()
        loop.call_soon(self.note, "soon")
        loop.call_later(1, self.note, "later")
        loop.call_at(loop.time() + 0.0123456, self.note, "at")
        gone = loop.call_later(9, self.note, "never")
        gone.cancel()
        assert gone.cancelled()
        await workflow.sleep(2)

    async def part_random(self) -> Any:
        return [workflow.random().randint(1, 10**6), str(workflow.uuid4()), str(workflow.uuid4())]

    async def part_cleanup(self) -> Any:
        try:
            await activity("interrupted")
        except (asyncio.CancelledError, ActivityError) as error:
            self.note(f"cleaning up after {type(error).__name__}")
            await asyncio.shield(activity("cleanup"))
            self.note(workflow.cancellation_reason() or "no reason")
            raise

    # ---- parts with local activities ----

    async def part_local(self) -> Any:
        return await local("plain", 1)

    async def part_local_options(self) -> Any:
        return await local(
            "with_options",
            "a",
            2,
            schedule_to_close_timeout=timedelta(minutes=1),
            schedule_to_start_timeout=timedelta(seconds=5),
            start_to_close_timeout=None,
            retry_policy=RetryPolicy(maximum_attempts=7),
            local_retry_threshold=timedelta(seconds=2),
            activity_id="my own",
            summary="in a few words",
        )

    async def part_local_gather(self) -> Any:
        handles = [local("gathered", number) for number in range(3)]
        remote = activity("remote_between")
        return [await outcome(handle) for handle in [*handles, remote, local("last")]]

    async def part_local_wait_for(self) -> Any:
        return await asyncio.wait_for(local("waited_for"), 3)

    async def part_local_wait_for_wait(self) -> Any:
        kind = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
        return await asyncio.wait_for(local("waited_for", cancellation_type=kind), 3)

    async def part_local_shield(self) -> Any:
        handle = local("shielded")
        self.note(await outcome(asyncio.wait_for(asyncio.shield(handle), 2)))
        return await handle

    async def part_local_cancel_types(self) -> Any:
        handles = [local(kind.name, cancellation_type=kind) for kind in ActivityCancellationType]
        await asyncio.sleep(2)
        for handle in handles:
            handle.cancel()
        return [await outcome(handle) for handle in handles]

    async def part_local_cancel_twice(self) -> Any:
        kind = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
        handle = local("stubborn", cancellation_type=kind)
        for _ in range(3):
            await asyncio.sleep(1)
            handle.cancel()
        return await outcome(handle)

    async def part_local_cancel_unstarted(self) -> Any:
        handle = local("never_awaited")
        handle.cancel()
        return await outcome(handle)

    async def part_local_race(self) -> Any:
        tasks = [asyncio.create_task(outcome(local("racer", number))) for number in range(2)]
        done, pending = await workflow.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        self.note(f"{len(done)} done {len(pending)} pending")
        for task in pending:
            task.cancel()
        return await asyncio.gather(*pending, return_exceptions=True) and None

    async def part_local_cleanup(self) -> Any:
        try:
            await local("interrupted")
        except (asyncio.CancelledError, ActivityError) as error:
            self.note(f"cleaning up after {type(error).__name__}")
            self.note(await outcome(asyncio.shield(local("cleanup"))))
            raise


@workflow.defn
class FirstTask:
    """Everything that comes with the start meets a run that is not there yet."""

    def __init__(self) -> None:
        self.log = ["init"]
        workflow.set_signal_handler("set_in_init", lambda: self.log.append("set in init"))

    @workflow.run
    async def run(self) -> list[str]:
        self.log.append("run")

        async def late(number: int) -> int:
            self.log.append(f"late {number}")
            return number

        workflow.set_update_handler("late_update", late, validator=self._reject_negative)
        workflow.set_signal_handler("late_signal", lambda: self.log.append("late signal"))
        await asyncio.sleep(0)
        self.log.append("after a turn")
        await workflow.wait_condition(lambda: "quit" in self.log)
        return self.log

    @workflow.signal
    def early(self, word: str) -> None:
        self.log.append(word)

    @workflow.update
    async def early_update(self, word: str) -> int:
        self.log.append(f"update {word}")
        return len(self.log)

    @staticmethod
    def _reject_negative(number: int) -> None:
        if number < 0:
            raise ValueError("negative")


@workflow.defn
class Ending:
    """Ends in one of several ways."""

    @workflow.run
    async def run(self, how: str) -> str:
        if how == "application error":
            raise ApplicationError("meant to fail", 1, type="Mine", non_retryable=True)
        if how == "value error":
            raise ValueError("not meant to fail")
        if how == "timeout":
            raise asyncio.TimeoutError("late")
        if how == "continue":
            workflow.continue_as_new("again", task_queue="other", run_timeout=_TIMEOUT)
        if how == "activity":
            await activity("fails")
        if how == "local activity":
            await local("fails")
        if how == "cancelled local activity":
            handle = local("cancelled")
            await workflow.sleep(1)
            handle.cancel()
            await handle
        if how == "local activity without a timeout":
            await local("unbounded", start_to_close_timeout=None)
        if how == "unknown local activity":
            await local("unknown")
        if how == "wait":
            await workflow.wait_condition(lambda: False)
        if how == "timer":
            await workflow.sleep(-1)
        return how

    @workflow.signal
    async def hang(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    async def fail(self, how: str) -> None:
        if how == "continue":
            workflow.continue_as_new("from a signal")
        raise ApplicationError(how)

    @workflow.update
    async def continue_in_update(self) -> None:
        workflow.continue_as_new("not allowed")

    @workflow.update
    async def wrong_update(self) -> None:
        raise ValueError("a bug")


@workflow.defn(failure_exception_types=[ValueError])
class Strict:
    """Fails with what fails others' tasks only."""

    @workflow.run
    async def run(self) -> None:
        raise ValueError("meant to fail")


@workflow.defn(dynamic=True)
class AnyWorkflow:
    """Stands in for types that nobody knows."""

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> str:
        values = [workflow.payload_converter().from_payload(arg.payload) for arg in args]
        return f"{workflow.info().workflow_type} {values}"
