"""Activities that processes of a pool import. Some say where they are by a file, as nothing else is shared."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError, CancelledError

# Longer than a server takes to give a lost workflow task out again, shorter than tests wait.
LIMIT_SECONDS = 25.0


def _said_by(call: Callable[[], object]) -> str:
    try:
        call()
    except RuntimeError as error:
        return str(error).split()[0]
    return "gives one"


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(getattr(record, "temporal_activity", {}).get("activity_type"))


def _look_around(word: str) -> dict[str, Any]:
    """The one source of the three kinds."""
    info = activity.info()
    records = _Records()
    activity.logger.base_logger.addHandler(records)
    activity.logger.warning("looking around")
    activity.logger.base_logger.removeHandler(records)
    activity.heartbeat("around", word)
    return {
        "word": word,
        "in_activity": activity.in_activity(),
        "attempt": info.attempt,
        "heartbeat_timeout": str(info.heartbeat_timeout),
        "task_queue": info.task_queue,
        "logged": records.seen == [info.activity_type],
        "is_cancelled": activity.is_cancelled(),
        "is_worker_shutdown": activity.is_worker_shutdown(),
        "cancellation_details": activity.cancellation_details(),
        "converted": activity.payload_converter().to_payload(word).data.decode(),
        "client": _said_by(activity.client),
        "metric_meter": _said_by(activity.metric_meter),
        "pid": os.getpid(),
    }


@activity.defn
async def look_around_async(word: str) -> dict[str, Any]:
    return _look_around(word)


@activity.defn
def look_around(word: str) -> dict[str, Any]:
    return _look_around(word)


def in_activity() -> bool:
    """No activity: to be called in a process after one."""
    return activity.in_activity()


@activity.defn
def count_on() -> list[Any]:
    """Heartbeats as fast as it can, fails, and returns what came of it."""
    if activity.info().attempt == 1:
        for reached in range(200):
            activity.heartbeat("reached", reached)
        raise RuntimeError("lost after the heartbeat")
    return list(activity.info().heartbeat_details)


@activity.defn
def wait_for_cancellation(raises: bool) -> list[Any]:
    give_up = time.monotonic() + LIMIT_SECONDS
    while not activity.is_cancelled() and time.monotonic() < give_up:
        activity.heartbeat()
        activity.wait_for_cancelled_sync(timedelta(seconds=0.1))
    if raises:
        raise CancelledError("as asked")
    details = activity.cancellation_details()
    return [activity.is_cancelled(), None if details is None else vars(details)]


@activity.defn
def wait_for_shutdown(started: str) -> list[bool]:
    Path(started).touch()
    activity.wait_for_worker_shutdown_sync(LIMIT_SECONDS)
    return [activity.is_worker_shutdown(), activity.is_cancelled()]


@activity.defn
def wait_for_cancellation_by_shutdown(started: str, seen: str) -> None:
    Path(started).touch()
    activity.wait_for_cancelled_sync(LIMIT_SECONDS)
    Path(seen).write_text(repr(activity.cancellation_details()))
    raise CancelledError("as asked")


@activity.defn
def block(started: str, seconds: float) -> str:
    Path(started).write_text(str(os.getpid()))
    time.sleep(seconds)
    return "done"


@activity.defn
def heartbeat_without_pause(seconds: float) -> int:
    sent, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        activity.heartbeat(sent, "x" * 1000)
        sent += 1
    return sent


@activity.defn
def heartbeat_now_and_then(seconds: float) -> int:
    sent, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        activity.heartbeat(sent)
        sent += 1
        time.sleep(0.2)
    return sent


@activity.defn
def heartbeat_not_picklable() -> None:
    activity.heartbeat(lambda: None)


@activity.defn
def heartbeat_not_encodable() -> None:
    activity.heartbeat(object)
    activity.wait_for_cancelled_sync(LIMIT_SECONDS)
    raise CancelledError("because of the heartbeat")


@activity.defn
def leave_a_heartbeating_thread() -> None:
    """Goes on to heartbeat after its end, which must not disturb anybody."""
    heartbeat = activity._Context.current().heartbeat
    assert heartbeat is not None

    def go_on() -> None:
        for _ in range(20):
            heartbeat("too late")
            time.sleep(0.02)

    threading.Thread(target=go_on, daemon=True).start()


@activity.defn
def kill_own_process(unless_exists: str) -> str:
    """Ends its process without a trace, but only once."""
    if not Path(unless_exists).exists():
        Path(unless_exists).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


@activity.defn
def exit_process() -> None:
    raise SystemExit(3)


class OfTwoArguments(Exception):  # noqa: N818
    """Cannot be unpickled: what pickle calls the class with is the message alone."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} and {second}")


class WithLock(Exception):  # noqa: N818
    """Cannot be pickled."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.lock = threading.Lock()


@activity.defn
def fail(how: str) -> None:
    if how == "application error":
        raise ApplicationError("said", 1, "two", type="Kind", non_retryable=True)
    if how == "of two arguments":
        raise OfTwoArguments(1, 2)
    if how == "with lock":
        raise WithLock("locked")
    raise ValueError("plain")


@activity.defn
def unpicklable_result() -> Any:
    return lambda: None


@activity.defn
def complete_later() -> None:
    activity.raise_complete_async()


@activity.defn(dynamic=True)
def anything(args: Sequence[RawValue]) -> list[Any]:
    converter = activity.payload_converter()
    return [activity.info().activity_type, *(converter.from_payload(one.payload) for one in args)]


@activity.defn
class Adder:
    def __init__(self, more: int) -> None:
        self.more = more

    def __call__(self, number: int) -> int:
        return number + self.more


class Holder:
    def __init__(self, word: str) -> None:
        self.word = word

    @activity.defn
    def method(self) -> str:
        return self.word
