"""The runtime itself, and which one is the default."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from temporalio.bridge._callboard import Runtime as BridgeRuntime
from temporalio.common import MetricMeter

if TYPE_CHECKING:
    from ._telemetry import TelemetryConfig

SERVICE_NAME: Final = "temporal-core-sdk"
"""What ``service_name`` says on metrics; dashboards that exist look for it."""

METRIC_PREFIX: Final = "temporal_"

_HEARTBEAT: Final = timedelta(seconds=60)
_LEAST_HEARTBEAT: Final = timedelta(seconds=1)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Runtime:
    """The threads that run connections and workers, and the metrics of these.

    Most programs need no other than :py:meth:`default`, which is made when it is first needed. Each
    further one has threads of its own, which end when it, and all clients and workers on it, are gone.

    A runtime does not survive a fork: in a child forked after it was made, every use of it fails at
    once. A child that needs a runtime makes one and gives it to :py:meth:`set_default`.
    """

    _default: ClassVar[Runtime | None] = None
    _default_prevented: ClassVar[bool] = False
    _default_lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(
        self,
        *,
        telemetry: TelemetryConfig,
        worker_heartbeat_interval: timedelta | None = _HEARTBEAT,
        disable_environment_info: bool = False,
    ) -> None:
        """Start the threads, and the listener for scrapes if metrics go to Prometheus.

        Args:
            telemetry: Where metrics go and what they carry.
            worker_heartbeat_interval: How often workers tell the server about themselves, from 1 s to
                60 s; None for never. It is kept, but workers do not do so yet.
            disable_environment_info: Whether they leave out where they run. Kept likewise.

        Raises:
            ValueError: The interval is out of range; an address is none, or cannot be listened at; a
                buffer has no room; buckets do not rise.
            TypeError: A part of the configuration is something else.
            NotImplementedError: Telemetry asks for something that is not built yet.
        """
        from ._buffer import MetricBuffer
        from ._options import bridge_options

        _check_heartbeat(worker_heartbeat_interval)
        self._start(
            bridge_options(telemetry), worker_heartbeat_interval, bool(disable_environment_info)
        )
        if isinstance(telemetry.metrics, MetricBuffer):
            telemetry.metrics._fill_from(self._bridge)

    def _start(
        self, options: dict[str, Any], heartbeat: timedelta | None, without_environment: bool
    ) -> None:
        self._bridge = BridgeRuntime(**options)
        self._meter = _meter_of(self._bridge)
        self._worker_heartbeat_interval = heartbeat
        self._disable_environment_info = without_environment

    @property
    def metric_meter(self) -> MetricMeter:
        """What makes metrics of the program's own; :py:attr:`MetricMeter.noop` if none are configured."""
        return self._meter

    @classmethod
    def default(cls) -> Runtime:
        """Get the runtime that is used where none is named.

        Returns:
            The one that was set, or one made now, without metrics.

        Raises:
            RuntimeError: None was set and :py:meth:`prevent_default` was called.
        """
        with Runtime._default_lock:
            if Runtime._default is None:
                if Runtime._default_prevented:
                    raise RuntimeError(
                        "Cannot create default Runtime after Runtime.prevent_default has been "
                        "called: there is none before Runtime.set_default"
                    )
                made = object.__new__(Runtime)
                made._start(_WITHOUT_METRICS, _HEARTBEAT, False)
                Runtime._default = made
            return Runtime._default

    @classmethod
    def prevent_default(cls) -> None:
        """Make :py:meth:`default` fail unless a runtime is set.

        Raises:
            RuntimeError: There is a default runtime already.
        """
        if Runtime._default is not None:
            raise RuntimeError(
                "Runtime.prevent_default called after default runtime has been created or set"
            )
        Runtime._default_prevented = True

    @staticmethod
    def set_default(runtime: Runtime, *, error_if_already_set: bool = True) -> None:
        """Set the runtime that is used where none is named.

        Clients and workers that exist stay on the one that they are on.

        Args:
            runtime: The runtime for clients and workers made from now on.
            error_if_already_set: Whether to refuse to replace one.

        Raises:
            RuntimeError: There is one already and it may not be replaced.
        """
        if Runtime._default is not None and error_if_already_set:
            raise RuntimeError("Runtime default already set")
        Runtime._default = runtime


_WITHOUT_METRICS: Final[dict[str, Any]] = {
    "prometheus": None,
    "buffer_size": None,
    "metric_prefix": METRIC_PREFIX,
    "service_name": SERVICE_NAME,
    "global_tags": {},
}


def _check_heartbeat(interval: timedelta | None) -> None:
    if interval is None:
        return
    if not isinstance(interval, timedelta):
        raise TypeError(
            f"worker_heartbeat_interval must be a timedelta or None, got {type(interval).__name__}"
        )
    if interval <= timedelta():
        raise ValueError(f"worker_heartbeat_interval must be positive, got {interval}")
    # What is below the millisecond has never counted.
    if not _LEAST_HEARTBEAT <= interval // _MILLISECOND * _MILLISECOND <= _HEARTBEAT:
        seconds = interval.total_seconds()
        raise ValueError(f"worker_heartbeat_interval ({seconds:g}s) must be between 1s and 60s")


def _meter_of(bridge: BridgeRuntime) -> MetricMeter:
    if bridge.meter is None:
        return MetricMeter.noop
    from ._meter import Meter

    return Meter(bridge.meter, bridge.meter.attributes)
