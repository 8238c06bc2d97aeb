"""Values and attributes that metrics of user code take, and those that they refuse."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from temporalio.common import MetricMeter
from temporalio.runtime import MetricBuffer

from .telling import SERVICE, buffered_runtime, of_user

WHOLE = ("counter", "histogram", "gauge")
FLOATS = ("histogram_float", "gauge_float")
KINDS = (*WHOLE, *FLOATS, "histogram_timedelta")
NEGATIVE = "Metric value cannot be negative"


@pytest.fixture
def recording() -> Iterator[tuple[MetricMeter, MetricBuffer]]:
    """A meter, and what takes what it records."""
    made, buffer = buffered_runtime()
    yield made.metric_meter, buffer


Recording = tuple[MetricMeter, MetricBuffer]


def create(meter: MetricMeter, kind: str, *details: Any) -> Any:
    return getattr(meter, f"create_{kind}")("name", *details)


def taker(metric: Any) -> Callable[..., None]:
    for name in ("add", "set", "record"):
        if hasattr(metric, name):
            found: Callable[..., None] = getattr(metric, name)
            return found
    raise AssertionError(metric)


def values_of(buffer: MetricBuffer) -> list[int | float]:
    return [one.value for one in of_user(buffer.retrieve_updates())]


@pytest.mark.parametrize("kind", WHOLE)
def test_whole_numbers(recording: Recording, kind: str) -> None:
    meter, buffer = recording
    take = taker(create(meter, kind))
    largest = 2**64 - 1
    for value in (0, 7, True, 2**63, largest):
        take(value)
    found = values_of(buffer)
    assert found == [0, 7, 1, 2**63, largest]
    assert {type(value) for value in found} == {int}
    for negative in (-1, -0.5):
        with pytest.raises(ValueError, match=NEGATIVE):
            take(negative)
    for fraction in (1.5, 1.0, math.nan, math.inf):
        with pytest.raises(TypeError, match="'float' object cannot be interpreted as an integer"):
            take(fraction)
    with pytest.raises(OverflowError, match="int too big to convert"):
        take(2**64)
    for wrong in ("x", None):
        with pytest.raises(TypeError, match="'<' not supported"):
            take(wrong)
    assert values_of(buffer) == []


@pytest.mark.parametrize("kind", FLOATS)
def test_floats(recording: Recording, kind: str) -> None:
    meter, buffer = recording
    take = taker(create(meter, kind))
    for value in (0, 1.5, True, 2**70, math.inf):
        take(value)
    found = values_of(buffer)
    assert found == [0.0, 1.5, 1.0, 2.0**70, math.inf]
    assert {type(value) for value in found} == {float}
    take(math.nan)
    assert math.isnan(values_of(buffer)[0])
    for value in (-1, -0.5, -math.inf):
        with pytest.raises(ValueError, match=NEGATIVE):
            take(value)
    with pytest.raises(TypeError, match="'<' not supported"):
        take("x")
    assert values_of(buffer) == []


def test_durations(recording: Recording) -> None:
    meter, buffer = recording
    take = taker(create(meter, "histogram_timedelta"))
    for value in (timedelta(), timedelta(seconds=1, milliseconds=5, microseconds=999)):
        take(value)
    take(timedelta.max)
    assert values_of(buffer) == [0, 1005, 86399999999999999]
    for value in (timedelta(seconds=-1), timedelta(microseconds=-1)):
        with pytest.raises(ValueError, match=NEGATIVE):
            take(value)
    with pytest.raises(TypeError):
        take(5)
    assert values_of(buffer) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_metric_knows_of_itself(recording: Recording, kind: str) -> None:
    meter, _ = recording
    plain, full = create(meter, kind), create(meter, kind, "what it says", "pieces")
    assert (plain.name, plain.description, plain.unit) == ("name", None, None)
    more = full.with_additional_attributes({"a": 1})
    assert type(more) is type(full)
    for one in (full, more):
        assert (one.name, one.description, one.unit) == ("name", "what it says", "pieces")


@pytest.mark.parametrize("kind", KINDS)
def test_attributes_of_meter_metric_and_value_come_together(
    recording: Recording, kind: str
) -> None:
    meter, buffer = recording
    value = timedelta(seconds=1) if kind == "histogram_timedelta" else 1
    outer = meter.with_additional_attributes({"meter": "m", "shared": "meter", "all": 1})
    metric = create(outer, kind)
    inner = metric.with_additional_attributes({"metric": 1.5, "shared": "metric", "all": 2})
    taker(inner)(value, {"value": True, "all": 3})
    taker(inner)(value)
    taker(metric)(value, {})
    taker(create(meter, kind))(value, None)
    found = [one.attributes for one in of_user(buffer.retrieve_updates())]
    own = {**SERVICE, "meter": "m", "metric": 1.5, "shared": "metric"}
    assert found == [
        {**own, "value": True, "all": 3},
        {**own, "all": 2},
        {**SERVICE, "meter": "m", "shared": "meter", "all": 1},
        SERVICE,
    ]


def test_values_of_attributes_keep_their_types(recording: Recording) -> None:
    meter, buffer = recording
    given: dict[str, Any] = {
        "s": "x",
        "i": 1,
        "f": 1.5,
        "whole": 2.0,
        "t": True,
        "n": False,
        "low": -(2**63),
    }
    meter.create_counter("name").add(1, given)
    [update] = of_user(buffer.retrieve_updates())
    found = {name: (value, type(value)) for name, value in update.attributes.items()}
    del found["service_name"]
    assert found == {name: (value, type(value)) for name, value in given.items()}


def test_attributes_of_other_types_are_refused_everywhere(recording: Recording) -> None:
    meter, buffer = recording
    metric = meter.create_counter("name")
    message = 'Invalid value type for key "a": expected str, int, float or bool, got'
    for value in (None, [1], b"bytes"):
        wrong: Any = {"a": value}
        calls: list[Callable[[], object]] = [
            lambda given=wrong: metric.add(1, given),  # type: ignore[misc]
            lambda given=wrong: metric.with_additional_attributes(given),  # type: ignore[misc]
            lambda given=wrong: meter.with_additional_attributes(given),  # type: ignore[misc]
        ]
        for call in calls:
            with pytest.raises(TypeError, match=message):
                call()
    for names in ({1: "x"}, {None: 1}):
        with pytest.raises(TypeError):
            metric.add(1, names)  # type: ignore[arg-type]
    for no_mapping in ("text", [("a", 1)]):
        with pytest.raises(TypeError):
            metric.add(1, no_mapping)  # type: ignore[arg-type]
    assert values_of(buffer) == []


def test_a_whole_number_that_is_too_large_is_a_float(recording: Recording) -> None:
    meter, buffer = recording
    meter.create_counter("name").add(1, {"a": 2**70, "b": -(2**63)})
    [update] = of_user(buffer.retrieve_updates())
    assert update.attributes == {**SERVICE, "a": float(2**70), "b": -(2**63)}
    assert type(update.attributes["a"]) is float


def test_names_descriptions_and_units_are_text(recording: Recording) -> None:
    meter, _ = recording
    for kind in KINDS:
        make = getattr(meter, f"create_{kind}")
        for arguments in ((None,), (5,), ("name", 5), ("name", None, 5)):
            with pytest.raises(TypeError):
                make(*arguments)


def test_the_meter_that_records_nothing_refuses_nothing() -> None:
    MetricMeter.noop.create_counter("name").add(-1, {"a": []})  # type: ignore[dict-item]
