"""How a child workflow is asked for, and what stands for it until it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from enum import IntEnum
from typing import Any, Concatenate, Generic, TypedDict, overload

import temporalio.common

from ..types import (
    MethodSyncOrAsyncNoParam,
    MethodSyncOrAsyncSingleParam,
    MultiParamSpec,
    ParamType,
    ReturnType,
    SelfType,
)
from ._event_groups import EventGroups
from ._versioning import VersioningIntent

__all__ = [
    "ChildWorkflowCancellationType",
    "ChildWorkflowConfig",
    "ChildWorkflowHandle",
    "ParentClosePolicy",
]


class ChildWorkflowHandle(asyncio.Task[ReturnType], Generic[SelfType, ReturnType]):
    """A child workflow that is started: an :py:class:`asyncio.Task` that ends with its outcome.

    Awaiting it gives the child's result. It raises
    :py:class:`temporalio.exceptions.ChildWorkflowError` where the child failed, timed out, was
    cancelled or was terminated. Cancelling it cancels the child in the way that
    ``cancellation_type`` says; the message given to :py:meth:`asyncio.Task.cancel` is the reason.
    """

    @property
    def id(self) -> str:
        """Workflow id of the child."""
        raise NotImplementedError

    @property
    def first_execution_run_id(self) -> str | None:
        """Run id that the child began with; later runs of a chain have others."""
        raise NotImplementedError

    @overload
    async def signal(
        self,
        signal: MethodSyncOrAsyncNoParam[SelfType, None],
        *,
        event_groups: EventGroups | None = None,
    ) -> None: ...

    @overload
    async def signal(
        self,
        signal: MethodSyncOrAsyncSingleParam[SelfType, ParamType, None],
        arg: ParamType,
        *,
        event_groups: EventGroups | None = None,
    ) -> None: ...

    @overload
    async def signal(
        self,
        signal: Callable[Concatenate[SelfType, MultiParamSpec], Awaitable[None] | None],
        *,
        args: Sequence[Any],
        event_groups: EventGroups | None = None,
    ) -> None: ...

    @overload
    async def signal(
        self,
        signal: str,
        arg: Any = temporalio.common._arg_unset,
        *,
        args: Sequence[Any] = (),
        event_groups: EventGroups | None = None,
    ) -> None: ...

    async def signal(
        self,
        signal: str | Callable[..., Any],
        arg: Any = temporalio.common._arg_unset,
        *,
        args: Sequence[Any] = (),
        event_groups: EventGroups | None = None,
    ) -> None:
        """Send a signal to the child and wait until it is in the child's history.

        Args:
            signal: The handler, a method with :py:func:`signal`, or its name.
            arg: The one argument of the handler.
            args: Its arguments where there are several. Excludes ``arg``.
            event_groups: Not supported; leave it unset.

        Raises:
            temporalio.exceptions.ApplicationError: The child has ended.
            RuntimeError: The method is no signal handler, or is a dynamic one.
            NotImplementedError: ``event_groups`` is given.
        """
        raise NotImplementedError


class ChildWorkflowCancellationType(IntEnum):
    """What happens to a child workflow, and to the code that waits for it, on a cancellation."""

    ABANDON = 0
    """Request nothing, and report the child as cancelled at once. It runs on unheeded."""

    TRY_CANCEL = 1
    """Request the cancellation, and report the child as cancelled at once."""

    WAIT_CANCELLATION_COMPLETED = 2
    """Request the cancellation, and go on waiting for however the child ends."""

    WAIT_CANCELLATION_REQUESTED = 3
    """The same as :py:attr:`WAIT_CANCELLATION_COMPLETED`: histories are recorded that way."""


class ParentClosePolicy(IntEnum):
    """What the server does with a child workflow that still runs when its parent ends."""

    UNSPECIFIED = 0
    """Leave it to the server, which terminates the child."""

    TERMINATE = 1
    """End the child without letting its code know."""

    ABANDON = 2
    """Let the child run on."""

    REQUEST_CANCEL = 3
    """Ask the child to cancel."""


class ChildWorkflowConfig(TypedDict, total=False):
    """The options of a child workflow as a dictionary, to be unpacked with ``**``.

    See :py:func:`start_child_workflow` for what each means.
    """

    id: str | None
    task_queue: str | None
    cancellation_type: ChildWorkflowCancellationType
    parent_close_policy: ParentClosePolicy
    execution_timeout: timedelta | None
    run_timeout: timedelta | None
    task_timeout: timedelta | None
    id_reuse_policy: temporalio.common.WorkflowIDReusePolicy
    retry_policy: temporalio.common.RetryPolicy | None
    cron_schedule: str
    memo: Mapping[str, Any] | None
    search_attributes: (
        temporalio.common.SearchAttributes | temporalio.common.TypedSearchAttributes | None
    )
    versioning_intent: VersioningIntent | None
    versioning_override: temporalio.common.VersioningOverride | None
    static_summary: str | None
    static_details: str | None
    event_groups: EventGroups | None
    priority: temporalio.common.Priority
