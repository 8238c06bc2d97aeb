"""What the type checkers make of workflow classes and their handlers."""

from collections.abc import Awaitable, Callable, Sequence

from typing_extensions import assert_type

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.workflow import HandlerUnfinishedPolicy, UpdateMethodMultiParam


@workflow.defn
class Plain:
    @workflow.run
    async def run(self, value: str) -> int:
        return 1


@workflow.defn(name="other", sandboxed=False, failure_exception_types=[KeyError])
class Handlers:
    @workflow.init
    def __init__(self, value: str) -> None:
        self.value = value

    @workflow.run
    async def run(self, value: str) -> int:
        return 1

    @workflow.signal
    def plain_signal(self, value: str) -> None: ...

    @workflow.signal(name="n", unfinished_policy=HandlerUnfinishedPolicy.ABANDON, description="d")
    async def named_signal(self, value: str) -> None: ...

    @workflow.signal()
    def called_signal(self) -> None: ...

    @workflow.signal(dynamic=True)
    def dynamic_signal(self, name: str, args: Sequence[RawValue]) -> None: ...

    @workflow.query
    def plain_query(self) -> int:
        return 1

    @workflow.query(name="n", description="d")
    def named_query(self, value: str) -> int:
        return 1

    @workflow.query(description="d")
    def described_query(self) -> int:
        return 1

    @workflow.update
    async def async_update(self, value: str) -> int:
        return 1

    @async_update.validator
    def check_async_update(self, value: str) -> None: ...

    @workflow.update
    def sync_update(self, value: str) -> int:
        return 1

    @workflow.update(name="n", unfinished_policy=HandlerUnfinishedPolicy.ABANDON)
    async def named_update(self, value: str) -> int:
        return 1

    @named_update.validator
    def check_named_update(self, value: str) -> None: ...

    @workflow.update(dynamic=True, description="d")
    async def dynamic_update(self, name: str, args: Sequence[RawValue]) -> int:
        return 1


@workflow.defn(dynamic=True)
class Dynamic:
    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> None: ...

    @workflow.dynamic_config
    def config(self) -> workflow.DynamicWorkflowConfig:
        return workflow.DynamicWorkflowConfig(failure_exception_types=[KeyError])


async def decorated_methods_keep_their_types(handlers: Handlers) -> None:
    assert_type(await Plain().run("a"), int)
    assert_type(handlers.value, str)
    assert_type(handlers.plain_signal("a"), None)
    assert_type(await handlers.named_signal("a"), None)
    assert_type(handlers.plain_query(), int)
    assert_type(handlers.named_query("a"), int)
    handlers.plain_signal(1)  # error: takes a str
    handlers.named_query(1)  # error: takes a str
    await Plain().run(1)  # error: takes a str


def updates_know_parameters_and_result() -> None:
    for_async: UpdateMethodMultiParam[[Handlers, str], int] = Handlers.async_update
    for_sync: UpdateMethodMultiParam[[Handlers, str], int] = Handlers.sync_update
    for_named: UpdateMethodMultiParam[[Handlers, str], int] = Handlers.named_update
    wrong: UpdateMethodMultiParam[[Handlers, int], int] = Handlers.sync_update  # error: a str
    print(for_async, for_sync, for_named, wrong)


class Wrong:
    @workflow.run  # error: must be async
    def run(self) -> int:
        return 1

    @workflow.signal(name="n", dynamic=True)  # error: one of both
    def named_and_dynamic(self, name: str, args: Sequence[RawValue]) -> None: ...

    @workflow.query()  # error: nothing to do
    def empty_query(self) -> int:
        return 1

    @workflow.update
    def update(self, value: str) -> int:
        return 1

    @update.validator  # error: other parameters
    def check_update(self, value: int) -> None: ...


def bare_decorators() -> None:
    handler: Callable[[int], int] = int
    workflow.signal(handler)  # error: a signal returns nothing
    workflow.dynamic_config(handler)  # error: returns no config
    awaited: Callable[[Plain, str], Awaitable[int]] = workflow.run(Plain.run)
    print(awaited)
