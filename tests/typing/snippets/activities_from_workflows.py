"""Which calls of activities the type checkers accept, and what they take the results for."""

import asyncio
from datetime import timedelta

from typing_extensions import assert_type

from temporalio import activity, workflow
from temporalio.workflow import ActivityConfig, ActivityHandle

SHORT = timedelta(seconds=1)


async def async_none() -> int:
    return 1


async def async_one(value: str) -> int:
    return 1


async def async_two(value: str, other: int) -> int:
    return 1


def sync_none() -> int:
    return 1


def sync_one(value: str) -> int:
    return 1


def sync_two(value: str, other: int) -> int:
    return 1


@activity.defn
async def decorated(value: str) -> int:
    return 1


@activity.defn(name="other")
def decorated_with_name(value: str) -> int:
    return 1


class AsyncClass:
    async def __call__(self, value: str) -> int:
        return 1


class SyncClass:
    def __call__(self, value: str) -> int:
        return 1


class EmptyClass:
    def __call__(self) -> int:
        return 1


class TwoClass:
    async def __call__(self, value: str, other: int) -> int:
        return 1


class Methods:
    async def async_none(self) -> int:
        return 1

    async def async_one(self, value: str) -> int:
        return 1

    async def async_two(self, value: str, other: int) -> int:
        return 1

    def sync_none(self) -> int:
        return 1

    def sync_one(self, value: str) -> int:
        return 1


async def functions() -> None:
    assert_type(await workflow.execute_activity(async_none, start_to_close_timeout=SHORT), int)
    assert_type(await workflow.execute_activity(sync_none, start_to_close_timeout=SHORT), int)
    assert_type(await workflow.execute_activity(async_one, "a", start_to_close_timeout=SHORT), int)
    assert_type(await workflow.execute_activity(sync_one, "a", start_to_close_timeout=SHORT), int)
    assert_type(await workflow.execute_activity(async_two, args=["a", 1]), int)
    assert_type(await workflow.execute_activity(sync_two, args=["a", 1]), int)
    assert_type(workflow.start_activity(async_none), ActivityHandle[int])
    assert_type(workflow.start_activity(sync_one, "a"), ActivityHandle[int])
    assert_type(await workflow.start_activity(async_two, args=["a", 1]), int)

    await workflow.execute_activity(async_one, 1)  # error: takes a str
    await workflow.execute_activity(sync_one, 1)  # error: takes a str
    workflow.start_activity(async_one, 1)  # error: takes a str
    workflow.start_activity(sync_one, 1)  # error: takes a str
    await workflow.execute_activity(async_one)  # error: takes an argument
    await workflow.execute_activity(async_none, "a")  # error: takes no argument
    await workflow.execute_activity(async_two, "a", 1)  # error: several go into args


async def decorated_functions() -> None:
    assert_type(await workflow.execute_activity(decorated, "a"), int)
    assert_type(await workflow.execute_activity(decorated_with_name, "a"), int)
    await workflow.execute_activity(decorated, 1)  # error: takes a str
    await workflow.execute_activity(decorated_with_name, 1)  # error: takes a str


async def names() -> None:
    await workflow.execute_activity("name", 1, result_type=int)
    await workflow.execute_activity("name", args=[1, "a"])
    workflow.start_activity("name")


async def classes() -> None:
    assert_type(await workflow.execute_activity_class(AsyncClass, "a"), int)
    assert_type(await workflow.execute_activity_class(SyncClass, "a"), int)
    assert_type(await workflow.execute_activity_class(EmptyClass), int)
    assert_type(await workflow.execute_activity_class(TwoClass, args=["a", 1]), int)
    assert_type(workflow.start_activity_class(AsyncClass, "a"), ActivityHandle[int])

    await workflow.execute_activity_class(AsyncClass, 1)  # error: takes a str
    await workflow.execute_activity_class(SyncClass, 1)  # error: takes a str
    workflow.start_activity_class(SyncClass, 1)  # error: takes a str
    workflow.start_activity_class(EmptyClass, 1)  # error: takes no argument


async def methods() -> None:
    assert_type(await workflow.execute_activity_method(Methods.async_none), int)
    assert_type(await workflow.execute_activity_method(Methods.sync_none), int)
    assert_type(await workflow.execute_activity_method(Methods.async_one, "a"), int)
    assert_type(await workflow.execute_activity_method(Methods.sync_one, "a"), int)
    assert_type(await workflow.execute_activity_method(Methods.async_two, args=["a", 1]), int)
    assert_type(workflow.start_activity_method(Methods.sync_one, "a"), ActivityHandle[int])

    await workflow.execute_activity_method(Methods.async_one, 1)  # error: takes a str
    await workflow.execute_activity_method(Methods.sync_one, 1)  # error: takes a str
    workflow.start_activity_method(Methods.async_one, 1)  # error: takes a str
    workflow.start_activity_method(Methods.async_none, 1)  # error: takes no argument


async def options() -> None:
    config = ActivityConfig(start_to_close_timeout=SHORT, summary="all of them")
    assert_type(await workflow.execute_activity(async_one, "a", **config), int)
    assert_type(await workflow.execute_activity(async_two, args=["a", 1], **config), int)
    await workflow.execute_activity("name", "a", **config)

    await workflow.execute_activity(async_none, start_to_close_timeout=5)  # error: a timedelta
    await workflow.execute_activity(async_none, timeout=SHORT)  # error: no such option
    ActivityConfig(start_to_close_timeout="5s")  # error: a timedelta


async def handles() -> None:
    handle = workflow.start_activity(async_one, "a")
    task: asyncio.Task[int] = handle
    first, second = await asyncio.gather(handle, workflow.start_activity(sync_none))
    assert_type(first, int)
    assert_type(second, int)
    wrong: ActivityHandle[str] = handle  # error: gives an int
    print(task, wrong)
