"""What the decorators of signal, query and update handlers find out and leave behind."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, Protocol, runtime_checkable

import temporalio.common

from ..types import MultiParamSpec, ProtocolReturnType

__all__ = [
    "HandlerUnfinishedPolicy",
    "UnfinishedSignalHandlersWarning",
    "UnfinishedUpdateHandlersWarning",
    "UpdateMethodMultiParam",
]

_SIGNAL_ATTRIBUTE = "__temporal_signal_definition"
_QUERY_ATTRIBUTE = "__temporal_query_definition"
# These two are members of UpdateMethodMultiParam.
_UPDATE_ATTRIBUTE = "_defn"
_VALIDATOR_ATTRIBUTE = "validator"

# Users may spell the parameter with either; the two do not compare equal.
_RAW_VALUES = (
    Sequence[temporalio.common.RawValue],
    typing.Sequence[temporalio.common.RawValue],
)
_VARARG_KINDS = [inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.VAR_POSITIONAL]
_VARARG_UPDATE = "Dynamic updates do not support a vararg third param, use Sequence[RawValue]"


class HandlerUnfinishedPolicy(Enum):
    """What is done about a signal or update handler that still runs when the workflow ends.

    The end may be a result, a failure, a cancellation or a continue-as-new; the handler is given up
    in each case.
    """

    WARN_AND_ABANDON = 1
    """Give it up with a warning: :py:class:`UnfinishedSignalHandlersWarning` or
    :py:class:`UnfinishedUpdateHandlersWarning`."""

    ABANDON = 2
    """Give it up silently. Who waits for an update gets an error in place of its result."""


class UnfinishedSignalHandlersWarning(RuntimeWarning):
    """The workflow ended while signal handlers were still running."""


class UnfinishedUpdateHandlersWarning(RuntimeWarning):
    """The workflow ended while update handlers were still running."""


@runtime_checkable
class UpdateMethodMultiParam(Protocol[MultiParamSpec, ProtocolReturnType]):
    """What :py:func:`update` makes of a method: still callable, and able to take a validator."""

    _defn: _UpdateDefinition

    def __call__(
        self, *args: MultiParamSpec.args, **kwargs: MultiParamSpec.kwargs
    ) -> ProtocolReturnType | Awaitable[ProtocolReturnType]:
        """Call the handler as the plain method that it is."""
        ...

    def validator(self, vfunc: Callable[MultiParamSpec, None]) -> Callable[MultiParamSpec, None]:
        """Decorate the method that may reject calls of this update.

        It runs before the handler and must not change anything. What it raises rejects the update
        without a trace in the history.

        Args:
            vfunc: Plain method with the parameters of the handler.

        Raises:
            ValueError: ``vfunc`` is an ``async def``.
            RuntimeError: The update has a validator already.
        """
        ...


def _bind_method(obj: Any, fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``fn``, the function below a method, with ``obj`` as its self."""
    return partial(fn, obj)


def _assert_dynamic_handler_args(
    fn: Callable[..., Any], arg_types: list[type] | None, is_method: bool
) -> bool:
    """Check the parameters of a dynamic handler.

    Returns:
        True for ``(str, Sequence[RawValue])``, False for the old form ``(name, *args)``.

    Raises:
        RuntimeError: It is neither.
    """
    kinds = [parameter.kind for parameter in inspect.signature(fn).parameters.values()]
    if kinds[-2:] == _VARARG_KINDS and len(kinds) == (3 if is_method else 2):
        return False
    if arg_types and len(arg_types) == 2 and arg_types[0] is str and arg_types[1] in _RAW_VALUES:
        return True
    raise RuntimeError("Dynamic handler must have 3 arguments: self, str, and Sequence[RawValue]")


@dataclass(frozen=True)
class _SignalDefinition:
    """A signal handler. A name of None marks the dynamic one."""

    name: str | None
    fn: Callable[..., Awaitable[None] | None]
    is_method: bool
    unfinished_policy: HandlerUnfinishedPolicy = HandlerUnfinishedPolicy.WARN_AND_ABANDON
    description: str | None = None
    # Read from the function unless given.
    arg_types: list[type] | None = None
    dynamic_vararg: bool = False

    @staticmethod
    def from_fn(fn: Callable[..., Any]) -> _SignalDefinition | None:
        """Return what :py:func:`signal` left on ``fn``, if anything."""
        return getattr(fn, _SIGNAL_ATTRIBUTE, None)

    @staticmethod
    def must_name_from_fn_or_str(signal: str | Callable[..., Any]) -> str:
        """Return the name under which to send ``signal``.

        Raises:
            RuntimeError: It is a function that is no signal handler, or the dynamic one.
        """
        if not callable(signal):
            return str(signal)
        definition = _SignalDefinition.from_fn(signal)
        if definition is None:
            name = getattr(signal, "__qualname__", repr(signal))
            raise RuntimeError(
                f"Signal definition not found on {name}, is it decorated with @workflow.signal?"
            )
        if not definition.name:
            raise RuntimeError("Cannot invoke dynamic signal definition")
        return definition.name

    def __post_init__(self) -> None:
        if self.arg_types is not None:
            return
        arg_types, _ = temporalio.common._type_hints_from_func(self.fn)
        _complete(self, arg_types=arg_types)
        if not self.name:
            typed = _assert_dynamic_handler_args(self.fn, arg_types, self.is_method)
            _complete(self, dynamic_vararg=not typed)

    def bind_fn(self, obj: Any) -> Callable[..., Any]:
        """Return the handler as a method of ``obj``."""
        return _bind_method(obj, self.fn)


