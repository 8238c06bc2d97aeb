"""Workflows and activities that end in every way that is counted. Runs on the official package too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

LIMIT = timedelta(seconds=30)
QUICKLY = RetryPolicy(initial_interval=timedelta(milliseconds=20), maximum_attempts=2)
ONCE = RetryPolicy(maximum_attempts=1)

_failed_tasks: set[str] = set()
_cancellable: set[str | None] = set()


@activity.defn
async def end_as(way: str) -> str:
    if way == "fails":
        raise ApplicationError("it fails")
    if way == "fails once" and activity.info().attempt == 1:
        raise ApplicationError("at first it fails")
    if way == "is benign":
        raise ApplicationError("nothing to see", category=ApplicationErrorCategory.BENIGN)
    if way == "is cancelled":
        _cancellable.add(activity.info().workflow_id)
        while True:
            activity.heartbeat()
            await asyncio.sleep(0.02)
    return way


@activity.defn
async def wait_for_the_cancellable() -> None:
    while activity.info().workflow_id not in _cancellable:
        await asyncio.sleep(0.02)


@workflow.defn(sandboxed=False)
class EndsAs:
    """Ends in the way that it is told."""

    @workflow.run
    async def run(self, way: str) -> str:
        if way == "fails its task" and workflow.info().run_id not in _failed_tasks:
            _failed_tasks.add(workflow.info().run_id)
            raise RuntimeError("the first task fails")
        if way == "continues as new":
            workflow.continue_as_new("completes")
        if way == "fails":
            raise ApplicationError("it fails")
        if way == "is benign":
            raise ApplicationError("nothing to see", category=ApplicationErrorCategory.BENIGN)
        if way == "is cancelled":
            await workflow.wait_condition(lambda: False)
        if way == "has activities":
            await self.all_activities()
        return way

    async def all_activities(self) -> None:
        given: list[tuple[str, RetryPolicy]] = [
            ("completes", ONCE),
            ("fails", ONCE),
            ("fails once", QUICKLY),
            ("is benign", ONCE),
        ]
        start: list[Callable[..., Any]] = [
            workflow.execute_activity,
            workflow.execute_local_activity,
        ]
        for execute in start:
            for way, retry_policy in given:
                try:
                    await execute(
                        end_as, way, start_to_close_timeout=LIMIT, retry_policy=retry_policy
                    )
                except Exception:
                    workflow.logger.debug("as it was told")
        handle = workflow.start_activity(
            end_as,
            "is cancelled",
            start_to_close_timeout=LIMIT,
            heartbeat_timeout=LIMIT,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
        # So that the server hears of the one before the other keeps the task.
        await workflow.sleep(0.02)
        await workflow.execute_local_activity(
            wait_for_the_cancellable, start_to_close_timeout=LIMIT
        )
        handle.cancel()
        await asyncio.wait([handle])


WAYS = (
    "completes",
    "fails",
    "is benign",
    "is cancelled",
    "continues as new",
    "fails its task",
    "has activities",
)


async def run_all(client: Client, observer: Client, task_queue: str) -> None:
    """Run a workflow for each way, one after the other.

    Args:
        client: What is counted.
        observer: Sees how far a workflow is, and is not counted.
        task_queue: That of the worker.
    """
    for way in WAYS:
        handle = await client.start_workflow(
            EndsAs.run, way, id=f"{task_queue}-{way}", task_queue=task_queue
        )
        if way == "is cancelled":
            await _after_first_task(observer.get_workflow_handle(handle.id))
            await handle.cancel()
        try:
            await handle.result()
        except WorkflowFailureError:
            pass


async def _after_first_task(handle: WorkflowHandle[Any, Any]) -> None:
    # Started, task scheduled, started, completed.
    while (await handle.describe()).history_length < 4:
        await asyncio.sleep(0.02)
