"""What the functions of ``temporalio.workflow`` that are about handlers do within a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from temporalio.workflow._runtime import _Runtime

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl


class RuntimeHandlers(_Runtime):
    """Looks up and replaces the handlers of a run."""

    _run: _WorkflowInstanceImpl

    def workflow_get_signal_handler(self, name: str | None) -> Callable[..., Any] | None:
        """Return the handler of a signal."""
        return self._bound(self._run.handlers.signals.get(name))

    def workflow_get_query_handler(self, name: str | None) -> Callable[..., Any] | None:
        """Return the handler of a query."""
        return self._bound(self._run.handlers.queries.get(name))

    def workflow_get_update_handler(self, name: str | None) -> Callable[..., Any] | None:
        """Return the handler of an update."""
        return self._bound(self._run.handlers.updates.get(name))

    def workflow_get_update_validator(self, name: str | None) -> Callable[..., Any] | None:
        """Return the validator of an update."""
        updates = self._run.handlers.updates
        definition = updates.get(name) or updates.get(None)
        if definition is None or definition.validator is None:
            return None
        if definition.is_method:
            return definition.bind_validator(self._run.workflow_object)
        return definition.validator

    def _bound(self, definition: Any) -> Callable[..., Any] | None:
        if definition is None:
            return None
        handler: Callable[..., Any] = (
            definition.bind_fn(self._run.workflow_object) if definition.is_method else definition.fn
        )
        return handler

    def workflow_set_signal_handler(
        self, name: str | None, handler: Callable[..., Any] | None
    ) -> None:
        """Set a signal's handler and give it what waited for it."""
        self._run.assert_not_read_only("set signal handler")
        definition = self._run.handlers.set_signal(name, handler)
        if definition is not None:
            for job in self._run.handlers.take_buffered(name):
                self._run.messages.handle_signal(definition, job)

    def workflow_set_query_handler(
        self, name: str | None, handler: Callable[..., Any] | None
    ) -> None:
        """Set a query's handler."""
        self._run.assert_not_read_only("set query handler")
        self._run.handlers.set_query(name, handler)

    def workflow_set_update_handler(
        self,
        name: str | None,
        handler: Callable[..., Any] | None,
        validator: Callable[..., Any] | None,
    ) -> None:
        """Set an update's handler."""
        self._run.assert_not_read_only("set update handler")
        self._run.handlers.set_update(name, handler, validator)

    def workflow_all_handlers_finished(self) -> bool:
        """Return whether no handler runs."""
        handlers = self._run.handlers
        return not handlers.running_signals and not handlers.running_updates
