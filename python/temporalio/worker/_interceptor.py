"""Hooks around what a worker runs."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import temporalio.api

from ..activity import Info
from ._workflow_interceptor import WorkflowInboundInterceptor, WorkflowInterceptorClassInput


class Interceptor:
    """Base of all interceptors of a worker. Its methods change nothing; override those that are needed."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Put something around every attempt of an activity.

        Args:
            next: What would run the attempt without this interceptor.

        Returns:
            What shall run it, usually an object that ends up calling ``next``.
        """
        return next

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """Name the class to put around every run of a workflow. Called once when a worker is made.

        Args:
            input: What workflow code can reach from within; may be added to.

        Returns:
            A class that is made with the next interceptor as its only argument, or None for none.
        """
        return None


@dataclass
class ExecuteActivityInput:
    """What an activity is called with.

    Attributes:
        fn: The activity, bound to its instance if it is a method.
        args: Decoded arguments.
        executor: Where a synchronous activity runs, None for ``async def``.
        headers: Headers of the task.
    """

    fn: Callable[..., Any]
    args: Sequence[Any]
    executor: concurrent.futures.Executor | None
    headers: Mapping[str, temporalio.api.common.v1.Payload]


class ActivityInboundInterceptor:
    """Base of what stands between the worker and an activity. One is made for every attempt.

    Args:
        next: The next one inwards; every method hands over to it unless overridden.
    """

    def __init__(self, next: ActivityInboundInterceptor) -> None:
        """Keep the next interceptor."""
        self.next = next

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        """Take the outbound side, before the activity is executed.

        Args:
            outbound: What answers the activity's own calls. Wrap it before handing it on to intercept
                these.
        """
        self.next.init(outbound)

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        """Run the activity.

        Args:
            input: The call. May be altered.

        Returns:
            The activity's result, not yet encoded.
        """
        return await self.next.execute_activity(input)


class ActivityOutboundInterceptor:
    """Base of what stands between an activity and its worker.

    Args:
        next: The next one outwards; every method hands over to it unless overridden.
    """

    def __init__(self, next: ActivityOutboundInterceptor) -> None:
        """Keep the next interceptor."""
        self.next = next

    def info(self) -> Info:
        """Answer :py:func:`temporalio.activity.info`."""
        return self.next.info()

    def heartbeat(self, *details: Any) -> None:
        """Take a call of :py:func:`temporalio.activity.heartbeat`.

        Args:
            details: Progress to record.
        """
        self.next.heartbeat(*details)
