"""What a runtime is told of logs and metrics."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import ClassVar

from ._buffer import MetricBuffer

_OWN_TARGETS = (
    "temporalio_common",
    "temporalio_sdk_core",
    "temporalio_client",
    "temporalio_sdk",
    "temporal_sdk_bridge",
)


@dataclass
class TelemetryFilter:
    """Which of the runtime's log lines are wanted.

    Attributes:
        core_level: Least level of lines of the runtime itself: ``ERROR``, ``WARN``, ``INFO``,
            ``DEBUG`` or ``TRACE``.
        other_level: Least level of lines of the libraries that it uses.
    """

    core_level: str
    other_level: str

    def formatted(self) -> str:
        """Write the filter as a list of targets with their levels."""
        own = [f"{target}={self.core_level}" for target in _OWN_TARGETS]
        return ",".join([self.other_level, *own])


class LoggingFormat(Enum):
    """How log lines of the runtime look."""

    COMPACT = "compact"
    PRETTY = "pretty"
    JSON = "json"


@dataclass
class LogForwardingConfig:
    """Has log lines of the runtime handed to a logger of Python. Not supported yet.

    Attributes:
        logger: Gets the lines.
        append_target_to_name: Whether the name of a record ends in where the line is from.
        prepend_target_on_message: Whether its message begins with that.
        overwrite_log_record_time: Whether its time is that of the line.
        append_log_fields_to_message: Whether its message ends in the fields of the line.
    """

    logger: logging.Logger
    append_target_to_name: bool = True
    prepend_target_on_message: bool = True
    overwrite_log_record_time: bool = True
    append_log_fields_to_message: bool = True


@dataclass(frozen=True)
class LoggingConfig:
    """Which log lines of the runtime are wanted, and where. Only the default is supported yet.

    Attributes:
        filter: A filter, or one in text form.
        forwarding: Where lines go instead of to standard error.
        format: How they look there; None is ``COMPACT``.
        default: Warnings of the runtime, and errors of what it uses.
    """

    filter: TelemetryFilter | str
    forwarding: LogForwardingConfig | None = None
    format: LoggingFormat | None = None

    default: ClassVar[LoggingConfig]


LoggingConfig.default = LoggingConfig(TelemetryFilter(core_level="WARN", other_level="ERROR"))


class OpenTelemetryMetricTemporality(Enum):
    """What an exported value of a metric is counted from."""

    CUMULATIVE = 1
    DELTA = 2


@dataclass(frozen=True)
class OpenTelemetryConfig:
    """Has metrics sent to a collector. Not supported yet.

    Attributes:
        url: Where the collector is.
        headers: Headers of each export.
        metric_periodicity: Time from one export to the next.
        metric_temporality: Whether values count from the start, or from the last export.
        durations_as_seconds: Whether durations are seconds, not milliseconds.
        http: Whether to send by HTTP, not gRPC.
        histogram_bucket_overrides: As for :py:class:`PrometheusConfig`.
    """

    url: str
    headers: Mapping[str, str] | None = None
    metric_periodicity: timedelta | None = None
    metric_temporality: OpenTelemetryMetricTemporality = OpenTelemetryMetricTemporality.CUMULATIVE
    durations_as_seconds: bool = False
    http: bool = False
    histogram_bucket_overrides: Mapping[str, Sequence[float]] | None = None


@dataclass(frozen=True)
class PrometheusConfig:
    """Has the runtime listen for scrapes, under the path ``/metrics``.

    Attributes:
        bind_address: IP address and port to listen at, such as ``127.0.0.1:9090``.
        counters_total_suffix: Whether names of counters end in ``_total``.
        unit_suffix: Whether names of histograms end in their unit.
        durations_as_seconds: Whether durations are seconds, as floats, not whole milliseconds.
        histogram_bucket_overrides: Upper bounds of buckets, rising, by a part of a histogram's name.
    """

    bind_address: str
    counters_total_suffix: bool = False
    unit_suffix: bool = False
    durations_as_seconds: bool = False
    histogram_bucket_overrides: Mapping[str, Sequence[float]] | None = None


@dataclass(frozen=True)
class TelemetryConfig:
    """What a runtime tells of itself.

    Attributes:
        logging: Which log lines are wanted. Only the default is supported yet.
        metrics: Where metrics go; None for nowhere, which costs nothing.
        global_tags: Labels of all metrics that Prometheus scrapes.
        attach_service_name: Whether all metrics have the label ``service_name``.
        metric_prefix: What names of the runtime's own metrics begin with; None is ``temporal_``.
    """

    logging: LoggingConfig | None = LoggingConfig.default
    metrics: OpenTelemetryConfig | PrometheusConfig | MetricBuffer | None = None
    global_tags: Mapping[str, str] = field(default_factory=dict)
    attach_service_name: bool = True
    metric_prefix: str | None = None
