"""Which starts of workflows the type checkers accept, with which options."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from typing_extensions import assert_type

from temporalio import workflow
from temporalio.client import (
    Client,
    ClientConfig,
    ClientConnectConfig,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateHandle,
    WorkflowUpdateStage,
)
from temporalio.common import RetryPolicy, WorkflowIDConflictPolicy


@dataclass
class Receipt:
    total: int


@workflow.defn
class Empty:
    @workflow.run
    async def run(self) -> None: ...


@workflow.defn
class Order:
    @workflow.run
    async def run(self, name: str) -> Receipt:
        return Receipt(1)

    @workflow.update
    async def change(self, name: str) -> Receipt:
        return Receipt(2)


@workflow.defn
class Pair:
    @workflow.run
    async def run(self, left: int, right: str) -> bool:
        return True


async def shapes(client: Client) -> None:
    assert_type(
        await client.start_workflow(Empty.run, id="i", task_queue="q"),
        WorkflowHandle[Empty, None],
    )
    handle = await client.start_workflow(Order.run, "book", id="i", task_queue="q")
    assert_type(handle, WorkflowHandle[Order, Receipt])
    assert_type(await handle.result(), Receipt)
    assert_type(await client.execute_workflow(Order.run, "book", id="i", task_queue="q"), Receipt)
    assert_type(
        await client.execute_workflow(Pair.run, args=[1, "a"], id="i", task_queue="q"), bool
    )
    assert_type(
        await client.start_workflow("Order", "book", id="i", task_queue="q", result_type=Receipt),
        WorkflowHandle[Any, Any],
    )
    await client.start_workflow(Order.run, 5, id="i", task_queue="q")  # error: int for str
    await client.execute_workflow(Order.run, 5, id="i", task_queue="q")  # error: int for str
    await client.start_workflow(Order.run, id="i", task_queue="q")  # error: no argument
    await client.start_workflow(Empty.run, "x", id="i", task_queue="q")  # error: takes none
    await client.start_workflow(Pair.run, 1, "a", id="i", task_queue="q")  # error: needs args


async def options(client: Client) -> None:
    await client.start_workflow(
        Order.run,
        "book",
        id="i",
        task_queue="q",
        execution_timeout=timedelta(hours=1),
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        retry_policy=RetryPolicy(maximum_attempts=1),
        memo={"a": 1},
        start_signal="s",
        start_signal_args=["x"],
        rpc_metadata={"text": "a", "raw-bin": b"b"},
    )
    await client.start_workflow(Order.run, "book", task_queue="q")  # error: no id
    await client.start_workflow(Order.run, "book", id="i")  # error: no task queue
    await client.start_workflow(Order.run, "b", id="i", task_queue="q", run_timeout=5)  # error: int
    await client.start_workflow(Order.run, "b", id="i", task_queue="q", unknown=5)  # error: no such


async def handles(client: Client) -> None:
    handle = client.get_workflow_handle_for(Order.run, "i")
    assert_type(handle, WorkflowHandle[Order, Receipt])
    assert_type((await handle.describe()).status, WorkflowExecutionStatus | None)
    assert_type(
        await handle.start_update(Order.change, "pen", wait_for_stage=WorkflowUpdateStage.ACCEPTED),
        WorkflowUpdateHandle[Receipt],
    )
    update = handle.get_update_handle_for(Order.change, "u")
    assert_type(await update.result(), Receipt)
    await handle.start_update(Order.change, "pen")  # error: no stage
    other = client.get_workflow_handle_for(Empty.run, "i")
    await other.execute_update(Order.change, "pen")  # error: an update of another workflow


async def configurations(client: Client) -> None:
    config: ClientConfig = client.config()
    Client(**config)
    await Client.connect(**ClientConnectConfig(target_host="host:7233", lazy=True))
    config["namespce"] = "x"  # error: misspelt
