"""What a runtime is told: mistakes with their errors, what is not built, defaults."""

from __future__ import annotations

import dataclasses
import inspect
import logging
import math
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from temporalio import runtime
from temporalio.common import MetricMeter
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    LoggingFormat,
    MetricBuffer,
    MetricBufferDurationFormat,
    OpenTelemetryConfig,
    OpenTelemetryMetricTemporality,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from ..limits import LIMIT_SECONDS
from .telling import scrape, scraped_runtime

DEFAULT_FILTER = (
    "ERROR,temporalio_common=WARN,temporalio_sdk_core=WARN,temporalio_client=WARN,"
    "temporalio_sdk=WARN,temporal_sdk_bridge=WARN"
)


def made_with(**telemetry: Any) -> Runtime:
    return Runtime(telemetry=TelemetryConfig(**telemetry))


def with_heartbeat(interval: Any) -> Runtime:
    return Runtime(telemetry=TelemetryConfig(), worker_heartbeat_interval=interval)


def bound_to(address: Any, **options: Any) -> Runtime:
    return made_with(metrics=PrometheusConfig(address, **options))


def with_buckets(overrides: Any) -> Runtime:
    return bound_to("127.0.0.1:0", histogram_bucket_overrides=overrides)


NOT_POSITIVE = "worker_heartbeat_interval must be positive"
OUT_OF_RANGE = r"heartbeat_interval \({}s\) must be between 1s and 60s"
NO_ADDRESS = "Invalid Prometheus address"
DO_NOT_RISE = r"histogram_bucket_overrides\['latency'\] must be numbers that rise, got "
Make = Callable[[], Runtime]

# The kinds of error are those of the official package, and so are the words where they are its own.
MISTAKES: list[tuple[Make, type[Exception], str]] = [
    (lambda: with_heartbeat(timedelta(seconds=-1)), ValueError, NOT_POSITIVE),
    (lambda: with_heartbeat(timedelta()), ValueError, NOT_POSITIVE),
    (lambda: with_heartbeat(timedelta(seconds=0.5)), ValueError, OUT_OF_RANGE.format("0.5")),
    (lambda: with_heartbeat(timedelta(seconds=61)), ValueError, OUT_OF_RANGE.format("61")),
    (lambda: with_heartbeat(timedelta(seconds=60.001)), ValueError, OUT_OF_RANGE.format("60.001")),
    (lambda: with_heartbeat(5), TypeError, "worker_heartbeat_interval must be a timedelta or None"),
    (lambda: bound_to(""), ValueError, NO_ADDRESS),
    (lambda: bound_to("nonsense"), ValueError, NO_ADDRESS),
    (lambda: bound_to("localhost:9999"), ValueError, NO_ADDRESS),
    (lambda: bound_to("127.0.0.1"), ValueError, NO_ADDRESS),
    (lambda: bound_to(":9999"), ValueError, NO_ADDRESS),
    (lambda: bound_to("127.0.0.1:99999"), ValueError, NO_ADDRESS),
    (lambda: bound_to("192.0.2.1:5555"), ValueError, "Failed starting Prometheus exporter: Cannot"),
    (lambda: bound_to(None), TypeError, "bind_address must be a str, got NoneType"),
    (lambda: with_buckets({"latency": [5, 1]}), ValueError, DO_NOT_RISE + r"\[5, 1\]"),
    (lambda: with_buckets({"latency": [1, 1]}), ValueError, DO_NOT_RISE + r"\[1, 1\]"),
    (lambda: with_buckets({"latency": [math.nan]}), ValueError, DO_NOT_RISE + r"\[nan\]"),
    (lambda: with_buckets({"latency": []}), ValueError, DO_NOT_RISE + r"\[\]"),
    (lambda: with_buckets({"latency": ["x"]}), TypeError, "a bound in .* must be a int or float"),
    (lambda: with_buckets({"latency": 5}), TypeError, r"overrides\['latency'\] must be a Sequence"),
    (lambda: with_buckets({5: [1]}), TypeError, "a name in histogram_bucket_overrides must be"),
    (lambda: with_buckets([1]), TypeError, "histogram_bucket_overrides must be a Mapping"),
    (lambda: made_with(metrics=MetricBuffer(0)), ValueError, "buffer_size must be positive, got 0"),
    (lambda: made_with(metrics=MetricBuffer(1.5)), TypeError, "buffer_size must be a int"),  # type: ignore[arg-type]
    (lambda: made_with(metrics=5), TypeError, "metrics must be a PrometheusConfig or MetricBuffer"),
    (lambda: made_with(global_tags={"a": 1}), TypeError, r"global_tags\['a'\] must be a str"),
    (lambda: made_with(global_tags={1: "a"}), TypeError, "a name in global_tags must be a str"),
    (lambda: made_with(global_tags=[("a", "b")]), TypeError, "global_tags must be a Mapping"),
    (lambda: made_with(metric_prefix=5), TypeError, "metric_prefix must be a str, got int"),
    (lambda: made_with(logging=5), TypeError, "logging must be a LoggingConfig, got int"),
    (lambda: Runtime(telemetry=None), TypeError, "telemetry must be a TelemetryConfig"),  # type: ignore[arg-type]
    (lambda: Runtime(), TypeError, "telemetry"),  # type: ignore[call-arg]
]

