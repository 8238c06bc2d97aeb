"""Checks of what kind of value an option has, with errors that name the option.

The kinds of error are those that the Temporal Python SDK raises for the same value, as programs may
catch them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

_MORE_COUNTS: Final = (
    "max_cached_workflows",
    "max_concurrent_workflow_task_polls",
    "max_concurrent_activity_task_polls",
)
_LIMITS: Final = (
    "max_eager_activity_reservations_per_workflow_task",
    "max_workflow_task_external_storage_concurrency",
)
_NUMBERS: Final = (
    "nonsticky_to_sticky_poll_ratio",
    "max_activities_per_second",
    "max_task_queue_activities_per_second",
)
_OPTIONAL: Final = frozenset({"max_activities_per_second", "max_task_queue_activities_per_second"})


class OptionOutOfRangeError(TypeError, ValueError):
    """A number is negative that must not be.

    The SDK raises ``ValueError`` for some of these and ``TypeError`` for others, by where it finds out.
    """


def check_types(
    config: Mapping[str, Any], *, counts: Sequence[str], intervals: Sequence[str]
) -> None:
    """Check what a worker's options are.

    Args:
        config: All options of a worker.
        counts: Names of options that are a whole number of 0 or more, or None for the default.
        intervals: Names of options that are a ``timedelta`` of 0 or more.

    Raises:
        TypeError: A text or number is something else, or is negative.
        ValueError: A number or interval is negative.
        AttributeError: An interval is something else.
    """
    _check_text("task_queue", config["task_queue"])
    for name in ("identity", "build_id"):
        if config[name] is not None:
            _check_text(name, config[name])
    for name in (*counts, *_MORE_COUNTS):
        if config[name] is not None or name == "max_cached_workflows":
            check_count(name, config[name])
    for name in _LIMITS:
        _check_whole(name, config[name])
    for name in _NUMBERS:
        if config[name] is not None or name not in _OPTIONAL:
            _check_number(name, config[name])
    for name in intervals:
        check_interval(name, config[name])
    if config["plugin_shutdown_timeout"] is not None:
        check_interval("plugin_shutdown_timeout", config["plugin_shutdown_timeout"])


def check_count(name: str, value: Any) -> None:
    """Check a whole number of 0 or more.

    Args:
        name: What to call it.
        value: What was given.

    Raises:
        TypeError: It is not a whole number, or is negative.
        ValueError: It is negative.
    """
    _check_whole(name, value)
    if value < 0:
        raise OptionOutOfRangeError(f"{name} must not be negative, got {value}")


def _check_whole(name: str, value: Any) -> None:
    try:
        operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {value!r}") from None


def _check_number(name: str, value: Any) -> None:
    try:
        math.isnan(value)
    except TypeError:
        raise TypeError(f"{name} must be a number, got {value!r}") from None


def _check_text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, got {value!r}")


def check_interval(name: str, value: Any) -> None:
    """Check a ``timedelta`` of 0 or more.

    Args:
        name: What to call it.
        value: What was given.

    Raises:
        AttributeError: It is no ``timedelta``.
        TypeError: It is negative.
        ValueError: It is negative.
    """
    if not isinstance(value, timedelta):
        raise AttributeError(f"{name} must be a timedelta, got {value!r}")
    if value < timedelta():
        raise OptionOutOfRangeError(f"{name} must not be negative, got {value}")
