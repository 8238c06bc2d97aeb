"""Metrics of user code that a runtime records."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from temporalio._typing import Self
from temporalio.common import (
    MetricAttributes,
    MetricCommon,
    MetricCounter,
    MetricGauge,
    MetricGaugeFloat,
    MetricHistogram,
    MetricHistogramFloat,
    MetricHistogramTimedelta,
    MetricMeter,
)

if TYPE_CHECKING:
    from temporalio.bridge._callboard import Meter as BridgeMeter
    from temporalio.bridge._callboard import Metric as BridgeMetric
    from temporalio.bridge._callboard import MetricAttributes as BridgeAttributes

_Kind = Literal[
    "counter", "gauge", "gauge_float", "histogram", "histogram_float", "histogram_duration"
]
# Name, description, unit, what records, and what it records with.
_Parts = tuple[str, "str | None", "str | None", "BridgeMetric", "BridgeAttributes"]

_ZERO: Final = timedelta()
_MILLISECOND: Final = timedelta(milliseconds=1)


class Meter(MetricMeter):
    """Makes metrics that carry what is theirs at every value."""

    def __init__(self, meter: BridgeMeter, attributes: BridgeAttributes) -> None:
        """Make metrics with a runtime's meter.

        Args:
            meter: Of the extension.
            attributes: What the metrics carry.
        """
        self._meter = meter
        self._attributes = attributes

    def _parts(self, kind: _Kind, name: str, description: str | None, unit: str | None) -> _Parts:
        metric = self._meter.metric(kind, name, description, unit)
        return name, description, unit, metric, self._attributes

    def create_counter(
        self, name: str, description: str | None = None, unit: str | None = None
    ) -> MetricCounter:
        return _Counter(*self._parts("counter", name, description, unit))

    def create_histogram(
        self, name: str, description: str | None = None, unit: str | None = None
    ) -> MetricHistogram:
        return _Histogram(*self._parts("histogram", name, description, unit))

    def create_histogram_float(
        self, name: str, description: str | None = None, unit: str | None = None
    ) -> MetricHistogramFloat:
        return _HistogramFloat(*self._parts("histogram_float", name, description, unit))

    def create_histogram_timedelta(
        self, name: str, description: str | None = None, unit: str | None = None
    ) -> MetricHistogramTimedelta:
        return _HistogramTimedelta(*self._parts("histogram_duration", name, description, unit))

    def create_gauge(
        self, name: str, description: str | None = None, unit: str | None = None
    ) -> MetricGauge:
        return _Gauge(*self._parts("gauge", name, description, unit))

    def create_gauge_float(
        self, name: str, description: str | None = None, unit: str | None = None
    ) -> MetricGaugeFloat:
        return _GaugeFloat(*self._parts("gauge_float", name, description, unit))

    def with_additional_attributes(self, additional_attributes: MetricAttributes) -> MetricMeter:
        return Meter(
            self._meter, self._attributes.with_additional_attributes(additional_attributes)
        )


class _Metric(MetricCommon):
    def __init__(
        self,
        name: str,
        description: str | None,
        unit: str | None,
        metric: BridgeMetric,
        attributes: BridgeAttributes,
    ) -> None:
        self._name, self._description, self._unit = name, description, unit
        self._metric = metric
        self._attributes = attributes

    @property
    def name(self) -> str:
        return self._name

    @property
    def description(self) -> str | None:
        return self._description

    @property
    def unit(self) -> str | None:
        return self._unit

    def with_additional_attributes(self, additional_attributes: MetricAttributes) -> Self:
        attributes = self._attributes.with_additional_attributes(additional_attributes)
        return type(self)(self._name, self._description, self._unit, self._metric, attributes)

    def _record(self, value: float, additional_attributes: MetricAttributes | None) -> None:
        if value < 0:
            raise _negative()
        attributes = self._attributes
        if additional_attributes:
            attributes = attributes.with_additional_attributes(additional_attributes)
        self._metric.record(value, attributes)


def _negative() -> ValueError:
    return ValueError("Metric value cannot be negative")


class _Counter(_Metric, MetricCounter):
    def add(self, value: int, additional_attributes: MetricAttributes | None = None) -> None:
        self._record(value, additional_attributes)


class _Histogram(_Metric, MetricHistogram):
    def record(self, value: int, additional_attributes: MetricAttributes | None = None) -> None:
        self._record(value, additional_attributes)


class _HistogramFloat(_Metric, MetricHistogramFloat):
    def record(self, value: float, additional_attributes: MetricAttributes | None = None) -> None:
        self._record(value, additional_attributes)


class _HistogramTimedelta(_Metric, MetricHistogramTimedelta):
    def record(
        self, value: timedelta, additional_attributes: MetricAttributes | None = None
    ) -> None:
        # Before it is cut to milliseconds.
        if value < _ZERO:
            raise _negative()
        self._record(value // _MILLISECOND, additional_attributes)


class _Gauge(_Metric, MetricGauge):
    def set(self, value: int, additional_attributes: MetricAttributes | None = None) -> None:
        self._record(value, additional_attributes)


class _GaugeFloat(_Metric, MetricGaugeFloat):
    def set(self, value: float, additional_attributes: MetricAttributes | None = None) -> None:
        self._record(value, additional_attributes)
