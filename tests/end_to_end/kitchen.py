"""Workflows and activities for the end-to-end tests: one small thing each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError

SHORT = timedelta(seconds=5)
ONCE = RetryPolicy(maximum_attempts=1)


@dataclass
class Order:
    item: str
    count: int


# ---- activities ----


@activity.defn
async def price_of(order: Order) -> int:
    return len(order.item) * order.count


@activity.defn
async def fail_until_attempt(attempt: int) -> int:
    if activity.info().attempt < attempt:
        raise RuntimeError(f"attempt {activity.info().attempt} is too early")
    return activity.info().attempt


@activity.defn
async def fail_for_good(message: str) -> None:
    raise ApplicationError(message, "detail", 7, type="Broken", non_retryable=True)


@activity.defn
def block_until_cancelled() -> str:
    """Threaded: a heartbeat brings the cancellation, which is raised in the thread."""
    import time

    try:
        while True:
            activity.heartbeat()
            time.sleep(0.05)
    except CancelledError:
        return "cancelled in the thread"


@activity.defn
async def wait_until_cancelled() -> None:
    while True:
        activity.heartbeat("waiting")
        await asyncio.sleep(0.05)


@activity.defn
async def never_heartbeats() -> None:
    await asyncio.sleep(60)


@activity.defn
async def resume_from_details() -> str:
    if activity.info().attempt == 1:
        activity.heartbeat("step", 3)
        raise RuntimeError("lost after step 3")
    return f"resumed from {list(activity.info().heartbeat_details)}"


# ---- workflows ----


@workflow.defn
class PriceOrders:
    """Activities side by side; results in the order of the calls."""

    @workflow.run
    async def run(self, orders: list[Order]) -> list[int]:
        return list(
            await asyncio.gather(
                *(
                    workflow.execute_activity(price_of, order, start_to_close_timeout=SHORT)
                    for order in orders
                )
            )
        )


@workflow.defn
class Retries:
    @workflow.run
    async def run(self, attempt: int) -> int:
        return await workflow.execute_activity(
            fail_until_attempt,
            attempt,
            start_to_close_timeout=SHORT,
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=10)),
        )


@workflow.defn
class ActivityFails:
    @workflow.run
    async def run(self) -> list[str]:
        try:
            await workflow.execute_activity(fail_for_good, "no way", start_to_close_timeout=SHORT)
        except ActivityError as err:
            cause = err.cause
            assert isinstance(cause, ApplicationError)
            return [
                str(err),
                str(cause),
                str(cause.type),
                repr(list(cause.details)),
                str(cause.non_retryable),
                err.activity_type,
                err.activity_id,
                str(err.retry_state and err.retry_state.name),
            ]
        raise AssertionError("the activity fails")


@workflow.defn
class CancelsActivity:
    """Cancels an activity that runs, and says what came of it."""

    @workflow.run
    async def run(self, name: str, cancellation_type: int) -> str:
        handle = workflow.start_activity(
            name,
            start_to_close_timeout=timedelta(seconds=20),
            heartbeat_timeout=timedelta(seconds=5),
            cancellation_type=workflow.ActivityCancellationType(cancellation_type),
            retry_policy=ONCE,
            result_type=str,
        )
        await workflow.sleep(0.3)
        handle.cancel()
        try:
            return f"result: {await handle}"
        except ActivityError as err:
            return f"{type(err).__name__} from {type(err.cause).__name__}"


@workflow.defn
class HeartbeatTimeout:
    @workflow.run
    async def run(self) -> str:
        try:
            await workflow.execute_activity(
                never_heartbeats,
                start_to_close_timeout=timedelta(seconds=20),
                heartbeat_timeout=timedelta(seconds=1),
                retry_policy=ONCE,
            )
        except ActivityError as err:
            return f"{type(err.cause).__name__}: {err.cause}"
        return "no timeout"


@workflow.defn
class ResumesActivity:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity(
            resume_from_details,
            start_to_close_timeout=SHORT,
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=10)),
        )


@workflow.defn
class Timers:
    """Everything of asyncio that waits."""

    @workflow.run
    async def run(self) -> list[str]:
        log: list[str] = []
        began = workflow.now()
        await asyncio.gather(self._note(log, "b", 0.2), self._note(log, "a", 0.1))
        try:
            await asyncio.wait_for(asyncio.Event().wait(), timeout=0.1)
        except asyncio.TimeoutError:
            log.append("wait_for timed out")
        try:
            await workflow.wait_condition(lambda: False, timeout=0.1)
        except asyncio.TimeoutError:
            log.append("wait_condition timed out")
        task = asyncio.create_task(asyncio.sleep(100))
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            log.append("sleep cancelled")
        lock, queue = asyncio.Lock(), asyncio.Queue[int]()
        async with lock:
            asyncio.get_running_loop().call_later(0.05, queue.put_nowait, 5)
            log.append(f"queue brought {await queue.get()}")
        assert workflow.now() - began >= timedelta(milliseconds=400)
        return log

    async def _note(self, log: list[str], name: str, delay: float) -> None:
        await asyncio.sleep(delay)
        log.append(name)


@workflow.defn
class Mailbox:
    """Signals, queries and updates, static and dynamic."""

    def __init__(self) -> None:
        self._received: list[str] = []
        self._done = False

    @workflow.run
    async def run(self) -> list[str]:
        self._received.append("run")
        await workflow.wait_condition(lambda: self._done)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._received

    @workflow.signal
    async def put(self, value: str) -> None:
        await asyncio.sleep(0)
        self._received.append(value)

    @workflow.signal(name="finish")
    def end(self) -> None:
        self._done = True

    @workflow.query
    def received(self) -> list[str]:
        return self._received

    @workflow.query
    def broken_query(self) -> str:
        raise ValueError("this query is broken")

    @workflow.query
    def command_in_query(self) -> str:
        workflow.start_activity(price_of, Order("x", 1), start_to_close_timeout=SHORT)
        return "not reached"

    @workflow.update
    async def put_and_count(self, value: str) -> int:
        await workflow.sleep(0.01)
        self._received.append(value)
        return len(self._received)

    @put_and_count.validator
    def check(self, value: str) -> None:
        if value == "refuse":
            raise ApplicationError("refused", type="Refused")

    @workflow.update
    async def fail(self) -> None:
        raise ApplicationError("the update fails", type="UpdateFails")

    @workflow.update
    def at_once(self, order: Order) -> Order:
        self._received.append(order.item)
        return Order(order.item, order.count + 1)


@workflow.defn
class Counts:
    """Continues as new until it has counted far enough."""

    @workflow.run
    async def run(self, count: int, goal: int) -> str:
        if count < goal:
            workflow.continue_as_new(args=[count + 1, goal])
        info = workflow.info()
        return f"{count} in a later run: {info.continued_run_id is not None}"


@workflow.defn
class CleansUp:
    """Cancelled from outside; cleans up before it ends."""

    @workflow.run
    async def run(self, swallow: bool) -> str:
        try:
            await workflow.sleep(100)
        except asyncio.CancelledError:
            price = await workflow.execute_activity(
                price_of, Order("clean", 2), start_to_close_timeout=SHORT
            )
            if swallow:
                return f"cleaned for {price} because {workflow.cancellation_reason()!r}"
            raise
        return "not cancelled"


@workflow.defn
class FailsWith:
    @workflow.run
    async def run(self, kind: str) -> None:
        if kind == "application":
            try:
                raise ValueError("inner")
            except ValueError as err:
                raise ApplicationError("outer", {"a": 1}, type="Outer") from err
        if kind == "unwritable details":
            raise ApplicationError("half written", object())
        if kind == "timeout":
            await asyncio.wait_for(asyncio.Event().wait(), timeout=0.01)
        await workflow.execute_activity(fail_for_good, "deep", start_to_close_timeout=SHORT)


# Set by a test to mend the workflow below; workflow code may read it because a test needs it to.
mended = False


@workflow.defn
class BrokenUntilMended:
    """Raises what is no failure: the task fails and is tried again."""

    @workflow.run
    async def run(self) -> str:
        if not mended:
            raise RuntimeError("a bug in the workflow")
        return "mended"


@workflow.defn
class Randomness:
    @workflow.run
    async def run(self) -> list[str]:
        first = [str(workflow.uuid4()), str(workflow.random().randint(1, 10**6))]
        await workflow.sleep(0.01)
        return [*first, str(workflow.uuid4()), str(workflow.info().attempt)]


@workflow.defn
class Versions:
    """The worker's build id, as a task that runs sees it, before and after a timer."""

    @workflow.run
    async def run(self) -> list[str]:
        before = workflow.info().get_current_build_id()
        await workflow.sleep(0.01)
        version = workflow.info().get_current_deployment_version()
        assert version is not None
        return [before, version.deployment_name, version.build_id]


@workflow.defn
class RacingSteps:
    """Activities, timers and signals side by side, for runs that share a small cache."""

    def __init__(self) -> None:
        self._nudges = 0

    @workflow.run
    async def run(self, rounds: int) -> int:
        total = 0
        for round_number in range(rounds):
            price, _ = await asyncio.gather(
                workflow.execute_activity(
                    price_of, Order("ab", round_number), start_to_close_timeout=SHORT
                ),
                workflow.sleep(0.01),
            )
            total += price
        await workflow.wait_condition(lambda: self._nudges >= 2)
        return total + self._nudges

    @workflow.signal
    def nudge(self) -> None:
        self._nudges += 1


WORKFLOWS = [
    PriceOrders,
    Retries,
    ActivityFails,
    CancelsActivity,
    HeartbeatTimeout,
    ResumesActivity,
    Timers,
    Mailbox,
    Counts,
    CleansUp,
    FailsWith,
    BrokenUntilMended,
    Randomness,
    Versions,
    RacingSteps,
]
ACTIVITIES = [
    price_of,
    fail_until_attempt,
    fail_for_good,
    block_until_cancelled,
    wait_until_cancelled,
    never_heartbeats,
    resume_from_details,
]
