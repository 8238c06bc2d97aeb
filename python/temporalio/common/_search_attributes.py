"""Search attributes: keys with a type, values, and collections of both."""

import itertools
import warnings
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, get_origin, overload

from temporalio._typing import NamedTuple
from temporalio.types import AnyType

# Lists, and not sequences, so that a lone string is not taken for a sequence of strings.
SearchAttributeValues: TypeAlias = list[str] | list[int] | list[float] | list[bool] | list[datetime]

SearchAttributes: TypeAlias = Mapping[str, SearchAttributeValues]

SearchAttributeValue: TypeAlias = str | int | float | bool | datetime | Sequence[str]

SearchAttributeValueType = TypeVar(
    "SearchAttributeValueType", str, int, float, bool, datetime, Sequence[str]
)


class SearchAttributeIndexedValueType(IntEnum):
    """How the server indexes a search attribute."""

    TEXT = 1
    KEYWORD = 2
    INT = 3
    DOUBLE = 4
    BOOL = 5
    DATETIME = 6
    KEYWORD_LIST = 7


_Index = SearchAttributeIndexedValueType

_METADATA_TYPES = {
    _Index.TEXT: "Text",
    _Index.KEYWORD: "Keyword",
    _Index.INT: "Int",
    _Index.DOUBLE: "Double",
    _Index.BOOL: "Bool",
    _Index.DATETIME: "Datetime",
    _Index.KEYWORD_LIST: "KeywordList",
}

# Servers usually write the short name, and some the name of the wire's enum.
_INDEX_OF_METADATA_TYPE = {
    spelling: index
    for index, short in _METADATA_TYPES.items()
    for spelling in (short, f"INDEXED_VALUE_TYPE_{index.name}")
}

_VALUE_TYPES: dict[SearchAttributeIndexedValueType, Any] = {
    _Index.TEXT: str,
    _Index.KEYWORD: str,
    _Index.INT: int,
    _Index.DOUBLE: float,
    _Index.BOOL: bool,
    _Index.DATETIME: datetime,
    _Index.KEYWORD_LIST: Sequence[str],
}

# In the order of the tests. A bool is an int, so it is guessed to be one: what was written in
# older histories has to be found again under the same type.
_GUESSES: tuple[tuple[type, SearchAttributeIndexedValueType], ...] = (
    (str, _Index.KEYWORD),
    (int, _Index.INT),
    (float, _Index.DOUBLE),
    (datetime, _Index.DATETIME),
)


class SearchAttributeKey(ABC, Generic[SearchAttributeValueType]):
    """The name of a search attribute together with its type.

    Made by one of the ``for_`` methods. Keys are equal if name and type are.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the search attribute."""

    @property
    @abstractmethod
    def indexed_value_type(self) -> SearchAttributeIndexedValueType:
        """How the server indexes the values."""

    @property
    @abstractmethod
    def value_type(self) -> type[SearchAttributeValueType]:
        """Python type of the values; not always fit for ``isinstance``."""

    @property
    def origin_value_type(self) -> type:
        """Python type of the values without type arguments: fit for ``isinstance``."""
        return get_origin(self.value_type) or self.value_type

    @property
    def _metadata_type(self) -> str:
        """Name of the type in the metadata of payloads."""
        try:
            return _METADATA_TYPES[self.indexed_value_type]
        except KeyError:
            raise ValueError(f"Unrecognized type: {self}") from None

    def value_set(
        self, value: SearchAttributeValueType
    ) -> "SearchAttributeUpdate[SearchAttributeValueType]":
        """Make the update that gives this search attribute a value.

        Args:
            value: The new value.

        Returns:
            The update.
        """
        return _SearchAttributeUpdate(self, value)

    def value_unset(self) -> "SearchAttributeUpdate[SearchAttributeValueType]":
        """Make the update that removes this search attribute.

        Returns:
            The update.
        """
        return _SearchAttributeUpdate(self, None)

    @staticmethod
    def for_text(name: str) -> "SearchAttributeKey[str]":
        """Make a key of type Text: words of the value can be searched for."""
        return _key(name, _Index.TEXT)

    @staticmethod
    def for_keyword(name: str) -> "SearchAttributeKey[str]":
        """Make a key of type Keyword: the value is compared as a whole."""
        return _key(name, _Index.KEYWORD)

    @staticmethod
    def for_int(name: str) -> "SearchAttributeKey[int]":
        """Make a key of type Int."""
        return _key(name, _Index.INT)

    @staticmethod
    def for_float(name: str) -> "SearchAttributeKey[float]":
        """Make a key of type Double."""
        return _key(name, _Index.DOUBLE)

    @staticmethod
    def for_bool(name: str) -> "SearchAttributeKey[bool]":
        """Make a key of type Bool."""
        return _key(name, _Index.BOOL)

    @staticmethod
    def for_datetime(name: str) -> "SearchAttributeKey[datetime]":
        """Make a key of type Datetime; its values need a time zone."""
        return _key(name, _Index.DATETIME)

    @staticmethod
    def for_keyword_list(name: str) -> "SearchAttributeKey[Sequence[str]]":
        """Make a key of type KeywordList: several keywords under one name."""
        return _key(name, _Index.KEYWORD_LIST)

    @staticmethod
    def _from_metadata_type(name: str, metadata_type: str) -> "SearchAttributeKey[Any] | None":
        """Make the key for a type named in metadata; None for an unknown type."""
        index = _INDEX_OF_METADATA_TYPE.get(metadata_type)
        return None if index is None else _key(name, index)

    @staticmethod
    def _guess_from_untyped_values(
        name: str, vals: SearchAttributeValues
    ) -> "SearchAttributeKey[Any] | None":
        """Make the key that fits values of unknown type; None if nothing fits."""
        if not vals:
            return None
        first = vals[0]
        if len(vals) > 1:
            return _key(name, _Index.KEYWORD_LIST) if isinstance(first, str) else None
        fitting = (index for python_type, index in _GUESSES if isinstance(first, python_type))
        index = next(fitting, None)
        return None if index is None else _key(name, index)


