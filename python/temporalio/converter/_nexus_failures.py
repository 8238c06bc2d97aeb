"""Failures of Nexus handlers, which have a form of their own in the Nexus protocol."""

from __future__ import annotations

import functools
import json
import logging
import traceback
from typing import TYPE_CHECKING, Any, TypeGuard

import temporalio.api

if TYPE_CHECKING:
    # At run time it is imported with the first failure: it takes long, and few programs need it.
    import nexusrpc

_logger = logging.getLogger("temporalio.converter")

# In the metadata of a Nexus failure, says that its details are a failure of Temporal.
_TEMPORAL_FAILURE_TYPE = "temporal.api.failure.v1.Failure"


def write_handler_error(
    error: nexusrpc.HandlerError, failure: temporalio.api.failure.v1.Failure
) -> None:
    """Write the error of a Nexus handler, without its cause.

    Args:
        error: The error. One that was read from a failure is written as that failure, cause
            included.
        failure: The message to fill.
    """
    if error.original_failure is not None:
        write_nexus_failure(error.original_failure, error.retryable, failure)
        return
    failure.message = error.message
    if error.stack_trace:
        failure.stack_trace = error.stack_trace
    elif error.__traceback__ is not None:
        failure.stack_trace = "\n".join(traceback.format_tb(error.__traceback__))
    info = failure.nexus_handler_failure_info
    info.type = error.type.name
    info.retry_behavior = _behavior_of_override()[error.retryable_override]


def is_handler_error(exception: BaseException) -> TypeGuard[nexusrpc.HandlerError]:
    """Whether an exception is the error of a Nexus handler."""
    import nexusrpc

    return isinstance(exception, nexusrpc.HandlerError)


def handler_error_from_failure(failure: temporalio.api.failure.v1.Failure) -> nexusrpc.HandlerError:
    """Read the error of a Nexus handler, without its cause.

    Args:
        failure: A failure with a Nexus handler's info.

    Returns:
        The error. A type that Nexus does not define counts as an internal error.
    """
    import nexusrpc

    info = failure.nexus_handler_failure_info
    try:
        error_type = nexusrpc.HandlerErrorType[info.type]
    except KeyError:
        _logger.warning("Unknown Nexus HandlerErrorType: %s", info.type)
        error_type = nexusrpc.HandlerErrorType.INTERNAL
    return nexusrpc.HandlerError(
        failure.message or "Nexus handler error",
        type=error_type,
        retryable_override=_override_of_behavior().get(info.retry_behavior),
        stack_trace=failure.stack_trace or None,
        original_failure=nexus_failure_from(failure),
    )


def nexus_failure_from(failure: temporalio.api.failure.v1.Failure) -> nexusrpc.Failure:
    """Put a failure into the form of the Nexus protocol.

    Args:
        failure: The failure.

    Returns:
        A Nexus failure with the message and the stack trace, and all the rest in its details.
    """
    import nexusrpc
    from google.protobuf import json_format

    rest = temporalio.api.failure.v1.Failure()
    rest.CopyFrom(failure)
    rest.ClearField("message")
    rest.ClearField("stack_trace")
    return nexusrpc.Failure(
        message=failure.message,
        stack_trace=failure.stack_trace,
        metadata={"type": _TEMPORAL_FAILURE_TYPE},
        details=json_format.MessageToDict(rest),
    )


def write_nexus_failure(
    source: nexusrpc.Failure, retryable: bool, failure: temporalio.api.failure.v1.Failure
) -> None:
    """Write a failure of the Nexus protocol.

    Args:
        source: The Nexus failure.
        retryable: Whether a retry may follow; used if the failure does not come from Temporal.
        failure: The message to fill.
    """
    from google.protobuf import json_format

    if (source.metadata or {}).get("type") == _TEMPORAL_FAILURE_TYPE:
        json_format.ParseDict(dict(source.details or {}), failure)
    else:
        info = failure.application_failure_info
        info.type = "NexusFailure"
        info.non_retryable = not retryable
        text = json.dumps(_protocol_form(source, with_message=False), separators=(",", ":"))
        payload = temporalio.api.common.v1.Payload(
            metadata={"encoding": b"json/plain"}, data=text.encode()
        )
        info.details.payloads.append(payload)
    failure.message = source.message
    failure.stack_trace = source.stack_trace or ""


def _protocol_form(source: nexusrpc.Failure, *, with_message: bool) -> dict[str, Any]:
    """Give the JSON object that the Nexus protocol has for a failure; empty fields are left out."""
    form: dict[str, Any] = {
        "message": source.message if with_message else "",
        "stackTrace": source.stack_trace,
        "metadata": dict(source.metadata or {}),
        "details": source.details,
    }
    if source.cause is not None:
        form["cause"] = _protocol_form(source.cause, with_message=True)
    return {name: value for name, value in form.items() if value}


@functools.cache
def _behavior_of_override() -> dict[
    bool | None, temporalio.api.enums.v1.NexusHandlerErrorRetryBehavior.ValueType
]:
    behaviors = temporalio.api.enums.v1.NexusHandlerErrorRetryBehavior
    return {
        None: behaviors.NEXUS_HANDLER_ERROR_RETRY_BEHAVIOR_UNSPECIFIED,
        True: behaviors.NEXUS_HANDLER_ERROR_RETRY_BEHAVIOR_RETRYABLE,
        False: behaviors.NEXUS_HANDLER_ERROR_RETRY_BEHAVIOR_NON_RETRYABLE,
    }


@functools.cache
def _override_of_behavior() -> dict[int, bool | None]:
    return {behavior: override for override, behavior in _behavior_of_override().items()}
