"""Readers of hints for values that hold others: mappings, dataclasses, tuples, lists and sets."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, TypeVar, cast, get_type_hints

from ._hint_kinds import (
    CustomConverters,
    Nested,
    NoneType,
    Reader,
    is_plain_class,
    origin_and_arguments,
)


def typed_dict_rule(hint: Any, nested: Nested) -> Reader | None:
    """Typed dicts: each key has its own type; unknown keys stay as they are."""
    origin, _ = origin_and_arguments(hint)
    if not (getattr(origin, "__required_keys__", ()) or getattr(origin, "__optional_keys__", ())):
        return None
    if not is_plain_class(origin) or not issubclass(origin, Mapping):
        return None
    readers = {key: nested(inner) for key, inner in get_type_hints(origin).items()}

    def read(value: Any, custom: CustomConverters) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"Expected {hint}, value was {type(value)}")
        converted = {
            key: _read_item(readers.get(key), key, item, custom, hint)
            for key, item in value.items()
        }
        return hint(**converted)

    return read


def mapping_rule(hint: Any, nested: Nested) -> Reader | None:
    """Mappings: always give a plain dict."""
    origin, arguments = origin_and_arguments(hint)
    if not is_plain_class(origin) or not issubclass(origin, Mapping):
        return None
    known = [None if _says_nothing(argument) else argument for argument in arguments[:2]]
    key_type, item_type = (*known, None, None)[:2]
    read_key = _key_reader(key_type, nested) if key_type else None
    item_reader = nested(item_type) if item_type else None

    def read(value: Any, custom: CustomConverters) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"Expected {hint}, value was {type(value)}")
        converted = {}
        for key, item in value.items():
            if read_key is not None:
                try:
                    key = read_key(key, custom)
                except Exception as error:
                    raise TypeError(
                        f"Failed converting key {key!r} to type {key_type} in mapping {hint}"
                    ) from error
            converted[key] = _read_item(item_reader, key, item, custom, hint)
        return converted

    return read


def _says_nothing(argument: Any) -> bool:
    return argument is Any or isinstance(argument, TypeVar)


def _read_item(
    reader: Reader | None, key: Any, item: Any, custom: CustomConverters, hint: Any
) -> Any:
    if reader is None:
        return item
    try:
        return reader(item, custom)
    except Exception as error:
        raise TypeError(f"Failed converting value for key {key!r} in mapping {hint}") from error


# JSON has no keys but strings; these are the strings it writes for other keys.
_KEYS_FROM_TEXT: tuple[tuple[type, Callable[[str], Any]], ...] = (
    (int, int),
    (float, float),
    (bool, {"true": True, "false": False}.__getitem__),
    (NoneType, {"null": None}.__getitem__),
)


def _key_reader(key_type: Any, nested: Nested) -> Reader:
    plain = is_plain_class(key_type)
    from_text = next((parse for kind, parse in _KEYS_FROM_TEXT if key_type is kind), None)
    if plain and issubclass(key_type, Enum) and issubclass(key_type, int):
        from_text = int
    convert = nested(key_type)

    def read(key: Any, custom: CustomConverters) -> Any:
        if from_text is not None and isinstance(key, str):
            key = from_text(key)
        if plain and isinstance(key, key_type):
            return key
        return convert(key, custom)

    return read


def dataclass_rule(hint: Any, nested: Nested) -> Reader | None:
    """Dataclasses: made from a dict; keys that are not fields are left out."""
    if not dataclasses.is_dataclass(hint):
        return None
    construct = cast("Callable[..., Any]", hint)
    hints = get_type_hints(hint)
    fields = [
        (field.name, field.init, nested(hints[field.name])) for field in dataclasses.fields(hint)
    ]

    def read(value: Any, custom: CustomConverters) -> Any:
        if not isinstance(value, dict):
            raise TypeError(f"Cannot convert to dataclass {hint}, value is {type(value)} not dict")
        arguments: dict[str, Any] = {}
        restored: dict[str, Any] = {}
        for name, takes_argument, reader in fields:
            if name not in value:
                continue
            try:
                converted = reader(value[name], custom)
            except Exception as error:
                raise TypeError(f"Failed converting field {name} on dataclass {hint}") from error
            (arguments if takes_argument else restored)[name] = converted
        # A missing field is an error of the constructor, unless it has a default.
        instance = construct(**arguments)
        for name, converted in restored.items():
            # The class may be frozen.
            object.__setattr__(instance, name, converted)
        return instance

    return read


_CONTAINERS: dict[Any, Callable[[list[Any]], Any]] = {
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    collections.deque: collections.deque,
}


def iterable_rule(hint: Any, nested: Nested) -> Reader | None:
    """Tuples, sets, deques, and all other iterables as lists."""
    origin, arguments = origin_and_arguments(hint)
    if not is_plain_class(origin) or not issubclass(origin, Iterable):
        return None
    readers_for = _item_readers(hint, origin, arguments, nested)
    container = _CONTAINERS.get(origin)

    def read(value: Any, custom: CustomConverters) -> Any:
        if not isinstance(value, Iterable):
            raise TypeError(f"Expected {hint}, value was {type(value)}")
        items = list(value)
        if readers_for is not None:
            for index, reader in enumerate(readers_for(len(items))):
                try:
                    items[index] = reader(items[index], custom)
                except Exception as error:
                    raise TypeError(f"Failed converting {hint} index {index}") from error
        return items if container is None else container(items)

    return read


def _item_readers(
    hint: Any, origin: Any, arguments: tuple[Any, ...], nested: Nested
) -> Callable[[int], list[Reader]] | None:
    """Give the function from the number of items to their readers; None leaves items alone."""
    if not arguments:
        return None
    if len(arguments) == 1 and (arguments[0] is Ellipsis or isinstance(arguments[0], TypeVar)):
        return None
    if origin is not tuple:
        item_reader = nested(arguments[0])
        return lambda count: [item_reader] * count
    open_ended = arguments[-1] is Ellipsis
    fixed = [nested(argument) for argument in (arguments[:-1] if open_ended else arguments)]

    def readers_for(count: int) -> list[Reader]:
        if open_ended:
            return fixed[:count] + fixed[-1:] * (count - len(fixed))
        if count > len(fixed):
            raise TypeError(
                f"Type {hint} only expecting {len(fixed)} values, got at least {len(fixed) + 1}"
            )
        return fixed[:count]

    return readers_for
