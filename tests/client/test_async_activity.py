"""Activities that are heartbeated and ended from outside, by ids and by task token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

import temporalio.api.history.v1
import temporalio.api.taskqueue.v1
import temporalio.api.workflowservice.v1
from temporalio.client import (
    AsyncActivityCancelledError,
    AsyncActivityHandle,
    Client,
    WorkflowHandle,
)
from temporalio.converter import PayloadConverter
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from .by_hand import HandWorker, activity_cancelled, activity_scheduled

v1 = temporalio.api.workflowservice.v1


@dataclass
class Running:
    """An activity that runs, and its workflow."""

    workflow: WorkflowHandle[Any, Any]
    task: v1.PollActivityTaskQueueResponse

    async def last_event(self) -> temporalio.api.history.v1.HistoryEvent:
        """The event before the workflow task that the activity's end has scheduled."""
        history = await self.workflow.fetch_history()
        return next(
            event
            for event in reversed(history.events)
            if event.WhichOneof("attributes").startswith("activity_task_")
        )


@pytest.fixture
async def running(client: Client, worker: HandWorker, workflow_id: str) -> Running:
    """An activity ``work`` that a worker has taken and leaves to others."""
    workflow = await client.start_workflow("Any", id=workflow_id, task_queue=worker.task_queue)
    await worker.answer(activity_scheduled("work", worker.task_queue))
    request = v1.PollActivityTaskQueueRequest(
        namespace=client.namespace,
        task_queue=temporalio.api.taskqueue.v1.TaskQueue(name=worker.task_queue),
        identity="by-hand",
    )
    task = await client.workflow_service.poll_activity_task_queue(request, retry=True)
    assert task.activity_id == "work"
    return Running(workflow, task)


@pytest.fixture(params=["token", "ids", "ids without run"])
def activity(
    request: pytest.FixtureRequest, client: Client, running: Running
) -> AsyncActivityHandle:
    """The activity, by each of the ways to name it."""
    if request.param == "token":
        return client.get_async_activity_handle(task_token=running.task.task_token)
    run_id = running.workflow.result_run_id if request.param == "ids" else None
    return client.get_async_activity_handle(
        workflow_id=running.workflow.id, run_id=run_id, activity_id="work"
    )


async def test_complete(activity: AsyncActivityHandle, running: Running) -> None:
    await activity.heartbeat("half", 2)
    pending = (await running.workflow.describe()).raw_description.pending_activities
    details = PayloadConverter.default.from_payloads_wrapper(pending[0].heartbeat_details)
    assert details == ["half", 2]
    await activity.complete({"a": 1})
    event = await running.last_event()
    completed = event.activity_task_completed_event_attributes
    assert PayloadConverter.default.from_payloads_wrapper(completed.result) == [{"a": 1}]
    with pytest.raises(RPCError) as caught:
        await activity.complete("again")
    assert caught.value.status == RPCStatusCode.NOT_FOUND


async def test_complete_without_a_result_differs_from_none(
    activity: AsyncActivityHandle, running: Running
) -> None:
    await activity.complete()
    event = await running.last_event()
    assert not event.activity_task_completed_event_attributes.HasField("result")


async def test_fail(activity: AsyncActivityHandle, running: Running) -> None:
    await activity.fail(ApplicationError("broken", type="Broken"), last_heartbeat_details=["late"])
    failure = (await running.last_event()).activity_task_failed_event_attributes.failure
    assert (failure.message, failure.application_failure_info.type) == ("broken", "Broken")


async def test_cancellation(
    activity: AsyncActivityHandle, running: Running, worker: HandWorker
) -> None:
    with pytest.raises(RPCError) as caught:
        await activity.report_cancellation("too early")
    assert caught.value.status in (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.NOT_FOUND)
    await running.workflow.signal("cancel it")
    await worker.answer(activity_cancelled(5))
    with pytest.raises(AsyncActivityCancelledError) as cancelled:
        await activity.heartbeat()
    assert cancelled.value.details is not None
    assert cancelled.value.details.cancel_requested
    assert not cancelled.value.details.paused
    await activity.report_cancellation("stopped", 5)
    event = await running.last_event()
    details = event.activity_task_canceled_event_attributes.details
    assert PayloadConverter.default.from_payloads_wrapper(details) == ["stopped", 5]


@pytest.mark.parametrize(
    "arguments",
    [
        {"task_token": b"t", "activity_id": "a"},
        {"task_token": b"t", "run_id": "r"},
        {"workflow_id": "w", "run_id": None},
        {},
    ],
)
def test_what_does_not_name_one_activity_is_refused(
    client: Client, arguments: dict[str, Any]
) -> None:
    name: Callable[..., AsyncActivityHandle] = client.get_async_activity_handle
    with pytest.raises(ValueError, match=r"(?i)task token"):
        name(**arguments)


async def test_unknown_activity(client: Client) -> None:
    activity = client.get_async_activity_handle(
        workflow_id="nobody", run_id=None, activity_id="nothing"
    )
    calls: list[Awaitable[None]] = [activity.heartbeat(), activity.complete("x")]
    for call in calls:
        with pytest.raises(RPCError) as caught:
            await call
        assert caught.value.status == RPCStatusCode.NOT_FOUND
