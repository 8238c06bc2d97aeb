"""Recognising payloads that stand for others, kept in external storage."""

from __future__ import annotations

from collections.abc import Iterable

import temporalio.api

_OLDER_ENCODING = b"json/external-storage-reference"
_MESSAGE_TYPE = b"temporal.api.sdk.v1.ExternalStorageReference"
_MARKER_KEY = "__temporal_external_storage_reference"


def _is_reference(payload: temporalio.api.common.v1.Payload) -> bool:
    metadata = payload.metadata
    if metadata.get(_MARKER_KEY) == b"true":
        return True
    encoding = metadata.get("encoding")
    if encoding == b"json/protobuf":
        return metadata.get("messageType") == _MESSAGE_TYPE
    return encoding == _OLDER_ENCODING


def refuse_references(payloads: Iterable[temporalio.api.common.v1.Payload]) -> None:
    """Check that payloads hold values themselves.

    Args:
        payloads: Payloads as they came from the server.

    Raises:
        RuntimeError: One of them refers to external storage, and none is configured. Handing the
            reference on in place of the value would be worse.
    """
    if any(map(_is_reference, payloads)):
        raise RuntimeError(
            "[TMPRL1105] Detected externally stored payload(s) "
            "but external storage is not configured."
        )
