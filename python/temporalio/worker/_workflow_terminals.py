"""The innermost of the chains of interceptors: what really happens."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import temporalio.workflow

from ._workflow_calls import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    HandleQueryInput,
    HandleSignalInput,
    HandleUpdateInput,
    StartActivityInput,
)

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl


class WorkflowInbound:
    """Calls workflow code."""

    def __init__(self, run: _WorkflowInstanceImpl) -> None:
        """Call the code of ``run``."""
        self._run = run

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        """Call the run method."""
        return await input.run_fn(self._run.workflow_object, *input.args)

    async def handle_signal(self, input: HandleSignalInput) -> None:
        """Call the handler that the signal has by now."""
        await _call(
            self._handler(self._run.runtime.workflow_get_signal_handler, input.signal), input.args
        )

    async def handle_query(self, input: HandleQueryInput) -> Any:
        """Call the handler that the query has by now."""
        handler = self._handler(self._run.runtime.workflow_get_query_handler, input.query)
        return await _call(handler, input.args)

    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        """Call the validator, if the update has one."""
        validator = self._run.runtime.workflow_get_update_validator(input.update)
        if validator is not None:
            validator(*input.args)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        """Call the handler that the update has by now."""
        handler = self._handler(self._run.runtime.workflow_get_update_handler, input.update)
        return await _call(handler, input.args)

    @staticmethod
    def _handler(
        lookup: Callable[[str | None], Callable[..., Any] | None], name: str
    ) -> Callable[..., Any]:
        handler = lookup(name) or lookup(None)
        if handler is None:
            raise RuntimeError(f"Handler for '{name}' was taken away while it was being called")
        return handler


class WorkflowOutbound:
    """Does what workflow code asks for."""

    def __init__(self, run: _WorkflowInstanceImpl) -> None:
        """Act for ``run``."""
        self._run = run

    def info(self) -> temporalio.workflow.Info:
        """Return what is known of the run."""
        return self._run.info

    def start_activity(self, input: StartActivityInput) -> temporalio.workflow.ActivityHandle[Any]:
        """Schedule an activity."""
        return self._run.activities.start(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
        """Leave the run method so that a new run takes over."""
        raise ContinueAsNewRequest(input)


class ContinueAsNewRequest(temporalio.workflow.ContinueAsNewError):
    """On its way out of the run method."""

    def __init__(self, input: ContinueAsNewInput) -> None:
        """Ask for the run that ``input`` describes."""
        super().__init__("Continue as new")
        self.input = input


async def _call(handler: Callable[..., Any], args: Any) -> Any:
    result = handler(*args)
    return await result if inspect.iscoroutinefunction(handler) else result
