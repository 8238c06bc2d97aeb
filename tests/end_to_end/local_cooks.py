"""Activities for the tests of local activities, and what they leave for those tests to see."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError, CancelledError

from .kitchen import Order

# What activities did, by workflow id; this process runs the worker and the tests.
calls: Counter[str] = Counter()
seen: dict[str, list[Any]] = {}
gates: dict[str, asyncio.Event] = {}


def note(what: Any) -> None:
    """Keep something for the test of the running workflow."""
    seen.setdefault(activity.info().workflow_id or "", []).append(what)


@activity.defn
async def price_of(order: Order) -> int:
    calls[activity.info().workflow_id or ""] += 1
    return len(order.item) * order.count


@activity.defn
async def nothing() -> None:
    calls[activity.info().workflow_id or ""] += 1


@activity.defn
def in_a_thread(word: str) -> list[str]:
    on_main = threading.current_thread() is threading.main_thread()
    return [word, "main" if on_main else "thread", str(activity.info().is_local)]


@activity.defn
async def fail_until_attempt(attempt: int) -> list[Any]:
    info = activity.info()
    note([info.attempt, info.activity_id, info.scheduled_time.timestamp()])
    if info.attempt < attempt:
        raise RuntimeError(f"attempt {info.attempt} is too early")
    return [info.attempt, info.activity_id]


@activity.defn
async def fail_for_good(message: str) -> None:
    raise ApplicationError(message, "detail", 7, type="Broken", non_retryable=True)


@activity.defn
async def fail_always() -> None:
    note(activity.info().attempt)
    raise ApplicationError("always", type="Always")


@activity.defn
async def wait_until_cancelled() -> str:
    note("started")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        details = activity.cancellation_details()
        note(f"cancelled {details and details.cancel_requested}")
        raise
    return "never"


@activity.defn
async def survive_cancellation() -> str:
    note("started")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        note("survived")
        return "survived"
    return "never"


@activity.defn
def block_until_cancelled() -> str:
    """Threaded: the cancellation is raised in the thread, without any heartbeat."""
    note("started")
    try:
        while True:
            time.sleep(0.02)
    except CancelledError:
        note("cancelled in the thread")
        raise


@activity.defn
async def sleep_for(seconds: float) -> str:
    calls[activity.info().workflow_id or ""] += 1
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        details = activity.cancellation_details()
        note(f"timed out {details and details.timed_out}")
        raise
    return f"slept {seconds}"


@activity.defn
async def wait_at_gate() -> str:
    workflow_id = activity.info().workflow_id or ""
    calls[workflow_id] += 1
    await gates.setdefault(workflow_id, asyncio.Event()).wait()
    return "through the gate"


@activity.defn
async def heartbeat_in_vain() -> str:
    activity.heartbeat("details", 1)
    await asyncio.sleep(0)
    activity.heartbeat("more")
    return "done"


@activity.defn
async def describe() -> dict[str, Any]:
    """Return what a local activity knows of itself; times as how they relate."""
    info = activity.info()
    described = {
        name: str(getattr(info, name))
        for name in (
            "activity_id",
            "activity_run_id",
            "activity_type",
            "attempt",
            "heartbeat_details",
            "heartbeat_timeout",
            "is_local",
            "namespace",
            "priority",
            "retry_policy",
            "schedule_to_close_timeout",
            "start_to_close_timeout",
            "workflow_namespace",
            "workflow_type",
        )
    }
    now = time.time()
    for name in ("scheduled_time", "started_time", "current_attempt_scheduled_time"):
        moment = getattr(info, name).timestamp()
        described[name] = "recent" if abs(now - moment) < 10 else f"{moment}"
    described["in order"] = info.scheduled_time <= info.started_time
    described["token"] = bool(info.task_token)
    described["task_queue"] = info.task_queue.split("-")[0]
    return described


class Adder:
    def __init__(self, first: int) -> None:
        self._first = first

    @activity.defn
    async def add(self, second: int) -> int:
        return self._first + second


@activity.defn
class Doubler:
    async def __call__(self, value: int) -> int:
        return 2 * value


ACTIVITIES: list[Any] = [
    price_of,
    nothing,
    in_a_thread,
    fail_until_attempt,
    fail_for_good,
    fail_always,
    wait_until_cancelled,
    survive_cancellation,
    block_until_cancelled,
    sleep_for,
    wait_at_gate,
    heartbeat_in_vain,
    describe,
    Adder(100).add,
    Doubler(),
]
