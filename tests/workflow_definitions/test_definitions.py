"""What proper workflow classes and handlers leave behind for a worker."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior

from .definition_source import execute


@workflow.defn
class Order:
    @workflow.init
    def __init__(self, item: str, count: int = 1) -> None:
        self.item = item
        self.count = count

    @workflow.run
    async def run(self, thing: str, number: int = 1) -> list[str]:
        return [thing] * number

    @workflow.signal
    def plain_signal(self, count: int) -> None:
        self.count = count

    @workflow.signal(
        name="named signal",
        description="sets",
        unfinished_policy=workflow.HandlerUnfinishedPolicy.ABANDON,
    )
    async def other_signal(self) -> None: ...

    @workflow.query
    def plain_query(self) -> int:
        return self.count

    @workflow.query(description="only described")
    def described_query(self) -> str:
        return self.item

    @workflow.update
    async def plain_update(self, count: int) -> str:
        self.count = count
        return self.item

    @plain_update.validator
    def check_plain_update(self, number: int) -> None:
        if number < 0:
            raise ValueError("negative")

    @workflow.update(name="named update", description="does")
    def other_update(self) -> None: ...


@workflow.defn(
    name="other name",
    sandboxed=False,
    failure_exception_types=[KeyError],
    versioning_behavior=VersioningBehavior.PINNED,
)
class Configured(Order):
    @workflow.run
    async def run(self, thing: str, number: int = 1) -> list[str]:
        return []

    @workflow.query
    def plain_query(self) -> int:
        return -1


@workflow.defn(dynamic=True)
class Dynamic:
    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> None: ...

    @workflow.dynamic_config
    def config(self) -> workflow.DynamicWorkflowConfig:
        return workflow.DynamicWorkflowConfig(failure_exception_types=[KeyError])

    @workflow.signal(dynamic=True)
    def any_signal(self, name: str, args: Sequence[RawValue]) -> None: ...

    @workflow.query(dynamic=True)
    def any_query(self, name: str, args: typing.Sequence[RawValue]) -> int:
        return 0

    @workflow.update(dynamic=True)
    async def any_update(self, name: str, args: Sequence[RawValue]) -> None: ...


class Undecorated:
    async def run(self) -> None: ...


def test_name_and_types() -> None:
    definition = workflow._Definition.must_from_class(Order)
    assert definition.name == "Order"
    assert definition.cls is Order
    assert definition.run_fn is Order.run
    assert definition.arg_types == [str, int]
    assert definition.ret_type == list[str]
    assert definition.sandboxed
    assert list(definition.failure_exception_types) == []
    assert definition.versioning_behavior == VersioningBehavior.UNSPECIFIED
    assert definition.dynamic_config_fn is None


def test_handlers_by_name() -> None:
    definition = workflow._Definition.must_from_class(Order)
    assert set(definition.signals) == {"plain_signal", "named signal"}
    assert set(definition.queries) == {"plain_query", "described_query"}
    assert set(definition.updates) == {"plain_update", "named update"}

    signal = definition.signals["named signal"]
    assert signal.name == "named signal"
    assert signal.description == "sets"
    assert signal.unfinished_policy is workflow.HandlerUnfinishedPolicy.ABANDON
    assert definition.signals["plain_signal"].arg_types == [int]
    assert (
        definition.signals["plain_signal"].unfinished_policy
        is workflow.HandlerUnfinishedPolicy.WARN_AND_ABANDON
    )

    assert definition.queries["described_query"].description == "only described"
    assert definition.queries["plain_query"].ret_type is int

    update = definition.updates["plain_update"]
    assert (update.arg_types, update.ret_type) == ([int], str)
    assert update.validator is Order.check_plain_update
    assert definition.updates["named update"].description == "does"


def test_options_and_inheritance() -> None:
    definition = workflow._Definition.must_from_class(Configured)
    assert definition.name == "other name"
    assert not definition.sandboxed
    assert list(definition.failure_exception_types) == [KeyError]
    assert definition.versioning_behavior == VersioningBehavior.PINNED
    # Inherited as they are, overridden where decorated anew.
    assert definition.signals["plain_signal"].fn is Order.plain_signal
    assert definition.queries["plain_query"].fn is Configured.plain_query
    assert workflow._Definition.must_from_class(Order).run_fn is Order.run


def test_dynamic_workflow() -> None:
    definition = workflow._Definition.must_from_class(Dynamic)
    assert definition.name is None
    assert definition.arg_types == [Sequence[RawValue]]
    assert definition.dynamic_config_fn is Dynamic.config
    for handlers in (definition.signals, definition.queries, definition.updates):
        assert list(handlers) == [None]
        assert not handlers[None].dynamic_vararg


def test_dynamic_beats_name() -> None:
    source = """
    @workflow.defn(name="ignored", dynamic=True)
    class Case:
        @workflow.run
        async def run(self, args: Sequence[RawValue]) -> None: ...
    """
    assert workflow._Definition.must_from_class(execute(source)["Case"]).name is None


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_form_of_dynamic_handlers() -> None:
    source = """
    @workflow.signal(dynamic=True)
    def on_signal(self, name: str, *args: object) -> None: ...
    @workflow.query(dynamic=True)
    def on_query(self, name: str, *args: object) -> int: ...
    """
    defined = execute(source)
    signal = workflow._SignalDefinition.from_fn(defined["on_signal"])
    query = workflow._QueryDefinition.from_fn(defined["on_query"])
    assert signal is not None and signal.dynamic_vararg
    assert query is not None and query.dynamic_vararg


def test_base_class_needs_no_decorator_and_counts_for_nothing() -> None:
    source = """
    class Base:
        @workflow.run
        async def run(self) -> None: ...
    @workflow.defn
    class Case(Base):
        @workflow.run
        async def run(self) -> None: ...
    class Derived(Case): ...
    """
    defined = execute(source)
    assert workflow._Definition.from_class(defined["Base"]) is None
    assert workflow._Definition.from_class(defined["Derived"]) is None
    assert workflow._Definition.from_run_fn(defined["Case"].run) is not None
    assert workflow._Definition.from_run_fn(defined["Base"].run) is None


def test_definition_is_found_under_its_public_attributes() -> None:
    definition = getattr(Order, "__temporal_workflow_definition")
    assert definition is getattr(Order.run, "__temporal_workflow_definition")
    assert getattr(Order.plain_signal, "__temporal_signal_definition").name == "plain_signal"
    assert getattr(Order.plain_query, "__temporal_query_definition").name == "plain_query"
    assert Order.plain_update._defn.name == "plain_update"
    assert isinstance(Order.plain_update, workflow.UpdateMethodMultiParam)
    assert not isinstance(Order.plain_query, workflow.UpdateMethodMultiParam)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("by name", ("by name", None)),
        (Order.run, ("Order", list[str])),
        (Configured.run, ("other name", list[str])),
    ],
)
def test_name_and_result_type_of_workflows(subject: Any, expected: object) -> None:
    assert workflow._Definition.get_name_and_result_type(subject) == expected


@pytest.mark.parametrize(
    ("subject", "error", "message"),
    [
        (Dynamic.run, ValueError, "Cannot invoke dynamic workflow explicitly"),
        (12, TypeError, "Workflow must be a string or callable"),
        (
            Undecorated.run,
            ValueError,
            (
                "Function Undecorated.run missing attributes, was it decorated with @workflow.run "
                "and was its class decorated with @workflow.defn?"
            ),
        ),
    ],
)
def test_workflows_without_a_name(subject: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        workflow._Definition.get_name_and_result_type(subject)
    assert str(raised.value) == message


def test_class_without_definition() -> None:
    with pytest.raises(ValueError) as raised:
        workflow._Definition.must_from_class(Undecorated)
    assert str(raised.value) == (
        "Workflow Undecorated missing attributes, was it decorated with @workflow.defn?"
    )


def test_names_of_signals() -> None:
    name_of = workflow._SignalDefinition.must_name_from_fn_or_str
    assert name_of("by name") == "by name"
    assert name_of(Order.other_signal) == "named signal"
    with pytest.raises(RuntimeError, match="^Cannot invoke dynamic signal definition$"):
        name_of(Dynamic.any_signal)
    with pytest.raises(RuntimeError, match="^Signal definition not found on Undecorated.run, is"):
        name_of(Undecorated.run)


def test_names_and_result_types_of_updates() -> None:
    name_of = workflow._UpdateDefinition.get_name_and_result_type
    assert name_of("by name") == ("by name", None)
    assert name_of(Order.plain_update) == ("plain_update", str)
    with pytest.raises(RuntimeError, match="^Cannot invoke dynamic update definition$"):
        name_of(Dynamic.any_update)


async def test_bound_handlers() -> None:
    order = Order("tea")
    definition = workflow._Definition.must_from_class(Order)
    definition.signals["plain_signal"].bind_fn(order)(5)
    assert definition.queries["plain_query"].bind_fn(order)() == 5
    update = definition.updates["plain_update"].bind_fn(order)
    assert inspect.iscoroutinefunction(update)
    assert await update(7) == "tea"
    assert order.count == 7


def test_bound_validators() -> None:
    definition = workflow._Definition.must_from_class(Order)
    validate = definition.updates["plain_update"].bind_validator(Order("tea"))
    assert validate(1) is None
    with pytest.raises(ValueError, match="^negative$"):
        validate(-1)
    accept_all: Callable[..., Any] = definition.updates["named update"].bind_validator(Order("tea"))
    assert accept_all(1, two=2) is None


async def test_decorated_methods_are_still_methods() -> None:
    order = Order("tea")
    order.plain_signal(3)
    assert order.plain_query() == 3
    assert await order.plain_update(4) == "tea"
    assert order.count == 4
