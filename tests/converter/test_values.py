"""Which converters the extension stands in for, and that it gives what they give."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from temporalio.api.common.v1 import Payload
from temporalio.bridge._callboard import RawPayload, Values
from temporalio.common import RawValue
from temporalio.converter import (
    AdvancedJSONEncoder,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    PayloadConverter,
    WorkflowSerializationContext,
    _values,
)
from temporalio.converter._transfer_types import _TransferringPayloadConverter

from .test_payload_converters import CONTEXT, Joining, Money, Upper

GENERAL = _values.GENERAL_PATH


class Derived(DefaultPayloadConverter):
    """The default converter in all but its class."""


def changed_parts() -> PayloadConverter:
    converter = DefaultPayloadConverter()
    converter.converters = {b"json/plain": JSONPlainPayloadConverter()}
    return converter


def changed_json() -> PayloadConverter:
    converter = DefaultPayloadConverter()
    own = JSONPlainPayloadConverter(encoder=None)
    converter.converters = {**converter.converters, b"json/plain": own}
    return converter


def changed_instance() -> PayloadConverter:
    converter = DefaultPayloadConverter()
    setattr(converter, "to_payloads", list)  # noqa: B010 - type checkers rightly refuse it
    return converter


@pytest.mark.parametrize(
    "converter",
    [
        PayloadConverter.default,
        DataConverter().payload_converter,
        DefaultPayloadConverter(),
        DefaultPayloadConverter().with_context(CONTEXT),
        _TransferringPayloadConverter.wrap(DefaultPayloadConverter()).with_context(CONTEXT),
    ],
)
def test_the_default_converter_is_known(converter: PayloadConverter) -> None:
    assert _values.is_as_shipped(converter)
    assert _values.values_of(converter).native is not GENERAL


@pytest.mark.parametrize(
    "converter",
    [
        *(Derived(), Upper(), Joining(), changed_parts(), changed_json(), changed_instance()),
        _TransferringPayloadConverter.wrap(Derived()),
        _TransferringPayloadConverter.wrap(changed_json()),
    ],
)
def test_other_converters_do_their_work_themselves(converter: PayloadConverter) -> None:
    assert not _values.is_as_shipped(converter)
    assert not _values.values_of(converter).native


def test_a_method_put_into_a_class_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = AdvancedJSONEncoder.default
    monkeypatch.setattr(AdvancedJSONEncoder, "default", lambda self, o: shipped(self, o))
    assert not _values.is_as_shipped(PayloadConverter.default)


def test_other_default_parts_count(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = DefaultPayloadConverter.default_encoding_payload_converters
    monkeypatch.setattr(DefaultPayloadConverter, "default_encoding_payload_converters", parts[::-1])
    assert not _values.is_as_shipped(DefaultPayloadConverter())


def test_what_is_changed_later_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    converter = DefaultPayloadConverter()
    other = DefaultPayloadConverter()
    assert _values.values_of(converter).native is not GENERAL
    converter.converters = changed_json().converters  # type: ignore[attr-defined]
    assert not _values.values_of(converter).native
    assert _values.values_of(converter).converter is converter
    assert _values.values_of(other).native is not GENERAL
    monkeypatch.setattr(DefaultPayloadConverter, "to_payloads", lambda self, values: [])
    assert not _values.values_of(other).native


def test_hints_are_found_out_about_once() -> None:
    first, second = (_values.values_of(DefaultPayloadConverter()) for _ in range(2))
    assert first is second or GENERAL


@pytest.mark.parametrize(("setting", "general"), [("1", True), ("0", False), ("", False)])
def test_the_switch(setting: str, general: bool) -> None:
    program = (
        "from temporalio.converter import PayloadConverter, _values\n"
        "print(_values.GENERAL_PATH, _values.values_of(PayloadConverter.default).native)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "CALLBOARD_GENERAL_PATH": setting},
        check=True,
        capture_output=True,
        text=True,
    )
    assert printed.stdout.split() == [str(general), str(not general)]


@pytest.fixture(params=[True, False], ids=["native", "general"])
def values(request: pytest.FixtureRequest) -> Values:
    """The default converter on either way."""
    return Values(PayloadConverter.default, native=request.param)


def message(raw: RawPayload) -> Payload:
    return Payload.FromString(raw.serialize())


@pytest.mark.parametrize("value", [None, b"", b"x", True, 1, 1.5, "x", [1], {"a": None}])
def test_a_value_goes_both_ways(values: Values, value: Any) -> None:
    raw = values.to_payload(value)
    assert message(raw) == PayloadConverter.default.to_payload(value)
    assert values.from_payload(raw) == value
    assert values.from_payload(raw.serialize()) == value


def test_values_and_hints_of_one_call(values: Values) -> None:
    given = [1, None, b"x", Money(5, "EUR"), 2]
    payloads = values.to_payloads(given)
    expected = PayloadConverter.default.to_payloads(given)
    assert [message(raw) for raw in payloads] == expected
    read = values.from_payloads(payloads, [float, None, RawValue, Money])
    assert repr(read[0]) == "1.0"
    assert read[1] is None
    assert read[2] == RawValue(expected[2])
    assert read[3].amount == 5
    assert read[4] == 2
    assert values.from_payloads(payloads) == [1, None, b"x", "5 EUR", 2]
    assert values.from_payloads([]) == values.to_payloads([]) == []


def test_errors_name_the_place(values: Values) -> None:
    bad = Payload(metadata={"encoding": b"json/plain"}, data=b"{")
    payloads = [values.to_payload(1), RawPayload(bad.SerializeToString())]
    with pytest.raises(RuntimeError, match="Payload at index 1 with encoding json/plain"):
        values.from_payloads(payloads)
    with pytest.raises(KeyError, match="Unknown payload encoding <unknown>"):
        values.from_payloads([*payloads[:1], Payload().SerializeToString()])


def test_a_converter_may_change_the_number() -> None:
    values = _values.values_of(Joining())
    payloads = values.to_payloads(["a", "b"])
    assert len(payloads) == 1
    assert values.from_payloads(payloads) == ["a", "b"]


def test_a_context_reaches_the_converter() -> None:
    context = WorkflowSerializationContext(namespace="n", workflow_id="of the context")
    values = _values.values_of(Upper().with_context(context))
    assert message(values.to_payload("ABC")).metadata["workflow"] == b"of the context"


def test_what_is_no_payload_is_refused(values: Values) -> None:
    not_payloads: Sequence[Any] = ["x"]
    with pytest.raises(TypeError, match="expected a RawPayload"):
        values.from_payloads(not_payloads)
