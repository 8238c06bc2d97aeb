"""The data converter: order of its parts, contexts, memos, and payloads of failures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import nexusrpc
import pytest
from typing_extensions import Self

from temporalio.api.common.v1 import Memo, Payload, Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.common import RawValue, _arg_unset
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    default,
)
from temporalio.exceptions import ApplicationError, CancelledError, TimeoutError, TimeoutType

CONTEXT = ActivitySerializationContext(
    namespace="n",
    activity_id="1",
    activity_type="t",
    activity_task_queue="q",
    workflow_id="w",
    workflow_type="wt",
    is_local=False,
)


class Wrapping(PayloadCodec, WithSerializationContext):
    """Puts each payload inside another, and counts."""

    def __init__(self, context: SerializationContext | None = None) -> None:
        self.context = context
        self.encoded: list[Payload] = []
        self.decoded: list[Payload] = []

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        self.encoded += payloads
        metadata = {"encoding": b"test/wrapped"}
        return [Payload(metadata=metadata, data=each.SerializeToString()) for each in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        assert all(each.metadata["encoding"] == b"test/wrapped" for each in payloads)
        plain = [Payload.FromString(each.data) for each in payloads]
        self.decoded += plain
        return plain

    def with_context(self, context: SerializationContext) -> Self:
        return type(self)(context)


class Same(PayloadCodec):
    """Gives back the very payloads it was given."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


async def test_conversion_and_then_the_codec() -> None:
    codec = Wrapping()
    data_converter = DataConverter(payload_codec=codec)
    message = await data_converter.encode_wrapper([1, {"a": 2}, None])
    assert [each.metadata["encoding"] for each in message.payloads] == [b"test/wrapped"] * 3
    assert [each.data for each in codec.encoded] == [b"1", b'{"a":2}', b""]
    assert await data_converter.decode_wrapper(message, [int, dict]) == [1, {"a": 2}, None]


async def test_raw_values_are_encoded_by_the_codec_only() -> None:
    raw = RawValue(Payload(metadata={"encoding": b"own"}, data=b"data"))
    data_converter = DataConverter(payload_codec=Wrapping())
    payloads = await data_converter.encode([raw])
    assert payloads[0].metadata["encoding"] == b"test/wrapped"
    assert await data_converter.decode(payloads, [RawValue]) == [raw]


async def test_nothing_to_decode() -> None:
    assert await DataConverter.default.decode_wrapper(None) == []
    assert await DataConverter.default.decode_wrapper(Payloads()) == []


async def test_codecs_that_give_back_what_they_got() -> None:
    message = Payloads(payloads=[Payload(data=b"1"), Payload(data=b"2")])
    await Same().encode_wrapper(message)
    await Same().decode_wrapper(message)
    assert [each.data for each in message.payloads] == [b"1", b"2"]


def nested_error() -> BaseException:
    root = CancelledError("root", "cancelled detail")
    middle = TimeoutError("middle", type=TimeoutType.HEARTBEAT, last_heartbeat_details=["beat"])
    middle.__cause__ = root
    top = ApplicationError("top", "detail 1", "detail 2")
    top.__cause__ = middle
    return top


@pytest.mark.parametrize(
    ("failure_converter_class", "attributes"),
    [(DefaultFailureConverter, 0), (DefaultFailureConverterWithEncodedAttributes, 3)],
)
async def test_the_codec_sees_every_payload_of_a_failure_once(
    failure_converter_class: type[DefaultFailureConverter], attributes: int
) -> None:
    codec = Wrapping()
    data_converter = DataConverter(
        payload_codec=codec, failure_converter_class=failure_converter_class
    )
    failure = Failure()
    await data_converter.encode_failure(nested_error(), failure)
    assert len(codec.encoded) == 4 + attributes
    assert b"detail" not in failure.message.encode()
    assert (failure.message == "Encoded failure") is (attributes > 0)

    error = await data_converter.decode_failure(failure)
    assert len(codec.decoded) == 4 + attributes
    assert isinstance(error, ApplicationError)
    assert (str(error), list(error.details)) == ("top", ["detail 1", "detail 2"])
    assert isinstance(error.cause, TimeoutError)
    assert list(error.cause.last_heartbeat_details) == ["beat"]
    assert isinstance(error.cause.cause, CancelledError)
    assert (str(error.cause.cause), list(error.cause.cause.details)) == (
        "root",
        ["cancelled detail"],
    )


async def test_the_codec_alone_undoes_what_it_does_to_a_failure() -> None:
    plain = Failure()
    await DataConverter.default.encode_failure(nested_error(), plain)
    coded = Failure()
    coded.CopyFrom(plain)
    await Wrapping().encode_failure(coded)
    assert coded != plain
    await Wrapping().decode_failure(coded)
    assert coded == plain


async def test_a_reset_workflow_failure_has_payloads_too() -> None:
    failure = Failure()
    details = failure.reset_workflow_failure_info.last_heartbeat_details
    details.payloads.append(Payload(data=b"beat"))
    codec = Wrapping()
    await codec.encode_failure(failure)
    assert [each.data for each in codec.encoded] == [b"beat"]


