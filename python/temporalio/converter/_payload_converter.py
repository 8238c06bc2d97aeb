"""Converters between values and payloads, and how several are combined."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, overload

import temporalio.api
from temporalio._typing import Self
from temporalio.common import RawValue
from temporalio.types import AnyType

from ._serialization_context import SerializationContext, WithSerializationContext

_UNKNOWN_ENCODING = b"<unknown>"


class PayloadConverter(ABC):
    """Turns values into payloads and back.

    Conversion must be deterministic and must not block: it runs inside workflows.

    Attributes:
        default: The converter in use where none is configured.
    """

    default: ClassVar[PayloadConverter]

    @abstractmethod
    def to_payloads(self, values: Sequence[Any]) -> list[temporalio.api.common.v1.Payload]:
        """Convert values into payloads.

        Args:
            values: The values. For a :py:class:`temporalio.common.RawValue` its payload is to be
                returned as it is.

        Returns:
            At least one payload and at most one per value.
        """

    @abstractmethod
    def from_payloads(
        self,
        payloads: Sequence[temporalio.api.common.v1.Payload],
        type_hints: list[type] | None = None,
    ) -> list[Any]:
        """Convert payloads into values.

        Args:
            payloads: The payloads.
            type_hints: The type expected for each payload, if types are known. Where it is
                :py:class:`temporalio.common.RawValue`, the payload is to be wrapped as it is.

        Returns:
            The values.
        """

    def to_payloads_wrapper(self, values: Sequence[Any]) -> temporalio.api.common.v1.Payloads:
        """Convert values as :py:meth:`to_payloads` does, into the message that holds several.

        Args:
            values: The values.

        Returns:
            The message.
        """
        return temporalio.api.common.v1.Payloads(payloads=self.to_payloads(values))

    def from_payloads_wrapper(
        self, payloads: temporalio.api.common.v1.Payloads | None
    ) -> list[Any]:
        """Convert the message that holds several payloads, without type hints.

        Args:
            payloads: The message; None counts as empty.

        Returns:
            The values; none for an empty message.
        """
        if payloads is None or not payloads.payloads:
            return []
        return self.from_payloads(payloads.payloads)

    def to_payload(self, value: Any) -> temporalio.api.common.v1.Payload:
        """Convert one value.

        Args:
            value: The value.

        Returns:
            Its payload.
        """
        return self.to_payloads([value])[0]

    @overload
    def from_payload(self, payload: temporalio.api.common.v1.Payload) -> Any: ...

    @overload
    def from_payload(
        self, payload: temporalio.api.common.v1.Payload, type_hint: type[AnyType]
    ) -> AnyType: ...

    def from_payload(
        self, payload: temporalio.api.common.v1.Payload, type_hint: type | None = None
    ) -> Any:
        """Convert one payload.

        Args:
            payload: The payload.
            type_hint: The type expected, if known.

        Returns:
            Its value.
        """
        hints = [type_hint] if type_hint else None
        return self.from_payloads([payload], hints)[0]


class EncodingPayloadConverter(ABC):
    """Converts the values that fit one encoding; used by :py:class:`CompositePayloadConverter`."""

    @property
    @abstractmethod
    def encoding(self) -> str:
        """Name of the encoding, written in the metadata of each payload."""

    @abstractmethod
    def to_payload(self, value: Any) -> temporalio.api.common.v1.Payload | None:
        """Convert a value.

        Args:
            value: The value.

        Returns:
            Its payload, or None if the value does not fit this encoding.

        Raises:
            TypeError: The value fits but is of a wrong type.
            ValueError: The value fits but is wrong in itself.
            RuntimeError: The conversion failed otherwise.
        """

    @abstractmethod
    def from_payload(
        self, payload: temporalio.api.common.v1.Payload, type_hint: type | None = None
    ) -> Any:
        """Convert a payload of this encoding.

        Args:
            payload: The payload.
            type_hint: The type expected, if known.

        Returns:
            Its value.

        Raises:
            RuntimeError: The payload cannot be read.
        """


class CompositePayloadConverter(PayloadConverter, WithSerializationContext):
    """Uses the first of several converters that accepts a value, and reads by encoding.

    Attributes:
        converters: The converters in their order, by the name of their encoding.
    """

    converters: Mapping[bytes, EncodingPayloadConverter]

    def __init__(self, *converters: EncodingPayloadConverter) -> None:
        """Create the converter.

        Subclasses need a constructor without required arguments if any of their converters uses
        serialization contexts.

        Args:
            converters: The converters, in the order in which they are asked. Of several with the
                same encoding the last is used, at the place of the first.
        """
        self._set_converters(*converters)

    def _set_converters(self, *converters: EncodingPayloadConverter) -> None:
        self.converters = {each.encoding.encode(): each for each in converters}

    def to_payloads(self, values: Sequence[Any]) -> list[temporalio.api.common.v1.Payload]:
        """Convert each value with the first converter that accepts it.

        Args:
            values: The values.

        Returns:
            One payload per value.

        Raises:
            RuntimeError: No converter accepts a value.
        """
        # One after the other: a converter may keep state from value to value.
        return [self._to_payload_at(index, value) for index, value in enumerate(values)]

    def _to_payload_at(self, index: int, value: Any) -> temporalio.api.common.v1.Payload:
        if isinstance(value, RawValue):
            return value.payload
        for converter in self.converters.values():
            payload = converter.to_payload(value)
            if payload is not None:
                return payload
        raise RuntimeError(f"Value at index {index} of type {type(value)} has no known converter")

    def from_payloads(
        self,
        payloads: Sequence[temporalio.api.common.v1.Payload],
        type_hints: list[type] | None = None,
    ) -> list[Any]:
        """Convert each payload with the converter of its encoding.

        Args:
            payloads: The payloads.
            type_hints: The type expected for each payload. Payloads beyond the last hint are
                converted without one.

        Returns:
            One value per payload.

        Raises:
            KeyError: There is no converter for an encoding.
            RuntimeError: A payload cannot be read.
        """
        hints = type_hints or ()
        known = len(hints)
        return [
            self._from_payload_at(index, payload, hints[index] if index < known else None)
            for index, payload in enumerate(payloads)
        ]

    def _from_payload_at(
        self, index: int, payload: temporalio.api.common.v1.Payload, type_hint: type | None
    ) -> Any:
        if type_hint is RawValue:
            return RawValue(payload)
        encoding = payload.metadata.get("encoding", _UNKNOWN_ENCODING)
        converter = self.converters.get(encoding)
        if converter is None:
            raise KeyError(f"Unknown payload encoding {encoding.decode(errors='replace')}")
        try:
            return converter.from_payload(payload, type_hint)
        except RuntimeError as error:
            raise RuntimeError(
                f"Payload at index {index} with encoding {encoding.decode()} could not be converted"
            ) from error

    def with_context(self, context: SerializationContext) -> Self:
        """Give the converter to use in a context.

        Args:
            context: What the payloads belong to.

        Returns:
            This converter if none of its converters differs there, or else a new one.
        """
        converters = self.get_converters_with_context(context)
        if converters is None:
            return self
        changed = type(self)()
        changed._set_converters(*converters)
        return changed

    def get_converters_with_context(
        self, context: SerializationContext
    ) -> list[EncodingPayloadConverter] | None:
        """Give the converters to use in a context.

        Args:
            context: What the payloads belong to.

        Returns:
            The converters in their order, or None if none of them differs in that context.
        """
        if not self._uses_context:
            return None
        before = list(self.converters.values())
        after = [
            each.with_context(context) if isinstance(each, WithSerializationContext) else each
            for each in before
        ]
        differs = any(new is not old for new, old in zip(after, before, strict=True))
        return after if differs else None

    @functools.cached_property
    def _uses_context(self) -> bool:
        return any(isinstance(each, WithSerializationContext) for each in self.converters.values())


class DefaultPayloadConverter(CompositePayloadConverter):
    """Converts None, bytes, protobuf messages, and whatever JSON can hold.

    Attributes:
        default_encoding_payload_converters: The converters in use, in order.
    """

    default_encoding_payload_converters: tuple[EncodingPayloadConverter, ...]

    def __init__(self) -> None:
        """Create the converter."""
        super().__init__(*DefaultPayloadConverter.default_encoding_payload_converters)
