"""Signals, queries and updates, and what comes back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.common import QueryRejectCondition
from temporalio.converter import PayloadConverter
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from .by_hand import HandWorker, acceptance, completed, outcome, rejection
from .workflows import Greet, Greeting


@pytest.fixture
async def handle(
    client: Client, worker: HandWorker, workflow_id: str
) -> WorkflowHandle[Greet, Greeting]:
    """A running workflow that has answered its first task."""
    handle = await client.start_workflow(
        Greet.run, "World", id=workflow_id, task_queue=worker.task_queue
    )
    await worker.answer()
    return handle


async def test_signal(worker: HandWorker, handle: WorkflowHandle[Greet, Greeting]) -> None:
    await handle.signal(Greet.rename, "Moon")
    await handle.signal("rename", "Sun")
    await handle.signal("rename", args=["Mars", 4])
    task = await worker.answer(completed())
    signals = [
        event.workflow_execution_signaled_event_attributes
        for event in task.history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    assert [signal.signal_name for signal in signals] == ["rename"] * 3
    decoded = [PayloadConverter.default.from_payloads_wrapper(signal.input) for signal in signals]
    assert decoded == [["Moon"], ["Sun"], ["Mars", 4]]
    with pytest.raises(RPCError) as caught:
        await handle.signal("rename", "late")
    assert caught.value.status == RPCStatusCode.NOT_FOUND


async def test_what_is_no_handler_is_refused(handle: WorkflowHandle[Greet, Greeting]) -> None:
    with pytest.raises(RuntimeError, match="run"):
        await handle.signal(Greet.run, "x")  # type: ignore
    with pytest.raises(RuntimeError, match="workflow.query"):
        await handle.query(Greet.run, "x")  # type: ignore


async def test_query(worker: HandWorker, handle: WorkflowHandle[Greet, Greeting]) -> None:
    for query, expected in (
        (handle.query(Greet.current_greeting), Greeting("Hello")),
        (handle.query("current"), {"text": "Hello"}),
        (handle.query("current", result_type=Greeting), Greeting("Hello")),
    ):
        answer, task = await asyncio.gather(query, worker.answer_query({"text": "Hello"}))
        assert answer == expected
        assert task.query.query_type == "current"


async def test_query_arguments(worker: HandWorker, handle: WorkflowHandle[Greet, Greeting]) -> None:
    _, task = await asyncio.gather(
        handle.query("current", args=[1, "two"]), worker.answer_query(None)
    )
    assert PayloadConverter.default.from_payloads_wrapper(task.query.query_args) == [1, "two"]


async def test_query_that_fails(
    worker: HandWorker, handle: WorkflowHandle[Greet, Greeting]
) -> None:
    query = asyncio.create_task(handle.query(Greet.current_greeting))
    await worker.answer_query(error="nobody to greet")
    with pytest.raises(WorkflowQueryFailedError) as caught:
        await query
    assert caught.value.message == "nobody to greet"


async def test_query_of_a_closed_workflow_can_be_rejected(
    client: Client, handle: WorkflowHandle[Greet, Greeting]
) -> None:
    await handle.terminate()
    with pytest.raises(WorkflowQueryRejectedError) as caught:
        await handle.query(Greet.current_greeting, reject_condition=QueryRejectCondition.NOT_OPEN)
    assert caught.value.status == WorkflowExecutionStatus.TERMINATED

    condition = QueryRejectCondition.NOT_COMPLETED_CLEANLY
    strict = Client(**{**client.config(), "default_workflow_query_reject_condition": condition})
    with pytest.raises(WorkflowQueryRejectedError):
        await strict.get_workflow_handle(handle.id).query("current")


async def test_update(worker: HandWorker, handle: WorkflowHandle[Greet, Greeting]) -> None:
    update = asyncio.create_task(handle.execute_update(Greet.change, "Good day"))
    task, request = await worker.take_update()
    assert request.input.name == "change"
    assert PayloadConverter.default.from_payloads_wrapper(request.input.args) == ["Good day"]
    update_id = request.meta.update_id
    await worker.respond(
        task, messages=(acceptance(task), outcome(update_id, {"text": "Good day"}))
    )
    assert await update == Greeting("Good day")
    later = handle.get_update_handle_for(Greet.change, update_id)
    assert await later.result() == Greeting("Good day")
    assert await handle.get_update_handle(update_id).result() == {"text": "Good day"}


async def test_update_is_accepted_first_and_completed_later(
    worker: HandWorker, handle: WorkflowHandle[Greet, Greeting]
) -> None:
    starting = asyncio.create_task(
        handle.start_update(
            Greet.change, "Good day", id="my-update", wait_for_stage=WorkflowUpdateStage.ACCEPTED
        )
    )
    task, request = await worker.take_update()
    await worker.respond(task, messages=(acceptance(task),))
    update = await starting
    assert (update.id, update.workflow_id) == ("my-update", handle.id)
    assert update.workflow_run_id == handle.result_run_id

    with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
        await update.result(rpc_timeout=timedelta(milliseconds=300))
    waiting = asyncio.create_task(update.result())
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
        await waiting

    await handle.signal("wake")
    second = await worker.take()
    second.messages.extend(task.messages)
    await worker.respond(second, messages=(outcome("my-update", {"text": "at last"}),))
    assert await update.result() == Greeting("at last")
    # Known now: the server is not asked again.
    assert await update.result(rpc_timeout=timedelta(microseconds=1)) == Greeting("at last")


async def test_rejected_update(worker: HandWorker, handle: WorkflowHandle[Greet, Greeting]) -> None:
    starting = asyncio.create_task(
        handle.start_update(Greet.change, "", wait_for_stage=WorkflowUpdateStage.ACCEPTED)
    )
    task, _ = await worker.take_update()
    await worker.respond(task, messages=(rejection(task, "nothing to say"),))
    update = await starting
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await update.result()
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.message == "nothing to say"


async def test_update_cannot_wait_for_admission(handle: WorkflowHandle[Greet, Greeting]) -> None:
    with pytest.raises(ValueError, match="ADMITTED"):
        await handle.start_update(Greet.change, "x", wait_for_stage=WorkflowUpdateStage.ADMITTED)


async def test_update_that_no_worker_takes_runs_into_its_timeout(
    handle: WorkflowHandle[Greet, Greeting],
) -> None:
    with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError) as caught:
        await handle.execute_update(Greet.change, "x", rpc_timeout=timedelta(milliseconds=300))
    assert isinstance(caught.value.__cause__, RPCError)


async def test_update_of_an_unknown_workflow(client: Client) -> None:
    with pytest.raises(RPCError) as caught:
        await client.get_workflow_handle("nobody").execute_update("change", "x")
    assert caught.value.status == RPCStatusCode.NOT_FOUND
