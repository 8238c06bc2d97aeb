"""Which calls of workflows from clients the type checkers accept, and what they give."""

from typing_extensions import assert_type

from temporalio import workflow
from temporalio.client import Client, WorkflowHandle


@workflow.defn
class Order:
    @workflow.run
    async def run(self, value: str) -> int:
        return 1

    @workflow.signal
    async def one_signal(self, value: str) -> None: ...

    @workflow.signal
    def empty_signal(self) -> None: ...

    @workflow.query
    def one_query(self, value: str) -> int:
        return 1

    @workflow.query
    def empty_query(self) -> int:
        return 1

    @workflow.update
    async def async_update(self, value: str) -> int:
        return 1

    @workflow.update
    def sync_update(self, value: str) -> int:
        return 1

    @workflow.update(name="other")
    async def named_update(self, value: str) -> int:
        return 1


@workflow.defn
class Empty:
    @workflow.run
    async def run(self) -> str:
        return ""


@workflow.defn
class Two:
    @workflow.run
    async def run(self, value: str, other: int) -> bool:
        return True


async def starts(client: Client) -> None:
    assert_type(await client.execute_workflow(Order.run, "a", id="i", task_queue="q"), int)
    assert_type(await client.execute_workflow(Empty.run, id="i", task_queue="q"), str)
    assert_type(await client.execute_workflow(Two.run, args=["a", 1], id="i", task_queue="q"), bool)
    handle = await client.start_workflow(Order.run, "a", id="i", task_queue="q")
    assert_type(handle, WorkflowHandle[Order, int])
    assert_type(await handle.result(), int)
    await client.execute_workflow("Order", 1, id="i", task_queue="q", result_type=int)

    await client.execute_workflow(Order.run, 1, id="i", task_queue="q")  # error: takes a str
    await client.start_workflow(Order.run, 1, id="i", task_queue="q")  # error: takes a str
    await client.start_workflow(Order.run, id="i", task_queue="q")  # error: takes an argument
    await client.start_workflow(Empty.run, 1, id="i", task_queue="q")  # error: takes no argument
    await client.start_workflow(Order.run, "a", task_queue="q")  # error: needs an id


async def messages(handle: WorkflowHandle[Order, int]) -> None:
    await handle.signal(Order.one_signal, "a")
    await handle.signal(Order.empty_signal)
    assert_type(await handle.query(Order.one_query, "a"), int)
    assert_type(await handle.query(Order.empty_query), int)
    assert_type(await handle.execute_update(Order.async_update, "a"), int)
    assert_type(await handle.execute_update(Order.sync_update, "a"), int)
    assert_type(await handle.execute_update(Order.named_update, "a"), int)

    await handle.signal(Order.one_signal, 1)  # error: takes a str
    await handle.signal(Order.empty_signal, 1)  # error: takes no argument
    await handle.query(Order.one_query, 1)  # error: takes a str
    await handle.execute_update(Order.async_update, 1)  # error: takes a str
    await handle.execute_update(Order.sync_update, 1)  # error: takes a str
