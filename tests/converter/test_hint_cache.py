"""Hints are looked into once, order in unions counts, and classes can still be collected."""

# The spellings of typing are part of what is tested.
# ruff: noqa: UP006, UP007, UP045

from __future__ import annotations

import dataclasses
import gc
import threading
import typing
import weakref
from collections.abc import Iterator
from typing import Any, Optional, Union

import pytest

from temporalio.converter import DataConverter, _structure_readers, _typed_values, value_to_type

from .golden_types import Deep, Movie, Point, Tree

DEEP = {"name": "n", "points": [{"x": 1}, {"x": 2}], "by_name": {"a": {"x": 3}}}


@pytest.fixture
def looked_into(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The classes whose fields are looked into."""
    classes: list[Any] = []

    def spy(cls: Any) -> dict[str, Any]:
        classes.append(cls)
        return typing.get_type_hints(cls)

    monkeypatch.setattr(_structure_readers, "get_type_hints", spy)
    yield classes


def test_fields_are_looked_into_once(looked_into: list[Any]) -> None:
    @dataclasses.dataclass
    class Inner:
        x: int

    @dataclasses.dataclass
    class Outer:
        first: Inner
        second: Any

    Outer.__annotations__["first"] = Inner
    Outer.__annotations__["second"] = Optional[Inner]
    converter = DataConverter.default.payload_converter
    payload = converter.to_payload(Outer(Inner(1), Inner(2)))
    for _ in range(5):
        assert converter.from_payload(payload, Outer) == Outer(Inner(1), Inner(2))
        assert converter.from_payload(converter.to_payload(Inner(3)), Inner) == Inner(3)
    assert looked_into == [Outer, Inner]


@pytest.mark.parametrize(
    ("hint", "value"), [(Deep, DEEP), (Tree, {"value": 1, "children": [{"value": 2}]})]
)
def test_known_classes_are_not_looked_into_again(
    hint: Any, value: Any, looked_into: list[Any]
) -> None:
    value_to_type(hint, value)
    looked_into.clear()
    value_to_type(hint, value)
    value_to_type(typing.List[hint], [value])
    value_to_type(Movie, {"title": "t", "year": 1})
    value_to_type(Movie, {"title": "t", "year": 1})
    assert len(looked_into) <= 1, "Movie may have been unknown"
    assert hint not in looked_into


def test_equal_unions_keep_their_own_order() -> None:
    # typing and types compare unions without regard to order.
    assert list[Union[int, float]] == list[Union[float, int]]
    for _ in range(2):
        assert repr(value_to_type(list[Union[int, float]], [1.5])) == "[1]"
        assert repr(value_to_type(list[Union[float, int]], [1])) == "[1.0]"


def test_unhashable_hints() -> None:
    hint = typing.Literal[typing.cast(Any, [])]
    assert value_to_type(hint, []) == []
    with pytest.raises(TypeError, match="not in literal values"):
        value_to_type(hint, [1])


def test_recent_readers_are_bounded() -> None:
    for _ in range(3 * _typed_values._MAXIMUM_RECENT_READERS):
        assert value_to_type(list[Point], [{"x": 1}]) == [Point(1)]
    assert len(_typed_values._recent_readers) <= _typed_values._MAXIMUM_RECENT_READERS


def test_an_evicted_hint_reads_the_same_again() -> None:
    hints = [list[Point] for _ in range(2 * _typed_values._MAXIMUM_RECENT_READERS)]
    for hint in (*hints, *hints):
        assert value_to_type(hint, [{"x": 1}]) == [Point(1)]


def test_dataclasses_can_be_collected() -> None:
    @dataclasses.dataclass
    class Passing:
        x: int
        other: Any = None

    assert value_to_type(Passing, {"x": 1}) == Passing(1)
    reference = weakref.ref(Passing)
    del Passing
    gc.collect()
    assert reference() is None


def test_subclasses_have_readers_of_their_own() -> None:
    @dataclasses.dataclass
    class Base:
        x: int

    @dataclasses.dataclass
    class Derived(Base):
        y: int

    assert value_to_type(Base, {"x": 1, "y": 2}) == Base(1)
    assert value_to_type(Derived, {"x": 1, "y": 2}) == Derived(1, 2)


def test_names_that_appear_later_resolve() -> None:
    @dataclasses.dataclass
    class Early:
        later: Late  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(NameError):
        value_to_type(Early, {"later": 1})
    Early.__annotations__["later"] = int
    assert value_to_type(Early, {"later": 1}) == Early(1)


def test_many_threads() -> None:
    wrong: list[Any] = []

    def work() -> None:
        for _ in range(300):
            if value_to_type(typing.Dict[str, list[Tree]], {"a": [{"value": 1}]}) != {
                "a": [Tree(1)]
            }:
                wrong.append("tree")
            if value_to_type(dict[int, Point], {"1": {"x": 2}}) != {1: Point(2)}:
                wrong.append("point")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
