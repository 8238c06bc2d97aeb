"""Which uses of child and external workflows the type checkers accept, and with which results."""

import asyncio
from datetime import timedelta
from typing import Any

from typing_extensions import assert_type

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.workflow import (
    ChildWorkflowConfig,
    ChildWorkflowHandle,
    ExternalWorkflowHandle,
    ParentClosePolicy,
)

KEY = SearchAttributeKey.for_int("Key")


@workflow.defn
class NoParam:
    @workflow.run
    async def run(self) -> int:
        return 1


@workflow.defn
class OneParam:
    @workflow.run
    async def run(self, value: str) -> int:
        return 1

    @workflow.signal
    def nothing(self) -> None: ...

    @workflow.signal
    async def one(self, value: int) -> None: ...

    @workflow.signal
    def two(self, value: int, other: str) -> None: ...


@workflow.defn
class TwoParams:
    @workflow.run
    async def run(self, value: str, other: int) -> int:
        return 1


async def children() -> None:
    assert_type(await workflow.execute_child_workflow(NoParam.run), int)
    assert_type(await workflow.execute_child_workflow(OneParam.run, "a"), int)
    assert_type(await workflow.execute_child_workflow(TwoParams.run, args=["a", 1]), int)
    assert_type(await workflow.start_child_workflow(NoParam.run), ChildWorkflowHandle[NoParam, int])
    child = await workflow.start_child_workflow(OneParam.run, "a", id="id")
    assert_type(child, ChildWorkflowHandle[OneParam, int])
    assert_type(await child, int)
    assert_type(child.id, str)
    assert_type(child.first_execution_run_id, str | None)
    task: asyncio.Task[int] = child
    print(task)

    await workflow.execute_child_workflow(OneParam.run, 1)  # error: takes a str
    await workflow.start_child_workflow(OneParam.run, 1)  # error: takes a str
    await workflow.execute_child_workflow(OneParam.run)  # error: takes an argument
    await workflow.execute_child_workflow(NoParam.run, "a")  # error: takes no argument
    await workflow.execute_child_workflow(TwoParams.run, "a", 1)  # error: several go into args
    print(workflow.start_child_workflow(NoParam.run).id)  # error: it has to be awaited


async def names() -> None:
    await workflow.execute_child_workflow("name", 1, result_type=int)
    child = await workflow.start_child_workflow("name", args=[1, "a"])
    assert_type(child, ChildWorkflowHandle[Any, Any])
    await child.signal("any")


async def options() -> None:
    config = ChildWorkflowConfig(
        id="id",
        parent_close_policy=ParentClosePolicy.ABANDON,
        run_timeout=timedelta(seconds=1),
        memo={"a": 1},
    )
    assert_type(await workflow.execute_child_workflow(OneParam.run, "a", **config), int)
    await workflow.execute_child_workflow("name", "a", **config)

    await workflow.execute_child_workflow(NoParam.run, run_timeout=5)  # error: a timedelta
    await workflow.execute_child_workflow(NoParam.run, timeout=None)  # error: no such option
    ChildWorkflowConfig(id=5)  # error: a str


async def signals(child: ChildWorkflowHandle[OneParam, int]) -> None:
    other = workflow.get_external_workflow_handle_for(OneParam.run, "id", run_id="run")
    assert_type(other, ExternalWorkflowHandle[OneParam])
    without = workflow.get_external_workflow_handle_for(NoParam.run, "id")
    assert_type(without, ExternalWorkflowHandle[NoParam])
    assert_type(workflow.get_external_workflow_handle("id"), ExternalWorkflowHandle[Any])
    assert_type(other.run_id, str | None)
    await child.signal(OneParam.nothing)
    await child.signal(OneParam.one, 1)
    await child.signal(OneParam.two, args=[1, "a"])
    await other.signal(OneParam.nothing)
    await other.signal(OneParam.one, 1)
    await other.signal("two", args=[1, "a"])
    await other.cancel(reason="enough")

    await child.signal(OneParam.one, "a")  # error: takes an int
    await other.signal(OneParam.one, "a")  # error: takes an int
    await child.signal(OneParam.one)  # error: takes an argument
    await other.signal(OneParam.nothing, 1)  # error: takes no argument
    await other.cancel("enough")  # error: a reason has a name


async def upserts() -> None:
    workflow.upsert_search_attributes([KEY.value_set(5), KEY.value_unset()])
    workflow.upsert_search_attributes({"Key": [5]})
    workflow.upsert_memo({"a": 1, "b": None})

    KEY.value_set("text")  # error: an int
    workflow.upsert_search_attributes(KEY.value_set(5))  # error: several
    workflow.upsert_memo(["a"])  # error: values have names
