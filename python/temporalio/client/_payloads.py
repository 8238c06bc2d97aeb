"""Values of the user to payloads of the wire and back, for the client's calls."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

import temporalio.api
from temporalio.common import HeaderCodecBehavior
from temporalio.converter import DataConverter, WorkflowSerializationContext

if TYPE_CHECKING:
    from ._client import Client
    from ._inputs import Headers


def workflow_converter(client: Client, workflow_id: str) -> DataConverter:
    """The client's data converter, told which workflow the values belong to."""
    context = WorkflowSerializationContext(namespace=client.namespace, workflow_id=workflow_id)
    return client.data_converter.with_context(context)


async def encode(
    converter: DataConverter, values: Sequence[Any]
) -> temporalio.api.common.v1.Payloads | None:
    """Encode values; None without any, so that the field stays unset on the wire."""
    if not values:
        return None
    return temporalio.api.common.v1.Payloads(payloads=await converter.encode(values))


async def encode_one(converter: DataConverter, value: Any) -> temporalio.api.common.v1.Payload:
    """Encode one value, unless it is a payload already."""
    if isinstance(value, temporalio.api.common.v1.Payload):
        return value
    [payload] = await converter.encode([value])
    return payload


async def encode_memo(
    converter: DataConverter, memo: Mapping[str, Any] | None
) -> temporalio.api.common.v1.Memo | None:
    """Encode a memo value by value."""
    if memo is None:
        return None
    fields = {key: await encode_one(converter, value) for key, value in memo.items()}
    return temporalio.api.common.v1.Memo(fields=fields)


async def encode_user_metadata(
    converter: DataConverter, summary: str | None, details: str | None
) -> temporalio.api.sdk.v1.UserMetadata | None:
    """Encode the texts that the web interface shows for a workflow."""
    if summary is details is None:
        return None
    return temporalio.api.sdk.v1.UserMetadata(
        summary=None if summary is None else await encode_one(converter, summary),
        details=None if details is None else await encode_one(converter, details),
    )


async def decode_single(
    converter: DataConverter,
    payloads: Sequence[temporalio.api.common.v1.Payload],
    result_type: type | None,
    what: str,
) -> Any:
    """Decode the one value that a result has; None when it has none.

    Args:
        converter: Converter of the workflow.
        payloads: What the server sent.
        result_type: Type to decode into, if known.
        what: Names the result in the warning about more values than one.
    """
    if not payloads:
        return None
    values = await converter.decode(payloads, [result_type] if result_type else None)
    if len(values) > 1:
        warnings.warn(f"Expected single {what}, got {len(values)}", stacklevel=3)
    return values[0] if values else None


async def fill_headers(
    client: Client,
    headers: Headers,
    fields: MutableMapping[str, temporalio.api.common.v1.Payload] | Any,
) -> None:
    """Copy headers of interceptors to a request, through the codec if the client is so configured."""
    codec = None
    if client.config(active_config=True)["header_codec_behavior"] == HeaderCodecBehavior.CODEC:
        codec = client.data_converter.payload_codec
    for key, payload in headers.items():
        if codec is not None:
            [payload] = await codec.encode([payload])
        fields[key].CopyFrom(payload)
