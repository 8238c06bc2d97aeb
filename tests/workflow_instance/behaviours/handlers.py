"""Handlers that come and go while a workflow runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

from ..simulation import Job
from .playing import Behaviour, attempt


@workflow.defn
class Receiving:
    """Sets, replaces and takes away handlers when told to."""

    def __init__(self) -> None:
        self.log: list[Any] = []

    @workflow.run
    async def run(self) -> Any:
        await workflow.wait_condition(lambda: "end" in self.log)
        return self.log

    @workflow.signal
    def do(self, step: str) -> None:
        self.log.append([step, attempt(getattr(self, step))])

    @workflow.signal
    def end(self) -> None:
        self.log.append("end")

    def _note(self, name: str) -> Callable[..., Any]:
        def handler(*args: Any) -> str:
            shown = [
                [one.payload.data.decode() for one in arg]
                if isinstance(arg, (list, tuple))
                else arg
                for arg in args
            ]
            self.log.append([name, *shown])
            return name

        return handler

    def signal_a(self) -> None:
        def handler(word: str) -> None:
            self._note("a")(word)

        workflow.set_signal_handler("a", handler)

    def signal_a_anew(self) -> None:
        async def handler(word: str) -> None:
            self._note("a anew")(word)

        workflow.set_signal_handler("a", handler)

    def no_signal_a(self) -> None:
        workflow.set_signal_handler("a", None)

    def no_signal_unknown(self) -> None:
        workflow.set_signal_handler("never", None)

    def any_signal(self) -> None:
        def handler(name: str, args: Sequence[RawValue]) -> None:
            self._note("any")(name, list(args))

        workflow.set_dynamic_signal_handler(handler)

    def any_signal_the_old_way(self) -> None:
        def handler(name: str, *args: Any) -> None:
            self._note("any the old way")(name, *args)

        workflow.set_dynamic_signal_handler(handler)

    def no_any_signal(self) -> None:
        workflow.set_dynamic_signal_handler(None)

    def query_q(self) -> None:
        workflow.set_query_handler("q", self._note("q"))

    def query_q_anew(self) -> None:
        async def handler() -> str:
            return "q anew"

        workflow.set_query_handler("q", handler)

    def no_query_q(self) -> None:
        workflow.set_query_handler("q", None)

    def any_query(self) -> None:
        def handler(name: str, args: Sequence[RawValue]) -> str:
            return f"any {name} {len(args)}"

        workflow.set_dynamic_query_handler(handler)

    def any_query_the_old_way(self) -> None:
        def handler(name: str, *args: Any) -> str:
            return f"any the old way {name} {args}"

        workflow.set_dynamic_query_handler(handler)

    def update_u(self) -> None:
        def handler(word: str) -> str:
            return f"u {word}"

        def validator(word: str) -> None:
            if word == "wrong":
                raise ValueError("wrong word")

        workflow.set_update_handler("u", handler, validator=validator)

    def no_update_u(self) -> None:
        workflow.set_update_handler("u", None)

    def any_update(self) -> None:
        async def handler(name: str, args: Sequence[RawValue]) -> str:
            return f"any {name} {len(args)}"

        workflow.set_dynamic_update_handler(handler)

    def any_update_the_old_way(self) -> None:
        def handler(name: str, *args: Any) -> str:
            return "never"

        workflow.set_dynamic_update_handler(handler)

    def wrong_dynamic(self) -> None:
        def handler(number: int) -> None: ...

        workflow.set_dynamic_signal_handler(handler)  # type: ignore[arg-type]

    def wrong_validator(self) -> None:
        async def validator(word: str) -> None: ...

        workflow.set_update_handler("u", lambda word: word, validator=validator)

    def look(self) -> Any:
        found = {
            "do": workflow.get_signal_handler("do"),
            "a": workflow.get_signal_handler("a"),
            "any signal": workflow.get_dynamic_signal_handler(),
            "q": workflow.get_query_handler("q"),
            "any query": workflow.get_dynamic_query_handler(),
            "u": workflow.get_update_handler("u"),
            "any update": workflow.get_dynamic_update_handler(),
            "asked": workflow.get_query_handler("asked"),
        }
        return [name for name, handler in found.items() if handler is not None]

    @workflow.query
    def asked(self, number: int) -> list[Any]:
        return self.log

    @workflow.signal
    async def counted(self, number: int) -> None:
        self.log.append(number)

    @workflow.update
    async def typed(self, number: int) -> int:
        return number


def behaviours() -> list[Behaviour]:
    """Return what this file adds to the comparison."""

    def steps(*names: str) -> list[list[Job]]:
        return [[("signal", "do", name)] for name in names]

    init: list[list[Job]] = [[("init",)]]
    end: list[list[Job]] = [[("signal", "end")]]
    waiting: list[list[Job]] = [
        [("signal", "a", "1"), ("signal", "b", "2"), ("signal", "a", "3")],
        [("signal", "c", "4"), ("signal", "a", "5")],
    ]
    ask: list[list[Job]] = [[("query", "q")]]

    def update(word: Any, name: str = "u") -> list[list[Job]]:
        update.count += 1  # type: ignore[attr-defined]
        return [[("update", f"id-{update.count}", name, word)]]  # type: ignore[attr-defined]

    update.count = 0  # type: ignore[attr-defined]
    return [
        Behaviour("one by one", Receiving, init + waiting + steps("signal_a", "any_signal") + end),
        Behaviour("any signal", Receiving, init + waiting + steps("any_signal") + end),
        Behaviour(
            "any the old way", Receiving, init + waiting + steps("any_signal_the_old_way") + end
        ),
        Behaviour(
            "handlers come and go",
            Receiving,
            [
                *init,
                *steps("look", "signal_a", "look"),
                *waiting,
                *steps("signal_a_anew"),
                *waiting,
                *steps("no_signal_a", "no_signal_unknown"),
                *waiting,
                *steps("look", "any_signal", "no_any_signal"),
                *waiting,
                *end,
            ],
        ),
        Behaviour("left over", Receiving, init + waiting + end),
        Behaviour(
            "queries come and go",
            Receiving,
            [
                *init,
                *ask,
                *steps("query_q"),
                *ask,
                *steps("query_q_anew"),
                *ask,
                *steps("no_query_q", "any_query"),
                *ask,
                *steps("any_query_the_old_way", "look"),
                *ask,
                *end,
            ],
        ),
        Behaviour(
            "updates come and go",
            Receiving,
            [
                *init,
                *update("early"),
                *steps("update_u", "look"),
                *update("right"),
                *update("wrong"),
                *steps("no_update_u"),
                *update("late"),
                *steps("any_update", "look"),
                *update("any"),
                *end,
            ],
        ),
        Behaviour(
            "no such handlers",
            Receiving,
            init + steps("any_update_the_old_way", "wrong_dynamic", "wrong_validator") + end,
        ),
        Behaviour(
            "signals that do not decode",
            Receiving,
            [
                *init,
                [("signal", "counted", "no number"), ("signal", "counted", 7)],
                [("signal", "counted", {"a": 1})],
                *end,
            ],
        ),
        Behaviour(
            "queries that do not decode",
            Receiving,
            [*init, [("query", "asked", "no number")], *end],
        ),
        Behaviour(
            "updates that do not decode",
            Receiving,
            [*init, *update("no number", "typed"), *update(5, "typed"), *end],
        ),
    ]
