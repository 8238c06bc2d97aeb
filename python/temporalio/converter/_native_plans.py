"""What the extension does for a type hint in place of its reader.

A description is a tuple: a name, and what belongs to it. The rules of the readers decide of what kind
a hint is; whatever has no description here is read by its reader.
"""

from __future__ import annotations

import collections
import dataclasses
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum, EnumMeta
from typing import Any, TypeVar, get_type_hints

from temporalio.common import RawValue

from ._hint_kinds import NoneType, Rule, is_plain_class, origin_and_arguments
from ._scalar_readers import (
    enum_rule,
    literal_rule,
    new_type_rule,
    scalar_rule,
    union_rule,
    uuid_rule,
)
from ._structure_readers import (
    dataclass_rule,
    iterable_rule,
    mapping_rule,
    typed_dict_rule,
)
from ._transfer_types import _converter_of
from ._typed_values import _inner_reader, _may_carry_reader, rule_of

_Description = tuple[Any, ...]
_ANY: _Description = ("any",)

_SCALARS: tuple[tuple[Any, str], ...] = (
    (Any, "any"),
    (bool, "bool"),
    (int, "int"),
    (float, "float"),
    (str, "str"),
    (bytes, "bytes"),
    (NoneType, "none"),
    (datetime, "datetime"),
)


def describe_hint(hint: Any) -> _Description:
    """Describe what is done for a hint given to a payload converter.

    Args:
        hint: The hint.

    Returns:
        The description. It is ``("converter",)`` where the hint is not for the JSON alone.
    """
    if hint is RawValue or _converter_of(hint) is not None:
        return ("converter",)
    return _describe(hint)


def may_carry_plan(cls: type) -> bool:
    """Tell whether a plan may be put into a class.

    Args:
        cls: The class.

    Returns:
        Whether it is a dataclass or a typed dict, and nothing special.
    """
    return cls is not RawValue and is_plain_class(cls) and _may_carry_reader(cls)


def written_fields(cls: type) -> list[str] | None:
    """Give the fields of a dataclass that are written, in order.

    Args:
        cls: The class.

    Returns:
        Their names, or None for a class whose values are not written by their fields.
    """
    if not dataclasses.is_dataclass(cls) or issubclass(cls, (RawValue, datetime, Enum)):
        return None
    return sorted(field.name for field in dataclasses.fields(cls))


def read_fields(cls: type) -> tuple[bool, list[tuple[str, bool, _Description]]]:
    """Describe the fields of a dataclass, or the keys of a typed dict.

    Args:
        cls: The class.

    Returns:
        Whether it is a dataclass, and of each field its name, whether it is an argument of the
        constructor, and the description of its hint.
    """
    hints = get_type_hints(cls)
    if dataclasses.is_dataclass(cls):
        fields = dataclasses.fields(cls)
        return True, [(each.name, each.init, _describe(hints[each.name])) for each in fields]
    return False, [(key, True, _describe(hint)) for key, hint in hints.items()]


def _describe(hint: Any) -> _Description:
    describe = _DESCRIBERS.get(rule_of(hint))
    description = None if describe is None else describe(hint)
    return ("reader", _inner_reader(hint)) if description is None else description


def _describe_scalar(hint: Any) -> _Description | None:
    return next(((name,) for scalar, name in _SCALARS if hint is scalar), None)


def _describe_new_type(hint: Any) -> _Description | None:
    return _describe(hint.__supertype__)


def _describe_literal(hint: Any) -> _Description | None:
    return ("literal", hint.__args__)


def _describe_union(hint: Any) -> _Description | None:
    _, members = origin_and_arguments(hint)
    others = [_describe(member) for member in members if member is not NoneType]
    if len(others) == len(members):
        return ("union", *others)
    # None is taken before any member is asked.
    return ("optional", others[0] if len(others) == 1 else ("union", *others))


def _describe_class(hint: Any) -> _Description | None:
    return ("class", hint) if may_carry_plan(hint) else None


def _describe_mapping(hint: Any) -> _Description | None:
    _, arguments = origin_and_arguments(hint)
    key, item = (*(_ANY if _says_nothing(each) else each for each in arguments[:2]), _ANY, _ANY)[:2]
    if key is not _ANY and key is not str and key is not int:
        return None
    described = _ANY if item is _ANY else _describe(item)
    return ("int_keys" if key is int else "str_keys", described)


def _says_nothing(argument: Any) -> bool:
    return argument is Any or isinstance(argument, TypeVar)


def _describe_enum(hint: Any) -> _Description | None:
    if type(hint) is not EnumMeta:
        return None
    return ("int_enum" if issubclass(hint, int) else "str_enum", hint._value2member_map_)


def _describe_uuid(hint: Any) -> _Description | None:
    return ("uuid",) if hint is uuid.UUID else None


_CONTAINERS: tuple[tuple[type, str], ...] = (
    (tuple, "tuple"),
    (set, "set"),
    (frozenset, "frozenset"),
    (collections.deque, "deque"),
)


def _describe_iterable(hint: Any) -> _Description | None:
    origin, arguments = origin_and_arguments(hint)
    kind = next((name for container, name in _CONTAINERS if origin is container), "list")
    if not arguments or (len(arguments) == 1 and isinstance(arguments[0], TypeVar)):
        return (kind, _ANY)
    if origin is not tuple:
        return (kind, _describe(arguments[0]))
    if arguments[-1] is not Ellipsis:
        return ("fixed", *(_describe(argument) for argument in arguments))
    return (kind, _describe(arguments[0])) if len(arguments) == 2 else None


_DESCRIBERS: Mapping[Rule | None, Callable[[Any], _Description | None]] = {
    scalar_rule: _describe_scalar,
    new_type_rule: _describe_new_type,
    literal_rule: _describe_literal,
    union_rule: _describe_union,
    typed_dict_rule: _describe_class,
    mapping_rule: _describe_mapping,
    dataclass_rule: _describe_class,
    enum_rule: _describe_enum,
    uuid_rule: _describe_uuid,
    iterable_rule: _describe_iterable,
}
