"""Workflows for the tests of local activities: one small thing each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ActivityCancellationType

from .kitchen import ONCE, SHORT, Order
from .local_cooks import (
    Adder,
    Doubler,
    calls,
    describe,
    fail_always,
    fail_for_good,
    fail_until_attempt,
    heartbeat_in_vain,
    in_a_thread,
    nothing,
    price_of,
    sleep_for,
    wait_at_gate,
    wait_until_cancelled,
)

AT_ONCE = RetryPolicy(initial_interval=timedelta(milliseconds=20), backoff_coefficient=1)
EACH_SECOND = RetryPolicy(initial_interval=timedelta(seconds=1), backoff_coefficient=1)
THRESHOLD = timedelta(milliseconds=200)


async def outcome(handle: Any) -> str:
    """Return in a word what became of something."""
    try:
        return f"result: {await handle}"
    except ActivityError as error:
        return f"ActivityError from {type(error.cause).__name__}: {error.cause}"
    except ApplicationError as error:
        return f"ApplicationError {error}"
    except asyncio.CancelledError:
        return "cancelled"


@workflow.defn
class LocalPrices:
    """Local activities side by side, of every form."""

    @workflow.run
    async def run(self, orders: list[Order]) -> list[Any]:
        prices = await asyncio.gather(
            *(
                workflow.execute_local_activity(price_of, order, start_to_close_timeout=SHORT)
                for order in orders
            )
        )
        by_name = await workflow.execute_local_activity(
            "price_of", orders[0], result_type=int, schedule_to_close_timeout=SHORT
        )
        method = await workflow.execute_local_activity_method(
            Adder.add, 5, start_to_close_timeout=SHORT
        )
        of_class = await workflow.execute_local_activity_class(
            Doubler, 8, start_to_close_timeout=SHORT
        )
        threaded = await workflow.execute_local_activity(
            in_a_thread, "word", start_to_close_timeout=SHORT
        )
        empty = await workflow.execute_local_activity(
            nothing, start_to_close_timeout=SHORT, summary="does nothing"
        )
        return [*prices, by_name, method, of_class, *threaded, empty]


@workflow.defn
class LocalAndRemote:
    """Both kinds share their numbers, and timers come in between."""

    @workflow.run
    async def run(self) -> list[Any]:
        order = Order("fig", 2)
        options: Any = {"start_to_close_timeout": SHORT}
        found: list[Any] = []

        async def one_after_the_other(name: str) -> None:
            found.append(await workflow.execute_local_activity(price_of, order, **options))
            await workflow.sleep(0.01)
            found.append(await workflow.execute_activity(price_of, order, **options))
            last = workflow.start_local_activity(price_of, Order(name, 1), **options)
            found.append(await last)

        await asyncio.gather(one_after_the_other("ab"), one_after_the_other("abc"))
        return sorted(found)


@workflow.defn
class LocalRetries:
    @workflow.run
    async def run(self, attempt: int) -> list[Any]:
        result: list[Any] = await workflow.execute_local_activity(
            fail_until_attempt, attempt, start_to_close_timeout=SHORT, retry_policy=AT_ONCE
        )
        return result


@workflow.defn
class LocalBacksOff:
    """Retries that are too far away to be waited for in memory."""

    def __init__(self) -> None:
        self.done = False

    @workflow.run
    async def run(self, attempt: int) -> list[Any]:
        result: list[Any] = await workflow.execute_local_activity(
            fail_until_attempt,
            attempt,
            start_to_close_timeout=SHORT,
            retry_policy=EACH_SECOND,
            local_retry_threshold=THRESHOLD,
            summary="tried again later",
        )
        after = await workflow.execute_local_activity(
            fail_until_attempt, 1, start_to_close_timeout=SHORT
        )
        return [*result, *after]


@workflow.defn
class LocalFails:
    """What the activity raised arrives as it is, with no `ActivityError` around it."""

    @workflow.run
    async def run(self) -> list[Any]:
        try:
            await workflow.execute_local_activity(
                fail_for_good, "no way", start_to_close_timeout=SHORT
            )
        except ApplicationError as err:
            return [str(err), str(err.type), repr(list(err.details)), err.non_retryable]
        raise AssertionError("the activity fails")


@workflow.defn
class LocalGivesUp:
    """The policy's last attempt fails."""

    @workflow.run
    async def run(self) -> str:
        policy = RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_attempts=3)
        return await outcome(
            workflow.execute_local_activity(
                fail_always, start_to_close_timeout=SHORT, retry_policy=policy
            )
        )


