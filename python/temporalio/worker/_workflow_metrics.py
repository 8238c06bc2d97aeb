"""Metrics of workflow code, which records nothing when it only repeats what has happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Generic, TypeVar

import temporalio.workflow

from .._typing import Self
from ..common import (
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

_Recorded = TypeVar("_Recorded", bound=MetricCommon)


class WorkflowMeter(MetricMeter):
    """Makes metrics for workflow code. Whichever run uses one says whether that run is in replay."""

    def __init__(self, recording: MetricMeter) -> None:
        """Make metrics that record by those of another meter.

        Args:
            recording: A meter that always records.
        """
        self._recording = recording

    def create_counter(
        self, name: str, description: str | None = None, unit: str | None = None
    ) -> MetricCounter:
        return _Counter(self._recording.create_counter(name, description, unit))

    def create_histogram(
        self, name: str, description: str | None = None, unit: str | None = None
    ) -> MetricHistogram:
        return _Histogram(self._recording.create_histogram(name, description, unit))

    def create_histogram_float(
        self, name: str, description: str | None = None, unit: str | None = None
    ) -> MetricHistogramFloat:
        return _HistogramFloat(self._recording.create_histogram_float(name, description, unit))

    def create_histogram_timedelta(
        self, name: str, description: str | None = None, unit: str | None = None
    ) -> MetricHistogramTimedelta:
        recording = self._recording.create_histogram_timedelta(name, description, unit)
        return _HistogramTimedelta(recording)

    def create_gauge(
        self, name: str, description: str | None = None, unit: str | None = None
    ) -> MetricGauge:
        return _Gauge(self._recording.create_gauge(name, description, unit))

    def create_gauge_float(
        self, name: str, description: str | None = None, unit: str | None = None
    ) -> MetricGaugeFloat:
        return _GaugeFloat(self._recording.create_gauge_float(name, description, unit))

    def with_additional_attributes(self, additional_attributes: MetricAttributes) -> MetricMeter:
        return WorkflowMeter(self._recording.with_additional_attributes(additional_attributes))


def _happens_now() -> bool:
    return not temporalio.workflow.unsafe.is_replaying()


class _Metric(MetricCommon, Generic[_Recorded]):
    def __init__(self, recording: _Recorded) -> None:
        self._recording = recording

    @property
    def name(self) -> str:
        return self._recording.name

    @property
    def description(self) -> str | None:
        return self._recording.description

    @property
    def unit(self) -> str | None:
        return self._recording.unit

    def with_additional_attributes(self, additional_attributes: MetricAttributes) -> Self:
        return type(self)(self._recording.with_additional_attributes(additional_attributes))


class _Counter(_Metric[MetricCounter], MetricCounter):
    def add(self, value: int, additional_attributes: MetricAttributes | None = None) -> None:
        if _happens_now():
            self._recording.add(value, additional_attributes)


class _Histogram(_Metric[MetricHistogram], MetricHistogram):
    def record(self, value: int, additional_attributes: MetricAttributes | None = None) -> None:
        if _happens_now():
            self._recording.record(value, additional_attributes)


class _HistogramFloat(_Metric[MetricHistogramFloat], MetricHistogramFloat):
    def record(self, value: float, additional_attributes: MetricAttributes | None = None) -> None:
        if _happens_now():
            self._recording.record(value, additional_attributes)


class _HistogramTimedelta(_Metric[MetricHistogramTimedelta], MetricHistogramTimedelta):
    def record(
        self, value: timedelta, additional_attributes: MetricAttributes | None = None
    ) -> None:
        if _happens_now():
            self._recording.record(value, additional_attributes)


class _Gauge(_Metric[MetricGauge], MetricGauge):
    def set(self, value: int, additional_attributes: MetricAttributes | None = None) -> None:
        if _happens_now():
            self._recording.set(value, additional_attributes)


class _GaugeFloat(_Metric[MetricGaugeFloat], MetricGaugeFloat):
    def set(self, value: float, additional_attributes: MetricAttributes | None = None) -> None:
        if _happens_now():
            self._recording.set(value, additional_attributes)
