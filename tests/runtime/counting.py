"""Activities and workflows that count what they do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.common import MetricCounter, MetricMeter

LIMIT = timedelta(seconds=30)


def _count(number: int) -> int:
    activity.metric_meter().create_counter("activity").add(
        number, {"local": activity.info().is_local}
    )
    return number


@activity.defn
async def count_on_loop(number: int) -> int:
    return _count(number)


@activity.defn
def count_in_thread(number: int) -> int:
    return _count(number)


@activity.defn
async def kinds_of_meters() -> list[bool]:
    meter = activity.metric_meter()
    return [meter is MetricMeter.noop, meter is activity.metric_meter()]


ACTIVITIES: list[Callable[..., Any]] = [count_on_loop, count_in_thread, kinds_of_meters]


class _Counting:
    """Counts at each of its steps, with a metric that it keeps and with new ones."""

    def __init__(self) -> None:
        self.kept: MetricCounter = workflow.metric_meter().create_counter("kept")
        self.ends = False

    async def count_all(self, number: int) -> list[str]:
        meter = workflow.metric_meter()
        assert meter is workflow.metric_meter()
        self.kept.add(number)
        for name in ("count_on_loop", "count_in_thread"):
            await workflow.execute_activity(name, number, start_to_close_timeout=LIMIT)
            self.kept.add(number, {"after": name})
        meter.create_histogram_timedelta("time").record(timedelta(seconds=number))
        await workflow.execute_local_activity(count_on_loop, number, start_to_close_timeout=LIMIT)
        meter.with_additional_attributes({"m": 1}).create_gauge("gauge").set(number, {"v": True})
        meter.create_gauge_float("gauge-float").set(number / 2)
        meter.create_histogram("hist").with_additional_attributes({"h": "x"}).record(number)
        meter.create_histogram_float("hist-float").record(number / 2)
        await workflow.wait_condition(lambda: self.ends)
        return self.mistakes()

    def mistakes(self) -> list[str]:
        found = []
        given: list[tuple[int, Any]] = [(-1, None), (1, {"a": None})]
        for value, attributes in given:
            try:
                self.kept.add(value, attributes)
            except (ValueError, TypeError) as error:
                found.append(f"{type(error).__name__}: {error}")
        return found


@workflow.defn
class Counting(_Counting):
    """In the sandbox."""

    @workflow.run
    async def run(self, number: int) -> list[str]:
        return await self.count_all(number)

    @workflow.signal
    def end(self) -> None:
        workflow.metric_meter().create_counter("signal").add(1)
        self.ends = True

    @workflow.query
    def look(self) -> bool:
        workflow.metric_meter().create_counter("query").add(1)
        return self.ends

    @workflow.update
    def change(self, number: int) -> int:
        workflow.metric_meter().create_counter("update").add(number)
        return number

    @change.validator
    def check(self, number: int) -> None:
        workflow.metric_meter().create_counter("validator").add(number)


@workflow.defn(name="Counting", sandboxed=False)
class CountingUnsandboxed(Counting):
    """Outside of the sandbox."""

    @workflow.run
    async def run(self, number: int) -> list[str]:
        return await self.count_all(number)


@workflow.defn
class Meters:
    """Says what its meter is."""

    @workflow.run
    async def run(self) -> list[bool]:
        return [
            workflow.metric_meter() is MetricMeter.noop,
            *await workflow.execute_activity(kinds_of_meters, start_to_close_timeout=LIMIT),
        ]


@workflow.defn
class CountsInActivity:
    """Counts in one activity."""

    @workflow.run
    async def run(self, number: int) -> int:
        return await workflow.execute_activity(count_on_loop, number, start_to_close_timeout=LIMIT)
