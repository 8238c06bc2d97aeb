"""What ``@activity.defn`` leaves on a callable, and how it is read back."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

from ..common import RawValue, _type_hints_from_func
from ..types import CallableType

_ATTRIBUTE = "__temporal_activity_definition"


@overload
def defn(fn: CallableType) -> CallableType: ...


@overload
def defn(
    *,
    name: str | None = None,
    no_thread_cancel_exception: bool = False,
) -> Callable[[CallableType], CallableType]: ...


@overload
def defn(
    *,
    no_thread_cancel_exception: bool = False,
    dynamic: bool = False,
) -> Callable[[CallableType], CallableType]: ...


def defn(
    fn: CallableType | None = None,
    *,
    name: str | None = None,
    no_thread_cancel_exception: bool = False,
    dynamic: bool = False,
) -> CallableType | Callable[[CallableType], CallableType]:
    """Mark a callable as an activity.

    Works on functions, methods and classes whose instances are callable, ``async`` or not. The callable
    itself is returned, so that it can still be called directly.

    Args:
        fn: The callable, when the decorator is written without parentheses.
        name: Activity type name on the server. Defaults to ``__name__`` of the callable. Has no meaning
            for a dynamic activity.
        no_thread_cancel_exception: Never raise an exception into the thread of this synchronous
            activity when it is cancelled. :py:func:`is_cancelled` still tells.
        dynamic: Take every activity type that has no activity of its own on the worker. The callable must
            have exactly one parameter, annotated ``Sequence[temporalio.common.RawValue]``.

    Raises:
        TypeError: The object cannot be called, has keyword-only parameters, or is dynamic with other
            parameters than the one allowed.
        ValueError: The callable is marked already.
    """

    def mark(target: CallableType) -> CallableType:
        _Definition._apply_to_callable(
            target,
            activity_name=None if dynamic else (name or target.__name__),
            no_thread_cancel_exception=no_thread_cancel_exception,
        )
        return target

    return mark if fn is None else mark(fn)


@dataclass(frozen=True)
class _Definition:
    """An activity as it was defined."""

    # None for a dynamic activity.
    name: str | None
    fn: Callable[..., Any]
    is_async: bool
    no_thread_cancel_exception: bool
    # Read from the annotations of ``fn`` when neither is given.
    arg_types: list[type] | None = None
    ret_type: type | None = None

    def __post_init__(self) -> None:
        if self.arg_types is not None or self.ret_type is not None:
            return
        arg_types, ret_type = _type_hints_from_func(self.fn)
        if self.name is None and arg_types != [Sequence[RawValue]]:
            raise TypeError(
                "Dynamic activity must accept a single Sequence[temporalio.common.RawValue], "
                f"{_describe(self.fn)} does not"
            )
        object.__setattr__(self, "arg_types", arg_types)
        object.__setattr__(self, "ret_type", ret_type)

    @staticmethod
    def from_callable(fn: Callable[..., Any]) -> _Definition | None:
        found = getattr(fn, _ATTRIBUTE, None)
        if not isinstance(found, _Definition):
            return None
        # What carries the mark is the plain function or class; what is called is this bound method or
        # instance.
        return replace(found, fn=fn)

    @staticmethod
    def must_from_callable(fn: Callable[..., Any]) -> _Definition:
        found = _Definition.from_callable(fn)
        if found is None:
            raise TypeError(
                f"Activity {_describe(fn)} missing attributes, was it decorated with @activity.defn?"
            )
        return found

    @classmethod
    def get_name_and_result_type(
        cls,
        name_or_run_fn: str | Callable[..., Any],
    ) -> tuple[str, type | None]:
        """What a call of an activity needs to know of it; nothing but the name if that was given."""
        if callable(name_or_run_fn):
            found = cls.must_from_callable(name_or_run_fn)
            if found.name is None:
                raise ValueError(f"Activity {name_or_run_fn} definition has no name, it is dynamic")
            return found.name, found.ret_type
        if not isinstance(name_or_run_fn, str):
            raise TypeError(
                f"Activity must be a string or callable, got {type(name_or_run_fn).__name__}"
            )
        return name_or_run_fn, None

    @staticmethod
    def _apply_to_callable(
        fn: Callable[..., Any],
        *,
        activity_name: str | None,
        no_thread_cancel_exception: bool = False,
    ) -> None:
        if hasattr(fn, _ATTRIBUTE):
            raise ValueError(f"Function already contains activity definition: {_describe(fn)}")
        if not callable(fn):
            raise TypeError(f"Activity is not callable: {fn!r}")
        for parameter in inspect.signature(fn).parameters.values():
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                raise TypeError(
                    "Activity cannot have keyword-only arguments, "
                    f"{_describe(fn)} has {parameter.name!r}"
                )
        definition = _Definition(
            name=activity_name,
            fn=fn,
            is_async=_is_async(fn),
            no_thread_cancel_exception=no_thread_cancel_exception,
        )
        setattr(fn, _ATTRIBUTE, definition)


def _is_async(fn: Callable[..., Any]) -> bool:
    # A class or an instance is not a coroutine function itself, but its ``__call__`` may be one.
    return inspect.iscoroutinefunction(fn) or inspect.iscoroutinefunction(
        getattr(fn, "__call__", None)  # noqa: B004
    )


def _describe(fn: Any) -> str:
    return str(getattr(fn, "__name__", "<unknown>"))
