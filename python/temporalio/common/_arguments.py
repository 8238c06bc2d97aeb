"""Arguments of user functions: their type hints, raw payloads, headers."""

import inspect
import types
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, get_type_hints

import temporalio.api

_PICKLE_VERSION = b"1"


class HeaderCodecBehavior(IntEnum):
    """Which headers the payload codec is applied to."""

    NO_CODEC = 1
    """None: interceptors encode what they put in."""

    CODEC = 2
    """All of them."""

    WORKFLOW_ONLY_CODEC = 3
    """Those that go through a workflow's tasks, and not those of the client's own calls."""


@dataclass(frozen=True)
class RawValue:
    """A payload that the data converter leaves alone.

    As a parameter or a result of workflows, activities, signals, queries and updates it hands the
    payload through. The payload codec still applies.

    Attributes:
        payload: The payload as it is on the wire.
    """

    payload: "temporalio.api.common.v1.Payload"

    def __getstate__(self) -> object:
        """Give the pickled form: a version byte, then the serialized payload."""
        return _PICKLE_VERSION + self.payload.SerializeToString()

    def __setstate__(self, state: object) -> None:
        """Restore from the pickled form.

        Raises:
            TypeError: The state is not bytes.
            ValueError: The state has another version.
        """
        if not isinstance(state, bytes):
            raise TypeError(f"Expected bytes state, got {type(state)}")
        version, serialized = state[:1], state[1:]
        if version != _PICKLE_VERSION:
            raise ValueError("Bad version prefix")
        payload = temporalio.api.common.v1.Payload.FromString(serialized)
        object.__setattr__(self, "payload", payload)


# Stands for "no argument given", since None is an argument.
_arg_unset: Any = object()


def _arg_or_args(arg: Any, args: Sequence[Any]) -> Sequence[Any]:
    """Give the arguments of a call that takes either one ``arg`` or a list ``args``.

    Raises:
        ValueError: Both are given.
    """
    if arg is _arg_unset:
        return args
    if args:
        raise ValueError("Cannot have arg and args")
    return [arg]


def _apply_headers(
    source: Mapping[str, "temporalio.api.common.v1.Payload"] | None,
    dest: MutableMapping[str, "temporalio.api.common.v1.Payload"],
) -> None:
    """Copy headers into a map field of a message, which cannot be assigned to."""
    for key, payload in (source or {}).items():
        dest[key].CopyFrom(payload)


_CALLABLES_OF_THE_INTERPRETER = (
    types.BuiltinFunctionType,
    types.ClassMethodDescriptorType,
    types.MethodWrapperType,
    types.WrapperDescriptorType,
)
_PLAIN_CALLABLES = (types.FunctionType, types.MethodType, *_CALLABLES_OF_THE_INTERPRETER)
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _type_hints_from_func(
    func: Callable[..., Any],
) -> tuple[list[type] | None, type | None]:
    """Read the type hints of a function, method, or object with ``__call__``.

    Args:
        func: What will be called.

    Returns:
        The hints of the parameters and of the result. A parameter without a hint counts as None, as
        does a result without one. The list is None if a parameter is not positional. A first
        parameter ``self`` without a hint is left out.
    """
    if not isinstance(func, _PLAIN_CALLABLES):
        owner = func if isinstance(func, type) else type(func)
        call = getattr(owner, "__call__", None)  # noqa: B004 - the hints are of this method
        if call is not None:
            func = call

    hints = get_type_hints(func)
    result: type | None = hints.get("return")
    parameters = list(inspect.signature(func).parameters.values())
    if parameters and _is_own_instance(parameters[0]):
        del parameters[0]
    if any(parameter.kind not in _POSITIONAL for parameter in parameters):
        return None, result
    # A missing hint is None, which every use of these hints takes as "not typed".
    return [hints.get(parameter.name) for parameter in parameters], result  # type: ignore[misc]


def _is_own_instance(parameter: inspect.Parameter) -> bool:
    untyped = parameter.annotation is inspect.Parameter.empty
    return parameter.name == "self" and (untyped or str(parameter.annotation) == "typing.Self")
