"""Finding a workflow's methods in its class, and everything that is wrong with them."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from ._handler_definitions import (
    _QUERY_ATTRIBUTE,
    _SIGNAL_ATTRIBUTE,
    UpdateMethodMultiParam,
    _QueryDefinition,
    _SignalDefinition,
    _UpdateDefinition,
)

_RUN_MARK = "__temporal_workflow_run"
_INIT_MARK = "__temporal_workflow_init"
_DYNAMIC_CONFIG_MARK = "__temporal_workflow_dynamic_config"


class _Named(Protocol):
    @property
    def name(self) -> str | None: ...
    @property
    def fn(self) -> Callable[..., Any]: ...


_HandlerDefinition = TypeVar("_HandlerDefinition", bound=_Named)


@dataclass(frozen=True)
class WorkflowMembers:
    """The methods of a proper workflow class, by what they are for."""

    run_fn: Callable[..., Awaitable[Any]]
    dynamic_config_fn: Callable[..., Any] | None
    signals: dict[str | None, _SignalDefinition]
    queries: dict[str | None, _QueryDefinition]
    updates: dict[str | None, _UpdateDefinition]


def scan_class(cls: type, workflow_name: str | None) -> WorkflowMembers:
    """Find the decorated methods of ``cls``.

    Args:
        cls: The class.
        workflow_name: Name of the workflow type, None for a dynamic workflow.

    Raises:
        ValueError: With all issues, not only the first.
    """
    scan = _Scan(cls, workflow_name)
    scan.read_members()
    scan.read_bases()
    scan.check_whole()
    if len(scan.issues) == 1:
        raise ValueError(f"Invalid workflow class: {scan.issues[0]}")
    if scan.issues:
        raise ValueError(
            f"Invalid workflow class for {len(scan.issues)} reasons: {', '.join(scan.issues)}"
        )
    assert scan.run_fn is not None, "a class without a run method has an issue"
    return WorkflowMembers(
        run_fn=scan.run_fn,
        dynamic_config_fn=scan.dynamic_config_fn,
        signals=scan.signals,
        queries=scan.queries,
        updates=scan.updates,
    )


class _Scan:
    """One look through a class: what was found, and what was wrong with it."""

    def __init__(self, cls: type, workflow_name: str | None) -> None:
        self.cls = cls
        self.workflow_name = workflow_name
        self.issues: list[str] = []
        self.seen_run = False
        self.run_fn: Callable[..., Awaitable[Any]] | None = None
        self.init_fn: Callable[..., None] | None = None
        self.dynamic_config_fn: Callable[..., Any] | None = None
        self.signals: dict[str | None, _SignalDefinition] = {}
        self.queries: dict[str | None, _QueryDefinition] = {}
        self.updates: dict[str | None, _UpdateDefinition] = {}

    def read_members(self) -> None:
        """Sort all members of the class, inherited ones too, by their decorator."""
        for name, member in inspect.getmembers(self.cls):
            if hasattr(member, _RUN_MARK):
                self._take_run(name, member)
            elif hasattr(member, _SIGNAL_ATTRIBUTE):
                self._take("signal", name, getattr(member, _SIGNAL_ATTRIBUTE), self.signals)
            elif hasattr(member, _QUERY_ATTRIBUTE):
                self._take("query", name, getattr(member, _QUERY_ATTRIBUTE), self.queries)
            elif name == "__init__" and hasattr(member, _INIT_MARK):
                self.init_fn = member
            elif hasattr(member, _DYNAMIC_CONFIG_MARK):
                self._take_dynamic_config(member)
            elif isinstance(member, UpdateMethodMultiParam):
                self._take_update(name, member._defn)

    def _take_run(self, name: str, member: Any) -> None:
        self.seen_run = True
        if not _is_unbound_method_on_cls(member, self.cls):
            self.issues.append(
                f"@workflow.run method {name} must be defined on {self.cls.__qualname__}"
            )
        elif self.run_fn is not None:
            first = getattr(self.run_fn, "__name__", "<unknown>")
            self.issues.append(
                f"Multiple @workflow.run methods found (at least on {name} and {first})"
            )
        else:
            self.run_fn = member

    def _take_dynamic_config(self, member: Any) -> None:
        if self.workflow_name:
            self.issues.append(
                "@workflow.dynamic_config can only be used in dynamic workflows, but workflow "
                f"class {self.workflow_name} ({self.cls.__name__}) is not dynamic"
            )
        if self.dynamic_config_fn is not None:
            self.issues.append("@workflow.dynamic_config can only be defined once per workflow")
        self.dynamic_config_fn = member

    def _take_update(self, name: str, definition: _UpdateDefinition) -> None:
        validator = definition.validator
        if (
            definition.name not in self.updates
            and validator is not None
            and not _parameters_identical_up_to_naming(definition.fn, validator)
        ):
            self.issues.append(
                f"Update validator method {validator.__name__} parameters "
                f"do not match update method {definition.fn.__name__} parameters"
            )
        else:
            self._take("update", name, definition, self.updates)

    def _take(
        self,
        kind: str,
        name: str,
        definition: _HandlerDefinition,
        found: dict[str | None, _HandlerDefinition],
    ) -> None:
        # The same method under two names counts twice as well.
        if definition.name not in found:
            found[definition.name] = definition
            return
        first = found[definition.name].fn.__name__
        self.issues.append(
            f"Multiple {kind} methods found for {definition.name or '<dynamic>'} "
            f"(at least on {name} and {first})"
        )

    def read_bases(self) -> None:
        """Check that what a base class decorates is decorated alike where it is overridden."""
        for method in self._methods_of_bases():
            place = method.__qualname__
            if hasattr(method, _RUN_MARK):
                self.seen_run = True
                kept = self.run_fn is not None and self.run_fn.__name__ == method.__name__
                kind = "run"
            elif hasattr(method, _SIGNAL_ATTRIBUTE):
                kept = getattr(method, _SIGNAL_ATTRIBUTE).name in self.signals
                kind = "signal"
            elif hasattr(method, _QUERY_ATTRIBUTE):
                kept = getattr(method, _QUERY_ATTRIBUTE).name in self.queries
                kind = "query"
            elif isinstance(method, UpdateMethodMultiParam):
                kept = method._defn.name in self.updates
                kind = "update"
            else:
                continue
            if not kept:
                self.issues.append(f"@workflow.{kind} defined on {place} but not on the override")

    def _methods_of_bases(self) -> Iterator[Any]:
        for base in inspect.getmro(self.cls)[1:]:
            for _, member in inspect.getmembers(base):
                if _is_unbound_method_on_cls(member, base):
                    yield member

    def check_whole(self) -> None:
        """Check what only shows once all members are known."""
        if not self.seen_run:
            self.issues.append("Missing @workflow.run method")
        if (
            self.init_fn is not None
            and self.run_fn is not None
            and not _parameters_identical_up_to_naming(self.init_fn, self.run_fn)
        ):
            self.issues.append("@workflow.init and @workflow.run method parameters do not match")


def _parameters_identical_up_to_naming(fn1: Callable[..., Any], fn2: Callable[..., Any]) -> bool:
    """Return whether two functions take the same parameters, whatever these are called.

    Kinds, defaults and annotations must be equal; a subtype is not.
    """
    first, second = (
        [
            (parameter.kind, parameter.default, parameter.annotation)
            for parameter in inspect.signature(fn).parameters.values()
        ]
        for fn in (fn1, fn2)
    )
    return first == second


def _is_unbound_method_on_cls(fn: Any, cls: type) -> bool:
    """Return whether ``fn`` is a function written in the body of ``cls``, not in that of a base."""
    if not inspect.isfunction(fn) or inspect.getmodule(fn) is not inspect.getmodule(cls):
        return False
    owner, _, _ = fn.__qualname__.rpartition(".")
    return owner == cls.__name__
