"""The decorators of signal, query and update handlers."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Literal, Protocol, TypedDict, overload

from temporalio._typing import Unpack

from ..types import (
    CallableSyncOrAsyncReturnNoneType,
    CallableType,
    MultiParamSpec,
    ReturnType,
)
from ._handler_definitions import (
    _QUERY_ATTRIBUTE,
    _SIGNAL_ATTRIBUTE,
    _UPDATE_ATTRIBUTE,
    _VALIDATOR_ATTRIBUTE,
    HandlerUnfinishedPolicy,
    UpdateMethodMultiParam,
    _QueryDefinition,
    _SignalDefinition,
    _UpdateDefinition,
)

__all__ = ["query", "signal", "update"]


class _HandlerOptions(TypedDict, total=False):
    """What the decorators of signals and updates take beside a name."""

    unfinished_policy: HandlerUnfinishedPolicy
    description: str | None


class _SignalDecorator(Protocol):
    def __call__(
        self, fn: CallableSyncOrAsyncReturnNoneType, /
    ) -> CallableSyncOrAsyncReturnNoneType: ...


class _QueryDecorator(Protocol):
    def __call__(self, fn: CallableType, /) -> CallableType: ...


class _UpdateDecorator(Protocol):
    # The async form first, so that the update's result is what the coroutine returns.
    @overload
    def __call__(
        self, fn: Callable[MultiParamSpec, Awaitable[ReturnType]], /
    ) -> UpdateMethodMultiParam[MultiParamSpec, ReturnType]: ...
    @overload
    def __call__(
        self, fn: Callable[MultiParamSpec, ReturnType], /
    ) -> UpdateMethodMultiParam[MultiParamSpec, ReturnType]: ...


@overload
def signal(fn: CallableSyncOrAsyncReturnNoneType) -> CallableSyncOrAsyncReturnNoneType: ...


@overload
def signal(**options: Unpack[_HandlerOptions]) -> _SignalDecorator: ...


@overload
def signal(*, name: str, **options: Unpack[_HandlerOptions]) -> _SignalDecorator: ...


@overload
def signal(*, dynamic: Literal[True], **options: Unpack[_HandlerOptions]) -> _SignalDecorator: ...


def signal(
    fn: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    dynamic: bool | None = False,
    unfinished_policy: HandlerUnfinishedPolicy = HandlerUnfinishedPolicy.WARN_AND_ABANDON,
    description: str | None = None,
) -> Any:
    """Make a method the handler of a signal.

    The method may be plain or ``async``; what it returns is dropped. It takes positional
    parameters, best a single dataclass, to which fields can be added later. A subclass that
    overrides it must decorate its own version, too.

    Args:
        fn: The method.
        name: Name of the signal. Defaults to the method's name. Excludes ``dynamic``.
        dynamic: Handle every signal that has no handler of its own. The method then takes the
            signal's name and a ``Sequence[RawValue]``; ``*args`` in place of the latter still
            works, but is deprecated. Excludes ``name``.
        unfinished_policy: What to do if the workflow ends while the handler runs. Warns by default.
        description: One line about the signal, for tools that show the workflow.

    Returns:
        The method itself, marked.

    Raises:
        RuntimeError: Both ``name`` and ``dynamic`` are given, or the parameters of a dynamic
            handler are others than these.
    """
    _check_name_or_dynamic(name, dynamic)

    def mark(method: Callable[..., Any]) -> Callable[..., Any]:
        definition = _SignalDefinition(
            name=_handler_name(method, name, dynamic),
            fn=method,
            is_method=True,
            unfinished_policy=unfinished_policy,
            description=description,
        )
        setattr(method, _SIGNAL_ATTRIBUTE, definition)
        if definition.dynamic_vararg:
            _warn_deprecated(
                "Dynamic signals with vararg third param is deprecated, use Sequence[RawValue]",
                bare=fn is not None,
            )
        return method

    return mark if fn is None else mark(fn)


@overload
def query(fn: CallableType) -> CallableType: ...


@overload
def query(*, name: str, description: str | None = None) -> _QueryDecorator: ...


@overload
def query(*, dynamic: Literal[True], description: str | None = None) -> _QueryDecorator: ...


@overload
def query(*, description: str) -> _QueryDecorator: ...


def query(
    fn: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    dynamic: bool | None = False,
    description: str | None = None,
) -> Any:
    """Make a method the handler of a query.

    The method reads the workflow's state and returns the answer. It must change nothing, and it
    must not be ``async``: that is deprecated and warns. It takes positional parameters, best a
    single dataclass, to which fields can be added later. A subclass that overrides it must decorate
    its own version, too.

    Args:
        fn: The method.
        name: Name of the query. Defaults to the method's name. Excludes ``dynamic``.
        dynamic: Answer every query that has no handler of its own. The method then takes the
            query's name and a ``Sequence[RawValue]``; ``*args`` in place of the latter still
            works, but is deprecated. Excludes ``name``.
        description: One line about the query, for tools that show the workflow.

    Returns:
        The method itself, marked.

    Raises:
        RuntimeError: Both ``name`` and ``dynamic`` are given, or neither these nor a method nor a
            description, or the parameters of a dynamic handler are others than these.
    """
    _check_name_or_dynamic(name, dynamic)
    if fn is None and name is None and not dynamic and not description:
        raise RuntimeError("Cannot create query without function or name or dynamic")

    def mark(method: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(method):
            _warn_deprecated("Queries as async def functions are deprecated", bare=fn is not None)
        definition = _QueryDefinition(
            name=_handler_name(method, name, dynamic),
            fn=method,
            is_method=True,
            description=description,
        )
        setattr(method, _QUERY_ATTRIBUTE, definition)
        if definition.dynamic_vararg:
            _warn_deprecated(
                "Dynamic queries with vararg third param is deprecated, use Sequence[RawValue]",
                bare=fn is not None,
            )
        return method

    return mark if fn is None else mark(fn)


@overload
def update(
    fn: Callable[MultiParamSpec, Awaitable[ReturnType]],
) -> UpdateMethodMultiParam[MultiParamSpec, ReturnType]: ...


@overload
def update(
    fn: Callable[MultiParamSpec, ReturnType],
) -> UpdateMethodMultiParam[MultiParamSpec, ReturnType]: ...


@overload
def update(**options: Unpack[_HandlerOptions]) -> _UpdateDecorator: ...


@overload
def update(*, name: str, **options: Unpack[_HandlerOptions]) -> _UpdateDecorator: ...


@overload
def update(*, dynamic: Literal[True], **options: Unpack[_HandlerOptions]) -> _UpdateDecorator: ...


def update(
    fn: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    dynamic: bool | None = False,
    unfinished_policy: HandlerUnfinishedPolicy = HandlerUnfinishedPolicy.WARN_AND_ABANDON,
    description: str | None = None,
) -> Any:
    """Make a method the handler of an update.

    The method may be plain or ``async``. Who sent the update gets what it returns, or the failure
    that it raises. It takes positional parameters, best a single dataclass, to which fields can be
    added later. A subclass that overrides it must decorate its own version, too.

    A second method, decorated with ``@<method>.validator``, may reject calls beforehand.

    Args:
        fn: The method.
        name: Name of the update. Defaults to the method's name. Excludes ``dynamic``.
        dynamic: Handle every update that has no handler of its own. The method then takes the
            update's name and a ``Sequence[RawValue]``. Excludes ``name``.
        unfinished_policy: What to do if the workflow ends while the handler runs. Warns by default.
        description: One line about the update, for tools that show the workflow.

    Returns:
        The method itself, marked and with ``validator`` on it.

    Raises:
        RuntimeError: Both ``name`` and ``dynamic`` are given, or the parameters of a dynamic
            handler are others than these.
    """
    _check_name_or_dynamic(name, dynamic)

    def mark(method: Callable[..., Any]) -> Callable[..., Any]:
        definition = _UpdateDefinition(
            name=_handler_name(method, name, dynamic),
            fn=method,
            is_method=True,
            unfinished_policy=unfinished_policy,
            description=description,
        )
        setattr(method, _UPDATE_ATTRIBUTE, definition)
        setattr(method, _VALIDATOR_ATTRIBUTE, partial(_update_validator, definition))
        return method

    return mark if fn is None else mark(fn)


def _update_validator(
    update_def: _UpdateDefinition, fn: Callable[..., None] | None = None
) -> Callable[..., None] | None:
    """Stand as ``validator`` on an update handler: attach ``fn`` to the handler's definition."""
    if fn is None:
        return None
    update_def.set_validator(fn)
    return fn


def _check_name_or_dynamic(name: str | None, dynamic: bool | None) -> None:
    if dynamic and name is not None:
        raise RuntimeError("Cannot provide name and dynamic boolean")


def _handler_name(method: Callable[..., Any], name: str | None, dynamic: bool | None) -> str | None:
    return None if dynamic else name or method.__name__


def _warn_deprecated(message: str, bare: bool) -> None:
    """Warn at the line of the decorator, which ``bare`` says to be without parentheses."""
    # From here up: mark, the decorator itself if it is not called before mark is, the user's line.
    warnings.warn(message, DeprecationWarning, stacklevel=4 if bare else 3)
