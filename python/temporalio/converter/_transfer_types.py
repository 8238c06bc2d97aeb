"""Classes that are converted by way of another type."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

import temporalio.api
from temporalio._typing import Self

from ._payload_converter import PayloadConverter
from ._serialization_context import SerializationContext, WithSerializationContext

ValueT = TypeVar("ValueT")
TransferTypeT = TypeVar("TransferTypeT")

_ATTRIBUTE = "__temporal_transfer_type_converter"


class TransferTypeConverter(Generic[ValueT, TransferTypeT], ABC):
    """Converts the values of a class to and from the type that they travel as (experimental).

    Attributes:
        transfer_type: Type hint with which payloads are decoded; None decodes without a hint.
    """

    transfer_type: type[TransferTypeT] | None = None

    @abstractmethod
    def to_transfer_type(self, value: ValueT) -> TransferTypeT:
        """Convert a value to what travels.

        Args:
            value: A value of the class.

        Returns:
            A value that the payload converter accepts.
        """

    @abstractmethod
    def from_transfer_type(self, value: TransferTypeT, type_hint: type[ValueT]) -> ValueT:
        """Convert what travelled back.

        Args:
            value: What the payload converter decoded.
            type_hint: The type expected, with its type arguments if it has any.

        Returns:
            A value of the class.
        """


def transfer_type_convertible(
    converter_type: type[TransferTypeConverter[ValueT, TransferTypeT]],
) -> Callable[[type[ValueT]], type[ValueT]]:
    """Decorate a class whose values travel as another type (experimental).

    Args:
        converter_type: The converter's class; its constructor takes no arguments.

    Returns:
        The decorator. It raises TypeError for a class that already has a converter.
    """

    def register(cls: type[ValueT]) -> type[ValueT]:
        if hasattr(cls, _ATTRIBUTE):
            raise TypeError("class already has a transfer type converter")
        setattr(cls, _ATTRIBUTE, converter_type())
        return cls

    return register


def _converter_of(cls: object) -> TransferTypeConverter[Any, Any] | None:
    found = getattr(cls, _ATTRIBUTE, None)
    return found if isinstance(found, TransferTypeConverter) else None


class _TransferringPayloadConverter(PayloadConverter, WithSerializationContext):
    """Puts transfer types in front of a payload converter."""

    def __init__(self, inner: PayloadConverter) -> None:
        self._inner = inner

    @staticmethod
    def wrap(converter: PayloadConverter) -> PayloadConverter:
        if isinstance(converter, _TransferringPayloadConverter):
            return converter
        return _TransferringPayloadConverter(converter)

    def to_payloads(self, values: Sequence[Any]) -> list[temporalio.api.common.v1.Payload]:
        travelling = []
        for value in values:
            converter = _converter_of(type(value))
            travelling.append(value if converter is None else converter.to_transfer_type(value))
        return self._inner.to_payloads(travelling)

    def from_payloads(
        self,
        payloads: Sequence[temporalio.api.common.v1.Payload],
        type_hints: list[type] | None = None,
    ) -> list[Any]:
        if type_hints is None:
            return self._inner.from_payloads(payloads)
        converters = {
            index: converter
            for index, hint in enumerate(type_hints)
            if (converter := _converter_of(hint)) is not None
        }
        if not converters:
            return self._inner.from_payloads(payloads, type_hints)
        inner_hints = [
            converters[index].transfer_type if index in converters else hint
            for index, hint in enumerate(type_hints)
        ]
        values = self._inner.from_payloads(payloads, cast("list[type]", inner_hints))
        for index, converter in converters.items():
            if index < len(values):
                values[index] = converter.from_transfer_type(values[index], type_hints[index])
        return values

    def with_context(self, context: SerializationContext) -> Self:
        if not isinstance(self._inner, WithSerializationContext):
            return self
        inner = self._inner.with_context(context)
        return self if inner is self._inner else type(self)(inner)
