"""Combining converters, converters of one's own, contexts, raw values, transfer types."""

from __future__ import annotations

import dataclasses
import ipaddress
import warnings
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import pytest
from typing_extensions import Self

from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.converter import (
    AdvancedJSONEncoder,
    BinaryPlainPayloadConverter,
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
    JSONPlainPayloadConverter,
    JSONTypeConverter,
    PayloadConverter,
    SerializationContext,
    TransferTypeConverter,
    WithSerializationContext,
    WorkflowSerializationContext,
    transfer_type_convertible,
    value_to_type,
)

from .golden_types import Modelish

T = TypeVar("T")
CONTEXT = WorkflowSerializationContext(namespace="n", workflow_id="w")


class UpperCase(EncodingPayloadConverter, WithSerializationContext):
    """Takes strings that are all capitals."""

    def __init__(self, workflow_id: str = "") -> None:
        self.workflow_id = workflow_id

    @property
    def encoding(self) -> str:
        return "test/upper"

    def to_payload(self, value: Any) -> Payload | None:
        if not (isinstance(value, str) and value.isupper()):
            return None
        metadata = {"encoding": b"test/upper", "workflow": self.workflow_id.encode()}
        return Payload(metadata=metadata, data=value.encode())

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        if payload.data == b"BAD":
            raise RuntimeError("bad data")
        return payload.data.decode()

    def with_context(self, context: SerializationContext) -> Self:
        assert isinstance(context, WorkflowSerializationContext)
        return self if context.workflow_id == self.workflow_id else type(self)(context.workflow_id)


class Upper(CompositePayloadConverter):
    def __init__(self) -> None:
        super().__init__(UpperCase(), *DefaultPayloadConverter.default_encoding_payload_converters)


def test_the_first_that_accepts_wins() -> None:
    payloads = Upper().to_payloads(["ABC", "abc", b"x", None])
    assert [payload.metadata["encoding"] for payload in payloads] == [
        b"test/upper",
        b"json/plain",
        b"binary/plain",
        b"binary/null",
    ]
    assert Upper().from_payloads(payloads) == ["ABC", "abc", b"x", None]


def test_no_converter_accepts() -> None:
    with pytest.raises(RuntimeError, match="Value at index 1 of type .* has no known converter"):
        CompositePayloadConverter(BinaryPlainPayloadConverter()).to_payloads([b"x", 1])


def test_unknown_encoding() -> None:
    with pytest.raises(KeyError, match="Unknown payload encoding test/upper"):
        PayloadConverter.default.from_payload(Payload(metadata={"encoding": b"test/upper"}))
    with pytest.raises(KeyError, match="Unknown payload encoding <unknown>"):
        PayloadConverter.default.from_payload(Payload())


def test_unreadable_payload_is_named() -> None:
    payloads = [Upper().to_payload("OK"), Upper().to_payload("BAD")]
    with pytest.raises(RuntimeError, match="Payload at index 1 with encoding test/upper"):
        Upper().from_payloads(payloads)


def test_payloads_beyond_the_hints_are_untyped() -> None:
    payloads = PayloadConverter.default.to_payloads([1, 2, 3])
    values = PayloadConverter.default.from_payloads(payloads, [float, float])
    assert [repr(value) for value in values] == ["1.0", "2.0", "3"]


def test_hints_beyond_the_payloads_are_ignored() -> None:
    payloads = PayloadConverter.default.to_payloads([1])
    assert PayloadConverter.default.from_payloads(payloads, [int, str]) == [1]


def test_raw_values_pass_both_ways() -> None:
    raw = RawValue(Payload(metadata={"encoding": b"own"}, data=b"data"))
    assert PayloadConverter.default.to_payloads([1, raw])[1] == raw.payload
    assert PayloadConverter.default.from_payload(raw.payload, RawValue) == raw


def test_context_reaches_the_converters_that_want_it() -> None:
    before = Upper()
    after = before.with_context(CONTEXT)
    assert after is not before
    assert after.to_payload("ABC").metadata["workflow"] == b"w"
    assert before.to_payload("ABC").metadata["workflow"] == b""
    assert after.with_context(CONTEXT) is after
    assert (
        DefaultPayloadConverter().with_context(CONTEXT).get_converters_with_context(CONTEXT) is None
    )


