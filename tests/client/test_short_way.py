"""Clients that nobody listens in on call by a shorter way, which nobody may notice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

import temporalio.api.history.v1
import temporalio.api.workflowservice.v1
from temporalio.client import Client, Interceptor, OutboundInterceptor, WorkflowFailureError
from temporalio.common import Priority, RetryPolicy
from temporalio.converter._values import GENERAL_PATH
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError

from .by_hand import HandWorker, completed, continued_as_new, failed
from .workflows import Greet, Greeting

v1 = temporalio.api.workflowservice.v1

short_way_only = pytest.mark.skipif(GENERAL_PATH, reason="short ways are switched off")


class Passing(Interceptor):
    """Changes nothing, but is there."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """Stand in front."""
        return OutboundInterceptor(next)


@pytest.fixture(params=["short", "general"])
def either(request: pytest.FixtureRequest, client: Client) -> Client:
    """A client without interceptors, and one with."""
    if request.param == "short":
        return client
    return Client(**{**client.config(), "interceptors": [Passing()]})


def execute(client: Client, worker: HandWorker, workflow_id: str) -> asyncio.Task[Any]:
    """Begin to execute a workflow."""
    return asyncio.create_task(
        client.execute_workflow(Greet.run, "World", id=workflow_id, task_queue=worker.task_queue)
    )


@short_way_only
async def test_which_clients_take_the_short_way(client: Client) -> None:
    assert client._short_way is not None and client._short_way.is_open
    intercepted = Client(**{**client.config(), "interceptors": [Passing()]})
    assert intercepted._short_way is None


async def test_result(either: Client, worker: HandWorker, workflow_id: str) -> None:
    execution = execute(either, worker, workflow_id)
    await worker.answer(completed({"text": "Hello"}))
    assert await execution == Greeting("Hello")
    handle = either.get_workflow_handle_for(Greet.run, workflow_id)
    assert await handle.result() == Greeting("Hello")


async def test_failure(either: Client, worker: HandWorker, workflow_id: str) -> None:
    execution = execute(either, worker, workflow_id)
    await worker.answer(failed("no greeting", "Mute"))
    with pytest.raises(WorkflowFailureError) as caught:
        await execution
    assert isinstance(caught.value.cause, ApplicationError)


async def test_successors_are_followed(
    either: Client, worker: HandWorker, workflow_id: str
) -> None:
    execution = execute(either, worker, workflow_id)
    await worker.answer(continued_as_new("Greet", worker.task_queue))
    await worker.answer(completed({"text": "Hello"}))
    assert await execution == Greeting("Hello")


async def test_errors_of_the_start(either: Client, worker: HandWorker, workflow_id: str) -> None:
    first = await either.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    with pytest.raises(WorkflowAlreadyStartedError) as caught:
        await execute(either, worker, workflow_id)
    assert caught.value.run_id == first.result_run_id
    with pytest.raises(RPCError, match="missing task queue"):
        await either.execute_workflow("Greet", id=f"{workflow_id}-2", task_queue="")


async def test_options_reach_the_server(
    either: Client, worker: HandWorker, workflow_id: str
) -> None:
    handle = await either.start_workflow(
        "Greet",
        args=["a", {"b": 1}],
        id=workflow_id,
        task_queue=worker.task_queue,
        execution_timeout=timedelta(hours=1, microseconds=1),
        run_timeout=timedelta(days=1, seconds=1),
        task_timeout=timedelta(seconds=7),
        retry_policy=RetryPolicy(maximum_attempts=3),
        memo={"key": "value"},
        static_summary="summary",
        priority=Priority(priority_key=2, fairness_key="fair", fairness_weight=1.5),
    )
    event = (await handle.fetch_history()).events[0]
    started = event.workflow_execution_started_event_attributes
    assert [payload.data for payload in started.input.payloads] == [b'"a"', b'{"b":1}']
    assert started.workflow_execution_timeout.ToTimedelta() == timedelta(hours=1, microseconds=1)
    assert started.workflow_task_timeout.ToTimedelta() == timedelta(seconds=7)
    assert started.retry_policy.maximum_attempts == 3
    assert started.memo.fields["key"].data == b'"value"'
    assert started.identity == either.identity
    assert event.user_metadata.summary.data == b'"summary"'
    priority = (started.priority.priority_key, started.priority.fairness_key)
    assert priority == (2, "fair")
    assert started.priority.fairness_weight == 1.5
    answer = handle._start_workflow_response
    assert isinstance(answer, v1.StartWorkflowExecutionResponse)
    assert answer.run_id == handle.result_run_id


async def test_a_replaced_call_is_called(
    client: Client, worker: HandWorker, workflow_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests of users put their own in the place of a call."""
    seen = []
    call = client.workflow_service.start_workflow_execution

    async def observed(request: Any, **options: Any) -> Any:
        seen.append(request.workflow_id)
        return await call(request, **options)

    monkeypatch.setattr(client.workflow_service, "start_workflow_execution", observed)
    execution = execute(client, worker, workflow_id)
    await worker.answer(completed({"text": "Hello"}))
    assert await execution == Greeting("Hello")
    assert seen == [workflow_id]


async def test_a_result_of_several_values_is_told_of(
    either: Client, worker: HandWorker, workflow_id: str
) -> None:
    # The result may be there before the worker has heard that its answer was taken.
    with pytest.warns(UserWarning, match="Expected single result, got 2"):
        execution = execute(either, worker, workflow_id)
        await worker.answer(completed({"text": "Hello"}, 2))
        assert await execution == Greeting("Hello")


async def test_metadata_and_timeout_of_a_start(
    either: Client, worker: HandWorker, workflow_id: str
) -> None:
    with pytest.raises(ValueError, match="invalid metadata key"):
        await either.execute_workflow(
            "Greet", id=workflow_id, task_queue=worker.task_queue, rpc_metadata={"Kéy": "value"}
        )
    # The timeout is that of the start alone; the wait takes as long as it takes.
    execution = asyncio.create_task(
        either.execute_workflow(
            "Greet",
            id=workflow_id,
            task_queue=worker.task_queue,
            rpc_timeout=timedelta(seconds=2),
        )
    )
    await asyncio.sleep(2.5)
    await worker.answer(completed("done"))
    assert await execution == "done"