@workflow.defn
class LocalTimesOut:
    @workflow.run
    async def run(self, options: dict[str, float]) -> list[str]:
        limits: Any = {name: timedelta(seconds=value) for name, value in options.items()}
        try:
            await workflow.execute_local_activity(sleep_for, 30, **limits, retry_policy=ONCE)
        except ActivityError as err:
            kind = getattr(err.cause, "type", None)
            return [
                f"{err}: {type(err.cause).__name__}: {err.cause}",
                str(getattr(kind, "name", kind)),
                str(err.retry_state and err.retry_state.name),
                err.activity_type,
                err.activity_id,
                err.identity,
                str([err.scheduled_event_id, err.started_event_id]),
            ]
        raise AssertionError("the activity is too slow")


@workflow.defn
class CancelsLocal:
    """Cancels a local activity that runs, and says what came of it."""

    @workflow.run
    async def run(self, name: str, cancellation_type: int) -> str:
        handle = workflow.start_local_activity(
            name,
            schedule_to_close_timeout=timedelta(seconds=20),
            cancellation_type=ActivityCancellationType(cancellation_type),
            retry_policy=ONCE,
            result_type=str,
        )
        await workflow.sleep(0.3)
        handle.cancel()
        return await outcome(handle)


@workflow.defn
class CancelsLocalAtOnce:
    """Cancels before anything was sent."""

    @workflow.run
    async def run(self) -> list[str]:
        found = []
        for kind in ActivityCancellationType:
            handle = workflow.start_local_activity(
                wait_until_cancelled, schedule_to_close_timeout=SHORT, cancellation_type=kind
            )
            await asyncio.sleep(0)
            handle.cancel()
            found.append(await outcome(handle))
        return found


@workflow.defn
class CancelsBackoff:
    """Waits no longer when it is cancelled between two attempts."""

    @workflow.run
    async def run(self) -> list[str]:
        handle = workflow.start_local_activity(
            fail_always,
            start_to_close_timeout=SHORT,
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=40)),
            local_retry_threshold=THRESHOLD,
        )
        await workflow.sleep(0.5)
        handle.cancel()
        return [await outcome(handle), await outcome(self._after())]

    async def _after(self) -> int:
        return await workflow.execute_local_activity(
            price_of, Order("fig", 3), start_to_close_timeout=SHORT
        )


@workflow.defn
class LongLocal:
    """Takes longer than its workflow task may."""

    @workflow.run
    async def run(self, seconds: float) -> list[str]:
        first = await workflow.execute_local_activity(
            sleep_for, seconds, schedule_to_close_timeout=timedelta(seconds=60)
        )
        second = await workflow.execute_local_activity(
            in_a_thread, "after", schedule_to_close_timeout=timedelta(seconds=60)
        )
        return [first, second[0]]


