"""Converters between exceptions and the failures of the wire."""

from __future__ import annotations

import logging
import traceback
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import temporalio.api
from temporalio.exceptions import ApplicationError, FailureError

from ._failure_info import error_from_info, write_info
from ._nexus_failures import handler_error_from_failure, is_handler_error, write_handler_error
from ._payload_converter import PayloadConverter

_logger = logging.getLogger("temporalio.converter")


class FailureConverter(ABC):
    """Turns exceptions into failures and back.

    In workflows only :py:class:`temporalio.exceptions.FailureError` and the exception types that
    are declared as failures reach it; any other exception fails the workflow task instead.

    Attributes:
        default: The converter in use where none is configured.
    """

    default: ClassVar[FailureConverter]

    @abstractmethod
    def to_failure(
        self,
        exception: BaseException,
        payload_converter: PayloadConverter,
        failure: temporalio.api.failure.v1.Failure,
    ) -> None:
        """Convert an exception.

        Args:
            exception: The exception; it must not be changed.
            payload_converter: Converts what the exception carries.
            failure: The message to fill.
        """

    @abstractmethod
    def from_failure(
        self, failure: temporalio.api.failure.v1.Failure, payload_converter: PayloadConverter
    ) -> BaseException:
        """Convert a failure.

        Args:
            failure: The message; it must not be changed.
            payload_converter: Converts what the failure carries.

        Returns:
            The exception.
        """


class DefaultFailureConverter(FailureConverter):
    """Converts every exception, with its causes, as all SDKs of Temporal do.

    An exception that is not a :py:class:`temporalio.exceptions.FailureError` becomes an
    :py:class:`temporalio.exceptions.ApplicationError` whose type is the name of its class. An error
    that was itself read from a failure is written as that failure, unchanged.
    """

    def __init__(self, *, encode_common_attributes: bool = False) -> None:
        """Create the converter.

        Args:
            encode_common_attributes: Whether to move the message and the stack trace into a
                payload, so that the payload codec applies to them.
        """
        super().__init__()
        self._encode_common_attributes = encode_common_attributes

    def to_failure(
        self,
        exception: BaseException,
        payload_converter: PayloadConverter,
        failure: temporalio.api.failure.v1.Failure,
    ) -> None:
        """Convert an exception.

        Args:
            exception: The exception.
            payload_converter: Converts details and heartbeat details.
            failure: The message to fill.
        """
        if is_handler_error(exception):
            write_handler_error(exception, failure)
            if exception.original_failure is None and exception.__cause__ is not None:
                self.to_failure(exception.__cause__, payload_converter, failure.cause)
        elif isinstance(exception, FailureError):
            self._write_error(exception, payload_converter, failure)
        else:
            self._write_error(_as_application_error(exception), payload_converter, failure)
        if self._encode_common_attributes:
            _hide_common_attributes(failure, payload_converter)

    def _write_error(
        self,
        error: FailureError,
        payload_converter: PayloadConverter,
        failure: temporalio.api.failure.v1.Failure,
    ) -> None:
        if error.failure is not None:
            failure.CopyFrom(error.failure)
            return
        failure.message = error.message
        if error.__traceback__ is not None:
            failure.stack_trace = "\n".join(traceback.format_tb(error.__traceback__))
        cause = error.__cause__
        if cause is None and not error.__suppress_context__:
            cause = error.__context__
        if cause is not None:
            self.to_failure(cause, payload_converter, failure.cause)
        write_info(error, payload_converter, failure)

    def from_failure(
        self, failure: temporalio.api.failure.v1.Failure, payload_converter: PayloadConverter
    ) -> BaseException:
        """Convert a failure.

        Args:
            failure: The message.
            payload_converter: Converts details and heartbeat details.

        Returns:
            An error that keeps the message in its attribute ``failure``, or, for the failure of a
            Nexus handler, a :py:class:`nexusrpc.HandlerError`. Its cause is converted too.
        """
        if failure.HasField("encoded_attributes"):
            failure = _with_common_attributes(failure, payload_converter)
        error: BaseException
        if failure.WhichOneof("failure_info") == "nexus_handler_failure_info":
            error = handler_error_from_failure(failure)
        else:
            failure_error = error_from_info(failure, payload_converter)
            failure_error._failure = failure
            error = failure_error
        if failure.HasField("cause"):
            error.__cause__ = self.from_failure(failure.cause, payload_converter)
        return error


class DefaultFailureConverterWithEncodedAttributes(DefaultFailureConverter):
    """Converts exceptions with message and stack trace subject to the payload codec."""

    def __init__(self) -> None:
        """Create the converter."""
        super().__init__(encode_common_attributes=True)


def _as_application_error(exception: BaseException) -> ApplicationError:
    error = ApplicationError(str(exception), type=type(exception).__name__)
    error.__cause__ = exception.__cause__
    return error.with_traceback(exception.__traceback__)


def _hide_common_attributes(
    failure: temporalio.api.failure.v1.Failure, payload_converter: PayloadConverter
) -> None:
    attributes = {"message": failure.message, "stack_trace": failure.stack_trace}
    failure.encoded_attributes.CopyFrom(payload_converter.to_payload(attributes))
    failure.message, failure.stack_trace = "Encoded failure", ""


def _with_common_attributes(
    failure: temporalio.api.failure.v1.Failure, payload_converter: PayloadConverter
) -> temporalio.api.failure.v1.Failure:
    """Copy a failure with the message and stack trace that its encoded attributes hold."""
    try:
        attributes: Any = payload_converter.from_payload(failure.encoded_attributes)
    except Exception:
        # Written with a codec that is not configured here. The failure itself still counts.
        _logger.debug("encoded attributes of a failure cannot be read", exc_info=True)
        return failure
    if not isinstance(attributes, dict):
        return failure
    shown = temporalio.api.failure.v1.Failure()
    shown.CopyFrom(failure)
    for name in ("message", "stack_trace"):
        text = attributes.get(name)
        if isinstance(text, str):
            setattr(shown, name, text)
    return shown
