"""Promise 32: however often activities heartbeat, the server hears of it as often as the throttle says."""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.worker import Worker

from ..limits import LIMIT_SECONDS
from .lengths import LONG
from .servers import own_server

# A thousand heartbeats a second in all, from few activities or from ten thousand.
ACTIVITIES = 10_020 if LONG else 99
PERIOD_SECONDS = ACTIVITIES / 1000
HEARTBEATS = 7 if LONG else 106
DEFAULT_SECONDS, LARGEST_SECONDS = (17, 25) if LONG else (3, 9)
INTERVALS: dict[float | None, float] = {
    None: DEFAULT_SECONDS,
    (30 if LONG else 10): (24 if LONG else 8),
    120: LARGEST_SECONDS,
}
"""How often calls go out, in seconds, by heartbeat timeout; no multiple of an interval is near the end
of an activity, so that lateness changes no count."""
LATENESS_SECONDS = 1.0
WORKFLOWS = 3 * (10 if LONG else 1)

_heartbeats: list[tuple[float, list[float], float]] = []
"""Of each first attempt: the interval, when it has heartbeat, and when it ended."""


@dataclass
class Plan:
    """What one workflow does.

    Attributes:
        activities: How many activities it runs at a time.
        timeout: Their heartbeat timeout in seconds.
    """

    activities: int
    timeout: float | None


@activity.defn
async def heartbeat_often(interval: float) -> list[int]:
    """Fails at first, so that the next attempt may say what details it was left."""
    if activity.info().attempt > 1:
        return list(activity.info().heartbeat_details)
    times = []
    for number in range(HEARTBEATS):
        times.append(time.monotonic())
        activity.heartbeat(number)
        if number < HEARTBEATS - 1:
            await asyncio.sleep(PERIOD_SECONDS)
    _heartbeats.append((interval, times, time.monotonic()))
    raise RuntimeError("to be tried again")


@workflow.defn
class HeartbeatMuch:
    @workflow.run
    async def run(self, plan: Plan) -> list[list[int]]:
        timeout = None if plan.timeout is None else timedelta(seconds=plan.timeout)
        calls = [
            workflow.execute_activity(
                heartbeat_often,
                INTERVALS[plan.timeout],
                start_to_close_timeout=timedelta(minutes=5),
                heartbeat_timeout=timeout,
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(seconds=0.1), maximum_attempts=2
                ),
            )
            for _ in range(plan.activities)
        ]
        return await asyncio.gather(*calls)


def calls_by_rule(interval: float, times: list[float], end: float) -> int:
    """The first heartbeat goes at once; what comes within the interval waits for its end."""
    calls, free_at = 0, times[0]
    for number, at in enumerate(times):
        goes_at = max(at, free_at)
        replaced = number + 1 < len(times) and times[number + 1] < goes_at
        if not replaced and goes_at < end:
            calls, free_at = calls + 1, goes_at + interval
    return calls


def test_the_rule_itself() -> None:
    assert calls_by_rule(3, [0, 1, 2], 2.5) == 1
    assert calls_by_rule(3, [0, 1, 2], 3.5) == 2
    assert calls_by_rule(3, [0, 1, 2, 4, 5], 6.5) == 3
    assert calls_by_rule(3, [0, 10, 20], 20.5) == 3


async def test_the_server_is_called_as_often_as_the_throttle_says(tmp_path: Path) -> None:
    _heartbeats.clear()
    task_queue = f"heartbeats-{uuid.uuid4()}"
    async with own_server(tmp_path) as server:
        client = await Client.connect(server.address)
        async with Worker(
            client,
            task_queue=task_queue,
            workflows=[HeartbeatMuch],
            activities=[heartbeat_often],
            max_concurrent_activities=ACTIVITIES,
            default_heartbeat_throttle_interval=timedelta(seconds=DEFAULT_SECONDS),
            max_heartbeat_throttle_interval=timedelta(seconds=LARGEST_SECONDS),
        ):
            plans = [Plan(ACTIVITIES // WORKFLOWS, timeout) for timeout in INTERVALS]
            running = [
                client.execute_workflow(
                    HeartbeatMuch.run, plan, id=f"{task_queue}-{number}", task_queue=task_queue
                )
                for number, plan in enumerate(plans * (WORKFLOWS // len(plans)))
            ]
            limit = LIMIT_SECONDS * (20 if LONG else 2)
            results = await asyncio.wait_for(asyncio.gather(*running), limit)
        calls = await server.calls()

    left = [details for result in results for details in result]
    assert left == [[HEARTBEATS - 1]] * ACTIVITIES
    fewest = sum(
        calls_by_rule(interval, times, end - LATENESS_SECONDS)
        for interval, times, end in _heartbeats
    )
    most = sum(
        calls_by_rule(interval, times, end + LATENESS_SECONDS)
        for interval, times, end in _heartbeats
    )
    made = calls.requests["RecordActivityTaskHeartbeat"]
    seconds = max(end for *_, end in _heartbeats) - min(times[0] for _, times, _ in _heartbeats)
    print(
        f"{len(_heartbeats)} activities heartbeat {len(_heartbeats) * HEARTBEATS} times in "
        f"{seconds:.1f} s: {made} calls, {fewest} to {most} expected; errors: {calls.errors}"
    )
    assert fewest <= made <= most
    assert made < len(_heartbeats) * HEARTBEATS
