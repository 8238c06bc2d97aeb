"""Metrics that the program takes itself."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from temporalio.runtime import (
    BUFFERED_METRIC_KIND_COUNTER,
    BUFFERED_METRIC_KIND_GAUGE,
    BUFFERED_METRIC_KIND_HISTOGRAM,
    MetricBuffer,
    MetricBufferDurationFormat,
    Runtime,
    TelemetryConfig,
)

from .telling import SERVICE, buffered_runtime, counted

COUNTER, GAUGE, HISTOGRAM = (
    BUFFERED_METRIC_KIND_COUNTER,
    BUFFERED_METRIC_KIND_GAUGE,
    BUFFERED_METRIC_KIND_HISTOGRAM,
)


def test_there_is_nothing_to_take_before_there_is_a_runtime() -> None:
    with pytest.raises(RuntimeError, match="Attempting to retrieve updates before runtime created"):
        MetricBuffer(10).retrieve_updates()


def test_updates_come_in_order_with_what_they_were_recorded_with() -> None:
    made, buffer = buffered_runtime()
    meter = made.metric_meter
    meter.create_counter("a-counter", "it counts", "pieces").add(3, {"x": 1})
    meter.create_gauge("gauge").set(5)
    meter.create_gauge_float("gauge-float", None, "kg").set(2.5)
    meter.create_histogram("histogram", "it spreads").record(7)
    meter.create_histogram_float("histogram-float").record(7.5)
    durations = meter.create_histogram_timedelta("durations", unit="duration")
    durations.record(timedelta(seconds=1.5))
    meter.create_counter("a-counter", "it counts", "pieces").add(4)
    found = [
        (
            *(one.metric.name, one.metric.description, one.metric.unit, one.metric.kind),
            *(one.value, one.attributes),
        )
        for one in buffer.retrieve_updates()
    ]
    assert found == [
        ("a-counter", "it counts", "pieces", COUNTER, 3, {**SERVICE, "x": 1}),
        ("gauge", None, None, GAUGE, 5, SERVICE),
        ("gauge-float", None, "kg", GAUGE, 2.5, SERVICE),
        ("histogram", "it spreads", None, HISTOGRAM, 7, SERVICE),
        ("histogram-float", None, None, HISTOGRAM, 7.5, SERVICE),
        ("durations", None, "ms", HISTOGRAM, 1500, SERVICE),
        ("a-counter", "it counts", "pieces", COUNTER, 4, SERVICE),
    ]
    assert buffer.retrieve_updates() == []


def test_a_metric_is_one_object_and_so_are_its_attributes() -> None:
    made, buffer = buffered_runtime()
    counter = made.metric_meter.create_counter("counter")
    busy = counter.with_additional_attributes({"state": "busy"})
    for metric in (counter, counter, busy, busy):
        metric.add(1)
    first = buffer.retrieve_updates()
    busy.add(1)
    [later] = buffer.retrieve_updates()
    assert len({id(one.metric) for one in (*first, later)}) == 1
    idle, same, *others = [one.attributes for one in first]
    assert idle is same
    assert {id(one) for one in (*others, later.attributes)} == {id(others[0])}
    assert (idle, others[0]) == (SERVICE, {**SERVICE, "state": "busy"})


def test_durations_as_seconds() -> None:
    buffer = MetricBuffer(100, MetricBufferDurationFormat.SECONDS)
    made = Runtime(telemetry=TelemetryConfig(metrics=buffer, attach_service_name=False))
    meter = made.metric_meter
    for name, seconds in (("short", 1.5), ("long", 2)):
        histogram = meter.create_histogram_timedelta(name, "it lasts", "duration")
        histogram.record(timedelta(seconds=seconds))
    meter.create_histogram("whole").record(1500)
    found = [
        (one.metric.name, one.metric.unit, one.value, type(one.value), one.attributes)
        for one in buffer.retrieve_updates()
    ]
    assert found == [
        ("short", "s", 1.5, float, {}),
        ("long", "s", 2.0, float, {}),
        ("whole", None, 1500, int, {}),
    ]


def test_durations_as_milliseconds() -> None:
    made, buffer = buffered_runtime()
    for unit in ("duration", "days", None):
        made.metric_meter.create_histogram_timedelta(f"in {unit}", unit=unit).record(
            timedelta(days=2)
        )
    updates = buffer.retrieve_updates()
    # Only the one that leaves it to the buffer is told which.
    assert [one.metric.unit for one in updates] == ["ms", "days", None]
    assert [(one.value, type(one.value)) for one in updates] == [(172_800_000, int)] * 3


def test_what_finds_no_room_is_dropped_and_nobody_waits(capfd: pytest.CaptureFixture[str]) -> None:
    made, buffer = buffered_runtime(5)
    counter = made.metric_meter.create_counter("counter")
    for value in range(1, 1001):
        counter.add(value)
    assert [one.value for one in buffer.retrieve_updates()] == [1, 2, 3, 4, 5]
    assert "buffer is full" in capfd.readouterr().err
    # There is room again.
    counter.add(7)
    assert [one.value for one in buffer.retrieve_updates()] == [7]


def test_any_thread_may_record_and_take() -> None:
    made, buffer = buffered_runtime()
    counter = made.metric_meter.create_counter("counter")
    taken: list[float] = []

    def add() -> None:
        for _ in range(10_000):
            counter.add(1)

    def take() -> None:
        for _ in range(100):
            taken.append(counted(buffer.retrieve_updates()).get("counter", 0))

    threads = [threading.Thread(target=one) for one in (add, add, take, add, take)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(taken) + counted(buffer.retrieve_updates()).get("counter", 0) == 30_000


def test_updates_cannot_be_changed() -> None:
    made, buffer = buffered_runtime()
    made.metric_meter.create_counter("counter").add(1)
    [update] = buffer.retrieve_updates()
    with pytest.raises(AttributeError):
        update.value = 2  # type: ignore[misc]


def test_a_buffer_outlives_the_runtime_that_fills_it() -> None:
    made, buffer = buffered_runtime()
    counter = made.metric_meter.create_counter("counter")
    del made
    counter.add(1)
    assert counted(buffer.retrieve_updates()) == {"counter": 1}
