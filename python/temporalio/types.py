"""Type variables and call shapes that the typed parts of the API are written with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar

# Any value at all.
AnyType = TypeVar("AnyType")
ParamType = TypeVar("ParamType")
SelfType = TypeVar("SelfType")

# Results; a function that gives a subclass will do.
LocalReturnType = TypeVar("LocalReturnType", covariant=True)
ReturnType = TypeVar("ReturnType", covariant=True)

# What decorators take and give back unchanged.
CallableType = TypeVar("CallableType", bound="Callable[..., Any]")
CallableAsyncType = TypeVar("CallableAsyncType", bound="Callable[..., Awaitable[Any]]")
CallableSyncOrAsyncType = TypeVar(
    "CallableSyncOrAsyncType", bound="Callable[..., Any | Awaitable[Any]]"
)
CallableSyncOrAsyncReturnNoneType = TypeVar(
    "CallableSyncOrAsyncReturnNoneType", bound="Callable[..., None | Awaitable[None]]"
)
ClassType = TypeVar("ClassType", bound=type)
MultiParamSpec = ParamSpec("MultiParamSpec")
NexusServiceType = TypeVar("NexusServiceType")

# The variables of the protocols below.
ProtocolReturnType = TypeVar("ProtocolReturnType", covariant=True)
ProtocolParamType = TypeVar("ProtocolParamType", contravariant=True)
ProtocolSelfType = TypeVar("ProtocolSelfType", contravariant=True)

_NowOrLater: TypeAlias = "ProtocolReturnType | Awaitable[ProtocolReturnType]"


class CallableAsyncNoParam(Protocol[ProtocolReturnType]):
    """An ``async def`` function without parameters."""

    def __call__(self) -> Awaitable[ProtocolReturnType]:
        """Start the call; the awaitable gives the result."""
        ...


class CallableSyncNoParam(Protocol[ProtocolReturnType]):
    """A plain function without parameters."""

    def __call__(self) -> ProtocolReturnType:
        """Make the call and give its result."""
        ...


class CallableAsyncSingleParam(Protocol[ProtocolParamType, ProtocolReturnType]):
    """An ``async def`` function with one parameter."""

    def __call__(self, __arg: ProtocolParamType) -> Awaitable[ProtocolReturnType]:
        """Start the call; the awaitable gives the result."""
        ...


class CallableSyncSingleParam(Protocol[ProtocolParamType, ProtocolReturnType]):
    """A plain function with one parameter."""

    def __call__(self, __arg: ProtocolParamType) -> ProtocolReturnType:
        """Make the call and give its result."""
        ...


class MethodAsyncNoParam(Protocol[ProtocolSelfType, ProtocolReturnType]):
    """An ``async def`` method, not yet bound, that takes only its instance."""

    def __call__(__self, self: ProtocolSelfType) -> Awaitable[ProtocolReturnType]:
        """Start the call on an instance; the awaitable gives the result."""
        ...


class MethodSyncNoParam(Protocol[ProtocolSelfType, ProtocolReturnType]):
    """A plain method, not yet bound, that takes only its instance."""

    def __call__(__self, self: ProtocolSelfType) -> ProtocolReturnType:
        """Make the call on an instance and give its result."""
        ...


class MethodAsyncSingleParam(Protocol[ProtocolSelfType, ProtocolParamType, ProtocolReturnType]):
    """An ``async def`` method, not yet bound, that takes its instance and one argument."""

    def __call__(
        self, __self: ProtocolSelfType, __arg: ProtocolParamType, /
    ) -> Awaitable[ProtocolReturnType]:
        """Start the call on an instance; the awaitable gives the result."""
        ...


class MethodSyncSingleParam(Protocol[ProtocolSelfType, ProtocolParamType, ProtocolReturnType]):
    """A plain method, not yet bound, that takes its instance and one argument."""

    def __call__(self, __self: ProtocolSelfType, __arg: ProtocolParamType, /) -> ProtocolReturnType:
        """Make the call on an instance and give its result."""
        ...


class MethodSyncOrAsyncNoParam(Protocol[ProtocolSelfType, ProtocolReturnType]):
    """A method of either kind, not yet bound, that takes only its instance."""

    def __call__(self, __self: ProtocolSelfType) -> _NowOrLater[ProtocolReturnType]:
        """Make the call on an instance; the result may have to be awaited."""
        ...


class MethodSyncOrAsyncSingleParam(
    Protocol[ProtocolSelfType, ProtocolParamType, ProtocolReturnType]
):
    """A method of either kind, not yet bound, that takes its instance and one argument."""

    def __call__(
        self, __self: ProtocolSelfType, __param: ProtocolParamType, /
    ) -> _NowOrLater[ProtocolReturnType]:
        """Make the call on an instance; the result may have to be awaited."""
        ...