@dataclass(frozen=True)
class _QueryDefinition:
    """A query handler. A name of None marks the dynamic one."""

    name: str | None
    fn: Callable[..., Any]
    is_method: bool
    description: str | None = None
    # Read from the function unless given.
    arg_types: list[type] | None = None
    ret_type: type | None = None
    dynamic_vararg: bool = False

    @staticmethod
    def from_fn(fn: Callable[..., Any]) -> _QueryDefinition | None:
        """Return what :py:func:`query` left on ``fn``, if anything."""
        return getattr(fn, _QUERY_ATTRIBUTE, None)

    def __post_init__(self) -> None:
        if self.arg_types is not None or self.ret_type is not None:
            return
        arg_types, ret_type = temporalio.common._type_hints_from_func(self.fn)
        _complete(self, arg_types=arg_types, ret_type=ret_type)
        if not self.name:
            typed = _assert_dynamic_handler_args(self.fn, arg_types, self.is_method)
            _complete(self, dynamic_vararg=not typed)

    def bind_fn(self, obj: Any) -> Callable[..., Any]:
        """Return the handler as a method of ``obj``."""
        return _bind_method(obj, self.fn)


@dataclass(frozen=True)
class _UpdateDefinition:
    """An update handler with its validator. A name of None marks the dynamic one."""

    name: str | None
    fn: Callable[..., Any | Awaitable[Any]]
    is_method: bool
    unfinished_policy: HandlerUnfinishedPolicy = HandlerUnfinishedPolicy.WARN_AND_ABANDON
    description: str | None = None
    # Read from the function unless given.
    arg_types: list[type] | None = None
    ret_type: type | None = None
    validator: Callable[..., None] | None = None
    dynamic_vararg: bool = False

    def __post_init__(self) -> None:
        if self.arg_types is not None:
            return
        arg_types, ret_type = temporalio.common._type_hints_from_func(self.fn)
        _complete(self, arg_types=arg_types, ret_type=ret_type)
        if not self.name and not _assert_dynamic_handler_args(self.fn, arg_types, self.is_method):
            raise RuntimeError(_VARARG_UPDATE)

    def bind_fn(self, obj: Any) -> Callable[..., Any]:
        """Return the handler as a method of ``obj``."""
        return _bind_method(obj, self.fn)

    def bind_validator(self, obj: Any) -> Callable[..., Any]:
        """Return the validator as a method of ``obj``; without one, a function that accepts all."""
        if self.validator is None:
            return _accept_all
        return _bind_method(obj, self.validator)

    def set_validator(self, validator: Callable[..., None]) -> None:
        """Attach the validator.

        Raises:
            ValueError: It is an ``async def``. Nobody awaits validators, so it would reject nothing.
            RuntimeError: There is one already.
        """
        if inspect.iscoroutinefunction(validator):
            raise ValueError("Update validator must not be an async function")
        if self.validator is not None:
            raise RuntimeError(f"Validator already set for update {self.name}")
        _complete(self, validator=validator)

    @classmethod
    def get_name_and_result_type(
        cls, name_or_update_fn: str | Callable[..., Any]
    ) -> tuple[str, type | None]:
        """Return the name under which to send an update, and the type of its result if known.

        Raises:
            RuntimeError: It is the dynamic handler, which has no name to send.
        """
        if not isinstance(name_or_update_fn, UpdateMethodMultiParam):
            return str(name_or_update_fn), None
        definition = name_or_update_fn._defn
        if not definition.name:
            raise RuntimeError("Cannot invoke dynamic update definition")
        return definition.name, definition.ret_type


def _accept_all(*args: Any, **kwargs: Any) -> None:
    """Validate nothing."""


def _complete(definition: object, **fields: object) -> None:
    """Set fields of a frozen definition that are only known after its construction."""
    for name, value in fields.items():
        object.__setattr__(definition, name, value)
