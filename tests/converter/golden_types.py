"""Types and errors that the golden cases mention; they see what is imported here, too."""

# The spellings of typing are part of what is tested. Names are here for the expressions.
# ruff: noqa: B904, F401, UP006, UP045

from __future__ import annotations

import asyncio
import collections
import dataclasses
import enum
import typing
import uuid
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Any, Generic, Literal, NewType, Optional, TypedDict, TypeVar, Union

import nexusrpc

import temporalio.converter
import temporalio.exceptions

T = TypeVar("T")
UserId = NewType("UserId", int)
Tags = NewType("Tags", typing.List[str])


class Color(enum.IntEnum):
    RED = 1
    GREEN = 2


class Size(str, enum.Enum):
    SMALL = "s"
    LARGE = "l"


class Number(int, enum.Enum):
    ONE = 1


class Plain(enum.Enum):
    A = "a"


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


@dataclasses.dataclass
class Deep:
    name: str
    points: typing.List[Point]
    by_name: typing.Dict[str, Point]
    maybe: Optional[Point] = None
    color: Color = Color.RED
    when: Optional[datetime] = None
    identity: Optional[uuid.UUID] = None


@dataclasses.dataclass
class Tree:
    value: int
    children: typing.List[Tree] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Restored:
    given: int
    computed: int = dataclasses.field(init=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "computed", self.given * 2)


@dataclasses.dataclass
class Box(Generic[T]):
    content: T


@dataclasses.dataclass
class Unresolvable:
    missing: NotDefinedAnywhere  # type: ignore[name-defined]  # noqa: F821


class Movie(TypedDict):
    title: str
    year: int


class PartialMovie(TypedDict, total=False):
    title: str
    rating: float


class Modelish:
    """Has the two methods that models of pydantic 1 have."""

    def __init__(self, name: str) -> None:
        self.name = name

    def dict(self) -> typing.Dict[str, str]:
        return {"name": self.name}


class Parsed:
    def __init__(self, name: str) -> None:
        self.name = name

    @classmethod
    def parse_obj(cls, value: Any) -> Parsed:
        return cls(value["name"])

    def __repr__(self) -> str:
        return f"Parsed({self.name!r})"


class Text(str):
    pass


class Opaque:
    pass


class MyUUID(uuid.UUID):
    pass


class FahrenheitConverter(temporalio.converter.JSONTypeConverter):
    """Takes integers written as text, and text written as "null" for nothing."""

    def to_typed_value(self, hint: type, value: Any) -> Any:
        if hint is int and isinstance(value, str):
            return int(value)
        if hint is str and value == "null":
            return None
        return temporalio.converter.JSONTypeConverter.Unhandled


class CustomError(Exception):
    pass


class CustomApplicationError(temporalio.exceptions.ApplicationError):
    def __init__(self) -> None:
        super().__init__("custom message", "detail", type="CustomType", non_retryable=True)


def caught(raising: Any) -> BaseException:
    try:
        raising()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def raise_plain() -> None:
    raise ValueError("plain")


def raise_with_cause() -> None:
    try:
        raise_plain()
    except ValueError as error:
        raise CustomError("outer") from error


def raise_application_with_cause() -> None:
    try:
        raise_plain()
    except ValueError as error:
        raise temporalio.exceptions.ApplicationError("outer", type="Outer") from error


def raise_application_in_context() -> None:
    try:
        raise_plain()
    except ValueError:
        raise temporalio.exceptions.ApplicationError("outer")


def raise_application_without_context() -> None:
    try:
        raise_plain()
    except ValueError:
        raise temporalio.exceptions.ApplicationError("outer") from None


def raise_plain_in_context() -> None:
    try:
        raise_plain()
    except ValueError:
        raise CustomError("outer")


def raise_handler_error() -> None:
    try:
        raise_plain()
    except ValueError as error:
        kind = nexusrpc.HandlerErrorType.BAD_REQUEST
        raise nexusrpc.HandlerError("bad", type=kind, retryable_override=True) from error


def with_cause(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error