class AddressEncoder(AdvancedJSONEncoder):
    def default(self, o: Any) -> Any:
        return str(o) if isinstance(o, ipaddress.IPv4Address) else super().default(o)


class AddressConverter(JSONTypeConverter):
    def to_typed_value(self, hint: type, value: Any) -> Any:
        if isinstance(hint, type) and issubclass(hint, ipaddress.IPv4Address):
            return hint(value)
        return JSONTypeConverter.Unhandled


class Addresses(CompositePayloadConverter):
    def __init__(self) -> None:
        json_converter = JSONPlainPayloadConverter(
            encoder=AddressEncoder, custom_type_converters=[AddressConverter()]
        )
        standard = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(
            *(
                json_converter if isinstance(each, JSONPlainPayloadConverter) else each
                for each in standard
            )
        )


@dataclasses.dataclass
class Host:
    address: ipaddress.IPv4Address
    others: list[ipaddress.IPv4Address]


async def test_types_of_ones_own() -> None:
    data_converter = DataConverter(payload_converter_class=Addresses)
    address = ipaddress.IPv4Address("10.0.0.1")
    host = Host(address, [address])
    payloads = await data_converter.encode([address, host])
    assert payloads[0].data == b'"10.0.0.1"'
    assert await data_converter.decode(payloads, [ipaddress.IPv4Address, Host]) == [address, host]


def test_models_of_pydantic_1_warn() -> None:
    class Model(Modelish):
        def parse_obj(self) -> None: ...

    with pytest.warns(UserWarning, match="pydantic_data_converter"):
        PayloadConverter.default.to_payload(Model("m"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        PayloadConverter.default.to_payload(Modelish("m"))


def test_error_messages_of_hints() -> None:
    @dataclasses.dataclass
    class Order:
        amounts: list[int]

    Order.__annotations__["amounts"] = list[int]
    with pytest.raises(TypeError, match="Failed converting field amounts on dataclass") as caught:
        value_to_type(Order, {"amounts": [1, "x"]})
    assert str(caught.value.__cause__) == "Failed converting list[int] index 1"
    assert "int|float" in str(caught.value.__cause__.__cause__)


class MoneyConverter(TransferTypeConverter["Money[Any]", str]):
    transfer_type = str

    def to_transfer_type(self, value: Money[Any]) -> str:
        return f"{value.amount} {value.currency}"

    def from_transfer_type(self, value: str, type_hint: Any) -> Money[Any]:
        amount, currency = value.split()
        return Money(int(amount), currency, type_hint)


class Money(Generic[T]):
    def __init__(self, amount: int, currency: str, made_from: Any = None) -> None:
        self.amount, self.currency, self.made_from = amount, currency, made_from


transfer_type_convertible(MoneyConverter)(Money)


@pytest.mark.parametrize("hint", [Money, Money[int]])
async def test_transfer_types(hint: Any) -> None:
    payloads = await DataConverter.default.encode([1, Money(5, "EUR"), None])
    assert payloads[1].data == b'"5 EUR"'
    values = await DataConverter.default.decode(payloads, [int, hint])
    assert values[0] == 1
    assert (values[1].amount, values[1].currency, values[1].made_from) == (5, "EUR", hint)
    assert values[2] is None
    assert await DataConverter.default.decode(payloads) == [1, "5 EUR", None]


def test_one_transfer_type_per_class() -> None:
    with pytest.raises(TypeError, match="already has a transfer type converter"):
        transfer_type_convertible(MoneyConverter)(Money)


class Joining(PayloadConverter):
    """Puts all values in one payload."""

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        return [Payload(data="|".join(map(str, values)).encode())]

    def from_payloads(
        self, payloads: Sequence[Payload], type_hints: list[type] | None = None
    ) -> list[Any]:
        return payloads[0].data.decode().split("|")


async def test_a_converter_may_change_the_number() -> None:
    data_converter = DataConverter(payload_converter_class=Joining)
    payloads = await data_converter.encode(["a", "b"])
    assert len(payloads) == 1
    assert await data_converter.decode(payloads) == ["a", "b"]
