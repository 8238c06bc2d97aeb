"""What the type checkers make of the functions for workflow code."""

import asyncio
from datetime import timedelta
from typing import Any

from typing_extensions import assert_type

from temporalio import workflow


@workflow.defn
class Target:
    @workflow.run
    async def run(self, value: str) -> int:
        return 1


@workflow.defn
class EmptyTarget:
    @workflow.run
    async def run(self) -> int:
        return 1


@workflow.defn
class TwoTarget:
    @workflow.run
    async def run(self, value: str, other: int) -> int:
        return 1


def continue_as_new(which: int) -> None:
    match which:
        case 0:
            workflow.continue_as_new()
        case 1:
            workflow.continue_as_new("a", task_queue="q", run_timeout=timedelta(seconds=1))
        case 2:
            workflow.continue_as_new(args=["a", 1], memo={"key": 1})
        case 3:
            workflow.continue_as_new("a", workflow=Target.run)
        case 4:
            workflow.continue_as_new(workflow=EmptyTarget.run)
        case 5:
            workflow.continue_as_new(args=["a", 1], workflow=TwoTarget.run)
        case 6:
            workflow.continue_as_new("a", workflow="Target")
        case 7:
            workflow.continue_as_new(args=["a"], workflow="Target")
        case 8:
            workflow.continue_as_new(1, workflow=Target.run)  # error: takes a str
        case 9:
            workflow.continue_as_new(workflow=Target.run)  # error: takes an argument
        case 10:
            workflow.continue_as_new("a", run_timeout=5)  # error: a timedelta
        case _:
            pass


def never_returns() -> int:
    # Without a return: the checkers know that the call does not.
    workflow.continue_as_new("a")


async def time_and_waiting(some: asyncio.Task[int], other: asyncio.Future[int]) -> None:
    await workflow.sleep(1)
    await workflow.sleep(timedelta(seconds=1), summary="a nap")
    await workflow.sleep("1s")  # error: seconds or a timedelta
    await workflow.wait_condition(lambda: True, timeout=timedelta(seconds=1))
    await workflow.wait_condition(lambda: True, timeout=1)
    await workflow.wait_condition(some)  # error: a function

    done, pending = await workflow.wait([some])
    assert_type(done, list[asyncio.Task[int]])
    assert_type(pending, list[asyncio.Task[int]])
    assert_type((await workflow.wait([other], timeout=1))[0], list[asyncio.Future[int]])
    for each in workflow.as_completed([some, other]):
        assert_type(await each, int)


def values() -> None:
    assert_type(workflow.memo_value("key", type_hint=int), int)
    assert_type(workflow.memo_value("key", None, type_hint=int), int | None)
    assert_type(workflow.memo_value("key"), Any)
    assert_type(workflow.get_last_completion_result(str), str | None)
    assert_type(workflow.current_update_info(), workflow.UpdateInfo | None)
    workflow.set_signal_handler("name", lambda value: None)
    workflow.set_signal_handler("name", None)
    workflow.set_signal_handler("name", "handler")  # error: a function
    workflow.memo_value(1)  # error: a str


def loggers() -> None:
    workflow.logger.info("a %s", "line", extra={"key": 1}, stacklevel=2)
    workflow.logger.log_during_replay = True
    with workflow.unsafe.imports_passed_through(), workflow.unsafe.sandbox_unrestricted():
        pass
