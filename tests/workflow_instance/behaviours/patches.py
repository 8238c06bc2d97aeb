"""Which way patched code goes."""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from ..simulation import Job
from .playing import Behaviour


@workflow.defn
class Patched:
    """Asks for patches at once and after a timer.

    Compatibility, commands: the first answer per id holds for the run, `False` included.
    """

    @workflow.run
    async def run(self, *wanted: str) -> list[Any]:
        answers = [self.ask(one) for one in wanted]
        await workflow.sleep(1)
        return answers + [self.ask(one) for one in wanted]

    @staticmethod
    def ask(wanted: str) -> Any:
        if wanted.startswith("-"):
            return workflow.deprecate_patch(wanted[1:])
        return workflow.patched(wanted)

    @workflow.query
    def in_query(self) -> bool:
        return workflow.patched("a")

    @workflow.signal
    def in_signal(self) -> None:
        workflow.patched("from a signal")


class NotSo(Exception):
    """What a patch callback raises."""


def _raise_in_callback(_: Any) -> bool:
    raise NotSo("not now")


def _act_in_callback(_: Any) -> bool:
    workflow.random()
    return True


def behaviours() -> list[Behaviour]:
    """Return what this file adds to the comparison."""
    init: Job = ("init",)
    timer: list[Job] = [("timer", 1)]

    def patched(name: str, wanted: list[str], **options: Any) -> Behaviour:
        recorded = [("patch", one) for one in options.pop("recorded", [])]
        return Behaviour(name, Patched, [[*recorded, init], timer], args=wanted, **options)

    replayed: dict[str, Any] = {"replaying": (0,)}
    return [
        patched("patches", ["a", "b", "a"]),
        patched("replayed without markers", ["a", "b"], **replayed),
        patched("replayed with a marker", ["a", "b"], recorded=["b"], **replayed),
        patched("deprecated", ["-a", "b"]),
        patched("deprecated in replay", ["-a"], **replayed),
        patched("deprecated and asked", ["-a", "a"]),
        patched("asked and deprecated", ["a", "-a"], **replayed),
        patched("deprecated with a marker", ["-a"], recorded=["a"], **replayed),
        patched("marker comes later", ["a"], recorded=["a"]),
        patched("only b", ["a", "b"], patch_callback=lambda asked: asked.patch_id == "b"),
        patched("none deprecated", ["-a", "a"], patch_callback=lambda _: False),
        patched("none in replay", ["a"], patch_callback=lambda _: True, **replayed),
        patched("recorded", ["a"], patch_callback=lambda _: False, recorded=["a"]),
        patched("no bool", ["a"], patch_callback=lambda _: 1),
        patched("callback raises", ["a"], patch_callback=_raise_in_callback),
        patched(
            "callback fails",
            ["a"],
            patch_callback=_raise_in_callback,
            failure_types=[NotSo],
        ),
        patched("callback acts", ["a"], patch_callback=_act_in_callback),
        Behaviour("patch in a query", Patched, [[init], [("query", "in_query")]]),
        Behaviour(
            "patch in a signal",
            Patched,
            [[("patch", "from a signal"), ("signal", "in_signal"), init]],
            replaying=(0,),
        ),
        Behaviour("patch in a signal anew", Patched, [[init], [("signal", "in_signal")]]),
    ]
