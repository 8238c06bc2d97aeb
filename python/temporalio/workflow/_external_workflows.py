"""Reaching workflows that are not children of the running one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, overload

import temporalio.common

from ..types import (
    MethodAsyncNoParam,
    MethodAsyncSingleParam,
    MethodSyncOrAsyncNoParam,
    MethodSyncOrAsyncSingleParam,
    ParamType,
    SelfType,
)
from ._event_groups import EventGroups
from ._runtime import _Runtime

__all__ = [
    "ExternalWorkflowHandle",
    "get_external_workflow_handle",
    "get_external_workflow_handle_for",
]


class ExternalWorkflowHandle(Generic[SelfType]):
    """Stands for a workflow in the same namespace, whoever started it.

    :py:func:`get_external_workflow_handle` and :py:func:`get_external_workflow_handle_for` make it
    without asking whether the workflow exists.
    """

    @property
    def id(self) -> str:
        """Workflow id."""
        raise NotImplementedError

    @property
    def run_id(self) -> str | None:
        """Run id, if the handle is for one run only."""
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
        """Send a signal to the workflow and wait until it is in that workflow's history.

        Cancelling the wait takes the signal back only if it is not sent yet.

        Args:
            signal: The handler, a method with :py:func:`signal`, or its name.
            arg: The one argument of the handler.
            args: Its arguments where there are several. Excludes ``arg``.
            event_groups: Not supported; leave it unset.

        Raises:
            temporalio.exceptions.ApplicationError: There is no such workflow, or it has ended.
            RuntimeError: The method is no signal handler, or is a dynamic one.
            NotImplementedError: ``event_groups`` is given.
        """
        raise NotImplementedError

    async def cancel(self, *, reason: str = "", event_groups: EventGroups | None = None) -> None:
        """Ask for the workflow to be cancelled, and wait until the request has reached it.

        Args:
            reason: What the workflow gets from :py:func:`cancellation_reason`.
            event_groups: Not supported; leave it unset.

        Raises:
            temporalio.exceptions.ApplicationError: There is no such workflow, or it has ended.
            NotImplementedError: ``event_groups`` is given.
        """
        raise NotImplementedError


def get_external_workflow_handle(
    workflow_id: str, *, run_id: str | None = None
) -> ExternalWorkflowHandle[Any]:
    """Return a handle to a workflow of which the id is known.

    Args:
        workflow_id: Workflow id.
        run_id: One run of it. Without it, whichever run is the current one.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return _Runtime.current().workflow_get_external_workflow_handle(workflow_id, run_id=run_id)


# Not one signature with a union: mypy finds no type in that for a method with a parameter.
@overload
def get_external_workflow_handle_for(
    workflow: MethodAsyncNoParam[SelfType, Any],
    workflow_id: str,
    *,
    run_id: str | None = None,
) -> ExternalWorkflowHandle[SelfType]: ...


@overload
def get_external_workflow_handle_for(
    workflow: MethodAsyncSingleParam[SelfType, Any, Any],
    workflow_id: str,
    *,
    run_id: str | None = None,
) -> ExternalWorkflowHandle[SelfType]: ...


def get_external_workflow_handle_for(
    workflow: Any,
    workflow_id: str,
    *,
    run_id: str | None = None,
) -> ExternalWorkflowHandle[Any]:
    """Return a handle that type checkers know the signals of.

    Args:
        workflow: The run method of the workflow's class. Only type checkers look at it.
        workflow_id: Workflow id.
        run_id: One run of it. Without it, whichever run is the current one.

    Raises:
        temporalio.exceptions.TemporalError: Called outside of a workflow.
    """
    return get_external_workflow_handle(workflow_id, run_id=run_id)
