"""Metrics that the program takes itself, one recorded value after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, NewType, Protocol, cast

if TYPE_CHECKING:
    from temporalio.bridge._callboard import Runtime as BridgeRuntime

BufferedMetricKind = NewType("BufferedMetricKind", int)
"""What a metric is: one of the constants of this module."""

BUFFERED_METRIC_KIND_COUNTER = BufferedMetricKind(0)
"""Values say by how much it grows."""

BUFFERED_METRIC_KIND_GAUGE = BufferedMetricKind(1)
"""Values say where it stands."""

BUFFERED_METRIC_KIND_HISTOGRAM = BufferedMetricKind(2)
"""Values are what is to be counted."""


class MetricBufferDurationFormat(Enum):
    """What durations are in updates."""

    MILLISECONDS = 1
    """Whole numbers of milliseconds."""

    SECONDS = 2
    """Seconds, as floats."""


class BufferedMetric(Protocol):
    """A metric that has updates. A runtime has one object for each."""

    @property
    def name(self) -> str:
        """Name of the metric."""
        ...

    @property
    def description(self) -> str | None:
        """What the metric says, if known."""
        ...

    @property
    def unit(self) -> str | None:
        """What the metric counts, if known."""
        ...

    @property
    def kind(self) -> BufferedMetricKind:
        """Counter, gauge or histogram."""
        ...


class BufferedMetricUpdate(Protocol):
    """A value that was recorded."""

    @property
    def metric(self) -> BufferedMetric:
        """The metric; the same object in all its updates."""
        ...

    @property
    def value(self) -> int | float:
        """The value, which for a counter is the growth."""
        ...

    @property
    def attributes(self) -> Mapping[str, str | int | float | bool]:
        """What the value was recorded with; not to be changed.

        Updates with the same attributes may have the same object.
        """
        ...


class MetricBuffer:
    """Keeps what a runtime records until the program takes it.

    There should be room for all that happens from one :py:meth:`retrieve_updates` to the next. What
    finds no room is dropped, and the runtime's log says so; recording never waits.
    """

    def __init__(
        self,
        buffer_size: int,
        duration_format: MetricBufferDurationFormat = MetricBufferDurationFormat.MILLISECONDS,
    ) -> None:
        """Make a buffer for one runtime.

        Args:
            buffer_size: How many updates there is room for; rather tens of thousands than less.
            duration_format: What durations are in updates.
        """
        self._buffer_size = buffer_size
        self._durations_as_seconds = duration_format == MetricBufferDurationFormat.SECONDS
        self._bridge: BridgeRuntime | None = None

    def _fill_from(self, bridge: BridgeRuntime) -> None:
        """Belong to a runtime from now on."""
        self._bridge = bridge

    def retrieve_updates(self) -> Sequence[BufferedMetricUpdate]:
        """Take all updates since the last call, in the order in which they were recorded.

        Raises:
            RuntimeError: No runtime was made with this buffer.
        """
        if self._bridge is None:
            raise RuntimeError("Attempting to retrieve updates before runtime created")
        updates = self._bridge.retrieve_updates(durations_as_seconds=self._durations_as_seconds)
        return cast(Sequence[BufferedMetricUpdate], updates)
