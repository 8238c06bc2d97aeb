"""What the running workflow knows and keeps, beside its :py:class:`Info`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, overload

import temporalio.common

from ..types import AnyType, ParamType
from ._runtime import _Runtime

if TYPE_CHECKING:
    from temporalio.converter import PayloadConverter

__all__ = [
    "cancellation_reason",
    "extern_functions",
    "get_current_details",
    "get_last_completion_result",
    "get_last_failure",
    "has_last_completion_result",
    "in_workflow",
    "instance",
    "is_failure_exception",
    "memo",
    "memo_value",
    "metric_meter",
    "payload_converter",
    "set_current_details",
]


def in_workflow() -> bool:
    """Return whether the calling code runs in a workflow."""
    return _Runtime.maybe_current() is not None


def instance() -> Any:
    """Return the object of the workflow's class that is running.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_instance()


def extern_functions() -> Mapping[str, Callable[..., Any]]:
    """Return the functions of the outside world that the worker lends to its workflows, by name.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_extern_functions()


def payload_converter() -> PayloadConverter:
    """Return the converter between values and payloads for this workflow.

    It knows for which workflow it converts. Dynamic workflows and handlers use it to turn a
    :py:class:`temporalio.common.RawValue` into a value.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_payload_converter()


def metric_meter() -> temporalio.common.MetricMeter:
    """Return the meter on which this workflow records metrics.

    It records nothing while the workflow replays, so each value counts once.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_metric_meter()


def cancellation_reason() -> str | None:
    """Return why the workflow's cancellation was requested.

    Code that catches :py:class:`asyncio.CancelledError` can tell by it whether the whole workflow
    is cancelled or only a task within.

    Returns:
        The reason in the request, possibly empty. None as long as nobody has requested the
        cancellation of the workflow.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_cancellation_reason()


def is_failure_exception(err: BaseException) -> bool:
    """Return whether this workflow would fail if it raised ``err``.

    Other exceptions fail only the workflow task, which is then tried again.

    Args:
        err: The exception in question.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_is_failure_exception(err)


def memo() -> Mapping[str, Any]:
    """Return the workflow's memo, each value decoded without knowing its type.

    A dataclass comes back as a dictionary, for instance; :py:func:`memo_value` takes a type.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_memo()


@overload
def memo_value(key: str, default: Any = temporalio.common._arg_unset) -> Any: ...


@overload
def memo_value(key: str, *, type_hint: type[ParamType]) -> ParamType: ...


@overload
def memo_value(
    key: str, default: AnyType, *, type_hint: type[ParamType]
) -> AnyType | ParamType: ...


def memo_value(
    key: str,
    default: Any = temporalio.common._arg_unset,
    *,
    type_hint: type[Any] | None = None,
) -> Any:
    """Return one value of the workflow's memo.

    Args:
        key: Name of the value.
        default: Returned if the memo has no such key.
        type_hint: Type to decode into. Without it the payload alone decides.

    Raises:
        KeyError: The memo has no such key and there is no default.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_memo_value(key, default, type_hint=type_hint)


def get_current_details() -> str:
    """Return the text that :py:func:`set_current_details` set last, empty at first.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_get_current_details()


def set_current_details(description: str) -> None:
    """Set a text that tools show as what the workflow is doing now.

    It stands apart from the static details given at the start and may be set as often as needed.

    Args:
        description: Text in Temporal's Markdown, of any number of lines.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    _Runtime.current().workflow_set_current_details(description)


def has_last_completion_result() -> bool:
    """Return whether an earlier run of this cron or retry chain left a result.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_has_last_completion_result()


@overload
def get_last_completion_result() -> Any | None: ...


@overload
def get_last_completion_result(type_hint: type[ParamType]) -> ParamType | None: ...


def get_last_completion_result(type_hint: type[Any] | None = None) -> Any | None:
    """Return the result of the latest successful run before this one in its chain.

    Args:
        type_hint: Type to decode into. Without it the payload alone decides.

    Returns:
        The result. None also stands for no such run; :py:func:`has_last_completion_result` tells
        the two apart.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_last_completion_result(type_hint)


def get_last_failure() -> BaseException | None:
    """Return how the previous run of this cron or retry chain failed, None if it did not.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_last_failure()
