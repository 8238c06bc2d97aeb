"""The chains of interceptors of a run, and their inner ends: what really happens."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import temporalio.workflow
from temporalio.workflow._event_groups import refuse_event_groups

from ._workflow_calls import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    HandleQueryInput,
    HandleSignalInput,
    HandleUpdateInput,
    SignalChildWorkflowInput,
    SignalExternalWorkflowInput,
    StartActivityInput,
    StartChildWorkflowInput,
    StartLocalActivityInput,
)
from ._workflow_interceptor import WorkflowInboundInterceptor, WorkflowOutboundInterceptor

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl


class WorkflowInbound(WorkflowInboundInterceptor):
    """Calls workflow code."""

    def __init__(self, run: _WorkflowInstanceImpl) -> None:
        """Call the code of ``run``."""
        # There is no next one.
        self._run = run
        self.outbound: WorkflowOutboundInterceptor | None = None

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        """Take what all interceptors together made of the outbound side."""
        self.outbound = outbound

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


class WorkflowOutbound(WorkflowOutboundInterceptor):
    """Does what workflow code asks for."""

    def __init__(self, run: _WorkflowInstanceImpl) -> None:
        """Act for ``run``."""
        # There is no next one.
        self._run = run

    def info(self) -> temporalio.workflow.Info:
        """Return what is known of the run."""
        return self._run.info

    def start_activity(self, input: StartActivityInput) -> temporalio.workflow.ActivityHandle[Any]:
        """Schedule an activity."""
        refuse_event_groups(input.event_groups)
        return self._run.activities.schedule(input)

    def start_local_activity(
        self, input: StartLocalActivityInput
    ) -> temporalio.workflow.ActivityHandle[Any]:
        """Schedule an activity on this worker."""
        refuse_event_groups(input.event_groups)
        return self._run.activities.schedule(input)

    async def start_child_workflow(
        self, input: StartChildWorkflowInput
    ) -> temporalio.workflow.ChildWorkflowHandle[Any, Any]:
        """Start a child workflow, and wait until it is started."""
        refuse_event_groups(input.event_groups)
        return await self._run.children.start(input)

    async def signal_child_workflow(self, input: SignalChildWorkflowInput) -> None:
        """Send a signal to a child."""
        refuse_event_groups(input.event_groups)
        await self._run.external.signal_child(input)

    async def signal_external_workflow(self, input: SignalExternalWorkflowInput) -> None:
        """Send a signal to any other workflow."""
        refuse_event_groups(input.event_groups)
        await self._run.external.signal_other(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
        """Leave the run method so that a new run takes over."""
        refuse_event_groups(input.event_groups)
        raise ContinueAsNewRequest(input)


class ContinueAsNewRequest(temporalio.workflow.ContinueAsNewError):
    """On its way out of the run method."""

    def __init__(self, input: ContinueAsNewInput) -> None:
        """Ask for the run that ``input`` describes."""
        super().__init__("Continue as new")
        self.input = input


def make_chains(
    run: _WorkflowInstanceImpl, classes: Sequence[type[WorkflowInboundInterceptor]]
) -> tuple[WorkflowInboundInterceptor, WorkflowOutboundInterceptor]:
    """Return the outermost interceptors of both directions; the first class is the outermost.

    Raises:
        RuntimeError: An interceptor keeps the outbound side to itself.
    """
    innermost = WorkflowInbound(run)
    inbound: WorkflowInboundInterceptor = innermost
    for interceptor_class in reversed(classes):
        inbound = interceptor_class(inbound)
    inbound.init(WorkflowOutbound(run))
    if innermost.outbound is None:
        raise RuntimeError("init() has not reached the run, an interceptor has not passed it on")
    return inbound, innermost.outbound


async def _call(handler: Callable[..., Any], args: Any) -> Any:
    result = handler(*args)
    return await result if inspect.iscoroutinefunction(handler) else result
