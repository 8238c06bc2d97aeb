"""Hooks around workflow code: what comes in to it, and what it asks for.

One chain of each direction is made for every run. The classes at the inner ends are in
``_workflow_terminals``.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, NoReturn

import temporalio.workflow

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


@dataclass(frozen=True)
class WorkflowInterceptorClassInput:
    """What :py:meth:`Interceptor.workflow_interceptor_class` is given.

    Attributes:
        unsafe_extern_functions: Functions that workflow code reaches through
            :py:func:`temporalio.workflow.extern_functions`, in a sandbox too. Add to them what an
            interceptor needs from outside; what they do is not checked for determinism.
    """

    unsafe_extern_functions: MutableMapping[str, Callable[..., Any]]


class WorkflowInboundInterceptor:
    """Base of what stands between a worker and the code of a workflow. One is made for each run.

    Args:
        next: The next one inwards; every method hands over to it unless overridden.
    """

    def __init__(self, next: WorkflowInboundInterceptor) -> None:
        """Keep the next interceptor."""
        self.next = next

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        """Take the outbound side, before any of the workflow's code runs.

        Args:
            outbound: What answers the workflow's own calls. Wrap it before handing it on to
                intercept these.
        """
        self.next.init(outbound)

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        """Run the workflow's run method.

        Args:
            input: The call. May be altered.

        Returns:
            The workflow's result, not yet encoded.
        """
        return await self.next.execute_workflow(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:
        """Run the handler of a signal.

        Args:
            input: The signal. May be altered, its name included.
        """
        await self.next.handle_signal(input)

    async def handle_query(self, input: HandleQueryInput) -> Any:
        """Run the handler of a query. Nothing that leaves a trace may be done here.

        Args:
            input: The query. May be altered, its name included.

        Returns:
            The answer, not yet encoded.
        """
        return await self.next.handle_query(input)

    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        """Run the validator of an update. Nothing that leaves a trace may be done here.

        It is not called in replay, nor for an update that has no validator.

        Args:
            input: The update. What is done to its arguments does not reach the handler.

        Raises:
            Exception: The update is rejected with it.
        """
        self.next.handle_update_validator(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        """Run the handler of an update that was accepted.

        Args:
            input: The update. May be altered, its name included.

        Returns:
            The update's result, not yet encoded.
        """
        return await self.next.handle_update_handler(input)


class WorkflowOutboundInterceptor:
    """Base of what stands between the code of a workflow and its run.

    Args:
        next: The next one outwards; every method hands over to it unless overridden.
    """

    def __init__(self, next: WorkflowOutboundInterceptor) -> None:
        """Keep the next interceptor."""
        self.next = next

    def info(self) -> temporalio.workflow.Info:
        """Answer :py:func:`temporalio.workflow.info`."""
        return self.next.info()

    def start_activity(self, input: StartActivityInput) -> temporalio.workflow.ActivityHandle[Any]:
        """Take a call that starts an activity, awaited at once or not.

        Args:
            input: The activity. May be altered.

        Returns:
            The task that ends with the activity's outcome.
        """
        return self.next.start_activity(input)

    def start_local_activity(
        self, input: StartLocalActivityInput
    ) -> temporalio.workflow.ActivityHandle[Any]:
        """Take a call that starts a local activity, awaited at once or not.

        Args:
            input: The activity. May be altered; its worker has been found to know its name before.

        Returns:
            The task that ends with the activity's outcome.
        """
        return self.next.start_local_activity(input)

    async def start_child_workflow(
        self, input: StartChildWorkflowInput
    ) -> temporalio.workflow.ChildWorkflowHandle[Any, Any]:
        """Take a call that starts a child workflow, whose end is awaited or not.

        Args:
            input: The child. May be altered.

        Returns:
            The task that ends with the child's outcome, once the child is started.
        """
        return await self.next.start_child_workflow(input)

    async def signal_child_workflow(self, input: SignalChildWorkflowInput) -> None:
        """Take a signal through the handle of a child workflow.

        Args:
            input: The signal. May be altered.
        """
        await self.next.signal_child_workflow(input)

    async def signal_external_workflow(self, input: SignalExternalWorkflowInput) -> None:
        """Take a signal through the handle of an external workflow.

        Args:
            input: The signal. May be altered.
        """
        await self.next.signal_external_workflow(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
        """Take a call of :py:func:`temporalio.workflow.continue_as_new`.

        Args:
            input: The run that shall take over. May be altered.

        Raises:
            temporalio.workflow.ContinueAsNewError: Always; that is how the run ends.
        """
        self.next.continue_as_new(input)
