"""Which converters have their values converted by the extension.

The environment variable ``CALLBOARD_GENERAL_PATH=1``, read when this is imported, turns that off,
and with it every other short cut that depends on what the default converter does.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable
from typing import Any, Final

import temporalio.api
from temporalio.bridge._callboard import RawPayload, UnchangedClasses, Values

from . import _json
from ._data_converter import DataConverter
from ._encodings import (
    BinaryNullPayloadConverter,
    BinaryPlainPayloadConverter,
    BinaryProtoPayloadConverter,
    JSONProtoPayloadConverter,
)
from ._json import AdvancedJSONEncoder, JSONPlainPayloadConverter
from ._payload_converter import CompositePayloadConverter, DefaultPayloadConverter, PayloadConverter
from ._transfer_types import _TransferringPayloadConverter
from ._typed_values import value_to_type

GENERAL_PATH: Final = os.environ.get("CALLBOARD_GENERAL_PATH", "") not in ("", "0")
"""Whether everything is to go by the Python converters."""

_ENCODING_CLASSES = (
    BinaryNullPayloadConverter,
    BinaryPlainPayloadConverter,
    JSONProtoPayloadConverter,
    BinaryProtoPayloadConverter,
    JSONPlainPayloadConverter,
)


def _reader_of_methods(cls: type) -> Callable[[type], tuple[Any, ...]]:
    names = {
        name for base in cls.__mro__[:-1] for name, member in vars(base).items() if callable(member)
    }
    return operator.attrgetter(*sorted(names))


# What the extension stands in for. Classes are open: a method may be replaced by a user's.
_SHIPPED_METHODS = [
    (cls, methods_of := _reader_of_methods(cls), methods_of(cls))
    for cls in (
        _TransferringPayloadConverter,
        PayloadConverter,
        CompositePayloadConverter,
        DefaultPayloadConverter,
        AdvancedJSONEncoder,
        *_ENCODING_CLASSES,
    )
]
# To compare them all takes longer than the rest of what is to be found out about a converter.
_unchanged_classes = UnchangedClasses([cls for cls, _, _ in _SHIPPED_METHODS])
_SHIPPED_STATE = [vars(cls()).copy() for cls in _ENCODING_CLASSES]


def values_of(converter: PayloadConverter) -> Values:
    """Give the way of values to payloads and back for a payload converter.

    Args:
        converter: The converter, which decides about results and errors.

    Returns:
        The way through the extension if the converter is the default one as it is shipped, and
        through the converter itself if it is another, or changed in any way.
    """
    if GENERAL_PATH or not is_as_shipped(converter):
        return Values(converter, native=False)
    return _NATIVE_VALUES[type(converter)]


def values_of_new(make: Callable[[], PayloadConverter]) -> Values | None:
    """Give what :py:func:`values_of` gives for any payload converter that a function makes.

    Args:
        make: Makes a payload converter each time.

    Returns:
        The way through the extension, or None unless all that ``make`` makes go that way.
    """
    owner = getattr(make, "__self__", None)
    if (
        GENERAL_PATH
        or not isinstance(owner, DataConverter)
        or getattr(make, "__func__", None) is not DataConverter._new_payload_converter
        or owner.payload_converter_class is not DefaultPayloadConverter
        or not _methods_are_as_shipped()
    ):
        return None
    return _NATIVE_VALUES[_TransferringPayloadConverter]


def message_of(payload: RawPayload) -> temporalio.api.common.v1.Payload:
    """Return a payload as the API shows it."""
    return temporalio.api.common.v1.Payload.FromString(payload.serialize())


def is_as_shipped(converter: PayloadConverter) -> bool:
    """Tell whether a converter does what the default converter does, in every case.

    Args:
        converter: The converter; transfer types may be in front of it.

    Returns:
        Whether it is of the very class, with the very parts and methods.
    """
    if type(converter) is _TransferringPayloadConverter:
        if vars(converter).keys() != {"_inner"}:
            return False
        converter = converter._inner
    if type(converter) is not DefaultPayloadConverter:
        return False
    if not vars(converter).keys() <= {"converters", "_uses_context"}:
        return False
    return _parts_are_as_shipped(converter) and _methods_are_as_shipped()


def _parts_are_as_shipped(converter: DefaultPayloadConverter) -> bool:
    parts = converter.converters
    if type(parts) is not dict or len(parts) != len(_ENCODING_CLASSES):
        return False
    return all(
        type(part) is cls and vars(part) == state and encoding == part.encoding.encode()
        for (encoding, part), cls, state in zip(
            parts.items(), _ENCODING_CLASSES, _SHIPPED_STATE, strict=True
        )
    )


def _methods_are_as_shipped() -> bool:
    if vars(_json)["value_to_type"] is not value_to_type:
        return False
    if _unchanged_classes.holds():
        return True
    try:
        as_shipped = all(
            methods_of(cls) == shipped for cls, methods_of, shipped in _SHIPPED_METHODS
        )
    except AttributeError:
        return False
    if as_shipped:
        _unchanged_classes.note()
    return as_shipped


# One for all converters that do the same, so that what is found out about hints is found out once.
# Nobody else has the converters in them, so that nobody can change what the others do.
_NATIVE_VALUES = {
    type(converter): Values(converter, native=True)
    for converter in (
        DefaultPayloadConverter(),
        _TransferringPayloadConverter.wrap(DefaultPayloadConverter()),
    )
}