@dataclass(frozen=True)
class _SearchAttributeKey(SearchAttributeKey[SearchAttributeValueType]):
    """A key as :py:class:`SearchAttributeKey` makes it."""

    _name: str
    _indexed_value_type: SearchAttributeIndexedValueType
    _value_type: type[SearchAttributeValueType]

    @property
    def name(self) -> str:
        return self._name

    @property
    def indexed_value_type(self) -> SearchAttributeIndexedValueType:
        return self._indexed_value_type

    @property
    def value_type(self) -> type[SearchAttributeValueType]:
        return self._value_type


def _key(name: str, index: SearchAttributeIndexedValueType) -> SearchAttributeKey[Any]:
    return _SearchAttributeKey(name, index, _VALUE_TYPES[index])


class SearchAttributePair(NamedTuple, Generic[SearchAttributeValueType]):
    """A search attribute with its value.

    Attributes:
        key: Name and type.
        value: The value.
    """

    key: SearchAttributeKey[SearchAttributeValueType]
    value: SearchAttributeValueType


class SearchAttributeUpdate(ABC, Generic[SearchAttributeValueType]):
    """A change of one search attribute; made by its key."""

    @property
    @abstractmethod
    def key(self) -> SearchAttributeKey[SearchAttributeValueType]:
        """The search attribute to change."""

    @property
    @abstractmethod
    def value(self) -> SearchAttributeValueType | None:
        """The new value; None removes the search attribute."""


@dataclass(frozen=True)
class _SearchAttributeUpdate(SearchAttributeUpdate[SearchAttributeValueType]):
    """A change as the methods of a key make it."""

    _key: SearchAttributeKey[SearchAttributeValueType]
    _value: SearchAttributeValueType | None

    @property
    def key(self) -> SearchAttributeKey[SearchAttributeValueType]:
        return self._key

    @property
    def value(self) -> SearchAttributeValueType | None:
        return self._value


@dataclass(frozen=True)
class TypedSearchAttributes(Collection[SearchAttributePair[Any]]):
    """Search attributes with their values, sorted by name; immutable.

    Attributes:
        search_attributes: The pairs. Not to be changed in place.
        empty: The collection without pairs.
    """

    search_attributes: Sequence[SearchAttributePair[Any]]

    empty: ClassVar["TypedSearchAttributes"]

    def __post_init__(self) -> None:
        """Sort the pairs.

        Raises:
            ValueError: Two pairs have the same name.
        """
        ordered = sorted(self.search_attributes, key=lambda pair: pair.key.name)
        for before, after in itertools.pairwise(ordered):
            if before.key.name == after.key.name:
                raise ValueError(
                    f"Duplicate search attribute entries found for key {after.key.name}"
                )
        object.__setattr__(self, "search_attributes", ordered)

    def __len__(self) -> int:
        """Count the search attributes."""
        return len(self.search_attributes)

    def __iter__(self) -> Iterator[SearchAttributePair[Any]]:
        """Go through the pairs in the order of their names."""
        return iter(self.search_attributes)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is a value for a key; its type counts as well as its name."""
        return any(pair.key == key for pair in self.search_attributes)

    def __getitem__(
        self, key: SearchAttributeKey[SearchAttributeValueType]
    ) -> SearchAttributeValueType:
        """Give the value for a key.

        Raises:
            KeyError: There is none; its type counts as well as its name.
        """
        for pair in self.search_attributes:
            if pair.key == key and pair.value is not None:
                value: SearchAttributeValueType = pair.value
                return value
        raise KeyError(key.name)

    @overload
    def get(
        self, key: SearchAttributeKey[SearchAttributeValueType]
    ) -> SearchAttributeValueType | None: ...

    @overload
    def get(
        self,
        key: SearchAttributeKey[SearchAttributeValueType],
        default: AnyType,
    ) -> SearchAttributeValueType | AnyType: ...

    def get(
        self,
        key: SearchAttributeKey[SearchAttributeValueType],
        default: Any | None = None,
    ) -> Any:
        """Give the value for a key, or something else.

        Args:
            key: The search attribute.
            default: What to give if there is no value.

        Returns:
            The value or the default.
        """
        try:
            return self[key]
        except KeyError:
            return default

    def updated(self, *search_attributes: SearchAttributePair[Any]) -> "TypedSearchAttributes":
        """Copy the collection with some values changed or added.

        Args:
            search_attributes: Pairs that take the place of those of the same name, or are added.

        Returns:
            The new collection.
        """
        by_name = {pair.key.name: pair for pair in self.search_attributes}
        by_name.update((pair.key.name, pair) for pair in search_attributes)
        return TypedSearchAttributes(list(by_name.values()))


TypedSearchAttributes.empty = TypedSearchAttributes([])


def _warn_on_deprecated_search_attributes(
    attributes: SearchAttributes | Any | None,
    stack_level: int = 2,
) -> None:
    """Warn if search attributes came as a mapping.

    Args:
        attributes: What the caller passed.
        stack_level: How many frames up from the one that calls this the warning should point to,
            that one counting as 1.
    """
    if isinstance(attributes, Mapping) and attributes:
        warnings.warn(
            "Dictionary-based search attributes are deprecated",
            DeprecationWarning,
            stacklevel=stack_level + 1,
        )
