"""The handlers of a run: which there are, what runs, and what waits for one."""

from __future__ import annotations

import collections
import functools
import inspect
import json
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import temporalio.workflow
from temporalio.bridge._callboard import SignalJob
from temporalio.workflow import HandlerUnfinishedPolicy
from temporalio.workflow._definition import _Definition
from temporalio.workflow._handler_definitions import (
    _QueryDefinition,
    _SignalDefinition,
    _UpdateDefinition,
)

_Handler = TypeVar("_Handler", _SignalDefinition, _QueryDefinition, _UpdateDefinition)


@dataclass
class HandlerExecution:
    """A signal or update handler that runs."""

    name: str
    unfinished_policy: HandlerUnfinishedPolicy
    id: str | None = None


class Handlers:
    """Handlers by name; the dynamic one is under None."""

    def __init__(
        self, definition: _Definition, built_in_queries: Callable[[], Iterable[_QueryDefinition]]
    ) -> None:
        """Begin with those of the workflow's class, and with what every run can be asked."""
        self._definition = definition
        self._built_in_queries = built_in_queries
        self.running_signals: dict[int, HandlerExecution] = {}
        self.running_updates: dict[str, HandlerExecution] = {}
        # Signals that came before a handler for them.
        self.buffered: dict[str, list[SignalJob]] = {}
        self._last_signal = 0

    # Most runs change none and are asked nothing.

    @functools.cached_property
    def signals(self) -> dict[str | None, _SignalDefinition]:
        """Handlers of signals."""
        return dict(self._definition.signals)

    @functools.cached_property
    def queries(self) -> dict[str | None, _QueryDefinition]:
        """Handlers of queries."""
        queries = dict(self._definition.queries)
        queries.update((query.name, query) for query in self._built_in_queries())
        return queries

    @functools.cached_property
    def updates(self) -> dict[str | None, _UpdateDefinition]:
        """Handlers of updates."""
        return dict(self._definition.updates)

    def begin_signal(self, name: str, policy: HandlerUnfinishedPolicy) -> int:
        """Note that a signal handler runs; signals have no id of their own."""
        self._last_signal += 1
        self.running_signals[self._last_signal] = HandlerExecution(name, policy)
        return self._last_signal

    def take_buffered(self, name: str | None) -> list[SignalJob]:
        """Take the signals that a new handler is for, in the order in which they came."""
        if name is not None:
            return self.buffered.pop(name, [])
        waiting = [job for jobs in self.buffered.values() for job in jobs]
        self.buffered.clear()
        return waiting

    def set_signal(
        self, name: str | None, handler: Callable[..., Any] | None
    ) -> _SignalDefinition | None:
        """Set, replace or take away a signal handler; returns what was set."""
        if handler is None:
            self.signals.pop(name, None)
            return None
        definition = _SignalDefinition(name=name, fn=handler, is_method=False)
        self.signals[name] = definition
        if definition.dynamic_vararg:
            _deprecate("Dynamic signals with vararg third param is deprecated")
        return definition

    def set_query(self, name: str | None, handler: Callable[..., Any] | None) -> None:
        """Set, replace or take away a query handler."""
        if handler is None:
            self.queries.pop(name, None)
            return
        if inspect.iscoroutinefunction(handler):
            _deprecate("Queries as async def functions are deprecated", advice="")
        definition = _QueryDefinition(name=name, fn=handler, is_method=False)
        self.queries[name] = definition
        if definition.dynamic_vararg:
            _deprecate("Dynamic queries with vararg third param is deprecated")

    def set_update(
        self,
        name: str | None,
        handler: Callable[..., Any] | None,
        validator: Callable[..., Any] | None,
    ) -> None:
        """Set, replace or take away an update handler."""
        if handler is None:
            self.updates.pop(name, None)
            return
        definition = _UpdateDefinition(name=name, fn=handler, is_method=False)
        if validator is not None:
            definition.set_validator(validator)
        self.updates[name] = definition

    def warn_of_unfinished(self) -> None:
        """Warn of each handler that still runs although the workflow ends."""
        updates = _to_warn_of(self.running_updates.values())
        if updates:
            named = json.dumps([{"name": one.name, "id": one.id} for one in updates])
            warnings.warn(
                temporalio.workflow.UnfinishedUpdateHandlersWarning(
                    _unfinished("update", "update", "who sent it gets an error instead of a result")
                    + f" Unfinished updates: {named}"
                ),
                stacklevel=2,
            )
        signals = _to_warn_of(self.running_signals.values())
        if signals:
            counted = collections.Counter(one.name for one in signals).most_common()
            named = json.dumps([{"name": name, "count": count} for name, count in counted])
            warnings.warn(
                temporalio.workflow.UnfinishedSignalHandlersWarning(
                    _unfinished("signal", "signal", "its work may be left half done")
                    + f" Unfinished signals: {named}"
                ),
                stacklevel=2,
            )


def find(handlers: dict[str | None, _Handler], name: str) -> _Handler | None:
    """Return the handler for a name, or else the dynamic one."""
    return handlers.get(name) or handlers.get(None)


def known_names(handlers: Iterable[str | None]) -> str:
    """Return the names of all handlers but the dynamic one, for a message."""
    return "[" + " ".join(sorted(name for name in handlers if name)) + "]"


def _to_warn_of(executions: Iterable[HandlerExecution]) -> list[HandlerExecution]:
    return [
        one
        for one in executions
        if one.unfinished_policy is HandlerUnfinishedPolicy.WARN_AND_ABANDON
    ]


def _unfinished(kind: str, decorator: str, consequence: str) -> str:
    return (
        f"[TMPRL1102] Workflow finished while {kind} handlers are still running: {consequence}. "
        "Let the workflow wait for them with `await workflow.wait_condition("
        "workflow.all_handlers_finished)`, or say that this is fine with "
        f"`@workflow.{decorator}(unfinished_policy=workflow.HandlerUnfinishedPolicy.ABANDON)`."
    )


def _deprecate(what: str, advice: str = ", use Sequence[RawValue]") -> None:
    warnings.warn(what + advice, DeprecationWarning, stacklevel=4)