@workflow.defn
class Meanwhile:
    """Hears signals, queries and updates while a local activity waits."""

    def __init__(self) -> None:
        self._log: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        self._log.append(
            await workflow.execute_local_activity(
                wait_at_gate, schedule_to_close_timeout=timedelta(seconds=60)
            )
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._log

    @workflow.signal
    async def put(self, word: str) -> None:
        self._log.append(word)
        price = await workflow.execute_local_activity(
            price_of, Order(word, 1), start_to_close_timeout=SHORT
        )
        self._log.append(f"{word} costs {price}")

    @workflow.query
    def log(self) -> list[str]:
        return self._log

    @workflow.update
    async def change(self, word: str) -> int:
        self._log.append(f"update {word}")
        return await workflow.execute_local_activity(
            price_of, Order(word, 2), start_to_close_timeout=SHORT
        )


@workflow.defn
class ContinuesMeanwhile:
    """Continues as new while a local activity runs."""

    @workflow.run
    async def run(self, again: bool) -> str:
        if again:
            workflow.start_local_activity(wait_until_cancelled, schedule_to_close_timeout=SHORT)
            await workflow.sleep(0.3)
            workflow.continue_as_new(False)
        return str(
            await workflow.execute_local_activity(
                price_of, Order("fig", 4), start_to_close_timeout=SHORT
            )
        )


@workflow.defn
class EndsMeanwhile:
    """Ends in the same activation that starts local activities, and while one runs."""

    @workflow.run
    async def run(self, at_once: bool) -> str:
        workflow.start_local_activity(wait_until_cancelled, schedule_to_close_timeout=SHORT)
        if not at_once:
            await workflow.sleep(0.3)
        workflow.start_local_activity(nothing, schedule_to_close_timeout=SHORT)
        return "ended"


@workflow.defn
class Unknown:
    """Asks for an activity that no worker here has, until somebody mends it."""

    @workflow.run
    async def run(self) -> str:
        if not mended:
            await workflow.execute_local_activity("nobody", start_to_close_timeout=SHORT)
        return "mended"


mended = False


@workflow.defn
class InfoOfLocal:
    @workflow.run
    async def run(self, bare: bool) -> dict[str, Any]:
        options: Any = {"start_to_close_timeout": SHORT}
        if not bare:
            options = {
                "schedule_to_close_timeout": timedelta(seconds=30),
                "retry_policy": RetryPolicy(maximum_attempts=4),
                "activity_id": "my own",
            }
        described: dict[str, Any] = await workflow.execute_local_activity(describe, **options)
        return described


@workflow.defn
class HeartbeatsInVain:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_local_activity(
            heartbeat_in_vain, start_to_close_timeout=SHORT
        )


@dataclass
class Steps:
    """How many of each kind of step a run makes."""

    locals: int = 3
    parallel: int = 2
    kinds: list[str] = field(default_factory=lambda: ["plain", "retried"])


@workflow.defn
class ManyLocals:
    """Many local activities in a row and side by side, with time in between."""

    @workflow.run
    async def run(self, steps: Steps) -> list[Any]:
        began = workflow.now()
        found: list[Any] = []
        for number in range(steps.locals):
            found += await asyncio.gather(
                *(
                    workflow.execute_local_activity(
                        price_of, Order("x" * number, n), start_to_close_timeout=SHORT
                    )
                    for n in range(steps.parallel)
                )
            )
            if "retried" in steps.kinds:
                retried = await workflow.execute_local_activity(
                    fail_until_attempt, 2, start_to_close_timeout=SHORT, retry_policy=AT_ONCE
                )
                found.append(retried[0])
            await workflow.sleep(0.01)
        assert workflow.now() > began
        return found


@workflow.defn
class BugAfterLocal:
    """Fails its first task after a local activity; what was not delivered runs again."""

    @workflow.run
    async def run(self) -> int:
        await workflow.execute_local_activity(nothing, start_to_close_timeout=SHORT)
        if calls[workflow.info().workflow_id] == 1:
            raise ValueError("a bug in the first attempt")
        return calls[workflow.info().workflow_id]


WORKFLOWS: list[type] = [
    LocalPrices,
    LocalAndRemote,
    LocalRetries,
    LocalBacksOff,
    LocalFails,
    LocalGivesUp,
    LocalTimesOut,
    CancelsLocal,
    CancelsLocalAtOnce,
    CancelsBackoff,
    LongLocal,
    Meanwhile,
    ContinuesMeanwhile,
    EndsMeanwhile,
    Unknown,
    InfoOfLocal,
    HeartbeatsInVain,
    ManyLocals,
    BugAfterLocal,
]
