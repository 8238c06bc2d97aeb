"""Stand-ins for what is restricted: they check each step, and hand it on.

Code that touches nothing restricted meets no stand-in and pays nothing.
"""

from __future__ import annotations

import copy
import datetime
import functools
import logging
import math
import operator
import types
import warnings
from collections.abc import Callable
from typing import Any, Final

from temporalio.workflow import unsafe

from ._errors import RestrictedWorkflowAccessError
from ._matcher import RestrictionContext, SandboxMatcher

# People filter by this name.
logger = logging.getLogger("temporalio.worker.workflow_sandbox._restrictions")

_STATE: Final = "_restriction"

# The importer looks at these of any module.
_UNCHECKED: Final = frozenset({"__spec__", "__name__"})

# What the stand-in answers in place of its target.
_OWN: Final = frozenset({"__get_pydantic_core_schema__", "__mro_entries__"})

# Plain values have nothing to restrict. Dates have, but validators written in C look at their exact
# type, and what is restricted of them needs no instance.
_PLAIN: Final = (bool, int, float, complex, str, bytes, bytearray, datetime.date)


class _Restriction:
    """What a stand-in stands for, and what is restricted of it."""

    __slots__ = ("context", "matcher", "name", "target")

    def __init__(
        self, name: str, target: Any, context: RestrictionContext, matcher: SandboxMatcher
    ) -> None:
        self.name = name
        self.target = target
        self.context = context
        self.matcher = matcher

    def check(self, name: str) -> None:
        """Raise or warn if a member must not be accessed now."""
        if unsafe.is_sandbox_unrestricted():
            return
        matcher = self.matcher.access_matcher(self.context, name)
        if matcher is None:
            return
        logger.warning("%s on %s restricted", name, self.name)
        path = f"{self.name}.{name}"
        if matcher.leaf_warning is None:
            raise RestrictedWorkflowAccessError(path, override_message=matcher.leaf_message)
        message = matcher.leaf_message or RestrictedWorkflowAccessError.default_message(path)
        warnings.warn(message, matcher.leaf_warning, stacklevel=4)

    def wrap_member(self, name: str, value: Any) -> Any:
        """Return a member, behind a stand-in if anything below it is restricted."""
        if not _is_restrictable(value):
            return value
        matcher = self.matcher.child_matcher(name)
        if matcher is None:
            return value
        return RestrictedProxy(f"{self.name}.{name}", value, self.context, matcher)

    def wrap_result(self, value: Any) -> Any:
        """Return the outcome of a call or an operation, restricted as its origin is."""
        if not _is_restrictable(value):
            return value
        return RestrictedProxy(self.name, value, self.context, self.matcher)


def _is_restrictable(value: Any) -> bool:
    return value is not None and not isinstance(value, _PLAIN)


def _restriction(proxy: Any) -> _Restriction:
    state: _Restriction = object.__getattribute__(proxy, _STATE)
    return state


def unwrap(value: Any) -> Any:
    """Return what a stand-in stands for, and any other value as it is."""
    return _restriction(value).target if type(value) is RestrictedProxy else value


