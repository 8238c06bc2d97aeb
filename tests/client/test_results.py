"""What awaiting a workflow gives, for each way in which a run can end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from temporalio.client import (
    Client,
    WorkflowContinuedAsNewError,
    WorkflowExecutionStatus,
    WorkflowFailureError,
)
from temporalio.common import RetryPolicy
from temporalio.exceptions import (
    ApplicationError,
    CancelledError,
    TerminatedError,
    TimeoutError,
    TimeoutType,
)
from temporalio.service import RPCError, RPCStatusCode

from .by_hand import HandWorker, cancelled, completed, continued_as_new, failed
from .workflows import Greet, Greeting, Silent


async def test_result_has_the_type_of_the_workflow(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    handle = await client.start_workflow(
        Greet.run, "World", id=workflow_id, task_queue=worker.task_queue
    )
    await worker.answer(completed({"text": "Hello, World!"}))
    assert await handle.result() == Greeting("Hello, World!")
    by_id = client.get_workflow_handle_for(Greet.run, workflow_id)
    assert await by_id.result() == Greeting("Hello, World!")
    assert await client.get_workflow_handle(workflow_id).result() == {"text": "Hello, World!"}


async def test_execute_waits_for_the_result(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    execution = asyncio.create_task(
        client.execute_workflow(Silent.run, id=workflow_id, task_queue=worker.task_queue)
    )
    await worker.answer(completed())
    assert await execution is None


async def test_failure(client: Client, worker: HandWorker, workflow_id: str) -> None:
    handle = await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    await worker.answer(failed("no greeting", "Mute"))
    with pytest.raises(WorkflowFailureError, match="Workflow execution failed") as caught:
        await handle.result()
    cause = caught.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.message, cause.type) == ("no greeting", "Mute")
    assert (await handle.describe()).status == WorkflowExecutionStatus.FAILED


async def test_cancellation(client: Client, worker: HandWorker, workflow_id: str) -> None:
    handle = await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    await handle.cancel(reason="changed our minds")
    task = await worker.answer(cancelled("left", 2))
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert isinstance(caught.value.cause, CancelledError)
    assert caught.value.cause.details == ("left", 2)
    [request] = [
        event.workflow_execution_cancel_requested_event_attributes
        for event in task.history.events
        if event.HasField("workflow_execution_cancel_requested_event_attributes")
    ]
    assert request.cause == "changed our minds"
    assert request.identity == client.identity


async def test_termination(client: Client, worker: HandWorker, workflow_id: str) -> None:
    handle = await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    await handle.terminate("detail", 5, reason="enough")
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert isinstance(caught.value.cause, TerminatedError)
    assert caught.value.cause.message == "enough"
    assert caught.value.cause.details == ("detail", 5)
    with pytest.raises(RPCError) as refused:
        await handle.terminate()
    assert refused.value.status == RPCStatusCode.NOT_FOUND


async def test_timeout(client: Client, worker: HandWorker, workflow_id: str) -> None:
    handle = await client.start_workflow(
        "Greet",
        id=workflow_id,
        task_queue=worker.task_queue,
        run_timeout=timedelta(seconds=1),
    )
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    assert isinstance(caught.value.cause, TimeoutError)
    assert caught.value.cause.type == TimeoutType.START_TO_CLOSE


async def test_continue_as_new_is_followed_unless_told_otherwise(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    handle = await client.start_workflow(
        Greet.run, "World", id=workflow_id, task_queue=worker.task_queue
    )
    await worker.answer(continued_as_new("Greet", worker.task_queue))
    second = await worker.answer(completed({"text": "late"}))
    assert await handle.result() == Greeting("late")
    with pytest.raises(WorkflowContinuedAsNewError) as caught:
        await handle.result(follow_runs=False)
    assert caught.value.new_execution_run_id == second.workflow_execution.run_id
    assert second.workflow_execution.run_id != handle.result_run_id


async def test_retries_are_followed_unless_told_otherwise(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    handle = await client.start_workflow(
        Greet.run,
        "World",
        id=workflow_id,
        task_queue=worker.task_queue,
        retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=1), maximum_attempts=2),
    )
    await worker.answer(failed("at first", "Mute"))
    second = await worker.answer(completed({"text": "second try"}))
    assert await handle.result() == Greeting("second try")
    # To clients of this name the server shows the end of a run that is retried like this.
    with pytest.raises(WorkflowContinuedAsNewError) as caught:
        await handle.result(follow_runs=False)
    assert caught.value.new_execution_run_id == second.workflow_execution.run_id


async def test_the_wait_itself_can_end_early(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    handle = await client.start_workflow(Silent.run, id=workflow_id, task_queue=worker.task_queue)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(handle.result(), 0.1)
    # A deadline bounds each call, not the wait: the server answers before it, with nothing.
    waiting = asyncio.create_task(handle.result(rpc_timeout=timedelta(seconds=2)))
    await asyncio.sleep(0.1)
    await worker.answer(completed())
    assert await waiting is None


async def test_result_of_an_unknown_workflow(client: Client) -> None:
    with pytest.raises(RPCError) as caught:
        await client.get_workflow_handle("nobody").result()
    assert caught.value.status == RPCStatusCode.NOT_FOUND


async def test_calls_of_a_started_handle_reach_successors_of_the_same_chain_only(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    first = await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    await worker.answer(completed())
    await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    with pytest.raises(RPCError) as refused:
        await first.terminate()
    assert refused.value.status == RPCStatusCode.NOT_FOUND
    assert (await first.describe()).status == WorkflowExecutionStatus.RUNNING
    await client.get_workflow_handle(workflow_id).terminate()
