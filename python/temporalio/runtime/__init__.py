"""What runs connections and workers below Python, and where its metrics go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from temporalio._lazy import names_of

from ._runtime import Runtime

if TYPE_CHECKING:
    from ._buffer import (
        BUFFERED_METRIC_KIND_COUNTER,
        BUFFERED_METRIC_KIND_GAUGE,
        BUFFERED_METRIC_KIND_HISTOGRAM,
        BufferedMetric,
        BufferedMetricKind,
        BufferedMetricUpdate,
        MetricBuffer,
        MetricBufferDurationFormat,
    )
    from ._telemetry import (
        LogForwardingConfig,
        LoggingConfig,
        LoggingFormat,
        OpenTelemetryConfig,
        OpenTelemetryMetricTemporality,
        PrometheusConfig,
        TelemetryConfig,
        TelemetryFilter,
    )

__all__ = [
    "BUFFERED_METRIC_KIND_COUNTER",
    "BUFFERED_METRIC_KIND_GAUGE",
    "BUFFERED_METRIC_KIND_HISTOGRAM",
    "BufferedMetric",
    "BufferedMetricKind",
    "BufferedMetricUpdate",
    "LogForwardingConfig",
    "LoggingConfig",
    "LoggingFormat",
    "MetricBuffer",
    "MetricBufferDurationFormat",
    "OpenTelemetryConfig",
    "OpenTelemetryMetricTemporality",
    "PrometheusConfig",
    "Runtime",
    "TelemetryConfig",
    "TelemetryFilter",
]

# Every client and worker needs a runtime, and few processes one of their own.
_later = {
    "_buffer": [
        "BUFFERED_METRIC_KIND_COUNTER",
        "BUFFERED_METRIC_KIND_GAUGE",
        "BUFFERED_METRIC_KIND_HISTOGRAM",
        "BufferedMetric",
        "BufferedMetricKind",
        "BufferedMetricUpdate",
        "MetricBuffer",
        "MetricBufferDurationFormat",
    ],
    "_telemetry": [
        "LogForwardingConfig",
        "LoggingConfig",
        "LoggingFormat",
        "OpenTelemetryConfig",
        "OpenTelemetryMetricTemporality",
        "PrometheusConfig",
        "TelemetryConfig",
        "TelemetryFilter",
    ],
}

__getattr__, __dir__ = names_of(__name__, _later)
