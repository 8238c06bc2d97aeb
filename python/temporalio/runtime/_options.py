"""What the extension is told of a runtime, and what it cannot be told yet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ._buffer import MetricBuffer
from ._runtime import METRIC_PREFIX, SERVICE_NAME
from ._telemetry import (
    LoggingConfig,
    LoggingFormat,
    OpenTelemetryConfig,
    PrometheusConfig,
    TelemetryConfig,
    TelemetryFilter,
)

_Prometheus = tuple[str, bool, bool, bool, Mapping[str, Sequence[float]]]


def bridge_options(telemetry: TelemetryConfig) -> dict[str, Any]:
    """Make the keyword arguments of the extension's runtime.

    Args:
        telemetry: The configuration of the public one.

    Raises:
        TypeError: A part of it is something else.
        ValueError: A buffer has no room, or buckets do not rise.
        NotImplementedError: It asks for something that is not built yet.
    """
    _check_type("telemetry", telemetry, TelemetryConfig)
    _check_logging(telemetry.logging)
    metrics, prefix = telemetry.metrics, telemetry.metric_prefix
    if isinstance(metrics, OpenTelemetryConfig):
        raise NotImplementedError(
            "metrics=OpenTelemetryConfig(...) is not supported yet: give a PrometheusConfig to be "
            "scraped, or a MetricBuffer and export what it has"
        )
    if metrics is not None:
        _check_type("metrics", metrics, PrometheusConfig, MetricBuffer)
    if prefix is not None:
        _check_type("metric_prefix", prefix, str)
    return {
        "prometheus": _prometheus(metrics) if isinstance(metrics, PrometheusConfig) else None,
        "buffer_size": _room(metrics) if isinstance(metrics, MetricBuffer) else None,
        "metric_prefix": METRIC_PREFIX if prefix is None else prefix,
        "service_name": SERVICE_NAME if telemetry.attach_service_name else None,
        "global_tags": _tags(telemetry.global_tags),
    }


def _check_logging(logging: LoggingConfig | None) -> None:
    """Refuse all but the default, rather than ignore it."""
    here = "warnings and errors of the runtime go to standard error, which is LoggingConfig.default"
    if logging is None:
        raise NotImplementedError(f"logging=None is not supported yet: {here}")
    _check_type("logging", logging, LoggingConfig)
    given, usual = logging.filter, LoggingConfig.default.filter
    asked = {
        "forwarding": logging.forwarding is not None,
        "filter": _text_of(given) != _text_of(usual),
        "format": logging.format not in (None, LoggingFormat.COMPACT),
    }
    for name, is_asked in asked.items():
        if is_asked:
            raise NotImplementedError(f"{name} of LoggingConfig is not supported yet: {here}")


def _text_of(given: TelemetryFilter | str) -> str:
    return given.formatted() if isinstance(given, TelemetryFilter) else given


def _prometheus(config: PrometheusConfig) -> _Prometheus:
    _check_type("bind_address", config.bind_address, str)
    overrides = config.histogram_bucket_overrides or {}
    _check_type("histogram_bucket_overrides", overrides, Mapping)
    for name, bounds in overrides.items():
        _check_type("a name in histogram_bucket_overrides", name, str)
        _check_bounds(name, bounds)
    return (
        config.bind_address,
        bool(config.counters_total_suffix),
        bool(config.unit_suffix),
        bool(config.durations_as_seconds),
        {name: list(bounds) for name, bounds in overrides.items()},
    )


def _check_bounds(name: str, bounds: Sequence[float]) -> None:
    _check_type(f"histogram_bucket_overrides[{name!r}]", bounds, Sequence)
    for bound in bounds:
        _check_type(f"a bound in histogram_bucket_overrides[{name!r}]", bound, int, float)
    if not bounds or any(map(math.isnan, bounds)) or list(bounds) != sorted(set(bounds)):
        raise ValueError(
            f"histogram_bucket_overrides[{name!r}] must be numbers that rise, got {list(bounds)}"
        )


def _room(buffer: MetricBuffer) -> int:
    size = buffer._buffer_size
    _check_type("buffer_size", size, int)
    if size < 1:
        raise ValueError(f"buffer_size must be positive, got {size}")
    return size


def _tags(given: Mapping[str, str] | None) -> dict[str, str]:
    tags = given or {}
    _check_type("global_tags", tags, Mapping)
    for name, value in tags.items():
        _check_type("a name in global_tags", name, str)
        _check_type(f"global_tags[{name!r}]", value, str)
    return dict(tags)


def _check_type(name: str, given: object, *types: type) -> None:
    if not isinstance(given, types):
        wanted = " or ".join(one.__name__ for one in types)
        raise TypeError(f"{name} must be a {wanted}, got {type(given).__name__}")
