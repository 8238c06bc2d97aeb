"""Ending a run so that a new one, with a short history, takes over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Concatenate, NoReturn, TypedDict, overload

import temporalio.common
from temporalio._typing import Unpack

from ..types import MethodAsyncNoParam, MethodAsyncSingleParam, MultiParamSpec, ParamType, SelfType
from ._event_groups import EventGroups, refuse_event_groups
from ._runtime import _Runtime
from ._versioning import ContinueAsNewVersioningBehavior, VersioningIntent

__all__ = ["continue_as_new"]


class _Options(TypedDict, total=False):
    """The options that all forms of the call share."""

    task_queue: str | None
    run_timeout: timedelta | None
    task_timeout: timedelta | None
    backoff_start_interval: timedelta | None
    retry_policy: temporalio.common.RetryPolicy | None
    memo: Mapping[str, Any] | None
    search_attributes: (
        temporalio.common.SearchAttributes | temporalio.common.TypedSearchAttributes | None
    )
    versioning_intent: VersioningIntent | None
    initial_versioning_behavior: ContinueAsNewVersioningBehavior | None
    event_groups: EventGroups | None


# The same workflow again. The type of its arguments is not known here.
@overload
def continue_as_new(
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    **options: Unpack[_Options],
) -> NoReturn: ...


@overload
def continue_as_new(
    *, workflow: MethodAsyncNoParam[SelfType, Any], **options: Unpack[_Options]
) -> NoReturn: ...


@overload
def continue_as_new(
    arg: ParamType,
    *,
    workflow: MethodAsyncSingleParam[SelfType, ParamType, Any],
    **options: Unpack[_Options],
) -> NoReturn: ...


@overload
def continue_as_new(
    *,
    workflow: Callable[Concatenate[SelfType, MultiParamSpec], Awaitable[Any]],
    args: Sequence[Any],
    **options: Unpack[_Options],
) -> NoReturn: ...


@overload
def continue_as_new(
    arg: Any = temporalio.common._arg_unset,
    *,
    workflow: str,
    args: Sequence[Any] = (),
    **options: Unpack[_Options],
) -> NoReturn: ...


def continue_as_new(
    arg: Any = temporalio.common._arg_unset,
    *,
    args: Sequence[Any] = (),
    workflow: Callable[..., Any] | str | None = None,
    task_queue: str | None = None,
    run_timeout: timedelta | None = None,
    task_timeout: timedelta | None = None,
    backoff_start_interval: timedelta | None = None,
    retry_policy: temporalio.common.RetryPolicy | None = None,
    memo: Mapping[str, Any] | None = None,
    search_attributes: temporalio.common.SearchAttributes
    | temporalio.common.TypedSearchAttributes
    | None = None,
    versioning_intent: VersioningIntent | None = None,
    initial_versioning_behavior: ContinueAsNewVersioningBehavior | None = None,
    event_groups: EventGroups | None = None,
) -> NoReturn:
    """End this run now and let a new run of the same workflow id take over.

    What is left unset is taken over from this run.

    Args:
        arg: The one argument of the new run.
        args: Its arguments where there are several. Excludes ``arg``.
        workflow: Run method or name of the workflow to go on as. Defaults to this workflow.
        task_queue: Task queue of the new run.
        run_timeout: Limit on the new run.
        task_timeout: Limit on each workflow task of the new run.
        backoff_start_interval: How long the server waits before the new run's first workflow task.
            None waits not at all.
        retry_policy: How the new run is retried if it fails.
        memo: Memo of the new run.
        search_attributes: Search attributes of the new run. The dictionary form is deprecated.
        versioning_intent: Whether the new run needs a worker compatible with this one. Deprecated
            in favour of Worker Deployment versioning.
        initial_versioning_behavior: How the new run's first task picks its worker deployment
            version. This is experimental.
        event_groups: Not supported; leave it unset.

    Raises:
        ContinueAsNewError: Always; that is how the run ends. Let it pass.
        temporalio.exceptions.TemporalError: Called outside of a workflow.
        NotImplementedError: ``event_groups`` is given.
    """
    refuse_event_groups(event_groups)
    temporalio.common._warn_on_deprecated_search_attributes(search_attributes)
    _Runtime.current().workflow_continue_as_new(
        *temporalio.common._arg_or_args(arg, args),
        workflow=workflow,
        task_queue=task_queue,
        run_timeout=run_timeout,
        task_timeout=task_timeout,
        backoff_start_interval=backoff_start_interval,
        retry_policy=retry_policy,
        memo=memo,
        search_attributes=search_attributes,
        versioning_intent=versioning_intent,
        initial_versioning_behavior=initial_versioning_behavior,
    )
