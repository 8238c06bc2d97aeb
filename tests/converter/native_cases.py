"""Hints, values and JSON made up by hypothesis, and what either way of conversion makes of them."""

# The spellings of typing are part of what is tested.
# ruff: noqa: UP006, UP007, UP045

from __future__ import annotations

import collections
import dataclasses
import enum
import json
import typing
import uuid
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, NewType, Optional, TypedDict, Union

from hypothesis import strategies as st

from temporalio.api.common.v1 import Payload
from temporalio.bridge._callboard import Values
from temporalio.converter import PayloadConverter

from .golden_cases import describe

NATIVE = Values(PayloadConverter.default, native=True)
GENERAL = Values(PayloadConverter.default, native=False)


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Color(str, enum.Enum):
    RED = "red"
    BLUE = "blue"


class Bits(enum.IntFlag):
    ONE = 1
    TWO = 2


class Name(str):
    """A string of a class of its own."""


class Count(int):
    """A number of a class of its own."""

    def __repr__(self) -> str:
        return "never written"


class Rate(float):
    """A float of a class of its own."""


class Stream:
    """Can be iterated over, and no more."""

    def __init__(self, item: Any) -> None:
        self._item = item

    def __iter__(self) -> Iterator[Any]:
        yield self._item


Pair = collections.namedtuple("Pair", "first second")
Identifier = NewType("Identifier", int)


@dataclasses.dataclass
class Address:
    street: str
    number: int = 1


@dataclasses.dataclass(frozen=True)
class Customer:
    name: str
    address: Address | None = None
    tags: list[str] = dataclasses.field(default_factory=list)
    seen: int = dataclasses.field(default=0, init=False)


@dataclasses.dataclass
class Strict:
    """Refuses some values, and counts what it does."""

    amount: int
    doubled: int = dataclasses.field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError(f"amount must not be negative, got {self.amount}")
        self.doubled = 2 * self.amount


@dataclasses.dataclass
class Node:
    value: int
    next: Node | None = None


@dataclasses.dataclass(init=False)
class OwnConstructor:
    x: int
    y: int

    def __init__(self, y: int = 5, **others: Any) -> None:
        self.x, self.y = others.get("x", -1), y


class Entry(TypedDict, total=False):
    title: str
    pages: int


# JSON as Python's own module gives it.
texts = st.text(max_size=12) | st.sampled_from(["", "red", "1", "é", "😀", '"\\\n', "x" * 40])
integers = st.integers(-(2**70), 2**70) | st.integers(-5, 300)
floats = st.floats(allow_nan=True, allow_infinity=True)
scalars = st.none() | st.booleans() | integers | floats | texts
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)

_times = st.datetimes() | st.datetimes(
    timezones=st.sampled_from([timezone.utc, timezone(timedelta(hours=-3, minutes=-30))])
)
_members: list[Any] = [*Level, *Color, *Bits]
_leaves = (
    scalars
    | _times
    | st.uuids()
    | st.binary(max_size=6)
    | st.sampled_from(_members)
    | texts.map(Name)
    | integers.map(Count)
    | floats.map(Rate)
    | st.sets(st.integers(0, 50), max_size=5)
    | st.frozensets(texts, max_size=3)
    | st.text(st.characters(), max_size=6)
)
_keys = texts | st.integers() | st.booleans() | st.none() | st.floats() | texts.map(Name)


def _holders(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(texts, inner, max_size=4)
        | st.dictionaries(st.integers() | st.booleans(), inner, max_size=3)
        | st.dictionaries(_keys, inner, max_size=3)
        | st.dictionaries(texts, inner, max_size=3).map(collections.OrderedDict)
        | st.dictionaries(texts, inner, max_size=3).map(lambda each: collections.Counter(each))
        | st.lists(inner, max_size=3).map(collections.deque)
        | st.builds(Pair, inner, inner)
        | st.builds(Address, inner, inner)
        | st.builds(Customer, inner, inner, st.lists(inner, max_size=2))
        | st.builds(Node, inner, inner)
        | st.builds(OwnConstructor, inner, x=inner)
        | st.builds(lambda values: {"object": object(), "values": values}, inner)
        | st.builds(Stream, inner)
    )


values = st.recursive(_leaves, _holders, max_leaves=10)
"""What user code may give: most of it can be written, and some of it cannot."""


HintAndValues = tuple[Any, st.SearchStrategy[Any]]

