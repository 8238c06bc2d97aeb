"""The encoding of everything that JSON can hold."""

from __future__ import annotations

import dataclasses
import json
import uuid
import warnings
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import temporalio.api

from ._payload_converter import EncodingPayloadConverter
from ._typed_values import JSONTypeConverter, value_to_type


class AdvancedJSONEncoder(json.JSONEncoder):
    """Writes datetimes, dataclasses, iterables and UUIDs as well as what JSON has itself.

    Objects with a ``dict()`` method, such as models of pydantic 1, are written as what it returns.
    For pydantic 2 see ``temporalio.contrib.pydantic``.
    """

    def default(self, o: Any) -> Any:
        """Give something that JSON has for an object that it does not have.

        Args:
            o: The object.

        Returns:
            What to write in its place.

        Raises:
            TypeError: There is no such thing.
        """
        if isinstance(o, datetime):
            return o.isoformat()
        if dataclasses.is_dataclass(o) and not isinstance(o, type):
            return dataclasses.asdict(o)
        as_dict = getattr(o, "dict", None)
        if callable(as_dict):
            return as_dict()
        if isinstance(o, Iterable):
            return list(o)
        if isinstance(o, uuid.UUID):
            return str(o)
        return super().default(o)


_COMPACT: dict[str, Any] = {"separators": (",", ":"), "sort_keys": True}
# Building an encoder takes longer than encoding a small value. It holds no state between values.
_shared_encoder = AdvancedJSONEncoder(**_COMPACT)


class JSONPlainPayloadConverter(EncodingPayloadConverter):
    """The encoding ``json/plain``: compact JSON with sorted keys.

    Without a type hint a payload becomes what :py:func:`json.loads` makes of it; with one, what
    :py:func:`value_to_type` makes of that.
    """

    def __init__(
        self,
        *,
        encoder: type[json.JSONEncoder] | None = AdvancedJSONEncoder,
        decoder: type[json.JSONDecoder] | None = None,
        encoding: str = "json/plain",
        custom_type_converters: Sequence[JSONTypeConverter] = (),
    ) -> None:
        """Create the converter.

        Args:
            encoder: Class of the JSON encoder; None for the plain one of :py:mod:`json`.
            decoder: Class of the JSON decoder; None for the plain one of :py:mod:`json`.
            encoding: Name of the encoding.
            custom_type_converters: Converters that are asked first about every type hint, the inner
                ones of collections and dataclasses included.
        """
        super().__init__()
        self._encoding = encoding
        self._metadata = {"encoding": encoding.encode()}
        self._encoder, self._decoder = encoder, decoder
        self._custom_type_converters = custom_type_converters

    @property
    def encoding(self) -> str:
        """Name of the encoding."""
        return self._encoding

    def to_payload(self, value: Any) -> temporalio.api.common.v1.Payload | None:
        """Convert a value.

        Args:
            value: Anything that the encoder can write.

        Returns:
            Its payload.

        Raises:
            TypeError: The encoder cannot write the value.
            ValueError: The value contains itself.
        """
        if hasattr(value, "parse_obj"):
            warnings.warn(
                f"{type(value).__qualname__} looks like a pydantic model, which the default data "
                "converter supports poorly. Use "
                "temporalio.contrib.pydantic.pydantic_data_converter, or, with pydantic 1, a "
                "payload converter of your own",
                stacklevel=2,
            )
        if self._encoder is AdvancedJSONEncoder:
            text = _shared_encoder.encode(value)
        else:
            text = json.dumps(value, cls=self._encoder, **_COMPACT)
        return temporalio.api.common.v1.Payload(metadata=self._metadata, data=text.encode())

    def from_payload(
        self, payload: temporalio.api.common.v1.Payload, type_hint: type | None = None
    ) -> Any:
        """Convert a payload.

        Args:
            payload: The payload.
            type_hint: The type expected, if known.

        Returns:
            Its value.

        Raises:
            RuntimeError: The data is not JSON.
            TypeError: The value cannot be converted to the type expected.
        """
        try:
            value = json.loads(payload.data, cls=self._decoder)
        except json.JSONDecodeError as error:
            raise RuntimeError("Failed parsing") from error
        if type_hint:
            value = value_to_type(type_hint, value, self._custom_type_converters)
        return value
