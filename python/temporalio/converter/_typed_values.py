"""From what JSON gives to the type that a hint asks for."""

from __future__ import annotations

import dataclasses
import threading
import typing
import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, NewType

from ._hint_kinds import Reader, Rule, is_plain_class
from ._scalar_readers import (
    enum_rule,
    literal_rule,
    new_type_rule,
    pydantic_v1_rule,
    scalar_rule,
    union_rule,
    uuid_rule,
)
from ._structure_readers import dataclass_rule, iterable_rule, mapping_rule, typed_dict_rule

JSONTypeConverterUnhandled = NewType("JSONTypeConverterUnhandled", object)
"""The type of :py:attr:`JSONTypeConverter.Unhandled`."""


class JSONTypeConverter(ABC):
    """Converts what :py:func:`json.loads` gives to types of one's own.

    Attributes:
        Unhandled: What to return for a type hint that is not one's own.
    """

    Unhandled: ClassVar[JSONTypeConverterUnhandled] = JSONTypeConverterUnhandled(object())

    @abstractmethod
    def to_typed_value(self, hint: type, value: Any) -> Any | None | JSONTypeConverterUnhandled:
        """Convert a value.

        Args:
            hint: The type expected.
            value: A number, string, boolean, list, dict or None.

        Returns:
            The converted value, or :py:attr:`Unhandled` to leave it to others.
        """


# The first rule that knows a hint decides. Iterables come last: strings and enums are iterable too.
_RULES: tuple[Rule, ...] = (
    scalar_rule,
    new_type_rule,
    literal_rule,
    union_rule,
    typed_dict_rule,
    mapping_rule,
    dataclass_rule,
    pydantic_v1_rule,
    enum_rule,
    uuid_rule,
    iterable_rule,
)


def _find_rule(hint: Any) -> tuple[Rule, Reader] | None:
    for rule in _RULES:
        reader = rule(hint, _inner_reader)
        if reader is not None:
            return rule, reader
    return None


def rule_of(hint: Any) -> Rule | None:
    """Give the rule that decides how a hint is read; None if it cannot be."""
    found = _find_rule(hint)
    return found[0] if found else None


def _build_reader(hint: Any) -> Reader:
    found = _find_rule(hint)
    if found is not None:
        return found[1]

    def refuse(value: Any, custom: Sequence[JSONTypeConverter]) -> Any:
        raise TypeError(f"Unserializable type during conversion: {hint}")

    return refuse


class _HintReader:
    """The reader of one hint, built when it is first needed: types may refer to themselves."""

    __slots__ = ("hint", "_reader")

    def __init__(self, hint: Any) -> None:
        self.hint = hint
        self._reader: Reader | None = None

    def __call__(self, value: Any, custom: Sequence[JSONTypeConverter]) -> Any:
        for converter in custom:
            converted = converter.to_typed_value(self.hint, value)
            if converted is not JSONTypeConverter.Unhandled:
                return converted
        if self._reader is None:
            self._reader = _build_reader(self.hint)
        return self._reader(value, custom)


# Hints are told apart by identity. Equality would not do: ``int | str == str | int``, but the
# order in which the members of a union are tried makes a difference.
_MAXIMUM_RECENT_READERS = 256
_CLASS_ATTRIBUTE = "__temporal_hint_reader"

_lasting_readers = {
    id(hint): _HintReader(hint)
    for hint in (
        *(Any, bool, int, float, str, bytes, type(None), datetime, uuid.UUID),
        *(object, dict, list, tuple, set, frozenset),
    )
}
_recent_readers: dict[int, _HintReader] = {}
_recent_readers_lock = threading.Lock()


def _reader_of(hint: Any) -> _HintReader:
    reader = _lasting_reader(hint) or _recent_readers.get(id(hint))
    # A reader holds its hint, so the id cannot have gone to another object meanwhile.
    return _remember(hint) if reader is None else reader


def _inner_reader(hint: Any) -> _HintReader:
    # The reader of the outer hint keeps it.
    return _lasting_reader(hint) or _HintReader(hint)


def _lasting_reader(hint: Any) -> _HintReader | None:
    reader = _lasting_readers.get(id(hint))
    if reader is None and is_plain_class(hint) and _may_carry_reader(hint):
        return _carried_reader(hint)
    return reader


def _may_carry_reader(cls: type) -> bool:
    fields_are_costly = dataclasses.is_dataclass(cls) or typing.is_typeddict(cls)
    # A new attribute would count as a further member that a protocol asks for.
    return fields_are_costly and not getattr(cls, "_is_protocol", False)


def _carried_reader(cls: type) -> _HintReader:
    # The class keeps its own reader, and so both can be collected. Where each workflow run imports
    # its modules anew, a table would keep the modules of runs long gone.
    reader = cls.__dict__.get(_CLASS_ATTRIBUTE)
    if reader is None:
        reader = _HintReader(cls)
        setattr(cls, _CLASS_ATTRIBUTE, reader)
    return typing.cast(_HintReader, reader)


def _remember(hint: Any) -> _HintReader:
    reader = _HintReader(hint)
    with _recent_readers_lock:
        while len(_recent_readers) >= _MAXIMUM_RECENT_READERS:
            del _recent_readers[next(iter(_recent_readers))]
        _recent_readers[id(hint)] = reader
    return reader


def value_to_type(
    hint: type, value: Any, custom_converters: Sequence[JSONTypeConverter] = ()
) -> Any:
    """Convert what :py:func:`json.loads` gives to the type that a hint asks for.

    Args:
        hint: The type expected. Beside the types of JSON it may be, or contain, ``Any``,
            ``Literal``, ``NewType``, unions (their members are tried in order), dataclasses
            (unknown keys are left out), typed dicts, mappings, tuples, sets, deques and other
            iterables, enums that are also int or str, datetimes, UUIDs, and bytes from a list of
            numbers.
        value: A number, string, boolean, list, dict or None.
        custom_converters: Asked first, in order, here and for all inner hints.

    Returns:
        The converted value.

    Raises:
        TypeError: The value does not fit, or the hint is of another kind.
    """
    return _reader_of(hint)(value, custom_converters)
