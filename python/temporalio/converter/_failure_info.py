"""The part of a failure that differs from kind to kind."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TypeVar

import temporalio.api
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ApplicationErrorCategory,
    CancelledError,
    ChildWorkflowError,
    FailureError,
    NexusOperationError,
    RetryState,
    ServerError,
    TerminatedError,
    TimeoutError,
    TimeoutType,
)

from ._payload_converter import PayloadConverter

_Choice = TypeVar("_Choice", bound=IntEnum)


def _write_application(
    error: ApplicationError, converter: PayloadConverter, failure: temporalio.api.failure.v1.Failure
) -> None:
    info = failure.application_failure_info
    info.type = error.type or ""
    info.non_retryable = error.non_retryable
    info.category = int(error.category or 0)  # type: ignore[assignment]
    if error.details:
        info.details.CopyFrom(converter.to_payloads_wrapper(error.details))
    if error.next_retry_delay:
        info.next_retry_delay.FromTimedelta(error.next_retry_delay)


def _write_timeout(
    error: TimeoutError, converter: PayloadConverter, failure: temporalio.api.failure.v1.Failure
) -> None:
    info = failure.timeout_failure_info
    info.timeout_type = int(error.type or 0)  # type: ignore[assignment]
    if error.last_heartbeat_details:
        details = converter.to_payloads_wrapper(error.last_heartbeat_details)
        info.last_heartbeat_details.CopyFrom(details)


def _write_cancelled(
    error: CancelledError, converter: PayloadConverter, failure: temporalio.api.failure.v1.Failure
) -> None:
    if error.details:
        details = converter.to_payloads_wrapper(error.details)
        failure.canceled_failure_info.details.CopyFrom(details)


def _write_terminated(
    error: TerminatedError, converter: PayloadConverter, failure: temporalio.api.failure.v1.Failure
) -> None:
    # The wire has no place for details here.
    pass


def _write_server(
    error: ServerError, converter: PayloadConverter, failure: temporalio.api.failure.v1.Failure
) -> None:
    failure.server_failure_info.non_retryable = error.non_retryable


def _write_activity(
    error: ActivityError, converter: PayloadConverter, failure: temporalio.api.failure.v1.Failure
) -> None:
    info = failure.activity_failure_info
    info.activity_id, info.activity_type.name = error.activity_id, error.activity_type
    info.scheduled_event_id = error.scheduled_event_id
    info.started_event_id = error.started_event_id
    info.identity = error.identity
    info.retry_state = int(error.retry_state or 0)  # type: ignore[assignment]


def _write_child_workflow(
    error: ChildWorkflowError,
    converter: PayloadConverter,
    failure: temporalio.api.failure.v1.Failure,
) -> None:
    info = failure.child_workflow_execution_failure_info
    info.workflow_execution.workflow_id = error.workflow_id
    info.workflow_execution.run_id = error.run_id
    info.namespace, info.workflow_type.name = error.namespace, error.workflow_type
    info.initiated_event_id = error.initiated_event_id
    info.started_event_id = error.started_event_id
    info.retry_state = int(error.retry_state or 0)  # type: ignore[assignment]


def _write_nexus_operation(
    error: NexusOperationError,
    converter: PayloadConverter,
    failure: temporalio.api.failure.v1.Failure,
) -> None:
    info = failure.nexus_operation_execution_failure_info
    info.scheduled_event_id = error.scheduled_event_id
    info.endpoint, info.service = error.endpoint, error.service
    info.operation, info.operation_token = error.operation, error.operation_token


_WRITERS: tuple[tuple[type[FailureError], str, Callable[..., None]], ...] = (
    (ApplicationError, "application_failure_info", _write_application),
    (TimeoutError, "timeout_failure_info", _write_timeout),
    (CancelledError, "canceled_failure_info", _write_cancelled),
    (TerminatedError, "terminated_failure_info", _write_terminated),
    (ServerError, "server_failure_info", _write_server),
    (ActivityError, "activity_failure_info", _write_activity),
    (ChildWorkflowError, "child_workflow_execution_failure_info", _write_child_workflow),
    (NexusOperationError, "nexus_operation_execution_failure_info", _write_nexus_operation),
)


def write_info(
    error: FailureError, converter: PayloadConverter, failure: temporalio.api.failure.v1.Failure
) -> None:
    """Write what only errors of this kind have.

    Args:
        error: The error.
        converter: Converts details.
        failure: The message to fill. It stays without info for errors that have no kind of their
            own on the wire.
    """
    for error_class, info_name, write in _WRITERS:
        if isinstance(error, error_class):
            getattr(failure, info_name).SetInParent()
            write(error, converter, failure)
            return


def _choice(choices: type[_Choice], number: int) -> _Choice | None:
    """Give the member for a number; None for 0 and for what newer servers may have added."""
    return next((choice for choice in choices if choice and choice == number), None)


def _read_application(
    failure: temporalio.api.failure.v1.Failure, converter: PayloadConverter
) -> FailureError:
    info = failure.application_failure_info
    delay = info.next_retry_delay.ToTimedelta() if info.HasField("next_retry_delay") else None
    category = _choice(ApplicationErrorCategory, info.category)
    return ApplicationError(
        failure.message or "Application error",
        *converter.from_payloads_wrapper(info.details),
        type=info.type or None,
        non_retryable=info.non_retryable,
        next_retry_delay=delay,
        category=category or ApplicationErrorCategory.UNSPECIFIED,
    )


def _read_timeout(
    failure: temporalio.api.failure.v1.Failure, converter: PayloadConverter
) -> FailureError:
    info = failure.timeout_failure_info
    details = converter.from_payloads_wrapper(info.last_heartbeat_details)
    which = _choice(TimeoutType, info.timeout_type)
    return TimeoutError(failure.message or "Timeout", type=which, last_heartbeat_details=details)


def _read_cancelled(
    failure: temporalio.api.failure.v1.Failure, converter: PayloadConverter
) -> FailureError:
    details = converter.from_payloads_wrapper(failure.canceled_failure_info.details)
    return CancelledError(failure.message or "Cancelled", *details)


def _read_terminated(
    failure: temporalio.api.failure.v1.Failure, converter: PayloadConverter
) -> FailureError:
    return TerminatedError(failure.message or "Terminated")


def _read_server(
    failure: temporalio.api.failure.v1.Failure, converter: PayloadConverter
) -> FailureError:
    forbids_retry = failure.server_failure_info.non_retryable
    return ServerError(failure.message or "Server error", non_retryable=forbids_retry)


def _read_activity(
    failure: temporalio.api.failure.v1.Failure, converter: PayloadConverter
) -> FailureError:
    info = failure.activity_failure_info
    return ActivityError(
        failure.message or "Activity error",
        activity_id=info.activity_id,
        activity_type=info.activity_type.name,
        identity=info.identity,
        retry_state=_choice(RetryState, info.retry_state),
        scheduled_event_id=info.scheduled_event_id,
        started_event_id=info.started_event_id,
    )


def _read_child_workflow(
    failure: temporalio.api.failure.v1.Failure, converter: PayloadConverter
) -> FailureError:
    info = failure.child_workflow_execution_failure_info
    return ChildWorkflowError(
        failure.message or "Child workflow error",
        workflow_id=info.workflow_execution.workflow_id,
        run_id=info.workflow_execution.run_id,
        workflow_type=info.workflow_type.name,
        namespace=info.namespace,
        retry_state=_choice(RetryState, info.retry_state),
        initiated_event_id=info.initiated_event_id,
        started_event_id=info.started_event_id,
    )


def _read_nexus_operation(
    failure: temporalio.api.failure.v1.Failure, converter: PayloadConverter
) -> FailureError:
    info = failure.nexus_operation_execution_failure_info
    return NexusOperationError(
        failure.message or "Nexus operation error",
        operation=info.operation,
        operation_token=info.operation_token,
        service=info.service,
        endpoint=info.endpoint,
        scheduled_event_id=info.scheduled_event_id,
    )


_READERS: dict[
    str | None, Callable[[temporalio.api.failure.v1.Failure, PayloadConverter], FailureError]
] = {
    "application_failure_info": _read_application,
    "timeout_failure_info": _read_timeout,
    "canceled_failure_info": _read_cancelled,
    "terminated_failure_info": _read_terminated,
    "server_failure_info": _read_server,
    "activity_failure_info": _read_activity,
    "child_workflow_execution_failure_info": _read_child_workflow,
    "nexus_operation_execution_failure_info": _read_nexus_operation,
}


def error_from_info(
    failure: temporalio.api.failure.v1.Failure, converter: PayloadConverter
) -> FailureError:
    """Make the error of a failure's kind, without its cause.

    Args:
        failure: The failure.
        converter: Converts details.

    Returns:
        The error; a plain :py:class:`FailureError` for a failure of no kind that has its own.
    """
    read = _READERS.get(failure.WhichOneof("failure_info"))
    if read is None:
        return FailureError(failure.message or "Failure error")
    return read(failure, converter)