class RestrictedProxy:
    """Stands for a restricted object that is not a module."""

    def __init__(
        self, name: str, target: Any, context: RestrictionContext, matcher: SandboxMatcher
    ) -> None:
        """Stand for ``target``.

        Args:
            name: Its full path, for messages.
            target: What to stand for.
            context: What the environment is doing.
            matcher: What is restricted of it.
        """
        object.__setattr__(self, _STATE, _Restriction(name, target, context, matcher))

    def __getattribute__(self, name: str) -> Any:
        if name in _OWN:
            return object.__getattribute__(self, name)
        state = _restriction(self)
        if name in _UNCHECKED:
            return getattr(state.target, name)
        state.check(name)
        return state.wrap_member(name, getattr(state.target, name))

    def __setattr__(self, name: str, value: Any) -> None:
        state = _restriction(self)
        state.check(name)
        setattr(state.target, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_restriction(self).target, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        state = _restriction(self)
        state.check("__call__")
        return state.wrap_result(state.target(*args, **kwargs))

    def __getitem__(self, key: Any) -> Any:
        state = _restriction(self)
        if not isinstance(key, str):
            return state.target[key]
        state.check(key)
        return state.wrap_member(key, state.target[key])

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        """Let classes be derived from what is behind the stand-in."""
        return (_restriction(self).target,)

    @classmethod
    def __get_pydantic_core_schema__(cls, source_type: Any, handler: Callable[[Any], Any]) -> Any:
        """Have pydantic look at what is behind the stand-in."""
        return handler(unwrap(source_type))

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return copy.deepcopy(_restriction(self).target, memo)


def _forward(name: str, operation: Callable[..., Any]) -> None:
    """Have an operator work on what is behind the stand-in."""

    def forwarded(self: Any, *args: Any) -> Any:
        return operation(_restriction(self).target, *args)

    _add(name, forwarded)


def _forward_swapped(name: str, operation: Callable[[Any, Any], Any]) -> None:
    def forwarded(self: Any, other: Any) -> Any:
        return operation(other, _restriction(self).target)

    _add(name, forwarded)


def _forward_in_place(name: str, operation: Callable[[Any, Any], Any]) -> None:
    def forwarded(self: Any, other: Any) -> Any:
        state = _restriction(self)
        result = operation(state.target, other)
        return self if result is state.target else state.wrap_result(result)

    _add(name, forwarded)


def _forward_method(name: str) -> None:
    def forwarded(self: Any, *args: Any) -> Any:
        return getattr(_restriction(self).target, name)(*args)

    _add(name, forwarded)


def _add(name: str, method: Callable[..., Any]) -> None:
    method.__name__ = name
    method.__qualname__ = f"RestrictedProxy.{name}"
    setattr(RestrictedProxy, name, method)


def _forward_all() -> None:
    operations: list[Any] = [repr, str, bytes, format, hash, bool, dir, len, iter, next, reversed]
    operations += [complex, int, float, round, divmod, pow, abs, copy.copy]
    for operation in operations:
        _forward(f"__{operation.__name__}__", operation)
    for (
        name
    ) in "lt le eq ne gt ge setitem delitem contains neg pos invert index length_hint".split():
        _forward(f"__{name}__", getattr(operator, name))
    for name in ("trunc", "floor", "ceil"):
        _forward(f"__{name}__", getattr(math, name))
    _forward("__instancecheck__", lambda target, other: isinstance(other, target))
    _forward("__subclasscheck__", lambda target, other: issubclass(other, target))
    binary = "add sub mul matmul truediv floordiv mod lshift rshift and or xor".split()
    for name in binary:
        plain = getattr(operator, f"__{name}__")
        _forward(f"__{name}__", plain)
        _forward_swapped(f"__r{name}__", plain)
        _forward_in_place(f"__i{name}__", getattr(operator, f"__i{name}__"))
    _forward_swapped("__rdivmod__", divmod)
    _forward_swapped("__rpow__", pow)
    _forward_in_place("__ipow__", operator.ipow)
    for name in "enter exit await aiter anext aenter aexit".split():
        _forward_method(f"__{name}__")


_forward_all()


class RestrictedModule(RestrictedProxy, types.ModuleType):
    """Stands for a module of which something is restricted."""

    def __init__(
        self, module: types.ModuleType, context: RestrictionContext, matcher: SandboxMatcher
    ) -> None:
        """Stand for ``module``.

        Args:
            module: What to stand for.
            context: What the environment is doing.
            matcher: What is restricted of it.
        """
        RestrictedProxy.__init__(self, module.__name__, module, context, matcher)


def module_behind(module: types.ModuleType) -> types.ModuleType:
    """Return the module for which another one may stand."""
    if type(module) is not RestrictedModule:
        return module
    target: types.ModuleType = _restriction(module).target
    return target


def unwrap_arguments(check: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return ``isinstance`` or ``issubclass`` with stand-ins taken for what is behind them.

    Classes written in C do not ask a stand-in, so it cannot answer for itself.
    """

    @functools.wraps(check)
    def unwrapped(first: Any, second: Any, /) -> bool:
        if type(first) is RestrictedProxy:
            first = unwrap(first)
        if type(second) is RestrictedProxy:
            second = unwrap(second)
        return check(first, second)

    return unwrapped
