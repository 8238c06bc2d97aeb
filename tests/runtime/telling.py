"""Runtimes that tell what they record, and how to read that."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from temporalio.runtime import (
    BufferedMetricUpdate,
    MetricBuffer,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
)

from ..conftest import free_port

SERVICE = {"service_name": "temporal-core-sdk"}
"""The label that everything has by default."""

_SERIES = re.compile(r"([a-zA-Z_0-9]+)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'([^=,"]+)="((?:[^"\\]|\\.)*)"(?:,|$)')


@dataclass
class Scrape:
    """What a scrape says, taken apart."""

    text: str
    helps: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    series: dict[str, list[tuple[dict[str, str], float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take the text apart."""
        for line in self.text.splitlines():
            if line.startswith("# HELP "):
                name, text = line.removeprefix("# HELP ").split(" ", 1)
                self.helps[name] = text
            elif line.startswith("# TYPE "):
                name, kind = line.removeprefix("# TYPE ").split(" ", 1)
                self.types[name] = kind
            elif line:
                self._add(line)

    def _add(self, line: str) -> None:
        found = _SERIES.fullmatch(line)
        assert found is not None, line
        labels = dict(_LABEL.findall(found[2] or ""))
        self.series.setdefault(found[1], []).append((labels, float(found[3])))

    def only(self, name: str) -> tuple[dict[str, str], float]:
        """The one series of a name."""
        [one] = self.series[name]
        return one

    def buckets(self, name: str) -> dict[str, float]:
        """The buckets of a histogram with one set of labels, by their upper bounds."""
        return {labels["le"]: value for labels, value in self.series[f"{name}_bucket"]}


def scraped_runtime(telemetry: dict[str, Any] | None = None, **options: Any) -> tuple[Runtime, str]:
    """Make a runtime that can be scraped, and return the address as well.

    Args:
        telemetry: Further arguments of ``TelemetryConfig``.
        options: Further arguments of ``PrometheusConfig``.
    """
    while True:
        address = f"127.0.0.1:{free_port()}"
        metrics = PrometheusConfig(address, **options)
        try:
            made = Runtime(telemetry=TelemetryConfig(metrics=metrics, **(telemetry or {})))
        except ValueError as error:
            # Another process has taken the port meanwhile.
            if "already in use" not in str(error):
                raise
        else:
            return made, address


def scrape(address: str) -> Scrape:
    """Ask a runtime for its metrics."""
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=30) as answer:
        assert answer.headers["content-type"] == "text/plain; version=0.0.4"
        return Scrape(answer.read().decode())


def buffered_runtime(size: int = 100_000, **telemetry: Any) -> tuple[Runtime, MetricBuffer]:
    """Make a runtime that keeps what it records."""
    buffer = MetricBuffer(size)
    return Runtime(telemetry=TelemetryConfig(metrics=buffer, **telemetry)), buffer


def of_user(updates: Sequence[BufferedMetricUpdate]) -> list[BufferedMetricUpdate]:
    """What is not the runtime's own."""
    return [one for one in updates if not one.metric.name.startswith("temporal_")]


def counted(updates: Sequence[BufferedMetricUpdate]) -> dict[str, float]:
    """The sums of what user code has recorded, by name."""
    sums: dict[str, float] = {}
    for one in of_user(updates):
        sums[one.metric.name] = sums.get(one.metric.name, 0) + one.value
    return sums
