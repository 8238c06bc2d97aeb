"""Readers of hints for single values: numbers, texts, times, enums, unions and literals."""

from __future__ import annotations

import inspect
import typing
import uuid
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Any

from temporalio._typing import LITERALS

from ._datetimes import parse_iso_datetime
from ._hint_kinds import (
    CustomConverters,
    Nested,
    NoneType,
    Reader,
    is_plain_class,
    origin_and_arguments,
)


def _read_any(value: Any, custom: CustomConverters) -> Any:
    return value


def _read_datetime(value: Any, custom: CustomConverters) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise TypeError(f"Expected datetime or ISO8601 string, got {type(value)}")
    try:
        return parse_iso_datetime(value)
    except ValueError as error:
        raise TypeError(f"Failed parsing datetime string: {value}") from error


def _number_reader(kind: type[int | float]) -> Reader:
    def read(value: Any, custom: CustomConverters) -> Any:
        if isinstance(value, (int, float)):
            return kind(value)
        raise TypeError(f"Expected value to be int|float, was {type(value)}")

    return read


def _read_bool(value: Any, custom: CustomConverters) -> Any:
    if isinstance(value, bool):
        return value
    raise TypeError(f"Expected value to be bool, was {type(value)}")


def _read_str(value: Any, custom: CustomConverters) -> Any:
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"Expected value to be str, was {type(value)}")


def _read_bytes(value: Any, custom: CustomConverters) -> Any:
    # bytes are written as a list of numbers. A string is refused by bytes() itself.
    if isinstance(value, (list, bytes, str)):
        return bytes(value)  # type: ignore[arg-type]
    raise TypeError(f"Expected value to be bytes, was {type(value)}")


def _read_none(value: Any, custom: CustomConverters) -> Any:
    if value is not None:
        raise TypeError(f"Expected None, got value of type {type(value)}")


_SCALARS: tuple[tuple[Any, Reader], ...] = (
    (Any, _read_any),
    (bool, _read_bool),
    (int, _number_reader(int)),
    (float, _number_reader(float)),
    (str, _read_str),
    (bytes, _read_bytes),
    (NoneType, _read_none),
    (datetime, _read_datetime),
)


def scalar_rule(hint: Any, nested: Nested) -> Reader | None:
    """``Any`` and the types of single values."""
    return next((reader for scalar, reader in _SCALARS if hint is scalar), None)


def new_type_rule(hint: Any, nested: Nested) -> Reader | None:
    """``NewType``: read as what it is a new name for."""
    supertype = getattr(hint, "__supertype__", None)
    return nested(supertype) if supertype else None


def literal_rule(hint: Any, nested: Nested) -> Reader | None:
    """``Literal``: the value must be one of those listed."""
    origin, listed = origin_and_arguments(hint)
    if all(origin is not literal for literal in LITERALS):
        return None

    def read(value: Any, custom: CustomConverters) -> Any:
        if value in listed:
            return value
        raise TypeError(f"Value {value} not in literal values {listed}")

    return read


def union_rule(hint: Any, nested: Nested) -> Reader | None:
    """Unions: the first member that takes the value."""
    origin, members = origin_and_arguments(hint)
    if origin is not typing.Union and not isinstance(origin, UnionType):
        return None
    readers = [nested(member) for member in members]
    optional = NoneType in members

    def read(value: Any, custom: CustomConverters) -> Any:
        # Of the members that take None, all give None.
        if value is None and optional and not custom:
            return None
        for reader in readers:
            try:
                return reader(value, custom)
            except Exception:
                # A refusal may be any error: constructors of user classes are called here.
                pass
        raise TypeError(f"Failed converting to {hint} from {value}")

    return read


def pydantic_v1_rule(hint: Any, nested: Nested) -> Reader | None:
    """Models of pydantic 1: classes that read a dict themselves."""
    parse = inspect.getattr_static(hint, "parse_obj", None)
    if not isinstance(parse, (classmethod, staticmethod)):
        return None

    def read(value: Any, custom: CustomConverters) -> Any:
        if not isinstance(value, dict):
            raise TypeError(f"Cannot convert to {hint}, value is {type(value)} not dict")
        return hint.parse_obj(value)

    return read


def enum_rule(hint: Any, nested: Nested) -> Reader | None:
    """Enums that are also numbers or strings, which is how they are written."""
    if not is_plain_class(hint) or not issubclass(hint, Enum):
        return None
    if issubclass(hint, int):
        mixin: type = int
        wanted = "an integer"
    elif issubclass(hint, str):
        mixin = str
        wanted = "a string"
    else:
        return None

    def read(value: Any, custom: CustomConverters) -> Any:
        if isinstance(value, mixin):
            return hint(value)
        raise TypeError(
            f"Cannot convert to enum {hint}, value not {wanted}, value is {type(value)}"
        )

    return read


def uuid_rule(hint: Any, nested: Nested) -> Reader | None:
    """UUIDs, from their text."""
    if not is_plain_class(hint) or not issubclass(hint, uuid.UUID):
        return None
    return lambda value, custom: hint(value)
