"""What the readers of type hints have in common.

A *reader* is a function that converts what JSON gives to the type that one hint asks for. Looking
into a hint (its origin and arguments, the fields of a class, names to resolve) costs far more than
converting a small value; so a reader is built once per hint, and then only used.

A *rule* gives the reader for hints of one kind, and None for those of other kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import GenericAlias
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ._typed_values import JSONTypeConverter

CustomConverters: TypeAlias = "Sequence[JSONTypeConverter]"
Reader: TypeAlias = "Callable[[Any, CustomConverters], Any]"
# Gives the readers of the hints inside the one for which a reader is built.
Nested: TypeAlias = "Callable[[Any], Reader]"
Rule: TypeAlias = "Callable[[Any, Nested], Reader | None]"

NoneType = type(None)


def is_plain_class(hint: Any) -> bool:
    """Tell whether a hint is a class without type arguments."""
    # Python 3.10 takes list[int] for an instance of type.
    return isinstance(hint, type) and not isinstance(hint, GenericAlias)


def origin_and_arguments(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """Split ``list[int]`` into ``list`` and ``(int,)``; without arguments a hint is its origin."""
    return getattr(hint, "__origin__", hint), getattr(hint, "__args__", ())
