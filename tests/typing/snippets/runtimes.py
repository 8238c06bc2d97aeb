"""Runtimes, what they are told, and metrics."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import MetricCounter, MetricMeter
from temporalio.runtime import (
    BUFFERED_METRIC_KIND_COUNTER,
    BufferedMetricKind,
    BufferedMetricUpdate,
    LogForwardingConfig,
    LoggingConfig,
    LoggingFormat,
    MetricBuffer,
    MetricBufferDurationFormat,
    OpenTelemetryConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

prometheus = PrometheusConfig(
    bind_address="127.0.0.1:9000", histogram_bucket_overrides={"latency": [1, 2.5]}
)
buffer = MetricBuffer(10_000, duration_format=MetricBufferDurationFormat.SECONDS)
logs = LoggingConfig(
    filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
    forwarding=LogForwardingConfig(logger=logging.getLogger()),
    format=LoggingFormat.JSON,
)
Runtime(telemetry=TelemetryConfig(metrics=prometheus, global_tags={"place": "here"}))
Runtime(telemetry=TelemetryConfig(metrics=OpenTelemetryConfig(url="http://collector:4317")))
Runtime(telemetry=TelemetryConfig(logging=logs, metrics=buffer, metric_prefix="mine_"))
Runtime(telemetry=TelemetryConfig(logging=None), worker_heartbeat_interval=None)
Runtime()  # error: no telemetry
Runtime(TelemetryConfig())  # error: by name only
Runtime(telemetry=TelemetryConfig(), worker_heartbeat_interval=5)  # error: no timedelta
TelemetryConfig(global_tags={"place": 1})  # error: tags are text
TelemetryConfig().metric_prefix = "mine_"  # error: frozen


async def use(own: Runtime) -> None:
    await Client.connect("localhost:7233", runtime=own)
    Runtime.set_default(own, error_if_already_set=False)
    updates: Sequence[BufferedMetricUpdate] = buffer.retrieve_updates()
    kind: BufferedMetricKind = updates[0].metric.kind
    assert kind == BUFFERED_METRIC_KIND_COUNTER
    total: float = updates[0].value
    updates[0].value = total  # error: read-only
    meter: MetricMeter = own.metric_meter
    counter: MetricCounter = meter.create_counter("name", "description", "unit")
    counter.with_additional_attributes({"a": "b"}).add(1, {"i": 1, "f": 1.5, "t": True})
    counter.add(1.5)  # error: whole numbers
    counter.add(1, {"a": None})  # error: not an attribute
    meter.create_histogram_timedelta("name").record(timedelta(seconds=1))
    meter.create_histogram_timedelta("name").record(1)  # error: no timedelta
    activity.metric_meter().create_gauge("name").set(1)
    workflow.metric_meter().create_gauge_float("name").set(1.5)
