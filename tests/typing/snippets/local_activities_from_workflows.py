"""Which calls of local activities the type checkers accept, and what they take the results for."""

import asyncio
from datetime import timedelta

from typing_extensions import assert_type

from temporalio import workflow
from temporalio.workflow import ActivityHandle, LocalActivityConfig

from .activities_from_workflows import (
    AsyncClass,
    EmptyClass,
    Methods,
    SyncClass,
    TwoClass,
    async_none,
    async_one,
    async_two,
    decorated,
    decorated_with_name,
    sync_none,
    sync_one,
    sync_two,
)

SHORT = timedelta(seconds=1)


async def functions() -> None:
    assert_type(
        await workflow.execute_local_activity(async_none, start_to_close_timeout=SHORT), int
    )
    assert_type(await workflow.execute_local_activity(sync_none, start_to_close_timeout=SHORT), int)
    assert_type(
        await workflow.execute_local_activity(async_one, "a", start_to_close_timeout=SHORT), int
    )
    assert_type(
        await workflow.execute_local_activity(sync_one, "a", start_to_close_timeout=SHORT), int
    )
    assert_type(await workflow.execute_local_activity(async_two, args=["a", 1]), int)
    assert_type(await workflow.execute_local_activity(sync_two, args=["a", 1]), int)
    assert_type(workflow.start_local_activity(async_none), ActivityHandle[int])
    assert_type(workflow.start_local_activity(sync_one, "a"), ActivityHandle[int])
    assert_type(await workflow.start_local_activity(async_two, args=["a", 1]), int)

    await workflow.execute_local_activity(async_one, 1)  # error: takes a str
    await workflow.execute_local_activity(sync_one, 1)  # error: takes a str
    workflow.start_local_activity(async_one, 1)  # error: takes a str
    workflow.start_local_activity(sync_one, 1)  # error: takes a str
    await workflow.execute_local_activity(async_one)  # error: takes an argument
    await workflow.execute_local_activity(async_none, "a")  # error: takes no argument
    await workflow.execute_local_activity(async_two, "a", 1)  # error: several go into args


async def decorated_functions() -> None:
    assert_type(await workflow.execute_local_activity(decorated, "a"), int)
    assert_type(await workflow.execute_local_activity(decorated_with_name, "a"), int)
    await workflow.execute_local_activity(decorated, 1)  # error: takes a str
    await workflow.execute_local_activity(decorated_with_name, 1)  # error: takes a str


async def names() -> None:
    await workflow.execute_local_activity("name", 1, result_type=int)
    await workflow.execute_local_activity("name", args=[1, "a"])
    workflow.start_local_activity("name")


async def classes() -> None:
    assert_type(await workflow.execute_local_activity_class(AsyncClass, "a"), int)
    assert_type(await workflow.execute_local_activity_class(SyncClass, "a"), int)
    assert_type(await workflow.execute_local_activity_class(EmptyClass), int)
    assert_type(await workflow.execute_local_activity_class(TwoClass, args=["a", 1]), int)
    assert_type(workflow.start_local_activity_class(AsyncClass, "a"), ActivityHandle[int])

    await workflow.execute_local_activity_class(AsyncClass, 1)  # error: takes a str
    await workflow.execute_local_activity_class(SyncClass, 1)  # error: takes a str
    workflow.start_local_activity_class(SyncClass, 1)  # error: takes a str
    workflow.start_local_activity_class(EmptyClass, 1)  # error: takes no argument


async def methods() -> None:
    assert_type(await workflow.execute_local_activity_method(Methods.async_none), int)
    assert_type(await workflow.execute_local_activity_method(Methods.sync_none), int)
    assert_type(await workflow.execute_local_activity_method(Methods.async_one, "a"), int)
    assert_type(await workflow.execute_local_activity_method(Methods.sync_one, "a"), int)
    assert_type(await workflow.execute_local_activity_method(Methods.async_two, args=["a", 1]), int)
    assert_type(workflow.start_local_activity_method(Methods.sync_one, "a"), ActivityHandle[int])

    await workflow.execute_local_activity_method(Methods.async_one, 1)  # error: takes a str
    await workflow.execute_local_activity_method(Methods.sync_one, 1)  # error: takes a str
    workflow.start_local_activity_method(Methods.async_one, 1)  # error: takes a str
    workflow.start_local_activity_method(Methods.async_none, 1)  # error: takes no argument


async def options() -> None:
    config = LocalActivityConfig(
        start_to_close_timeout=SHORT, local_retry_threshold=SHORT, summary="all of them"
    )
    assert_type(await workflow.execute_local_activity(async_one, "a", **config), int)
    assert_type(await workflow.execute_local_activity(async_two, args=["a", 1], **config), int)
    await workflow.execute_local_activity("name", "a", **config)

    workflow.start_local_activity(async_none, start_to_close_timeout=5)  # error: a timedelta
    await workflow.execute_local_activity(async_none, timeout=SHORT)  # error: no such option
    await workflow.execute_local_activity(async_none, heartbeat_timeout=SHORT)  # error: not local
    LocalActivityConfig(start_to_close_timeout="5s")  # error: a timedelta
    LocalActivityConfig(task_queue="other")  # error: always the worker's own


async def handles() -> None:
    handle = workflow.start_local_activity(async_one, "a")
    task: asyncio.Task[int] = handle
    first, second = await asyncio.gather(handle, workflow.start_local_activity(sync_none))
    assert_type(first, int)
    assert_type(second, int)
    wrong: ActivityHandle[str] = handle  # error: gives an int
    print(task, wrong)
