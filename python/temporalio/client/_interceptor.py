"""How other code steps between a client call and the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._execution import (
        WorkflowExecutionAsyncIterator,
        WorkflowExecutionCount,
        WorkflowExecutionDescription,
    )
    from ._handle import WorkflowHandle
    from ._history import WorkflowHistoryEventAsyncIterator
    from ._inputs import (
        CancelWorkflowInput,
        CompleteAsyncActivityInput,
        CountWorkflowsInput,
        DescribeWorkflowInput,
        FailAsyncActivityInput,
        FetchWorkflowHistoryEventsInput,
        HeartbeatAsyncActivityInput,
        ListWorkflowsInput,
        QueryWorkflowInput,
        ReportCancellationAsyncActivityInput,
        SignalWorkflowInput,
        StartWorkflowInput,
        StartWorkflowUpdateInput,
        TerminateWorkflowInput,
    )
    from ._updates import WorkflowUpdateHandle


class Interceptor:
    """Base class of what a client takes as ``interceptors``."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """Put something in front of the client's calls.

        Called once when a client is made. The first interceptor of the client's list is the
        outermost, so it is asked last.

        Args:
            next: Who makes the calls so far.

        Returns:
            Who makes them from now on; ``next`` itself when nothing is to be intercepted.
        """
        return next


class OutboundInterceptor:
    """One link of the chain of calls; each method hands on to the next link.

    Args:
        next: The link that follows.
    """

    def __init__(self, next: OutboundInterceptor) -> None:
        """Keep the link that follows."""
        self.next = next

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        """Start a workflow, with or without a first signal."""
        return await self.next.start_workflow(input)

    async def cancel_workflow(self, input: CancelWorkflowInput) -> None:
        """Request cancellation of a workflow."""
        return await self.next.cancel_workflow(input)

    async def describe_workflow(self, input: DescribeWorkflowInput) -> WorkflowExecutionDescription:
        """Ask for the state of a workflow."""
        return await self.next.describe_workflow(input)

    def fetch_workflow_history_events(
        self, input: FetchWorkflowHistoryEventsInput
    ) -> WorkflowHistoryEventAsyncIterator:
        """Read events of a history, also to await a workflow's result."""
        return self.next.fetch_workflow_history_events(input)

    def list_workflows(self, input: ListWorkflowsInput) -> WorkflowExecutionAsyncIterator:
        """Search workflows."""
        return self.next.list_workflows(input)

    async def count_workflows(self, input: CountWorkflowsInput) -> WorkflowExecutionCount:
        """Count workflows."""
        return await self.next.count_workflows(input)

    async def query_workflow(self, input: QueryWorkflowInput) -> Any:
        """Query a workflow."""
        return await self.next.query_workflow(input)

    async def signal_workflow(self, input: SignalWorkflowInput) -> None:
        """Signal a workflow."""
        return await self.next.signal_workflow(input)

    async def terminate_workflow(self, input: TerminateWorkflowInput) -> None:
        """Terminate a workflow."""
        return await self.next.terminate_workflow(input)

    async def start_workflow_update(
        self, input: StartWorkflowUpdateInput
    ) -> WorkflowUpdateHandle[Any]:
        """Send an update, whether its result is awaited or not."""
        return await self.next.start_workflow_update(input)

    async def heartbeat_async_activity(self, input: HeartbeatAsyncActivityInput) -> None:
        """Record a heartbeat of an activity that is completed from outside."""
        return await self.next.heartbeat_async_activity(input)

    async def complete_async_activity(self, input: CompleteAsyncActivityInput) -> None:
        """Complete an activity from outside."""
        return await self.next.complete_async_activity(input)

    async def fail_async_activity(self, input: FailAsyncActivityInput) -> None:
        """Fail an activity from outside."""
        return await self.next.fail_async_activity(input)

    async def report_cancellation_async_activity(
        self, input: ReportCancellationAsyncActivityInput
    ) -> None:
        """Report from outside that an activity was cancelled."""
        return await self.next.report_cancellation_async_activity(input)
