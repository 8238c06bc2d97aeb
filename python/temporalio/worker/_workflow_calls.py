"""What passes between a run and its workflow code, as interceptors see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import temporalio.activity
import temporalio.api
import temporalio.common
import temporalio.workflow
from temporalio.workflow._definition import _Definition
from temporalio.workflow._event_groups import EventGroups
from temporalio.workflow._handler_definitions import _SignalDefinition

# The function outside of a run that raises if its worker does not know an activity by this name.
ASSERT_LOCAL_ACTIVITY_VALID = "__temporal_assert_local_activity_valid"

# The function outside of a run that returns the meter of all runs of its worker.
GET_METRIC_METER = "__temporal_get_metric_meter"


@dataclass
class ExecuteWorkflowInput:
    """The start of a workflow's run method, which is not bound to an object here."""

    type: type
    run_fn: Callable[..., Awaitable[Any]]
    args: Sequence[Any]
    headers: Mapping[str, temporalio.api.common.v1.Payload]


@dataclass
class HandleSignalInput:
    """A signal for a handler that exists."""

    signal: str
    args: Sequence[Any]
    headers: Mapping[str, temporalio.api.common.v1.Payload]


@dataclass
class HandleQueryInput:
    """A query for a handler that exists."""

    id: str
    query: str
    args: Sequence[Any]
    headers: Mapping[str, temporalio.api.common.v1.Payload]


@dataclass
class HandleUpdateInput:
    """An update for a handler that exists: first for its validator, then for itself."""

    id: str
    update: str
    args: Sequence[Any]
    headers: Mapping[str, temporalio.api.common.v1.Payload]


@dataclass
class StartActivityInput:
    """An activity that a workflow wants to start."""

    activity: str
    args: Sequence[Any]
    activity_id: str | None
    task_queue: str | None
    schedule_to_close_timeout: timedelta | None
    schedule_to_start_timeout: timedelta | None
    start_to_close_timeout: timedelta | None
    heartbeat_timeout: timedelta | None
    retry_policy: temporalio.common.RetryPolicy | None
    cancellation_type: temporalio.workflow.ActivityCancellationType
    headers: Mapping[str, temporalio.api.common.v1.Payload]
    disable_eager_execution: bool
    versioning_intent: temporalio.workflow.VersioningIntent | None
    summary: str | None
    priority: temporalio.common.Priority
    arg_types: list[type] | None
    ret_type: type | None
    # Not supported; set, it is refused.
    event_groups: EventGroups | None = field(default=None, kw_only=True)


@dataclass
class StartLocalActivityInput:
    """An activity that a workflow wants to start on its own worker."""

    activity: str
    args: Sequence[Any]
    activity_id: str | None
    schedule_to_close_timeout: timedelta | None
    schedule_to_start_timeout: timedelta | None
    start_to_close_timeout: timedelta | None
    retry_policy: temporalio.common.RetryPolicy | None
    local_retry_threshold: timedelta | None
    cancellation_type: temporalio.workflow.ActivityCancellationType
    headers: Mapping[str, temporalio.api.common.v1.Payload]
    summary: str | None
    # Not supported; set, it is refused.
    event_groups: EventGroups | None = None
    arg_types: list[type] | None = None
    ret_type: type | None = None


@dataclass
class StartChildWorkflowInput:
    """A child workflow that a workflow wants to start."""

    workflow: str
    args: Sequence[Any]
    id: str
    task_queue: str | None
    cancellation_type: temporalio.workflow.ChildWorkflowCancellationType
    parent_close_policy: temporalio.workflow.ParentClosePolicy
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
    headers: Mapping[str, temporalio.api.common.v1.Payload]
    versioning_intent: temporalio.workflow.VersioningIntent | None
    static_summary: str | None
    static_details: str | None
    versioning_override: temporalio.common.VersioningOverride | None = field(
        default=None, kw_only=True
    )
    # Not supported; set, it is refused.
    event_groups: EventGroups | None = field(default=None, kw_only=True)
    priority: temporalio.common.Priority
    arg_types: list[type] | None
    ret_type: type | None


@dataclass
class SignalChildWorkflowInput:
    """A signal from a workflow to a child of its own."""

    signal: str
    args: Sequence[Any]
    child_workflow_id: str
    headers: Mapping[str, temporalio.api.common.v1.Payload]
    # Not supported; set, it is refused.
    event_groups: EventGroups | None = None


@dataclass
class SignalExternalWorkflowInput:
    """A signal from a workflow to any other, in its current run if none is named."""

    signal: str
    args: Sequence[Any]
    namespace: str
    workflow_id: str
    workflow_run_id: str | None
    headers: Mapping[str, temporalio.api.common.v1.Payload]
    # Not supported; set, it is refused.
    event_groups: EventGroups | None = None


@dataclass
class ContinueAsNewInput:
    """The run that takes over. What is None is taken over from the current run."""

    workflow: str | None
    args: Sequence[Any]
    task_queue: str | None
    run_timeout: timedelta | None
    task_timeout: timedelta | None
    backoff_start_interval: timedelta | None
    retry_policy: temporalio.common.RetryPolicy | None
    memo: Mapping[str, Any] | None
    search_attributes: (
        temporalio.common.SearchAttributes | temporalio.common.TypedSearchAttributes | None
    )
    headers: Mapping[str, temporalio.api.common.v1.Payload]
    versioning_intent: temporalio.workflow.VersioningIntent | None
    initial_versioning_behavior: temporalio.workflow.ContinueAsNewVersioningBehavior | None
    # Not supported; set, it is refused.
    event_groups: EventGroups | None = None
    arg_types: list[type] | None = None


def describe_activity(
    activity: Any, result_type: type | None
) -> tuple[str, list[type] | None, type | None]:
    """Return name, argument types and result type of an activity given by name or function."""
    if isinstance(activity, str):
        return activity, None, result_type
    if not callable(activity):
        raise TypeError("Activity must be a string or callable")
    definition = temporalio.activity._Definition.must_from_callable(activity)
    if not definition.name:
        raise ValueError("Cannot invoke dynamic activity explicitly")
    return definition.name, definition.arg_types, definition.ret_type


def describe_child(
    workflow: Callable[..., Any] | str, result_type: type | None
) -> tuple[str, list[type] | None, type | None]:
    """Return name, argument types and result type of a workflow given by name or run method."""
    if isinstance(workflow, str):
        return workflow, None, result_type
    if not callable(workflow):
        raise TypeError("Workflow must be a string or callable")
    definition = _Definition.must_from_run_fn(workflow)
    if not definition.name:
        raise TypeError("Cannot invoke dynamic workflow explicitly")
    return definition.name, definition.arg_types, definition.ret_type


def signal_name(signal: str | Callable[..., Any]) -> str:
    """Return the name of a signal given by name or handler."""
    return _SignalDefinition.must_name_from_fn_or_str(signal)


def describe_next(
    workflow: Callable[..., Any] | str | None,
) -> tuple[str | None, list[type] | None]:
    """Return name and argument types of a workflow given by name or run method."""
    if workflow is None or isinstance(workflow, str):
        return workflow, None
    if not callable(workflow):
        raise TypeError("Workflow must be None, a string, or callable")
    definition = _Definition.must_from_run_fn(workflow)
    return definition.name, definition.arg_types
