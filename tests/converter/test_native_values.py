"""What the extension reads and writes is what the Python converter reads and writes."""

from __future__ import annotations

import dataclasses
import gc
import json
import sys
import weakref
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from temporalio.api.common.v1 import Payload

from .native_cases import (
    GENERAL,
    NATIVE,
    Address,
    Customer,
    Pair,
    documents,
    hints,
    read,
    to_json,
    values,
    written,
)

# Building a hint and its values takes hypothesis long, not what is tested.
_thorough = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_thorough
@given(values)
@example({"b": 1, "a": {2: 1, True: 2}})
@example([Address("s", 2), {Pair(1, 2): 3}])
def test_values_are_written_the_same(value: Any) -> None:
    assert written(NATIVE, value) == written(GENERAL, value)


def test_iterators_are_used_up_once() -> None:
    value = [1, iter([2, 3]), Address("s", iter([4]))]  # type: ignore[arg-type]
    assert written(NATIVE, value[:2]) == written(GENERAL, [1, [2, 3]])
    assert written(NATIVE, value) == written(GENERAL, [1, iter([]), value[2]])


@_thorough
@given(documents, st.booleans())
def test_documents_are_read_the_same(document: Any, compact: bool) -> None:
    data = to_json(document, compact)
    assert read(NATIVE, data) == read(GENERAL, data)


@_thorough
@given(st.data())
def test_hints_are_read_the_same(data: st.DataObject) -> None:
    hint, fitting = data.draw(hints())
    document = data.draw(fitting | documents)
    text = to_json(document, data.draw(st.booleans()))
    # The second time the plan is there already.
    for _ in range(2):
        assert read(NATIVE, text, hint) == read(GENERAL, text, hint)


@_thorough
@given(documents, st.data())
def test_damaged_json_is_read_the_same(document: Any, data: st.DataObject) -> None:
    text = bytearray(to_json(document, data.draw(st.booleans())))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text)))
        removed = data.draw(st.integers(0, 2))
        text[place : place + removed] = data.draw(
            st.sampled_from([b"", b'"', b"\\", b"\\u", b",", b"]", b"}", b"0", b"-", b"e", b"."])
            | st.binary(max_size=2)
        )
    hint = data.draw(st.sampled_from([None, dict[str, int], Customer, list[Any], str, float]))
    assert read(NATIVE, bytes(text), hint) == read(GENERAL, bytes(text), hint)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "NaN", "-Infinity", "[Infinity]", "nul", "-", "01", "1.", "1e5", "-0", "-0.0"),
        *("1e400", "1" * 18, "1" * 19, "-" + "9" * 30, "1" * 5000, "0.1e-400", "1E+2"),
        *('{"a":1,"a":2}', '{"a":1,}', "[1,]", '{"a" : [ ] , "b":{ } }', "[1] 2", "[1 2]"),
        *(
            r'"\ud800"',
            r'"\ud83d\ude00"',
            r'"\udc00\ud800"',
            '"\t"',
            r'"\/"',
            '"\x7f"',
            r'"\u00zz"',
        ),
        *("\ufeff1", '"é\u20ac😀"', "[" * 150 + "]" * 150, "[" * 5000 + "]" * 5000, '{"":0}'),
        *('{"x":' * 250 + "1" + "}" * 250, "tru", "truee", "true", "[null,true,false]"),
    ],
)
def test_corners_of_json(text: str) -> None:
    for data in (text.encode(), text.encode("utf-16"), text.encode("utf-8-sig")):
        assert read(NATIVE, data) == read(GENERAL, data)


@pytest.mark.parametrize(
    "data", [b"\xff", b'"\xff"', b'"\xed\xa0\x80"', b'"\xc3"', b"1\x00", b"\x001"]
)
def test_bytes_that_are_no_text(data: bytes) -> None:
    assert read(NATIVE, data) == read(GENERAL, data)


def test_values_that_contain_themselves() -> None:
    own: list[Any] = []
    own.append(own)
    assert written(NATIVE, own) == written(GENERAL, own)


def test_values_that_nest_deeply() -> None:
    for depth in (150, 199, 200, 201, 400):
        value: Any = 1
        for _ in range(depth):
            value = [value]
        assert written(NATIVE, value) == written(GENERAL, value)


@pytest.mark.parametrize("value", ["\ud800", "a\udfff", "\ud83d\ude00", "\x7f\x00é€😀"])
def test_any_code_point_is_written(value: str) -> None:
    assert written(NATIVE, [value, {value: value}]) == written(GENERAL, [value, {value: value}])


@_thorough
@given(st.tuples(st.floats(), st.floats(1e15, 1e18), st.floats(-1e-3, 1e-6)))
def test_floats_are_written_as_python_does(numbers: tuple[float, ...]) -> None:
    expected = json.dumps(numbers, separators=(",", ":")).encode()
    assert Payload.FromString(NATIVE.to_payload(numbers).serialize()).data == expected


def test_classes_can_be_collected() -> None:
    @dataclasses.dataclass
    class Passing:
        x: int
        other: Any = None

    raw = NATIVE.to_payload(Passing(1, Address("s")))
    assert NATIVE.from_payload(raw, Passing).x == 1
    reference = weakref.ref(Passing)
    del Passing
    gc.collect()
    assert reference() is None


def test_names_that_appear_later_resolve() -> None:
    @dataclasses.dataclass
    class Early:
        later: Late  # type: ignore[name-defined]  # noqa: F821

    raw = NATIVE.to_payload({"later": 1})
    with pytest.raises(NameError):
        NATIVE.from_payload(raw, Early)
    Early.__annotations__["later"] = int
    assert NATIVE.from_payload(raw, Early) == Early(1)


def test_subclasses_have_plans_of_their_own() -> None:
    @dataclasses.dataclass
    class Base:
        x: int

    @dataclasses.dataclass
    class Derived(Base):
        y: int

    raw = NATIVE.to_payload(Derived(1, 2))
    assert NATIVE.from_payload(raw, Base) == Base(1)
    assert NATIVE.from_payload(raw, Derived) == Derived(1, 2)


def test_interrupts_are_not_taken_for_refusals() -> None:
    calls = 0

    @dataclasses.dataclass
    class Interrupted:
        x: int

        def __post_init__(self) -> None:
            nonlocal calls
            calls += 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        NATIVE.from_payload(NATIVE.to_payload({"x": 1}), Interrupted)
    assert calls == 1


def test_conversion_within_a_constructor() -> None:
    @dataclasses.dataclass
    class Outer:
        x: int
        copy: Any = None

        def __post_init__(self) -> None:
            self.copy = NATIVE.from_payload(NATIVE.to_payload({"x": {"y": self.x}}))

    raw = NATIVE.to_payload([{"x": 1}, {"x": 2}])
    read_back = NATIVE.from_payload(raw, list[Outer])
    assert [each.copy for each in read_back] == [{"x": {"y": 1}}, {"x": {"y": 2}}]


def test_nothing_leaks() -> None:
    document = {
        "a": [1.5, "text", None, {"b": [10**30]}],
        "c": {"d": "é"},
        "address": {"street": "s"},
    }
    good, bad = to_json(document), to_json(document)[:-2]
    hint = dict[str, Any]

    def work() -> None:
        for data in (good, bad):
            read(NATIVE, data)
            read(NATIVE, data, hint)
            read(NATIVE, data, Customer)
        written(NATIVE, [document, Customer("n", Address("s")), object()])

    for _ in range(50):
        work()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(500):
        work()
    gc.collect()
    assert sys.getallocatedblocks() - before < 200