NOT_BUILT: list[tuple[Make, str]] = [
    (lambda: made_with(metrics=OpenTelemetryConfig("http://x")), "OpenTelemetryConfig.*Prometheus"),
    (lambda: made_with(logging=None), "logging=None .*standard error"),
    (lambda: made_with(logging=LoggingConfig("info")), "filter of LoggingConfig .*standard error"),
    (
        lambda: made_with(logging=LoggingConfig(TelemetryFilter("TRACE", "ERROR"))),
        "filter of LoggingConfig .*standard error",
    ),
    (
        lambda: made_with(logging=LoggingConfig(DEFAULT_FILTER, format=LoggingFormat.JSON)),
        "format of LoggingConfig .*standard error",
    ),
    (
        lambda: made_with(
            logging=LoggingConfig(DEFAULT_FILTER, LogForwardingConfig(logging.getLogger("x")))
        ),
        "forwarding of LoggingConfig .*standard error",
    ),
]


@pytest.mark.parametrize(("make", "error", "message"), MISTAKES, ids=[one[-1] for one in MISTAKES])
def test_a_mistake_has_its_error(make: Make, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(("make", "message"), NOT_BUILT, ids=[one[-1] for one in NOT_BUILT])
def test_what_is_not_built_says_so(make: Make, message: str) -> None:
    with pytest.raises(NotImplementedError, match=message):
        make()


@pytest.mark.parametrize("seconds", [None, 1, 30, 59.999, 60, 60.0005])
def test_heartbeat_intervals_in_range_are_taken(seconds: float | None) -> None:
    with_heartbeat(None if seconds is None else timedelta(seconds=seconds))


def test_the_default_of_logging_may_be_written_out() -> None:
    for given in (TelemetryFilter("WARN", "ERROR"), DEFAULT_FILTER):
        made_with(logging=LoggingConfig(given, format=LoggingFormat.COMPACT))


def test_a_port_that_is_in_use_is_refused_and_free_again_with_the_end_of_the_runtime() -> None:
    first, address = scraped_runtime()
    with pytest.raises(ValueError, match="Failed starting Prometheus exporter: Address already in"):
        bound_to(address)
    first.metric_meter.create_counter("counter").add(1)
    del first
    # Its threads end beside us.
    give_up = time.monotonic() + LIMIT_SECONDS
    while True:
        try:
            again = bound_to(address)
            break
        except ValueError:
            assert time.monotonic() < give_up
            time.sleep(0.05)
    assert scrape(address).text == ""
    del again


def test_ipv6() -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            pass
    except OSError:
        pytest.skip("there is no IPv6")
    bound_to("[::1]:0")


def test_without_metrics_there_is_no_meter() -> None:
    assert made_with().metric_meter is MetricMeter.noop
    assert Runtime.default().metric_meter is MetricMeter.noop


def test_defaults() -> None:
    config = TelemetryConfig()
    assert config.logging is LoggingConfig.default
    assert LoggingConfig.default == LoggingConfig(TelemetryFilter("WARN", "ERROR"), None, None)
    assert (config.metrics, config.global_tags, config.metric_prefix) == (None, {}, None)
    assert config.attach_service_name
    assert TelemetryFilter("WARN", "ERROR").formatted() == DEFAULT_FILTER
    assert dataclasses.astuple(PrometheusConfig("x")) == ("x", False, False, False, None)
    cumulative = OpenTelemetryMetricTemporality.CUMULATIVE
    assert dataclasses.astuple(OpenTelemetryConfig("x")) == (
        *("x", None, None, cumulative),
        *(False, False, None),
    )
    signature = inspect.signature(Runtime)
    assert signature.parameters["worker_heartbeat_interval"].default == timedelta(seconds=60)
    assert signature.parameters["disable_environment_info"].default is False


def test_configurations_but_filters_and_forwarding_cannot_be_changed() -> None:
    frozen: list[Any] = [
        TelemetryConfig(),
        LoggingConfig.default,
        PrometheusConfig("x"),
        OpenTelemetryConfig("x"),
    ]
    for config in frozen:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(config, dataclasses.fields(config)[0].name, None)
    changed = TelemetryFilter("WARN", "ERROR")
    changed.core_level = "DEBUG"
    assert changed != LoggingConfig.default.filter


def test_what_the_module_offers() -> None:
    assert set(runtime.__all__) <= set(dir(runtime))
    for name in runtime.__all__:
        assert getattr(runtime, name) is not None
    assert [one.value for one in LoggingFormat] == ["compact", "pretty", "json"]
    assert [one.value for one in MetricBufferDurationFormat] == [1, 2]
    assert [one.value for one in OpenTelemetryMetricTemporality] == [1, 2]
    protocols: list[Any] = [runtime.BufferedMetric, runtime.BufferedMetricUpdate]
    for protocol in protocols:
        with pytest.raises(TypeError, match="Protocols cannot be instantiated"):
            protocol()
    with pytest.raises(AttributeError, match="has no attribute 'Telemetry'"):
        getattr(runtime, "Telemetry")  # noqa: B009  (what code would ask for)
