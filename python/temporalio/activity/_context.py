"""What the code of an activity can see of its surroundings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from ..common import MetricMeter, Priority, RetryPolicy, _CompositeEvent
from ..converter import PayloadConverter

if TYPE_CHECKING:
    from ..client import Client


@dataclass(frozen=True)
class Info:
    """Facts about the attempt that is running.

    Got from :py:func:`temporalio.activity.info`. Not meant to be constructed by hand: fields may be
    added. All times are timezone-aware, in UTC.

    Attributes:
        activity_id: Unique within the workflow run.
        activity_type: Name under which the activity was scheduled.
        attempt: Number of this attempt, from 1.
        current_attempt_scheduled_time: When this attempt was scheduled.
        heartbeat_details: Last details that an earlier attempt sent, decoded without type hints.
        heartbeat_timeout: Longest allowed silence between heartbeats.
        is_local: Whether this is a local activity.
        namespace: Namespace in which the activity runs.
        schedule_to_close_timeout: Limit over all attempts.
        scheduled_time: When the first attempt was scheduled.
        start_to_close_timeout: Limit of one attempt.
        started_time: When this attempt was started.
        task_queue: Queue from which the worker took it.
        task_token: Identifies this attempt to the server.
        workflow_id: None if no workflow started this activity, as for the next three.
        workflow_namespace: Namespace of that workflow. Deprecated: use ``namespace``.
        workflow_run_id: Run of that workflow.
        workflow_type: Type name of that workflow.
        priority: Priority of this task.
        retry_policy: As the server states it; None when it does not.
        activity_run_id: Run of an activity that no workflow started, None otherwise.
    """

    activity_id: str
    activity_type: str
    attempt: int
    current_attempt_scheduled_time: datetime
    heartbeat_details: Sequence[Any]
    heartbeat_timeout: timedelta | None
    is_local: bool
    namespace: str
    schedule_to_close_timeout: timedelta | None
    scheduled_time: datetime
    start_to_close_timeout: timedelta | None
    started_time: datetime
    task_queue: str
    task_token: bytes
    workflow_id: str | None
    workflow_namespace: str | None
    workflow_run_id: str | None
    workflow_type: str | None
    priority: Priority
    retry_policy: RetryPolicy | None
    activity_run_id: str | None = None

    @property
    def in_workflow(self) -> bool:
        """Whether a workflow started this activity."""
        return self.workflow_id is not None

    def _logger_details(self) -> Mapping[str, Any]:
        return {name: getattr(self, name) for name in _LOGGED_FIELDS}


_LOGGED_FIELDS = (
    "activity_id",
    "activity_type",
    "attempt",
    "namespace",
    "task_queue",
    "workflow_id",
    "workflow_run_id",
    "workflow_type",
)


@dataclass(frozen=True)
class ActivityCancellationDetails:
    """Why an activity was asked to stop. Set once; several reasons can hold.

    Attributes:
        not_found: The server no longer knows the attempt.
        cancel_requested: Somebody asked for the cancellation.
        paused: An operator paused the activity.
        reset: An operator reset the activity.
        timed_out: One of its timeouts has passed.
        worker_shutdown: The worker is stopping and the grace period is over.
    """

    not_found: bool = False
    cancel_requested: bool = False
    paused: bool = False
    reset: bool = False
    timed_out: bool = False
    worker_shutdown: bool = False


@dataclass
class _ActivityCancellationDetailsHolder:
    """Why an activity was cancelled, once it was."""

    details: ActivityCancellationDetails | None = None


class _CancellationDetailsSource(Protocol):
    @property
    def details(self) -> ActivityCancellationDetails | None: ...


class _CompleteAsyncError(BaseException):
    pass


@dataclass
class _Context:
    """What the functions of this package act on, in an activity's context."""

    info: Callable[[], Info]
    # None while interceptors are being built.
    heartbeat: Callable[..., None] | None
    cancelled_event: _CompositeEvent
    worker_shutdown_event: _CompositeEvent
    # None where no exception is ever raised into the activity's thread.
    shield_thread_cancel_exception: Callable[[], AbstractContextManager[None]] | None
    payload_converter_class_or_instance: type[PayloadConverter] | PayloadConverter
    runtime_metric_meter: MetricMeter | None
    client: Client | None
    cancellation_details: _CancellationDetailsSource

    @staticmethod
    def current() -> _Context:
        found = _current_context.get(None)
        if found is None:
            raise RuntimeError("Not in activity context")
        return found

    @staticmethod
    def set(context: _Context) -> Token[_Context | None]:
        return _current_context.set(context)

    @staticmethod
    def reset(token: Token[_Context | None]) -> None:
        """Go back to what was current before the call of ``set`` that gave the token."""
        _current_context.reset(token)

    @cached_property
    def logger_details(self) -> Mapping[str, Any]:
        return self.info()._logger_details()

    @cached_property
    def payload_converter(self) -> PayloadConverter:
        given = self.payload_converter_class_or_instance
        return given() if isinstance(given, type) else given

    @cached_property
    def metric_meter(self) -> MetricMeter:
        if self.runtime_metric_meter is None:
            raise RuntimeError(
                "Metric meter not available in activities that run in another process"
            )
        attributes = ("namespace", "task_queue", "activity_type")
        running = self.info()
        return self.runtime_metric_meter.with_additional_attributes(
            {name: getattr(running, name) for name in attributes}
        )


_current_context: ContextVar[_Context | None] = ContextVar("activity")
