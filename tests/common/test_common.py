"""Enums match the wire, hints of functions, noop metrics, events, warnings."""

# The spellings of typing are part of what is tested.
# ruff: noqa: UP006, UP007, UP045

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
import types
import typing
import warnings
from datetime import timedelta
from enum import IntEnum
from typing import Any

import pytest

import temporalio.api.enums.v1 as wire
from temporalio import common, exceptions
from temporalio.api.common.v1 import Header, Payload

OWN_NAMES = {
    "SearchAttributeIndexedValueType": "IndexedValueType",
    "PendingNexusOperationExecutionState": "PendingNexusOperationState",
}


def enums_of_the_wire() -> list[type[IntEnum]]:
    members = [*vars(common).values(), *vars(exceptions).values()]
    return [
        each
        for each in members
        if isinstance(each, type)
        and issubclass(each, IntEnum)
        and each not in (IntEnum, common.HeaderCodecBehavior)
    ]


@pytest.mark.parametrize("enum", enums_of_the_wire(), ids=lambda enum: enum.__name__)
def test_numbers_are_those_of_the_wire(enum: type[IntEnum]) -> None:
    name = OWN_NAMES.get(enum.__name__, enum.__name__)
    wire_enum = getattr(wire, name, None) or getattr(wire, name.replace("ID", "Id"))
    by_name = dict(wire_enum.items())
    prefix = "".join("_" + c if c.isupper() else c for c in name.replace("ID", "Id"))[1:].upper()
    for member in enum:
        assert by_name[f"{prefix}_{member.name}"] == member.value


def test_every_policy_is_checked() -> None:
    assert len(enums_of_the_wire()) == 15


@pytest.mark.parametrize("name", [name for name in common.__all__ if not name.startswith("_")])
def test_classes_are_named_by_the_public_module(name: str) -> None:
    member = getattr(common, name)
    if inspect.isclass(member) and not isinstance(member, types.GenericAlias):
        assert member.__module__ == "temporalio.common"
        typing.get_type_hints(member)


class Methods:
    def untyped_self(self, a: int, b: str) -> bool:
        return bool(a and b)

    def typed_self(self: Any, a: int) -> None: ...

    async def coroutine(self, a: typing.List[int]) -> str:
        return str(a)

    @staticmethod
    def static(a: int) -> int:
        return a

    def __call__(self, a: float) -> bytes:
        return bytes(int(a))


class Silent:
    pass


def no_hints(a, b):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    return a, b


def keyword_only(a: int, *, b: int) -> str:
    return str(a + b)


def variadic(*args: int) -> str:
    return str(args)


def with_default(a: int, b: str = "") -> None: ...


def partly(a: int, b) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    return a + b


@pytest.mark.parametrize(
    ("function", "hints"),
    [
        (Methods.untyped_self, ([int, str], bool)),
        (Methods().untyped_self, ([int, str], bool)),
        (Methods.typed_self, ([Any, int], type(None))),
        (Methods().coroutine, ([typing.List[int]], str)),
        (Methods.static, ([int], int)),
        (Methods(), ([float], bytes)),
        (Methods, ([float], bytes)),
        (no_hints, ([None, None], None)),
        (keyword_only, (None, str)),
        (variadic, (None, str)),
        (with_default, ([int, str], type(None))),
        (partly, ([int, None], int)),
        (functools.partial(with_default, 1), (None, None)),
        (lambda: None, ([], None)),
        (Silent, (None, None)),
    ],
)
def test_type_hints_of_functions(function: Any, hints: Any) -> None:
    assert common._type_hints_from_func(function) == hints


def test_one_argument_or_a_list() -> None:
    assert common._arg_or_args(common._arg_unset, [1, 2]) == [1, 2]
    assert common._arg_or_args(None, []) == [None]
    with pytest.raises(ValueError, match="Cannot have arg and args"):
        common._arg_or_args(1, [2])


def test_headers_are_copied() -> None:
    header, payload = Header(), Payload(data=b"x")
    common._apply_headers(None, header.fields)
    common._apply_headers({"a": payload}, header.fields)
    payload.data = b"changed"
    assert {name: each.data for name, each in header.fields.items()} == {"a": b"x"}


def test_metrics_that_record_nothing() -> None:
    meter = common.MetricMeter.noop.with_additional_attributes({"a": 1})
    counter = meter.create_counter("c", "what", "unit")
    counter.with_additional_attributes({"b": "x"}).add(1, {"c": True})
    assert (counter.name, counter.description, counter.unit) == ("c", "what", "unit")
    meter.create_histogram("h").record(1)
    meter.create_histogram_float("h").record(1.5)
    meter.create_histogram_timedelta("h").record(timedelta(1))
    meter.create_gauge("g").set(1)
    meter.create_gauge_float("g").set(1.5)
    for create, base in (
        (meter.create_counter, common.MetricCounter),
        (meter.create_histogram, common.MetricHistogram),
        (meter.create_histogram_float, common.MetricHistogramFloat),
        (meter.create_histogram_timedelta, common.MetricHistogramTimedelta),
        (meter.create_gauge, common.MetricGauge),
        (meter.create_gauge_float, common.MetricGaugeFloat),
    ):
        assert isinstance(create("m"), base)


async def test_events_of_both_sides() -> None:
    event = common._CompositeEvent(threading.Event(), asyncio.Event())
    assert not event.is_set()
    event.set()
    await asyncio.wait_for(event.wait(), 1)
    event.wait_sync(0)
    assert event.is_set()


async def test_events_of_one_side() -> None:
    event = common._CompositeEvent(threading.Event(), None)
    event.set()
    with pytest.raises(RuntimeError, match="not in async activity"):
        await event.wait()
    with pytest.raises(RuntimeError, match="Missing event"):
        common._CompositeEvent(None, None).set()


def test_warning_of_mappings() -> None:
    def interface(attributes: Any) -> None:
        common._warn_on_deprecated_search_attributes(attributes)

    with pytest.warns(DeprecationWarning, match="Dictionary-based") as caught:
        interface({"a": ["x"]})
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for harmless in (None, {}, common.TypedSearchAttributes.empty):
            interface(harmless)
