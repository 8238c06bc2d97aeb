"""The data converter: payload converter, codec and failure converter together."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import temporalio.api
from temporalio._typing import Self
from temporalio.common import _arg_unset

from ._failure_converter import DefaultFailureConverter, FailureConverter
from ._payload_codec import PayloadCodec, _visit_failure_payloads
from ._payload_converter import DefaultPayloadConverter, PayloadConverter
from ._serialization_context import SerializationContext, WithSerializationContext
from ._storage_reference import refuse_references
from ._transfer_types import _TransferringPayloadConverter


@dataclass(frozen=True)
class DataConverter(WithSerializationContext):
    """Converts between values and what goes to the server.

    On the way out the payload converter comes first and then the codec; on the way in it is the
    other way round. Use :py:func:`dataclasses.replace` to change one part of a data converter.

    Attributes:
        payload_converter_class: Class of the payload converter. A class, because workflows may make
            instances of their own.
        payload_codec: The codec; None for none.
        failure_converter_class: Class of the failure converter.
        payload_converter: An instance of the payload converter that also honours
            :py:func:`transfer_type_convertible`.
        failure_converter: An instance of the failure converter.
        external_storage: Storage for large payloads (experimental). Not available yet: must be
            None.
        default: The data converter in use where none is configured.
    """

    payload_converter_class: type[PayloadConverter] = DefaultPayloadConverter
    payload_codec: PayloadCodec | None = None
    failure_converter_class: type[FailureConverter] = DefaultFailureConverter
    payload_converter: PayloadConverter = field(init=False)
    failure_converter: FailureConverter = field(init=False)
    external_storage: object | None = None

    default: ClassVar[DataConverter]

    def __post_init__(self) -> None:
        """Make the instances.

        Raises:
            NotImplementedError: External storage is given.
        """
        if self.external_storage is not None:
            raise NotImplementedError(
                "external storage of payloads is not available yet: external_storage must be None, "
                f"not {type(self.external_storage).__qualname__}"
            )
        self._set("payload_converter", self._new_payload_converter())
        self._set("failure_converter", self.failure_converter_class())

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _new_payload_converter(self) -> PayloadConverter:
        return _TransferringPayloadConverter.wrap(self.payload_converter_class())

    async def encode(self, values: Sequence[Any]) -> list[temporalio.api.common.v1.Payload]:
        """Convert values and encode them.

        Args:
            values: The values.

        Returns:
            The payloads; a converter or codec of one's own may give fewer than values, but at least
            one.
        """
        return await self._encode_payload_sequence(self.payload_converter.to_payloads(values))

    async def decode(
        self,
        payloads: Sequence[temporalio.api.common.v1.Payload],
        type_hints: list[type] | None = None,
    ) -> list[Any]:
        """Decode payloads and convert them.

        Args:
            payloads: The payloads.
            type_hints: The type expected for each, if types are known.

        Returns:
            The values.
        """
        decoded = await self._transform_inbound_sequence(payloads)
        return self.payload_converter.from_payloads(decoded, type_hints)

    async def encode_wrapper(self, values: Sequence[Any]) -> temporalio.api.common.v1.Payloads:
        """Convert and encode values into the message that holds several payloads.

        Args:
            values: The values.

        Returns:
            The message.
        """
        return temporalio.api.common.v1.Payloads(payloads=await self.encode(values))

    async def decode_wrapper(
        self,
        payloads: temporalio.api.common.v1.Payloads | None,
        type_hints: list[type] | None = None,
    ) -> list[Any]:
        """Decode and convert the message that holds several payloads.

        Args:
            payloads: The message; None counts as empty.
            type_hints: The type expected for each payload, if types are known.

        Returns:
            The values; none for an empty message.
        """
        if payloads is None or not payloads.payloads:
            return []
        return await self.decode(payloads.payloads, type_hints)

    async def encode_failure(
        self, exception: BaseException, failure: temporalio.api.failure.v1.Failure
    ) -> None:
        """Convert an exception and encode the payloads of the failure.

        Args:
            exception: The exception.
            failure: The message to fill.
        """
        self.failure_converter.to_failure(exception, self.payload_converter, failure)
        await _visit_failure_payloads(failure, self._transform_outbound_payloads)

    async def decode_failure(self, failure: temporalio.api.failure.v1.Failure) -> BaseException:
        """Decode the payloads of a failure, in place, and convert it.

        Args:
            failure: The failure.

        Returns:
            The exception.
        """
        await _visit_failure_payloads(failure, self._transform_inbound_payloads)
        return self.failure_converter.from_failure(failure, self.payload_converter)

    def with_context(self, context: SerializationContext) -> Self:
        """Give the data converter to use in a context.

        Args:
            context: What the payloads belong to.

        Returns:
            This data converter if no part of it differs there, or else a copy.
        """
        changed: dict[str, object] = {}
        for name in ("payload_converter", "payload_codec", "failure_converter"):
            part = getattr(self, name)
            if isinstance(part, WithSerializationContext):
                in_context = part.with_context(context)
                if in_context is not part:
                    changed[name] = in_context
        if not changed:
            return self
        # dataclasses.replace would make new converters, only to throw them away.
        contextual = copy.copy(self)
        for name, part in changed.items():
            contextual._set(name, part)
        return contextual

    async def _encode_memo(self, source: Mapping[str, Any]) -> temporalio.api.common.v1.Memo:
        memo = temporalio.api.common.v1.Memo()
        await self._encode_memo_existing(source, memo)
        return memo

    async def _encode_memo_existing(
        self, source: Mapping[str, Any], memo: temporalio.api.common.v1.Memo
    ) -> None:
        """Add values to a memo. Those that are payloads are taken as they are."""
        for name, value in source.items():
            payload = (
                value
                if isinstance(value, temporalio.api.common.v1.Payload)
                else (await self.encode([value]))[0]
            )
            memo.fields[name].CopyFrom(payload)

    async def _decode_memo(self, source: temporalio.api.common.v1.Memo) -> Mapping[str, Any]:
        return {name: (await self.decode([each]))[0] for name, each in source.fields.items()}

    async def _decode_memo_field(
        self, source: temporalio.api.common.v1.Memo, key: str, default: Any, type_hint: type | None
    ) -> Any:
        """Give one value of a memo.

        Raises:
            KeyError: There is none and ``default`` is ``_arg_unset``.
        """
        if key in source.fields:
            hints = [type_hint] if type_hint else None
            return (await self.decode([source.fields[key]], hints))[0]
        if default is _arg_unset:
            raise KeyError(f"Memo does not have a value for key {key}")
        return default

    async def _encode_payload_sequence(
        self, payloads: Sequence[temporalio.api.common.v1.Payload]
    ) -> list[temporalio.api.common.v1.Payload]:
        if self.payload_codec is None:
            return list(payloads)
        return await self.payload_codec.encode(payloads)

    async def _decode_payload_sequence(
        self, payloads: Sequence[temporalio.api.common.v1.Payload]
    ) -> list[temporalio.api.common.v1.Payload]:
        if self.payload_codec is None:
            return list(payloads)
        return await self.payload_codec.decode(payloads)

    async def _transform_inbound_sequence(
        self, payloads: Sequence[temporalio.api.common.v1.Payload]
    ) -> list[temporalio.api.common.v1.Payload]:
        refuse_references(payloads)
        return await self._decode_payload_sequence(payloads)

    async def _transform_outbound_payload(
        self, payload: temporalio.api.common.v1.Payload
    ) -> temporalio.api.common.v1.Payload:
        return (await self._encode_payload_sequence([payload]))[0]

    async def _transform_inbound_payload(
        self, payload: temporalio.api.common.v1.Payload
    ) -> temporalio.api.common.v1.Payload:
        return (await self._transform_inbound_sequence([payload]))[0]

    async def _transform_outbound_payloads(
        self, payloads: temporalio.api.common.v1.Payloads
    ) -> None:
        """Encode the payloads of a message, in place."""
        if self.payload_codec is not None:
            await self.payload_codec.encode_wrapper(payloads)

    async def _transform_inbound_payloads(
        self, payloads: temporalio.api.common.v1.Payloads
    ) -> None:
        """Decode the payloads of a message, in place."""
        refuse_references(payloads.payloads)
        if self.payload_codec is not None:
            await self.payload_codec.decode_wrapper(payloads)

    @property
    def _decode_payload_has_effect(self) -> bool:
        """Whether payloads differ before and after the codec."""
        return self.payload_codec is not None


def default() -> DataConverter:
    """Give the default data converter.

    Deprecated: use :py:attr:`DataConverter.default`.

    Returns:
        The data converter.
    """
    return DataConverter.default
