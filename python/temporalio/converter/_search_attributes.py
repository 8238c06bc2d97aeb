"""Search attributes, which have an encoding of their own that no codec touches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import temporalio.api
from temporalio.common import (
    SearchAttributeIndexedValueType,
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributes,
    SearchAttributeValue,
    SearchAttributeValues,
    SearchAttributeValueType,
    TypedSearchAttributes,
)

from ._data_converter import DataConverter
from ._datetimes import parse_iso_datetime


def encode_search_attributes(
    attributes: SearchAttributes | TypedSearchAttributes,
    api: temporalio.api.common.v1.SearchAttributes,
) -> None:
    """Write search attributes into a message of the server.

    Args:
        attributes: The search attributes. As a mapping they are deprecated.
        api: The message to add them to.
    """
    encoded = (
        {pair.key.name: encode_typed_search_attribute_value(*pair) for pair in attributes}
        if isinstance(attributes, TypedSearchAttributes)
        else {
            name: encode_search_attribute_values(each) for name, each in (attributes or {}).items()
        }
    )
    for name, payload in encoded.items():
        api.indexed_fields[name].CopyFrom(payload)


def encode_typed_search_attribute_value(
    key: SearchAttributeKey[SearchAttributeValueType], value: SearchAttributeValue | None
) -> temporalio.api.common.v1.Payload:
    """Convert the value of a search attribute into a payload.

    Args:
        key: The search attribute.
        value: The value; None removes the search attribute.

    Returns:
        The payload, with the type in its metadata. For None it is without a type, or the server
        would not remove the search attribute.

    Raises:
        TypeError: The value is not of the key's type.
        ValueError: A time has no time zone.
    """
    converter = DataConverter.default.payload_converter
    if value is None:
        return converter.to_payload(None)
    if not isinstance(value, key.origin_value_type):
        raise TypeError(
            f"Value of type {value} not suitable for indexed value type {key.indexed_value_type}"
        )
    if isinstance(value, Sequence) and not all(isinstance(each, str) for each in value):
        raise TypeError("All values of a keyword list must be strings")
    payload = converter.to_payload(_times_as_text(value))
    payload.metadata["type"] = key._metadata_type.encode()
    return payload


def encode_search_attribute_values(vals: SearchAttributeValues) -> temporalio.api.common.v1.Payload:
    """Convert the values of an untyped search attribute into a payload.

    Deprecated: use typed search attributes.

    Args:
        vals: The values: strings, numbers, booleans or times, all of one type.

    Returns:
        The payload, without a type.

    Raises:
        TypeError: The values are not a list, or of a wrong type, or of several types.
        ValueError: A time has no time zone.
    """
    if not isinstance(vals, list):
        raise TypeError("Search attribute values must be lists")
    for value in vals:
        if not isinstance(value, (str, int, float, bool, datetime)):
            raise TypeError(
                f"Search attribute value of type {type(value).__name__} "
                "not one of str, int, float, bool, or datetime"
            )
    # Times are written as text and may stand beside anything.
    if len({type(value) for value in vals if not isinstance(value, datetime)}) > 1:
        raise TypeError("Search attribute values must have the same type for the same key")
    texts = [_times_as_text(value) for value in vals]
    return DataConverter.default.payload_converter.to_payload(texts)


def _times_as_text(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError("Timezone must be present on all search attribute dates")
    return value.isoformat()


def _encode_maybe_typed_search_attributes(
    non_typed_attributes: SearchAttributes | None,
    typed_attributes: TypedSearchAttributes | None,
    api: temporalio.api.common.v1.SearchAttributes,
) -> None:
    """Write the search attributes of an interface that takes either form.

    Raises:
        ValueError: Both forms are given.
    """
    if non_typed_attributes and typed_attributes:
        problem = "Cannot provide both deprecated search attributes and typed search attributes"
        raise ValueError(problem)
    given = non_typed_attributes or typed_attributes
    if given:
        encode_search_attributes(given, api)


def decode_search_attributes(api: temporalio.api.common.v1.SearchAttributes) -> SearchAttributes:
    """Read search attributes from a message of the server, untyped.

    Deprecated: use :py:func:`decode_typed_search_attributes`.

    Args:
        api: The message.

    Returns:
        A new mapping from names to lists of values.
    """
    decoded: dict[str, Any] = {}
    for name, payload in api.indexed_fields.items():
        value = DataConverter.default.payload_converter.from_payload(payload)
        values: list[Any] = value if isinstance(value, list) else [value]
        if payload.metadata.get("type") == b"Datetime":
            values = [parse_iso_datetime(each) for each in values]
        decoded[name] = values
    return decoded


def decode_typed_search_attributes(
    api: temporalio.api.common.v1.SearchAttributes,
) -> TypedSearchAttributes:
    """Read search attributes from a message of the server.

    Args:
        api: The message.

    Returns:
        The search attributes. Those without a type, of an unknown type, or with a value that is not
        of their type are left out.

    Raises:
        ValueError: A time cannot be read.
    """
    pairs = (_decode_pair(name, payload) for name, payload in api.indexed_fields.items())
    return TypedSearchAttributes([pair for pair in pairs if pair is not None])


def _decode_pair(
    name: str, payload: temporalio.api.common.v1.Payload
) -> SearchAttributePair[Any] | None:
    metadata_type = payload.metadata.get("type", b"").decode()
    key = SearchAttributeKey._from_metadata_type(name, metadata_type)
    if key is None:
        return None
    value: Any = DataConverter.default.payload_converter.from_payload(payload)
    index = key.indexed_value_type
    if index is not SearchAttributeIndexedValueType.KEYWORD_LIST:
        # A value may come as a list of one.
        values: list[Any] = value if isinstance(value, list) else [value]
        if len(values) != 1:
            return None
        value = values[0]
    if index is SearchAttributeIndexedValueType.DATETIME:
        value = parse_iso_datetime(value)
    elif index is SearchAttributeIndexedValueType.DOUBLE and type(value) is int:
        # Servers write 1.0 as 1.
        value = float(value)
    return SearchAttributePair(key, value) if isinstance(value, key.origin_value_type) else None


def _decode_search_attribute_value(
    payload: temporalio.api.common.v1.Payload,
) -> SearchAttributeValue:
    """Read one value, as it stands in the group of a count."""
    value: Any = DataConverter.default.payload_converter.from_payload(payload)
    if isinstance(value, str) and payload.metadata.get("type") == b"Datetime":
        value = parse_iso_datetime(value)
    decoded: SearchAttributeValue = value
    return decoded
