"""Workflow code that does not yield: for how long it may, and what is told of it."""

from __future__ import annotations

import logging
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import Final

from ._workflow_conversion import Conversion
from ._workflow_errors import _DeadlockError

# People filter by this name.
logger = logging.getLogger("temporalio.worker._workflow")

_LIMIT_SECONDS: Final = 2.0


class DeadlockReports(ABC):
    """What lanes call when code keeps them for too long. It comes from a thread of their own."""

    def __init__(self, *, debug_mode: bool) -> None:
        """Begin with the limit of a worker, or with none where a person may stop at a breakpoint."""
        self._limit = None if debug_mode else _LIMIT_SECONDS
        self._apply_limit: Callable[[float | None], None] | None = None

    # The name is the one by which tests set the limit.
    @property
    def _deadlock_timeout_seconds(self) -> float | None:
        """Seconds for which workflow code may hold the interpreter in one turn; None for ever."""
        return self._limit

    @_deadlock_timeout_seconds.setter
    def _deadlock_timeout_seconds(self, seconds: float | None) -> None:
        self._limit = seconds
        if self._apply_limit is not None:
            self._apply_limit(seconds)

    def on_new_deadlock_limit(self, apply: Callable[[float | None], None]) -> None:
        """Have ``apply`` called with each new limit."""
        self._apply_limit = apply

    @abstractmethod
    def _plain_conversion(self) -> Conversion:
        """Return converters that know of no run."""

    def warn_of_slow_code(self, run_id: str, thread: int, seconds: float, limit: float) -> None:
        """Tell of code that has taken half of what it may."""
        logger.warning(
            "Workflow with run ID %s has not yielded for %.1f second(s), and its task fails after "
            "%s second(s). It is at %s",
            run_id,
            seconds,
            _shown(limit),
            _place_of(thread),
        )

    def report_stuck_eviction(self, run_id: str, thread: int, seconds: float) -> None:
        """Tell of a run that would not be torn down."""
        error = _DeadlockError("workflow code does not end although its run is evicted")
        error.__traceback__ = _stack_of(thread)
        logger.error(
            "Timed out running eviction job for run ID %s: its code does not yield within %s "
            "second(s). Code that catches BaseException, asyncio.CancelledError among them, and goes "
            "on is the usual reason. The run is abandoned; its slot is free.",
            run_id,
            _shown(seconds),
            exc_info=error,
        )

    def describe_deadlock(self, run_id: str, thread: int, seconds: float) -> bytes:
        """Return the failure for workflow code that has not yielded, with that code's stack."""
        error = _DeadlockError(
            "[TMPRL1101] Potential deadlock detected: workflow didn't yield within "
            f"{_shown(seconds)} second(s)."
        )
        # An exception's traceback is what failure converters turn into a stack trace.
        error.__traceback__ = _stack_of(thread)
        logger.error(
            "Failed handling activation on workflow with run ID %s", run_id, exc_info=error
        )
        return self._plain_conversion().describe_failure(error, run_id)


def _shown(seconds: float) -> float:
    return int(seconds) if seconds == int(seconds) else seconds


def _place_of(thread: int) -> str:
    """Return the line at which a thread is, for a log line."""
    frame = sys._current_frames().get(thread)
    if frame is None:
        return "its end"
    code = frame.f_code
    return f"{code.co_filename}:{frame.f_lineno} in {code.co_name}"


def _stack_of(thread: int) -> TracebackType | None:
    """Return the present stack of another thread in the form of a traceback."""
    frame = sys._current_frames().get(thread)
    stack: TracebackType | None = None
    while frame is not None:
        stack = TracebackType(stack, frame, frame.f_lasti, frame.f_lineno)
        frame = frame.f_back
    return stack
