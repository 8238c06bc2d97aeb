"""Module state of many kinds, and small programs that change it in any order.

A program is a list of turns, a turn a list of steps. After each turn all that can be seen of the
state is written down, order included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from temporalio import workflow

alpha: Any = 0
numbers: list[Any] = [1, 2, 3]
table: dict[Any, Any] = {key: -key for key in range(6)}
groups: defaultdict[int, list[int]] = defaultdict(list)
chosen: set[int] = {0, 8, 16, 3, 40}
nested: dict[str, Any] = {"list": [1], "dict": {"a": [2]}, "tuple": ([3], {4})}
_iterators: dict[str, Iterator[Any]] = {}


class Shape:
    """A class whose attributes change."""

    size = 1
    tags: list[int] = []

    def area(self) -> int:
        """Return something that methods and attributes decide."""
        return self.size * 2


class Round(Shape):
    """A class that inherits."""

    kind = "round"


class Other(Shape):
    """What an instance may become."""

    def area(self) -> int:
        return -1


shape = Round()
shapes = (shape, Shape())


def with_default(value: int = 1, *, more: int = 2, seen: list[int] = []) -> list[int]:  # noqa: B006
    """Return what the defaults are."""
    return [value, more, len(seen)]


def replacement(value: int = 1, *, more: int = 2, seen: list[int] = []) -> list[int]:  # noqa: B006
    """Lend its code to another function."""
    return [value, more, 99]


def _counter(start: int) -> Callable[[int], int]:
    total = start
    history: list[int] = []

    def count(step: int) -> int:
        nonlocal total
        total += step
        history.append(total)
        return total + len(history)

    return count


count = _counter(0)
count_twos = partial(_counter(10), 2)


def _change_module(what: int, value: int) -> None:
    space = globals()
    name = ("alpha", "born", "late")[value % 3]
    if what % 3:
        space[name] = [value]
    else:
        space.pop(name, None)


def _change_list(what: int, value: int) -> None:
    steps: list[Callable[[], Any]] = [
        lambda: numbers.append(value),
        lambda: numbers and numbers.pop(0),
        lambda: numbers.reverse(),
        lambda: numbers.append(table),
        lambda: numbers.clear(),
    ]
    steps[what % len(steps)]()


def _change_dict(what: int, value: int) -> None:
    steps: list[Callable[[], Any]] = [
        lambda: table.__setitem__(value % 9, value),
        lambda: table.pop(value % 9, None),
        lambda: table.__setitem__("self", nested),
        lambda: groups[value % 4].append(value),
        lambda: table.clear() if value % 5 == 0 else None,
        lambda: setattr(groups, "default_factory", None if value % 2 else list),
    ]
    try:
        steps[what % len(steps)]()
    except KeyError:
        # Without a factory a group is not made.
        groups[value % 4] = [value]


def _change_set(what: int, value: int) -> None:
    if what % 3 == 2:
        chosen.difference_update({value % 41, 8})
    else:
        (chosen.add, chosen.discard)[what % 3](value % 41)


def _change_nested(what: int, value: int) -> None:
    steps: list[Callable[[], Any]] = [
        lambda: nested["list"].append(value),
        lambda: nested["dict"].setdefault("a", []).append(value),
        lambda: nested["tuple"][0].append(value),
        lambda: nested["tuple"][1].add(value),
        lambda: nested["dict"].pop("a", None),
        lambda: nested["dict"].__setitem__("made", {"deep": [value]}),
    ]
    steps[what % len(steps)]()


def _change_class(what: int, value: int) -> None:
    steps: list[Callable[[], Any]] = [
        lambda: setattr(Shape, "size", value),
        lambda: setattr(Round, "size", value),
        lambda: "size" in vars(Round) and delattr(Round, "size"),
        lambda: Shape.tags.append(value),
        lambda: setattr(Shape, "__len__", lambda self: value),
        lambda: "__len__" in vars(Shape) and delattr(Shape, "__len__"),
        lambda: setattr(Round, "area", lambda self: value),
        lambda: "area" in vars(Round) and delattr(Round, "area"),
        lambda: "kind" in vars(Round) and delattr(Round, "kind"),
        lambda: setattr(Round, "__name__", f"Round{value}"),
        lambda: setattr(Round, "__bases__", (Other,) if value % 2 else (Shape,)),
    ]
    steps[what % len(steps)]()


def _change_instance(what: int, value: int) -> None:
    steps: list[Callable[[], Any]] = [
        lambda: setattr(shape, "size", value),
        lambda: shape.__dict__.pop("size", None),
        lambda: setattr(shape, "__dict__", {"size": value, "extra": [value]}),
        lambda: setattr(shape, "__class__", (Round, Other, Shape)[value % 3]),
        lambda: shapes[1].__dict__.update({f"x{value % 3}": value}),
    ]
    steps[what % len(steps)]()


def _change_function(what: int, value: int) -> None:
    steps: list[Callable[[], Any]] = [
        lambda: setattr(with_default, "__defaults__", (value,)),
        lambda: (with_default.__kwdefaults__ or {})["seen"].append(value),
        lambda: with_default.__dict__.__setitem__("note", [value]),
        lambda: with_default.__dict__.clear(),
        lambda: setattr(with_default, "__code__", replacement.__code__),
        lambda: setattr(with_default, "__name__", f"name{value}"),
        lambda: count(value),
        lambda: count_twos(),
    ]
    steps[what % len(steps)]()


def _iterate(what: int, value: int) -> None:
    sources: dict[str, Any] = {"table": table, "chosen": chosen, "numbers": numbers}
    name = list(sources)[what % 3]
    if value % 3 == 0 or name not in _iterators:
        _iterators[name] = iter(sources[name])
    try:
        table["found"] = repr(next(_iterators[name], "end"))
    except RuntimeError as error:
        table["found"] = str(error)


CHANGES = [
    _change_module,
    _change_list,
    _change_dict,
    _change_set,
    _change_nested,
    _change_class,
    _change_instance,
    _change_function,
    _iterate,
]


def _show(value: Any, depth: int = 3) -> Any:
    if isinstance(value, dict):
        shown = [[_show(key), _show(item, depth - 1)] for key, item in value.items()]
        return shown if depth else len(shown)
    if isinstance(value, (list, tuple, set)):
        return [_show(item, depth - 1) for item in value] if depth else len(value)
    return value if isinstance(value, (int, str)) else type(value).__name__


def observe() -> list[Any]:
    """Return all that can be seen of the state."""
    space = globals()
    return [
        [name for name in space if not name.startswith("__")],
        [_show(space.get(name)) for name in ("alpha", "born", "late")],
        [_show(value) for value in (numbers, table, groups, chosen, nested)],
        [_show([Shape.size, Round.size, Shape.tags, getattr(Round, "kind", None)])],
        [_public(Shape), _public(Round), Round.__name__, [one.__name__ for one in Round.__mro__]],
        [shape.area(), shapes[1].area(), type(shape).__name__, _show(vars(shape))],
        [_show(vars(shapes[1])), len(shape) if hasattr(shape, "__len__") else None],  # type: ignore[arg-type]
        [with_default(), with_default.__name__, _show(vars(with_default)), count(0), count_twos()],
        [str(groups.default_factory), len(_iterators)],
    ]


def _public(kind: type) -> list[str]:
    return [name for name in vars(kind) if not name.startswith("__") or name == "__len__"]


def play(turn: list[list[int]]) -> list[Any]:
    """Take the steps of one turn and return what can be seen then."""
    for kind, what, value in turn:
        try:
            CHANGES[kind % len(CHANGES)](what, value)
        except TypeError as error:
            # Some changes do not go together, such as that of bases after that of a class.
            numbers.append(str(error).partition("'")[0])
    return observe()


@workflow.defn
class Program:
    """Plays a program, one turn in each task."""

    @workflow.run
    async def run(self, program: list[list[list[int]]]) -> list[Any]:
        seen = []
        for turn in program:
            seen.append(play(turn))
            await workflow.sleep(1)
        return seen
