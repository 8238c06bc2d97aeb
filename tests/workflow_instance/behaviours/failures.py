"""What fails a workflow, and what only its task; dynamic workflows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, VersioningBehavior
from temporalio.exceptions import ApplicationError

from ..simulation import Job
from .playing import Behaviour

_INIT: list[Job] = [("init",)]

# ---- what fails what ----


class Mine(Exception):
    """An exception of the user's."""


class MineBelow(Mine):
    """One below it."""


@workflow.defn(failure_exception_types=[Mine])
class Failing:
    """Raises in every place there is."""

    def __init__(self) -> None:
        self.more = ""

    @workflow.run
    async def run(self, how: str) -> None:
        if how == "below":
            raise MineBelow("mine")
        if how == "key":
            raise KeyError("not mine")
        if how == "nondeterminism":
            raise workflow.NondeterminismError("by hand")
        if how == "base":
            raise SystemExit("base")
        if how == "kinds":
            kinds = [Mine(""), MineBelow(""), KeyError(""), asyncio.TimeoutError(), TimeoutError()]
            kinds += [ApplicationError(""), asyncio.CancelledError()]  # type: ignore[list-item]
            raise ApplicationError("kinds", [workflow.is_failure_exception(kind) for kind in kinds])
        if how == "task":
            asyncio.create_task(self._raise(KeyError("in a task")))
        if how == "callback":
            asyncio.get_running_loop().call_soon(self._raise_now)
        if how == "condition":
            await workflow.wait_condition(self._raise_now)
        if how == "group":
            await asyncio.gather(self._raise(Mine("one")), self._raise(KeyError("two")))
        if how == "caught":
            try:
                await asyncio.gather(self._raise(Mine("one")), self._raise(KeyError("two")))
            except Mine:
                pass
        if how == "handler":
            asyncio.get_running_loop().set_exception_handler(
                lambda loop, context: setattr(self, "more", str(context["message"])[:21])
            )
            asyncio.get_running_loop().call_soon(self._raise_now)
        await workflow.wait_condition(lambda: self.more != "")
        raise ApplicationError(self.more)

    async def _raise(self, error: Exception) -> None:
        raise error

    def _raise_now(self) -> bool:
        raise KeyError("now")

    @workflow.signal
    async def fail(self, how: str) -> None:
        if how == "mine":
            raise Mine("in a signal")
        if how == "key":
            raise KeyError("in a signal")
        self.more = how

    @workflow.query
    def broken(self) -> None:
        raise KeyError("in a query")

    @workflow.query
    def unable(self) -> Any:
        return object()


def _failures() -> list[Behaviour]:
    more: list[list[Job]] = [[("signal", "fail", "more")]]
    named = ["below", "key", "nondeterminism", "kinds", "task", "callback", "condition", "group"]
    return [
        *(
            Behaviour(f"raises {how}", Failing, [_INIT, *more], args=[how])
            for how in [*named, "caught", "handler"]
        ),
        *(
            Behaviour(
                f"signal raises {how}", Failing, [_INIT, [("signal", "fail", how)]], args=[""]
            )
            for how in ("mine", "key")
        ),
        *(
            Behaviour(f"query {how}", Failing, [_INIT, [("query", how)], *more], args=[""])
            for how in ("broken", "unable")
        ),
        Behaviour("worker fails key", Failing, [_INIT], args=["key"], failure_types=[KeyError]),
        Behaviour("worker fails all", Failing, [_INIT], args=["key"], failure_types=[Exception]),
        Behaviour(
            "worker fails nondeterminism",
            Failing,
            [_INIT],
            args=["nondeterminism"],
            failure_types=[workflow.NondeterminismError],
        ),
        Behaviour("wrong argument", Failing, [_INIT], args=[{"not": "text"}]),
        Behaviour(
            "wrong argument fails",
            Failing,
            [_INIT],
            args=[{"not": "text"}],
            failure_types=[TypeError, RuntimeError],
        ),
        Behaviour("no handle", Failing, [_INIT, [("completed", 7)]], args=[""]),
        Behaviour(
            "no handle fails",
            Failing,
            [_INIT, [("completed", 7)]],
            args=[""],
            failure_types=[RuntimeError],
        ),
    ]


# ---- dynamic workflows ----


def _raise(error: Exception) -> Any:
    raise error


def _configs() -> dict[str, Callable[[], Any]]:
    config = workflow.DynamicWorkflowConfig
    return {
        "pinned": lambda: config(versioning_behavior=VersioningBehavior.PINNED),
        "fails": lambda: config(failure_exception_types=[Mine]),
        "nothing": lambda: None,
        "raises": lambda: _raise(Mine("in config")),
        "raises failure": lambda: _raise(ApplicationError("in config")),
        "acts": lambda: workflow.random() and None,
    }


@workflow.defn(dynamic=True, failure_exception_types=[KeyError])
class AnyType:
    """Stands in for types that nobody knows, as its first argument says."""

    @workflow.init
    def __init__(self, args: Sequence[RawValue]) -> None:
        self.values = [workflow.payload_converter().from_payload(arg.payload) for arg in args]
        workflow.random()

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> Any:
        if self.values[1] == "mine":
            raise Mine("mine")
        if self.values[1] == "key":
            raise KeyError("key")
        return [workflow.info().workflow_type, self.values, len(args)]

    @workflow.dynamic_config
    def config(self) -> workflow.DynamicWorkflowConfig:
        return _configs()[self.values[0]]()  # type: ignore[no-any-return]


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class Versioned:
    """Says how it stands to versions of its worker."""

    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(1)


def _dynamics() -> list[Behaviour]:
    return [
        *(
            Behaviour(f"dynamic {config} {raised}", AnyType, [_INIT], args=[config, raised])
            for config in _configs()
            for raised in ("", "mine", "key")
        ),
        Behaviour("versioned", Versioned, [_INIT, [("timer", 1)]]),
    ]


def behaviours() -> list[Behaviour]:
    """Return what this file adds to the comparison."""
    return [*_failures(), *_dynamics()]
