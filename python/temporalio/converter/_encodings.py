"""The encodings of None, of bytes and of protobuf messages."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from typing import Any

import google.protobuf.message

import temporalio.api

from ._payload_converter import EncodingPayloadConverter

_Message = google.protobuf.message.Message


class BinaryNullPayloadConverter(EncodingPayloadConverter):
    """The encoding ``binary/null``: None, as a payload without data."""

    @property
    def encoding(self) -> str:
        """Name of the encoding."""
        return "binary/null"

    def to_payload(self, value: Any) -> temporalio.api.common.v1.Payload | None:
        """Convert None, and nothing else."""
        return (
            temporalio.api.common.v1.Payload(metadata={"encoding": b"binary/null"})
            if value is None
            else None
        )

    def from_payload(
        self, payload: temporalio.api.common.v1.Payload, type_hint: type | None = None
    ) -> Any:
        """Give None.

        Raises:
            RuntimeError: The payload has data.
        """
        if payload.data:
            raise RuntimeError("Expected empty data set for binary/null")
        return None


class BinaryPlainPayloadConverter(EncodingPayloadConverter):
    """The encoding ``binary/plain``: bytes, as they are."""

    @property
    def encoding(self) -> str:
        """Name of the encoding."""
        return "binary/plain"

    def to_payload(self, value: Any) -> temporalio.api.common.v1.Payload | None:
        """Convert bytes, and nothing else."""
        if not isinstance(value, bytes):
            return None
        return temporalio.api.common.v1.Payload(metadata={"encoding": b"binary/plain"}, data=value)

    def from_payload(
        self, payload: temporalio.api.common.v1.Payload, type_hint: type | None = None
    ) -> Any:
        """Give the bytes."""
        return payload.data


def _message_payload(
    value: Any, encoding: bytes, to_data: Callable[[_Message], bytes]
) -> temporalio.api.common.v1.Payload | None:
    """Convert a message, with its type in the metadata; None for anything else."""
    # Only the base class of all messages has no descriptor.
    if not isinstance(value, _Message) or getattr(value, "DESCRIPTOR", None) is None:
        return None
    message_type = value.DESCRIPTOR.full_name.encode()
    return temporalio.api.common.v1.Payload(
        metadata={"encoding": encoding, "messageType": message_type}, data=to_data(value)
    )


def _new_message(payload: temporalio.api.common.v1.Payload) -> _Message:
    """Make an empty message of the type that a payload names.

    Raises:
        RuntimeError: The type is not one of those imported in this process.
    """
    name = payload.metadata.get("messageType", b"<unknown>").decode(errors="replace")
    try:
        message_class = _message_class(name)
    except KeyError as error:
        raise RuntimeError(f"Unknown Protobuf type {name}") from error
    return message_class()


def _message_class(name: str) -> type[_Message]:
    from google.protobuf import symbol_database

    known = symbol_database.Default()
    try:
        return known.GetSymbol(name)
    except KeyError:
        # Temporal's own messages count as imported, although that is put off until they are used.
        importlib.import_module("temporalio.api.workflowservice.v1.request_response_pb2")
        importlib.import_module("google.protobuf.struct_pb2")
        return known.GetSymbol(name)


def _to_json(message: _Message) -> bytes:
    # protobuf's own JSON writer has no compact form.
    from google.protobuf import json_format

    fields = json_format.MessageToDict(message)
    return json.dumps(fields, separators=(",", ":"), sort_keys=True).encode()


def _to_binary(message: _Message) -> bytes:
    return message.SerializeToString()


class JSONProtoPayloadConverter(EncodingPayloadConverter):
    """The encoding ``json/protobuf``: protobuf messages in their JSON form."""

    def __init__(self, ignore_unknown_fields: bool = False) -> None:
        """Create the converter.

        Args:
            ignore_unknown_fields: Whether to skip fields that this process' version of a message
                does not have. They are an error by default.
        """
        super().__init__()
        self._ignore_unknown_fields = ignore_unknown_fields

    @property
    def encoding(self) -> str:
        """Name of the encoding."""
        return "json/protobuf"

    def to_payload(self, value: Any) -> temporalio.api.common.v1.Payload | None:
        """Convert a protobuf message, and nothing else."""
        return _message_payload(value, b"json/protobuf", _to_json)

    def from_payload(
        self, payload: temporalio.api.common.v1.Payload, type_hint: type | None = None
    ) -> Any:
        """Give the message of the type that the payload names.

        Raises:
            RuntimeError: The type is unknown here, or the data is not such a message.
        """
        from google.protobuf import json_format

        message = _new_message(payload)
        try:
            return json_format.Parse(
                payload.data, message, ignore_unknown_fields=self._ignore_unknown_fields
            )
        except json_format.ParseError as error:
            raise RuntimeError("Failed parsing") from error


class BinaryProtoPayloadConverter(EncodingPayloadConverter):
    """The encoding ``binary/protobuf``: protobuf messages in their binary form."""

    @property
    def encoding(self) -> str:
        """Name of the encoding."""
        return "binary/protobuf"

    def to_payload(self, value: Any) -> temporalio.api.common.v1.Payload | None:
        """Convert a protobuf message, and nothing else."""
        return _message_payload(value, b"binary/protobuf", _to_binary)

    def from_payload(
        self, payload: temporalio.api.common.v1.Payload, type_hint: type | None = None
    ) -> Any:
        """Give the message of the type that the payload names.

        Raises:
            RuntimeError: The type is unknown here, or the data is not such a message.
        """
        message = _new_message(payload)
        try:
            message.ParseFromString(payload.data)
        except google.protobuf.message.DecodeError as error:
            raise RuntimeError("Failed parsing") from error
        return message
