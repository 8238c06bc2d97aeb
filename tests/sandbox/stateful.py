"""A workflow whose module has state of many kinds. Each run must see it as if it were alone."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from temporalio import workflow

from . import stateful_helper
from .stateful_helper import bump

counter = 0
numbers = [0]
names = {"start": 0}
members = {1, 2, 3}
deep = {"list": [1], "tuple": ([2], {"x": 3})}


class Colour(enum.Enum):
    """Something that is not changed."""

    RED = 1
    BLUE = 2


class Settings:
    """A class whose attributes are changed, and those of its one instance."""

    level = 0

    def __init__(self) -> None:
        self.uses = 0

    def __len__(self) -> int:
        return self.uses


settings = Settings()
alias = settings


@dataclass
class Point:
    """A class that comes with generated functions."""

    x: int = 0
    tags: list[str] = field(default_factory=list)


point = Point()


def with_default(seen: list[int] = []) -> int:  # noqa: B006  (that it is kept is the point)
    """Keep state in a default."""
    seen.append(len(seen))
    return len(seen)


def with_attribute() -> int:
    """Keep state in an attribute of the function."""
    calls: int = getattr(with_attribute, "calls", 0) + 1
    with_attribute.calls = calls  # type: ignore[attr-defined]
    return calls


def _make() -> Callable[[], int]:
    count = 0

    def increase() -> int:
        nonlocal count
        count += 1
        return count

    return increase


closure = _make()


def use(turn: int) -> dict[str, Any]:
    """Change all there is, and return what it has become."""
    global counter
    counter += 1
    numbers.append(counter)
    names[f"turn {turn}"] = counter
    names.pop("start", None)
    members.add(10 * counter)
    members.discard(1)
    deep["list"].append(turn)  # type: ignore[attr-defined]
    deep["tuple"][1]["x"] += 1  # type: ignore[index]
    Settings.level += 1
    settings.uses += 1
    point.tags.append(str(turn))
    point.x += 1
    if turn == 1:
        globals()["late"] = "born in a turn"
        Settings.__len__ = lambda self: 100 + self.uses  # type: ignore[method-assign]
        Settings.extra = []  # type: ignore[attr-defined]
    if turn == 2:
        del globals()["late"]
        del Settings.__len__
    return {
        "counter": counter,
        "numbers": list(numbers),
        "names": dict(names),
        "members": sorted(members),
        "deep": [list(deep["list"]), deep["tuple"][1]["x"]],  # type: ignore[index]
        "settings": [Settings.level, settings.uses, alias.uses, hasattr(Settings, "extra")],
        "length": len(settings) if hasattr(Settings, "__len__") else None,
        "point": [point.x, list(point.tags)],
        "default": with_default(),
        "attribute": with_attribute(),
        "closure": closure(),
        "late": globals().get("late"),
        "helper": [bump(), stateful_helper.total, stateful_helper.history[-1]],
        "order": [name for name in globals() if not name.startswith("__")][-3:],
    }


@workflow.defn
class Stateful:
    """Uses the state of its module once in each task."""

    @workflow.run
    async def run(self, turns: int) -> list[dict[str, Any]]:
        seen = []
        for turn in range(turns):
            seen.append(use(turn))
            await workflow.sleep(1)
        return seen


@workflow.defn
class Quiet:
    """Changes nothing."""

    @workflow.run
    async def run(self) -> list[Any]:
        await workflow.sleep(1)
        return [counter, list(numbers), Colour(1).name, Settings.level, len(settings)]
