"""Eager activities on a real server: they need no poll."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import TimeoutError
from temporalio.worker import Worker


@activity.defn
async def one() -> int:
    return 1


@workflow.defn
class InSequence:
    @workflow.run
    async def run(self) -> int:
        ones = [
            await workflow.execute_activity(one, start_to_close_timeout=timedelta(seconds=30))
            for _ in range(3)
        ]
        return sum(ones)


def worker(client: Client, **options: Any) -> Worker:
    # The first poll brings one activity; the next poll is due after the test.
    return Worker(
        client,
        task_queue=str(uuid.uuid4()),
        workflows=[InSequence],
        activities=[one],
        max_activities_per_second=0.01,
        **options,
    )


async def run(client: Client, queue: str, limit: timedelta) -> int:
    return await client.execute_workflow(
        InSequence.run, id=queue, task_queue=queue, execution_timeout=limit
    )


async def test_activities_start_without_a_poll(client: Client) -> None:
    async with worker(client, max_eager_activity_reservations_per_workflow_task=1) as running:
        assert await run(client, running.task_queue, timedelta(seconds=60)) == 3


@pytest.mark.parametrize(
    "options",
    [{"disable_eager_activity_execution": True}, {"max_task_queue_activities_per_second": 1000.0}],
)
async def test_activities_wait_for_a_poll(client: Client, options: dict[str, Any]) -> None:
    async with worker(client, **options) as running:
        with pytest.raises(WorkflowFailureError) as failure:
            await run(client, running.task_queue, timedelta(seconds=3))
        assert isinstance(failure.value.cause, TimeoutError)
