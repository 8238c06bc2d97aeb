"""Workflows whose workers meet faults, and what is noted of their activities."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, ApplicationErrorCategory

# What is lost comes back after these.
TASK_TIMEOUT = timedelta(seconds=2)
ATTEMPT = timedelta(seconds=2)
SOON = RetryPolicy(initial_interval=timedelta(milliseconds=100), backoff_coefficient=1)

DONE = "done"
STEPS = 3
"""Of the errand ``steps_and_activities``; a server's shortest timer takes a second."""

attempts: Counter[str] = Counter()
"""How often an activity has begun, by the id of its workflow."""

_failed_tasks: set[str] = set()


@activity.defn
async def note() -> str:
    attempts[str(activity.info().workflow_id)] += 1
    return DONE


@activity.defn
async def note_at_second_attempt() -> str:
    attempts[str(activity.info().workflow_id)] += 1
    if activity.info().attempt < 2:
        # Nothing that a log has to tell of.
        category = ApplicationErrorCategory.BENIGN
        raise ApplicationError("only the second attempt succeeds", category=category)
    return DONE


@activity.defn
async def note_and_heartbeat() -> str:
    attempts[str(activity.info().workflow_id)] += 1
    for beat in range(5):
        activity.heartbeat(beat)
        await asyncio.sleep(0.1)
    return DONE


@activity.defn
async def note_slowly() -> str:
    attempts[str(activity.info().workflow_id)] += 1
    await asyncio.sleep(TASK_TIMEOUT.total_seconds() + 1)
    return DONE


@activity.defn
async def heartbeat_until_cancelled() -> str:
    attempts[str(activity.info().workflow_id)] += 1
    while True:
        activity.heartbeat()
        await asyncio.sleep(0.1)


@workflow.defn
class Errand:
    """Does one kind of work, named by its argument, and then has one activity note it."""

    def __init__(self) -> None:
        self._may_go = False
        self._steps = 0

    @workflow.run
    async def run(self, kind: str) -> str:
        await getattr(self, f"_{kind}")()
        return await self._execute(note)

    @workflow.signal
    def go(self) -> None:
        self._may_go = True

    @workflow.signal
    def step(self) -> None:
        self._steps += 1

    @workflow.update
    async def noted_by(self, steps: int) -> str:
        await workflow.wait_condition(lambda: self._steps >= steps)
        return await self._execute(note)

    @workflow.query
    def may_go(self) -> bool:
        return self._may_go

    async def _execute(self, function: Any, **options: Any) -> str:
        result: str = await workflow.execute_activity(
            function, start_to_close_timeout=ATTEMPT, retry_policy=SOON, **options
        )
        return result

    async def _nothing_else(self) -> None:
        pass

    async def _retried_activity(self) -> None:
        await self._execute(note_at_second_attempt)

    async def _heartbeats(self) -> None:
        await self._execute(note_and_heartbeat, heartbeat_timeout=ATTEMPT)

    async def _failed_task(self) -> None:
        workflow_id = workflow.info().workflow_id
        if workflow_id not in _failed_tasks:
            _failed_tasks.add(workflow_id)
            raise RuntimeError("the first task fails")

    async def _signal(self) -> None:
        await workflow.wait_condition(lambda: self._may_go)

    async def _cancelled_activity(self) -> None:
        running = workflow.start_activity(
            heartbeat_until_cancelled,
            schedule_to_close_timeout=timedelta(seconds=60),
            heartbeat_timeout=ATTEMPT,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
        await workflow.wait_condition(lambda: self._may_go)
        running.cancel()
        try:
            await running
        except ActivityError:
            # Cancelled; or timed out, if the server has not heard of the end.
            return
        raise RuntimeError("an activity that waits for its cancellation has ended without one")

    async def _local_activities(self) -> None:
        for _ in range(2):
            await self._execute_locally(note)
            await self._execute(note)

    async def _long_local_activity(self) -> None:
        """Its workflow task heartbeats."""
        await self._execute_locally(note_slowly, start_to_close_timeout=timedelta(seconds=30))

    async def _execute_locally(self, function: Any, **options: Any) -> str:
        defaults = {"start_to_close_timeout": ATTEMPT, "retry_policy": SOON}
        result: str = await workflow.execute_local_activity(function, **{**defaults, **options})
        return result

    async def _updated(self) -> None:
        await workflow.wait_condition(lambda: self._may_go)
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _children(self) -> None:
        ends = await asyncio.gather(
            *(
                workflow.execute_child_workflow(
                    Errand.run, "nothing_else", task_timeout=TASK_TIMEOUT
                )
                for _ in range(2)
            )
        )
        assert ends == [DONE] * 2

    async def _continued(self) -> None:
        await self._execute(note)
        if workflow.info().continued_run_id is None:
            workflow.continue_as_new("continued")

    async def _steps_and_activities(self) -> None:
        for _ in range(STEPS):
            await self._execute(note)
            await workflow.sleep(0.05)


ACTIVITIES = [
    note,
    note_at_second_attempt,
    note_and_heartbeat,
    note_slowly,
    heartbeat_until_cancelled,
]
