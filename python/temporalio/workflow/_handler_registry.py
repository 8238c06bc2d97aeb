"""Looking up and replacing handlers while the workflow runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._runtime import _Runtime

__all__ = [
    "all_handlers_finished",
    "get_dynamic_query_handler",
    "get_dynamic_signal_handler",
    "get_dynamic_update_handler",
    "get_query_handler",
    "get_signal_handler",
    "get_update_handler",
    "set_dynamic_query_handler",
    "set_dynamic_signal_handler",
    "set_dynamic_update_handler",
    "set_query_handler",
    "set_signal_handler",
    "set_update_handler",
]

_Handler = Callable[..., Any]


def get_signal_handler(name: str) -> _Handler | None:
    """Return the handler of one signal, decorated or set.

    Args:
        name: Name of the signal.

    Returns:
        The handler, bound to the workflow where it is a method. None if this signal has none of its
        own, be there a dynamic one or not.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_get_signal_handler(name)


def set_signal_handler(name: str, handler: _Handler | None) -> None:
    """Set the handler of one signal, in place of a decorated one too.

    Signals of that name that came before and found no handler are given to it at once, in order.

    Args:
        name: Name of the signal.
        handler: Plain or ``async`` function. None takes the present handler away.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    _Runtime.current().workflow_set_signal_handler(name, handler)


def get_dynamic_signal_handler() -> _Handler | None:
    """Return the handler of all signals without one of their own, decorated or set, or None.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_get_signal_handler(None)


def set_dynamic_signal_handler(handler: _Handler | None) -> None:
    """Set the handler of all signals without one of their own, in place of a decorated one too.

    All signals that came before and found no handler are given to it at once, in order.

    Args:
        handler: Plain or ``async`` function of ``(str, Sequence[RawValue])``. None takes the
            present handler away.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    _Runtime.current().workflow_set_signal_handler(None, handler)


def get_query_handler(name: str) -> _Handler | None:
    """Return the handler of one query, decorated or set.

    Args:
        name: Name of the query.

    Returns:
        The handler, bound to the workflow where it is a method. None if this query has none of its
        own, be there a dynamic one or not.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_get_query_handler(name)


def set_query_handler(name: str, handler: _Handler | None) -> None:
    """Set the handler of one query, in place of a decorated one too.

    Args:
        name: Name of the query.
        handler: Plain function. None takes the present handler away.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    _Runtime.current().workflow_set_query_handler(name, handler)


def get_dynamic_query_handler() -> _Handler | None:
    """Return the handler of all queries without one of their own, decorated or set, or None.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_get_query_handler(None)


def set_dynamic_query_handler(handler: _Handler | None) -> None:
    """Set the handler of all queries without one of their own, in place of a decorated one too.

    Args:
        handler: Plain function of ``(str, Sequence[RawValue])``. None takes the present handler
            away.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    _Runtime.current().workflow_set_query_handler(None, handler)


def get_update_handler(name: str) -> _Handler | None:
    """Return the handler of one update, decorated or set.

    Args:
        name: Name of the update.

    Returns:
        The handler, bound to the workflow where it is a method. None if this update has none of its
        own, be there a dynamic one or not.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_get_update_handler(name)


def set_update_handler(
    name: str, handler: _Handler | None, *, validator: _Handler | None = None
) -> None:
    """Set the handler of one update, in place of a decorated one too.

    Args:
        name: Name of the update.
        handler: Plain or ``async`` function. None takes the present handler away.
        validator: Plain function of the same parameters that may reject calls. None accepts all.

    Raises:
        ValueError: ``validator`` is an ``async def``.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    _Runtime.current().workflow_set_update_handler(name, handler, validator)


def get_dynamic_update_handler() -> _Handler | None:
    """Return the handler of all updates without one of their own, decorated or set, or None.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_get_update_handler(None)


def set_dynamic_update_handler(
    handler: _Handler | None, *, validator: _Handler | None = None
) -> None:
    """Set the handler of all updates without one of their own, in place of a decorated one too.

    Args:
        handler: Plain or ``async`` function of ``(str, Sequence[RawValue])``. None takes the
            present handler away.
        validator: Plain function of the same parameters that may reject calls. None accepts all.

    Raises:
        ValueError: ``validator`` is an ``async def``.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    _Runtime.current().workflow_set_update_handler(None, handler, validator)


def all_handlers_finished() -> bool:
    """Return whether no signal or update handler is running.

    A workflow that should not leave handlers half-way waits for it before it returns or continues
    as new: ``await workflow.wait_condition(workflow.all_handlers_finished)``.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_all_handlers_finished()