_SIMPLE: list[HintAndValues] = [
    (Any, documents),
    (int, integers | st.booleans() | floats),
    (str, texts),
    (float, integers | floats),
    (bool, st.booleans()),
    (type(None), st.none()),
    (datetime, _times.map(datetime.isoformat) | texts),
    (uuid.UUID, st.uuids().map(str) | st.uuids().map(lambda each: each.hex)),
    (bytes, st.lists(st.integers(0, 300), max_size=4)),
    (Level, st.sampled_from([1, 2, 3, True, 1.0])),
    (Color, st.sampled_from(["red", "blue", "green"])),
    (Bits, st.sampled_from([0, 1, 2, 3, 8])),
    (Literal["red", 1, None], st.sampled_from(["red", 1, None, True, 2])),
    (Identifier, integers),
    (Address, st.fixed_dictionaries({"street": texts}, optional={"number": integers, "o": texts})),
    (Customer, st.fixed_dictionaries({"name": texts}, optional={"tags": st.lists(texts)})),
    (Strict, st.fixed_dictionaries({"amount": st.integers(-1, 3)}, optional={"doubled": integers})),
    (Node, st.just({"value": 1, "next": {"value": 2, "next": None}})),
    (OwnConstructor, st.dictionaries(st.sampled_from(["x", "y"]), integers)),
    (Entry, st.fixed_dictionaries({}, optional={"title": texts, "pages": integers, "o": texts})),
    *((each, documents) for each in (list, dict, tuple, set, frozenset, object, Name, Pair)),
]

_field_names = st.text("abcdexyzé", min_size=1, max_size=3).filter(str.isidentifier)
_generic: Mapping[str, Callable[[Any], Any]] = {
    "list": lambda inner: list[inner],
    "List": lambda inner: typing.List[inner],
    "Sequence": lambda inner: Sequence[inner],
    "Iterable": lambda inner: Iterable[inner],
    "set": lambda inner: set[inner],
    "frozenset": lambda inner: frozenset[inner],
    "deque": lambda inner: collections.deque[inner],
    "tuple": lambda inner: tuple[inner, ...],
}
_mappings: Mapping[str, Callable[[Any, Any], Any]] = {
    "dict": lambda key, inner: dict[key, inner],
    "Dict": lambda key, inner: typing.Dict[key, inner],
    "Mapping": lambda key, inner: Mapping[key, inner],
}


@st.composite
def hints(draw: st.DrawFn, depth: int = 2) -> HintAndValues:
    """A hint, and JSON that fits it or nearly does."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(_SIMPLE))
    kind = draw(
        st.sampled_from(["generic", "mapping", "union", "optional", "fixed", "class", "typed"])
    )
    inner, fitting = draw(hints(depth - 1))
    if kind == "generic":
        return draw(st.sampled_from(list(_generic.values())))(inner), st.lists(fitting, max_size=3)
    if kind == "mapping":
        key = draw(st.sampled_from([str, int, float, bool, Any, Level, Color]))
        names = (
            texts | st.integers(-3, 300).map(str) | st.sampled_from(["true", "null", "1.5", "red"])
        )
        made = draw(st.sampled_from(list(_mappings.values())))(key, inner)
        return made, st.dictionaries(names, fitting, max_size=3)
    if kind == "optional":
        return Optional[inner], st.none() | fitting
    other, other_fitting = draw(hints(depth - 1))
    if kind == "union":
        return Union[inner, other], fitting | other_fitting
    if kind == "fixed":
        return tuple[inner, other], st.tuples(fitting, other_fitting).map(list)
    return draw(_classes([(inner, fitting), (other, other_fitting)], kind == "class"))


@st.composite
def _classes(draw: st.DrawFn, members: list[HintAndValues], is_dataclass: bool) -> HintAndValues:
    names = draw(st.lists(_field_names, min_size=len(members), max_size=len(members), unique=True))
    named = list(zip(names, members, strict=True))
    fitting = st.fixed_dictionaries(
        {}, optional={name: strategy for name, (_, strategy) in named} | {"other": scalars}
    )
    if not is_dataclass:
        keys = {name: hint for name, (hint, _) in named}
        return TypedDict("Made", keys, total=draw(st.booleans())), fitting  # type: ignore[operator]
    fields: list[Any] = []
    for name, (hint, _) in named:
        settings: dict[str, Any] = draw(
            st.sampled_from([{}, {"default": None}, {"default": 0, "init": False}])
        )
        fields.append((name, hint, dataclasses.field(kw_only=True, **settings)))
    options = draw(st.fixed_dictionaries({"frozen": st.booleans(), "slots": st.booleans()}))
    return dataclasses.make_dataclass("Made", fields, **options), fitting


def written(way: Values, value: Any) -> Any:
    """The bytes of a value's payload, or its error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return Payload.FromString(way.to_payload(value).serialize())
    except Exception as error:
        return _describe_error(error)


def read(way: Values, data: bytes, hint: Any = None) -> Any:
    """The description of what is read from JSON, or its error."""
    payload = Payload(metadata={"encoding": b"json/plain"}, data=data)
    try:
        return describe(way.from_payload(payload.SerializeToString(), hint))
    except Exception as error:
        return _describe_error(error)


def _describe_error(error: BaseException | None) -> Any:
    if error is None:
        return None
    return type(error), str(error), _describe_error(error.__cause__)


def to_json(document: Any, compact: bool = True) -> bytes:
    """A document as the official package writes it, or in another form."""
    if compact:
        return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
    return json.dumps(document, indent=1, ensure_ascii=False).encode(errors="surrogatepass")
