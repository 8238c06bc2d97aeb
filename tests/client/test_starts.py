"""Starting workflows: the four shapes, every option, and workflows that are there already."""

from __future__ import annotations

import os
import socket
import uuid
from datetime import timedelta

import pytest

import temporalio.api.common.v1
import temporalio.api.enums.v1
import temporalio.api.history.v1
import temporalio.api.taskqueue.v1
import temporalio.api.workflowservice.v1
from temporalio.client import Client, WorkflowHandle
from temporalio.common import (
    AutoUpgradeVersioningOverride,
    Priority,
    RetryPolicy,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.converter import PayloadConverter
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from .by_hand import HandWorker, completed
from .workflows import Add, Greet, Silent


async def started(
    handle: WorkflowHandle[object, object],
) -> temporalio.api.history.v1.WorkflowExecutionStartedEventAttributes:
    """The attributes of the first event of the handle's workflow."""
    history = await handle.fetch_history()
    return history.events[0].workflow_execution_started_event_attributes


async def test_four_shapes_start_the_same(client: Client, worker: HandWorker) -> None:
    def options() -> dict[str, str]:
        return {"id": f"shape-{uuid.uuid4()}", "task_queue": worker.task_queue}

    shapes = [
        (await client.start_workflow(Silent.run, **options()), "NoArgument", []),
        (await client.start_workflow(Greet.run, "World", **options()), "Greet", ["World"]),
        (await client.start_workflow(Add.run, args=[1, 2], **options()), "Add", [1, 2]),
        (await client.start_workflow("Greet", "World", **options()), "Greet", ["World"]),
        (await client.start_workflow("Add", args=[1, 2], **options()), "Add", [1, 2]),
        (await client.start_workflow("NoArgument", **options()), "NoArgument", []),
    ]
    for handle, workflow_type, arguments in shapes:
        event = await started(handle)
        assert event.workflow_type.name == workflow_type
        assert PayloadConverter.default.from_payloads_wrapper(event.input) == arguments


async def test_arg_and_args_exclude_each_other(client: Client) -> None:
    with pytest.raises(ValueError, match="arg and args"):
        await client.start_workflow("Greet", "World", args=["World"], id="x", task_queue="x")


async def test_a_method_that_runs_no_workflow_is_refused(client: Client) -> None:
    with pytest.raises(ValueError, match="rename"):
        await client.start_workflow(Greet.rename, "x", id="x", task_queue="x")  # type: ignore


async def test_options_are_in_the_first_event_and_the_description(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    handle = await client.start_workflow(
        Greet.run,
        "World",
        id=workflow_id,
        task_queue=worker.task_queue,
        execution_timeout=timedelta(hours=3),
        run_timeout=timedelta(hours=2),
        task_timeout=timedelta(seconds=7),
        retry_policy=RetryPolicy(maximum_attempts=3, non_retryable_error_types=["Mute"]),
        memo={"number": 1, "nested": {"a": [1, 2]}},
        static_summary="summary",
        static_details="details\nin lines",
        start_delay=timedelta(minutes=10),
        priority=Priority(priority_key=2, fairness_key="tenant", fairness_weight=1.5),
        versioning_override=AutoUpgradeVersioningOverride(),
    )
    event = await started(handle)
    assert event.task_queue.name == worker.task_queue
    assert event.workflow_execution_timeout.ToTimedelta() == timedelta(hours=3)
    assert event.workflow_run_timeout.ToTimedelta() == timedelta(hours=2)
    assert event.workflow_task_timeout.ToTimedelta() == timedelta(seconds=7)
    assert event.retry_policy.maximum_attempts == 3
    assert event.retry_policy.non_retryable_error_types == ["Mute"]
    assert event.first_workflow_task_backoff.ToTimedelta() == timedelta(minutes=10)
    assert (event.priority.priority_key, event.priority.fairness_key) == (2, "tenant")
    assert event.versioning_override.auto_upgrade
    assert event.identity == client.identity == f"{os.getpid()}@{socket.gethostname()}"

    description = await handle.describe()
    assert description.id == workflow_id
    assert description.run_id == handle.result_run_id == handle.first_execution_run_id
    assert handle.run_id is None
    assert description.workflow_type == "Greet"
    assert description.task_queue == worker.task_queue
    assert await description.memo() == {"number": 1, "nested": {"a": [1, 2]}}
    assert await description.memo_value("number", type_hint=int) == 1
    assert await description.memo_value("missing", "default") == "default"
    with pytest.raises(KeyError, match="missing"):
        await description.memo_value("missing")
    assert await description.static_summary() == "summary"
    assert await description.static_details() == "details\nin lines"
    assert description.parent_id is None
    assert description.root_id == workflow_id
    assert description.close_time is None
    await handle.terminate()


async def test_unset_options_are_not_sent(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    handle = await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    event = await started(handle)
    assert not event.HasField("input")
    assert not event.HasField("retry_policy")
    assert not event.HasField("memo")
    assert not event.HasField("search_attributes")
    assert event.cron_schedule == ""
    assert await (await handle.describe()).static_summary() is None


async def test_cron_schedule(client: Client, worker: HandWorker, workflow_id: str) -> None:
    handle = await client.start_workflow(
        "Greet", id=workflow_id, task_queue=worker.task_queue, cron_schedule="0 0 1 1 *"
    )
    assert (await started(handle)).cron_schedule == "0 0 1 1 *"
    await handle.terminate()


async def test_running_workflow_makes_a_second_start_fail(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    first = await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    for policy in (WorkflowIDConflictPolicy.UNSPECIFIED, WorkflowIDConflictPolicy.FAIL):
        with pytest.raises(WorkflowAlreadyStartedError) as caught:
            await client.start_workflow(
                "Greet", id=workflow_id, task_queue=worker.task_queue, id_conflict_policy=policy
            )
        assert caught.value.workflow_id == workflow_id
        assert caught.value.workflow_type == "Greet"
        assert caught.value.run_id == first.result_run_id


async def test_use_existing_gives_a_handle_to_the_running_workflow(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    first = await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    second = await client.start_workflow(
        "Greet",
        id=workflow_id,
        task_queue=worker.task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    assert second.result_run_id == first.result_run_id
    assert second.first_execution_run_id == first.result_run_id


async def test_terminate_existing_starts_a_new_run(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    first = await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    second = await client.start_workflow(
        "Greet",
        id=workflow_id,
        task_queue=worker.task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
    )
    assert second.result_run_id != first.result_run_id


async def test_reuse_policy_forbids_a_start_after_success(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    first = await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    await worker.answer(completed())
    await first.result()
    with pytest.raises(WorkflowAlreadyStartedError):
        await client.start_workflow(
            "Greet",
            id=workflow_id,
            task_queue=worker.task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )


async def test_invalid_combinations_fail_before_the_call(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    with pytest.raises(ValueError):
        await client.start_workflow(
            "Greet",
            id=workflow_id,
            task_queue=worker.task_queue,
            retry_policy=RetryPolicy(backoff_coefficient=0.5),
        )
    with pytest.raises(RPCError) as caught:
        await client.get_workflow_handle(workflow_id).describe()
    assert caught.value.status == RPCStatusCode.NOT_FOUND


async def test_signal_with_start(client: Client, worker: HandWorker, workflow_id: str) -> None:
    def start() -> object:
        return client.start_workflow(
            Greet.run,
            "World",
            id=workflow_id,
            task_queue=worker.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="rename",
            start_signal_args=["Moon"],
        )

    handle = await start()  # type: ignore[misc]
    task = await worker.take()
    [signal] = [
        event.workflow_execution_signaled_event_attributes
        for event in task.history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    assert signal.signal_name == "rename"
    assert PayloadConverter.default.from_payloads_wrapper(signal.input) == ["Moon"]
    assert handle.first_execution_run_id == handle.result_run_id
    again = await start()  # type: ignore[misc]
    assert again.result_run_id == handle.result_run_id


async def test_eager_start_is_a_hint_that_changes_nothing(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    handle = await client.start_workflow(
        "Greet", id=workflow_id, task_queue=worker.task_queue, request_eager_start=True
    )
    assert getattr(handle, "__temporal_eagerly_started") is False
    await worker.answer(completed())
    assert await handle.result() is None


async def test_a_start_sent_twice_starts_once(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    v1 = temporalio.api.workflowservice.v1
    request = v1.StartWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_id=workflow_id,
        workflow_type=temporalio.api.common.v1.WorkflowType(name="Greet"),
        task_queue=temporalio.api.taskqueue.v1.TaskQueue(name=worker.task_queue),
        request_id=str(uuid.uuid4()),
    )
    first = await client.workflow_service.start_workflow_execution(request)
    second = await client.workflow_service.start_workflow_execution(request)
    assert first.run_id == second.run_id
    # The client takes a new id for each start, so that two starts are never taken for one.
    with pytest.raises(WorkflowAlreadyStartedError):
        await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
