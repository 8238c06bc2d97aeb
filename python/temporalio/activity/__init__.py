"""Define activities, and what their code can ask and say while it runs.

Everything but :py:func:`defn` works only inside a running activity, found through
:py:mod:`contextvars`: code on other threads sees it only if the context is carried there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from ..common import MetricMeter
from ..converter import PayloadConverter
from ._context import (
    ActivityCancellationDetails,
    Info,
)
from ._context import (
    _ActivityCancellationDetailsHolder as _ActivityCancellationDetailsHolder,
)
from ._context import (
    _CancellationDetailsSource as _CancellationDetailsSource,
)
from ._context import (
    _CompleteAsyncError as _CompleteAsyncError,
)
from ._context import (
    _Context as _Context,
)
from ._context import (
    _current_context as _current_context,
)
from ._definition import _Definition as _Definition
from ._definition import defn
from ._logger import LoggerAdapter, logger

if TYPE_CHECKING:
    from ..client import Client

__all__ = [
    "TYPE_CHECKING",
    "ActivityCancellationDetails",
    "Info",
    "LoggerAdapter",
    "cancellation_details",
    "client",
    "defn",
    "heartbeat",
    "in_activity",
    "info",
    "is_cancelled",
    "is_worker_shutdown",
    "logger",
    "metric_meter",
    "payload_converter",
    "raise_complete_async",
    "shield_thread_cancel_exception",
    "wait_for_cancelled",
    "wait_for_cancelled_sync",
    "wait_for_worker_shutdown",
    "wait_for_worker_shutdown_sync",
]


def in_activity() -> bool:
    """Tell whether the calling code runs in an activity."""
    return _current_context.get(None) is not None


def info() -> Info:
    """Facts about the running attempt.

    Raises:
        RuntimeError: Outside of an activity.
    """
    return _Context.current().info()


def client() -> Client:
    """The client of the worker that runs this activity.

    Only ``async def`` activities have it: a client belongs to one event loop. In tests, give one to
    :py:class:`temporalio.testing.ActivityEnvironment`.

    Raises:
        RuntimeError: Outside of an activity, in a synchronous one, or in a test without a client.
    """
    found = _Context.current().client
    if found is None:
        raise RuntimeError(
            "No client available. The client is only available in `async def` activities, and in "
            "tests only when ActivityEnvironment was given one."
        )
    return found


def heartbeat(*details: Any) -> None:
    """Tell the server that this attempt is alive, and where it stands.

    Returns without waiting for the server. Of several heartbeats in a short time only the newest is
    sent. An activity hears of a cancellation only in answer to a heartbeat.

    Args:
        details: Progress to keep; the next attempt finds it in :py:attr:`Info.heartbeat_details`. A
            value that cannot be encoded fails the activity.

    Raises:
        RuntimeError: Outside of an activity, or while its interceptors are still being built.
    """
    record = _Context.current().heartbeat
    if record is None:
        raise RuntimeError("Can only execute heartbeat after interceptor init")
    record(*details)


def cancellation_details() -> ActivityCancellationDetails | None:
    """Why the running activity is asked to stop, or None while it is not.

    Raises:
        RuntimeError: Outside of an activity.
    """
    return _Context.current().cancellation_details.details


def is_cancelled() -> bool:
    """Tell whether this attempt was ever asked to stop.

    Raises:
        RuntimeError: Outside of an activity.
    """
    return _Context.current().cancelled_event.is_set()


async def wait_for_cancelled() -> None:
    """Wait until this attempt is asked to stop.

    Raises:
        RuntimeError: Outside of an ``async def`` activity.
    """
    await _Context.current().cancelled_event.wait()


def wait_for_cancelled_sync(timeout: timedelta | float | None = None) -> None:
    """Block until this attempt is asked to stop.

    Args:
        timeout: Return after this long anyway, in seconds when a number. None waits without limit.

    Raises:
        RuntimeError: Outside of an activity.
    """
    _Context.current().cancelled_event.wait_sync(_seconds(timeout))


def is_worker_shutdown() -> bool:
    """Tell whether the worker was told to shut down.

    Raises:
        RuntimeError: Outside of an activity.
    """
    return _Context.current().worker_shutdown_event.is_set()


async def wait_for_worker_shutdown() -> None:
    """Wait until the worker is told to shut down.

    Raises:
        RuntimeError: Outside of an ``async def`` activity.
    """
    await _Context.current().worker_shutdown_event.wait()


def wait_for_worker_shutdown_sync(timeout: timedelta | float | None = None) -> None:
    """Block until the worker is told to shut down.

    Args:
        timeout: Return after this long anyway, in seconds when a number. None waits without limit.

    Raises:
        RuntimeError: Outside of an activity.
    """
    _Context.current().worker_shutdown_event.wait_sync(_seconds(timeout))


@contextmanager
def shield_thread_cancel_exception() -> Iterator[None]:
    """Hold back the exception that a cancellation raises into a synchronous activity's thread.

    A cancellation that comes within the block is raised at its end, in place of whatever the block
    returned or raised. Of nested blocks only the outermost raises. In ``async def`` activities, and where
    nothing is ever raised into the thread, the block just runs.

    Raises:
        RuntimeError: Outside of an activity.
        temporalio.exceptions.CancelledError: At the end of the outermost block, if the activity was
            cancelled within.
    """
    shield = _Context.current().shield_thread_cancel_exception
    if shield is None:
        yield
    else:
        with shield():
            yield


def raise_complete_async() -> NoReturn:
    """Leave the activity open: its result will come from outside, through an async activity handle.

    What this raises is not an :py:class:`Exception` and must not be caught.
    """
    raise _CompleteAsyncError


def payload_converter() -> PayloadConverter:
    """The payload converter of the worker, with the context of this activity.

    Raises:
        RuntimeError: Outside of an activity.
    """
    return _Context.current().payload_converter


def metric_meter() -> MetricMeter:
    """A meter whose metrics carry the namespace, task queue and type of this activity.

    Raises:
        RuntimeError: Outside of an activity, or in one that runs in another process.
    """
    return _Context.current().metric_meter


def _seconds(timeout: timedelta | float | None) -> float | None:
    return timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
