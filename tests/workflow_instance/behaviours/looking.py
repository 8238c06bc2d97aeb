"""Code that only looks and must not act: queries and validators."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from ..simulation import Job
from .playing import Behaviour, attempt, start

_INIT: list[Job] = [("init",)]


def _make_task() -> None:
    coroutine = workflow.sleep(1)
    try:
        asyncio.get_running_loop().create_task(coroutine)
    finally:
        coroutine.close()


def _forbidden() -> dict[str, Callable[[], Any]]:
    """Return what must not be done while something only looks.

    Promise 29: neither queries nor validators can do it.
    """
    return {
        "activity": lambda: start("never"),
        "local sleep": lambda: asyncio.get_running_loop().call_later(1, lambda: None),
        "call soon": lambda: asyncio.get_running_loop().call_soon(lambda: None),
        "task": _make_task,
        "random": workflow.random,
        "uuid4": workflow.uuid4,
        "uuid7": workflow.uuid7,
        "new random": lambda: workflow.new_random("name"),
        "seed callback": lambda: workflow.register_random_seed_callback(lambda seed: None),
        "patched": lambda: workflow.patched("p"),
        "deprecate": lambda: workflow.deprecate_patch("p"),
        "continue as new": workflow.continue_as_new,
        "details": lambda: workflow.set_current_details("d"),
        "signal handler": lambda: workflow.set_signal_handler("s", None),
        "query handler": lambda: workflow.set_query_handler("s", None),
        "update handler": lambda: workflow.set_update_handler("s", None),
        "dynamic signal handler": lambda: workflow.set_dynamic_signal_handler(None),
        "is read only": workflow.unsafe.is_read_only,
        "replaying": workflow.unsafe.is_replaying,
        "replaying events": workflow.unsafe.is_replaying_history_events,
        "in workflow": workflow.in_workflow,
        "now": lambda: str(workflow.now()),
        "info": lambda: workflow.info().workflow_type,
        "seed": workflow.random_seed,
        "memo": workflow.memo,
        "reason": workflow.cancellation_reason,
        "update info": workflow.current_update_info,
        "details so far": workflow.get_current_details,
        "last result": workflow.has_last_completion_result,
        "finished": workflow.all_handlers_finished,
        "fails": lambda: workflow.is_failure_exception(ApplicationError("x")),
    }


@workflow.defn
class Looking:
    """Tries what it must not."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}
        self.handle: Any = None

    @workflow.run
    async def run(self) -> Any:
        self.handle = start("activity")
        await workflow.wait_condition(lambda: bool(self.seen))
        return self.seen

    @workflow.query
    def tries(self) -> dict[str, str]:
        return {name: attempt(action) for name, action in _forbidden().items()}

    @workflow.query
    def cancels(self) -> str:
        return attempt(lambda: self.handle.cancel())

    @workflow.query
    async def waits(self) -> None:
        await workflow.wait_condition(lambda: True)

    @workflow.query
    async def sleeps(self) -> None:
        await workflow.sleep(1)

    @workflow.query
    async def ends(self) -> None:
        workflow.continue_as_new()

    @workflow.update
    def change(self, what: str) -> str:
        return what

    @change.validator
    def check(self, what: str) -> None:
        if what == "try":
            self.tried = {name: attempt(action) for name, action in _forbidden().items()}
            raise ApplicationError("tried", self.tried)
        if what == "act":
            start("never")
        if what == "continue":
            workflow.continue_as_new()

    @workflow.signal
    def end(self) -> None:
        self.seen = {name: attempt(action) for name, action in _quiet().items()}


def _quiet() -> dict[str, Callable[[], Any]]:
    """Return those of the forbidden that leave no trace where they are allowed."""
    loud = ("activity", "local sleep", "task", "patched", "deprecate", "continue as new")
    hidden = ("random", "new random", "call soon")
    return {name: action for name, action in _forbidden().items() if name not in (*loud, *hidden)}


def behaviours() -> list[Behaviour]:
    """Return what this file adds to the comparison."""

    def ask(name: str) -> list[list[Job]]:
        return [_INIT, [("query", name)], [("signal", "end")]]

    def update(what: str) -> list[list[Job]]:
        return [_INIT, [("update", "u", "change", what)], [("signal", "end")]]

    return [
        *(Behaviour(f"query {name}", Looking, ask(name)) for name in ("tries", "cancels")),
        *(Behaviour(f"query {name}", Looking, ask(name)) for name in ("waits", "sleeps", "ends")),
        *(Behaviour(f"validator {what}", Looking, update(what)) for what in ("try", "act")),
        Behaviour("validator continue", Looking, update("continue")),
        Behaviour("replayed update", Looking, update("fine"), replaying=(0, 1)),
    ]
