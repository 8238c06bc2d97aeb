"""What annotations need beyond the ``typing`` of the oldest Python that is supported.

Where ``typing`` itself has it, ``typing_extensions`` is not imported: that takes as long as a large part
of this package.
"""

import sys
import typing

if sys.version_info >= (3, 11):
    from typing import NamedTuple, Never, Required, Self, TypedDict, Unpack
else:
    from typing_extensions import NamedTuple, Never, Required, Self, TypedDict, Unpack

__all__ = ["LITERALS", "NamedTuple", "Never", "Required", "Self", "TypedDict", "Unpack"]

LITERALS: tuple[object, ...] = (typing.Literal,)
"""What a literal type may come from."""

if sys.version_info < (3, 11):
    import typing_extensions

    LITERALS = (*LITERALS, typing_extensions.Literal)