async def test_a_failure_without_a_codec_that_was_encoded_with_one() -> None:
    encoded = DataConverter(
        payload_codec=Wrapping(),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
    failure = Failure()
    await encoded.encode_failure(CancelledError("secret"), failure)
    error = await DataConverter.default.decode_failure(failure)
    assert isinstance(error, CancelledError)
    assert str(error) == "Encoded failure"


def test_choices_of_newer_servers_are_not_errors() -> None:
    failure = Failure()
    failure.application_failure_info.category = 99  # type: ignore[assignment]
    failures, payloads = DefaultFailureConverter(), DataConverter.default.payload_converter
    error = failures.from_failure(failure, payloads)
    assert isinstance(error, ApplicationError)
    assert error.category == 0
    failure.timeout_failure_info.timeout_type = 99  # type: ignore[assignment]
    error = failures.from_failure(failure, payloads)
    assert isinstance(error, TimeoutError)
    assert error.type is None


def test_context_reaches_the_codec_and_nothing_is_made_anew() -> None:
    made: list[object] = []

    class Counting(DefaultFailureConverter):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    data_converter = DataConverter(payload_codec=Wrapping(), failure_converter_class=Counting)
    contextual = data_converter.with_context(CONTEXT)
    assert isinstance(contextual.payload_codec, Wrapping)
    assert contextual.payload_codec.context is CONTEXT
    assert contextual.failure_converter is data_converter.failure_converter
    assert contextual.payload_converter is data_converter.payload_converter
    assert made == [data_converter.failure_converter]
    assert isinstance(data_converter.payload_codec, Wrapping)
    assert data_converter.payload_codec.context is None


def test_context_without_users_changes_nothing() -> None:
    assert DataConverter.default.with_context(CONTEXT) is DataConverter.default


def test_replace() -> None:
    codec = Wrapping()
    changed = dataclasses.replace(DataConverter.default, payload_codec=codec)
    assert changed.payload_codec is codec
    assert DataConverter.default.payload_codec is None
    assert default() is DataConverter.default
    with pytest.raises(dataclasses.FrozenInstanceError):
        changed.payload_codec = None  # type: ignore[misc]


def test_external_storage_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="external_storage must be None, not object"):
        DataConverter(external_storage=object())


@pytest.mark.parametrize(
    "metadata",
    [
        {"encoding": b"json/external-storage-reference"},
        {
            "encoding": b"json/protobuf",
            "messageType": b"temporal.api.sdk.v1.ExternalStorageReference",
        },
        {
            "encoding": b"binary/encrypted",
            "__temporal_external_storage_reference": b"true",
        },
    ],
)
async def test_references_to_external_storage_are_not_values(metadata: dict[str, bytes]) -> None:
    payload = Payload(metadata=metadata, data=b"{}")
    with pytest.raises(RuntimeError, match="TMPRL1105"):
        await DataConverter.default.decode([payload])
    failure = Failure()
    failure.application_failure_info.details.payloads.append(payload)
    with pytest.raises(RuntimeError, match="TMPRL1105"):
        await DataConverter.default.decode_failure(failure)


async def test_memos() -> None:
    data_converter = DataConverter(payload_codec=Wrapping())
    ready = Payload(metadata={"encoding": b"test/ready"})
    memo = await data_converter._encode_memo({"a": 1, "b": [2], "ready": ready})
    assert memo.fields["a"].metadata["encoding"] == b"test/wrapped"
    assert memo.fields["ready"] == ready
    del memo.fields["ready"]
    assert await data_converter._decode_memo(memo) == {"a": 1, "b": [2]}

    async def field(key: str, fallback: Any = _arg_unset, hint: Any = None) -> Any:
        return await data_converter._decode_memo_field(memo, key, fallback, hint)

    assert repr(await field("a", hint=float)) == "1.0"
    assert await field("missing", None) is None
    with pytest.raises(KeyError, match="Memo does not have a value for key missing"):
        await field("missing")
    assert await DataConverter.default._decode_memo(Memo()) == {}


def test_nexus_failures_from_elsewhere_keep_what_they_say() -> None:
    source = nexusrpc.Failure(
        message="m",
        stack_trace="trace",
        metadata={"kind": "other"},
        details={"a": 1},
        cause=nexusrpc.Failure(message="root"),
    )
    error = nexusrpc.HandlerError(
        "m", type=nexusrpc.HandlerErrorType.NOT_FOUND, original_failure=source
    )
    failure = Failure()
    payload_converter = DataConverter.default.payload_converter
    DefaultFailureConverter().to_failure(error, payload_converter, failure)
    decoded = DefaultFailureConverter().from_failure(failure, payload_converter)
    assert isinstance(decoded, ApplicationError)
    assert (decoded.message, decoded.type, decoded.non_retryable) == ("m", "NexusFailure", True)
    assert failure.stack_trace == "trace"
    assert list(decoded.details) == [
        {
            "stackTrace": "trace",
            "metadata": {"kind": "other"},
            "details": {"a": 1},
            "cause": {"message": "root"},
        }
    ]
