"""Errors that workflows, activities and clients raise and receive.

::

    Exception
    └── TemporalError
        └── FailureError                          a failure that can travel through the server
            ├── ApplicationError                  raised by user code, or any unknown exception
            ├── CancelledError                    work was cancelled
            ├── TerminatedError                   a workflow was terminated
            ├── TimeoutError                      a deadline passed
            ├── ServerError                       the server itself failed the work
            ├── ActivityError                     wraps the failure of an activity
            ├── ChildWorkflowError                wraps the failure of a child workflow
            ├── NexusOperationError               wraps the failure of a Nexus operation
            ├── WorkflowAlreadyStartedError       the workflow id is in use
            ├── ActivityAlreadyStartedError       the activity id is in use
            ├── NexusOperationAlreadyStartedError the operation id is in use
            └── InvalidVersioningOverrideError    a child's versioning override was refused
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from enum import IntEnum
from typing import Any, NamedTuple

import temporalio.api


class TemporalError(Exception):
    """The root of every error that this library defines."""

    @property
    def cause(self) -> BaseException | None:
        """The error that led to this one: an alias of ``__cause__``."""
        return self.__cause__


class FailureError(TemporalError):
    """A failure in the course of a workflow or an activity."""

    def __init__(
        self,
        message: str,
        *,
        failure: temporalio.api.failure.v1.Failure | None = None,
        exc_args: tuple[Any, ...] | None = None,
    ) -> None:
        """Create the error.

        Args:
            message: Text of the failure, without the type.
            failure: The message of the server that this error was read from, if any.
            exc_args: What ``args`` (and so ``str()``) shows instead of the message.
        """
        super().__init__(*((message,) if exc_args is None else exc_args))
        self._message = message
        self._failure = failure

    @property
    def message(self) -> str:
        """The text of the failure."""
        return self._message

    @property
    def failure(self) -> temporalio.api.failure.v1.Failure | None:
        """What the server sent, if this error was read from a server's failure.

        An error that carries it is sent on unchanged when it is raised again.
        """
        return self._failure


class WorkflowAlreadyStartedError(FailureError):
    """A workflow cannot start because its id is in use.

    Attributes:
        workflow_id: The id asked for.
        workflow_type: The workflow type asked for.
        run_id: The run that holds the id, where the server told the client.
        first_run_id: The first run in the chain that holds the id, where the server told the
            client.
    """

    def __init__(
        self,
        workflow_id: str,
        workflow_type: str,
        *,
        run_id: str | None = None,
        first_run_id: str | None = None,
    ) -> None:
        """Create the error; see the attributes of the class for the arguments."""
        super().__init__("Workflow execution already started")
        self.workflow_id, self.workflow_type = workflow_id, workflow_type
        self.run_id, self.first_run_id = run_id, first_run_id


class InvalidVersioningOverrideError(FailureError):
    """A child workflow cannot start because the server refused its versioning override."""

    def __init__(self) -> None:
        """Create the error."""
        super().__init__("Invalid versioning override")


class ActivityAlreadyStartedError(FailureError):
    """A standalone activity cannot start because its id is in use.

    Attributes:
        activity_id: The id asked for.
        activity_type: The activity type asked for.
        run_id: The run that holds the id, where the server told the client.
    """

    def __init__(self, activity_id: str, activity_type: str, *, run_id: str | None = None) -> None:
        """Create the error; see the attributes of the class for the arguments."""
        super().__init__("Activity execution already started")
        self.activity_id, self.activity_type = activity_id, activity_type
        self.run_id = run_id


class NexusOperationAlreadyStartedError(FailureError):
    """A standalone Nexus operation cannot start because its id is in use (experimental).

    Attributes:
        operation_id: The id asked for.
        run_id: The run that holds the id, where the server told the client.
    """

    def __init__(self, operation_id: str, *, run_id: str | None = None) -> None:
        """Create the error; see the attributes of the class for the arguments."""
        super().__init__("Nexus operation execution already started")
        self.operation_id = operation_id
        self.run_id = run_id


class ApplicationErrorCategory(IntEnum):
    """How loudly an application error is reported by workers."""

    UNSPECIFIED = 0
    """Logged as a warning and counted as a failure."""

    BENIGN = 1
    """Expected in normal operation: logged at debug level and left out of the metrics."""


class _ApplicationFacts(NamedTuple):
    details: tuple[Any, ...]
    type: str | None
    non_retryable: bool
    next_retry_delay: timedelta | None
    category: ApplicationErrorCategory


class ApplicationError(FailureError):
    """The error that user code raises to fail an activity or a workflow.

    Any other exception reaches the other side as one of these, with the name of its class as
    :py:attr:`type`.
    """

    def __init__(
        self,
        message: str,
        *details: Any,
        type: str | None = None,
        non_retryable: bool = False,
        next_retry_delay: timedelta | None = None,
        category: ApplicationErrorCategory = ApplicationErrorCategory.UNSPECIFIED,
    ) -> None:
        """Create the error.

        Args:
            message: Text of the failure.
            details: Values to send along; the data converter must accept them.
            type: Name of the kind of failure, matched by retry policies. ``str()`` shows it before
                the message.
            non_retryable: Whether no retry may follow, whatever the retry policy says.
            next_retry_delay: Time until the next retry, instead of what the retry policy computes.
            category: How workers report it.
        """
        super().__init__(message, exc_args=(f"{type}: {message}" if type else message,))
        self._facts = _ApplicationFacts(details, type, non_retryable, next_retry_delay, category)

    @property
    def details(self) -> Sequence[Any]:
        """The values sent along with the error."""
        return self._facts.details

    @property
    def type(self) -> str | None:
        """The name of the kind of failure."""
        return self._facts.type

    @property
    def non_retryable(self) -> bool:
        """Whether the error itself forbids retries.

        False says nothing about the retry policy, which may still list :py:attr:`type`.
        """
        return self._facts.non_retryable

    @property
    def next_retry_delay(self) -> timedelta | None:
        """Time until the next retry, or None to leave it to the retry policy."""
        return self._facts.next_retry_delay

    @property
    def category(self) -> ApplicationErrorCategory:
        """How workers report this error."""
        return self._facts.category


class _Detailed:
    _details: tuple[Any, ...] = ()

    @property
    def details(self) -> Sequence[Any]:
        """The values sent along with the error."""
        return self._details


class CancelledError(FailureError, _Detailed):
    """Work was cancelled: a workflow, an activity, a child or an operation."""

    def __init__(self, message: str = "Cancelled", *details: Any) -> None:
        """Create the error.

        Args:
            message: Text of the failure.
            details: Values to send along.
        """
        super().__init__(message)
        self._details = details


class TerminatedError(FailureError, _Detailed):
    """A workflow was terminated."""

    def __init__(self, message: str, *details: Any) -> None:
        """Create the error.

        Args:
            message: Text of the failure.
            details: Values to send along.
        """
        super().__init__(message)
        self._details = details


class TimeoutType(IntEnum):
    """Which deadline passed in a :py:class:`TimeoutError`."""

    START_TO_CLOSE = 1
    SCHEDULE_TO_START = 2
    SCHEDULE_TO_CLOSE = 3
    HEARTBEAT = 4


class TimeoutError(FailureError):
    """A deadline of a workflow, an activity or an operation passed."""

    def __init__(
        self,
        message: str,
        *,
        type: TimeoutType | None,
        last_heartbeat_details: Sequence[Any],
    ) -> None:
        """Create the error.

        Args:
            message: Text of the failure.
            type: Which deadline passed, if known.
            last_heartbeat_details: The values of the last heartbeat that the server received.
        """
        super().__init__(message)
        self._timeout_type, self._last_details = type, last_heartbeat_details

    @property
    def type(self) -> TimeoutType | None:
        """Which deadline passed, if known."""
        return self._timeout_type

    @property
    def last_heartbeat_details(self) -> Sequence[Any]:
        """The values of the activity's last heartbeat; empty where there was none."""
        return self._last_details


class ServerError(FailureError):
    """A failure that the server produced itself."""

    def __init__(self, message: str, *, non_retryable: bool = False) -> None:
        """Create the error.

        Args:
            message: Text of the failure.
            non_retryable: Whether no retry may follow.
        """
        self._non_retryable = non_retryable
        super().__init__(message)

    @property
    def non_retryable(self) -> bool:
        """Whether no retry may follow."""
        return self._non_retryable


class RetryState(IntEnum):
    """Why the server did, or did not, retry."""

    IN_PROGRESS = 1
    NON_RETRYABLE_FAILURE = 2
    TIMEOUT = 3
    MAXIMUM_ATTEMPTS_REACHED = 4
    RETRY_POLICY_NOT_SET = 5
    INTERNAL_SERVER_ERROR = 6
    CANCEL_REQUESTED = 7


class _ActivityFacts(NamedTuple):
    scheduled_event_id: int
    started_event_id: int
    identity: str
    activity_type: str
    activity_id: str
    retry_state: RetryState | None


class ActivityError(FailureError):
    """An activity ended without a result; :py:attr:`cause` says why."""

    def __init__(
        self,
        message: str,
        *,
        scheduled_event_id: int,
        started_event_id: int,
        identity: str,
        activity_type: str,
        activity_id: str,
        retry_state: RetryState | None,
    ) -> None:
        """Create the error.

        Args:
            message: Text of the failure.
            scheduled_event_id: Number of the history event that scheduled the activity.
            started_event_id: Number of the history event that started the last attempt.
            identity: Identity of the worker of the last attempt.
            activity_type: Name of the activity.
            activity_id: Id of the activity.
            retry_state: Why no further retry followed, if known.
        """
        super().__init__(message)
        self._facts = _ActivityFacts(
            scheduled_event_id,
            started_event_id,
            identity,
            activity_type,
            activity_id,
            retry_state,
        )

    @property
    def scheduled_event_id(self) -> int:
        """Number of the history event that scheduled the activity."""
        return self._facts.scheduled_event_id

    @property
    def started_event_id(self) -> int:
        """Number of the history event that started the last attempt."""
        return self._facts.started_event_id

    @property
    def identity(self) -> str:
        """Identity of the worker of the last attempt."""
        return self._facts.identity

    @property
    def activity_type(self) -> str:
        """Name of the activity."""
        return self._facts.activity_type

    @property
    def activity_id(self) -> str:
        """Id of the activity."""
        return self._facts.activity_id

    @property
    def retry_state(self) -> RetryState | None:
        """Why no further retry followed, if known."""
        return self._facts.retry_state


class _ChildWorkflowFacts(NamedTuple):
    namespace: str
    workflow_id: str
    run_id: str
    workflow_type: str
    initiated_event_id: int
    started_event_id: int
    retry_state: RetryState | None


class ChildWorkflowError(FailureError):
    """A child workflow ended without a result; :py:attr:`cause` says why."""

    def __init__(
        self,
        message: str,
        *,
        namespace: str,
        workflow_id: str,
        run_id: str,
        workflow_type: str,
        initiated_event_id: int,
        started_event_id: int,
        retry_state: RetryState | None,
    ) -> None:
        """Create the error.

        Args:
            message: Text of the failure.
            namespace: Namespace of the child.
            workflow_id: Id of the child.
            run_id: Run of the child.
            workflow_type: Workflow type of the child.
            initiated_event_id: Number of the parent's history event that asked for the child.
            started_event_id: Number of the parent's history event that the child started with.
            retry_state: Why no further retry followed, if known.
        """
        super().__init__(message)
        self._facts = _ChildWorkflowFacts(
            namespace,
            workflow_id,
            run_id,
            workflow_type,
            initiated_event_id,
            started_event_id,
            retry_state,
        )

    @property
    def namespace(self) -> str:
        """Namespace of the child."""
        return self._facts.namespace

    @property
    def workflow_id(self) -> str:
        """Id of the child."""
        return self._facts.workflow_id

    @property
    def run_id(self) -> str:
        """Run of the child."""
        return self._facts.run_id

    @property
    def workflow_type(self) -> str:
        """Workflow type of the child."""
        return self._facts.workflow_type

    @property
    def initiated_event_id(self) -> int:
        """Number of the parent's history event that asked for the child."""
        return self._facts.initiated_event_id

    @property
    def started_event_id(self) -> int:
        """Number of the parent's history event that the child started with."""
        return self._facts.started_event_id

    @property
    def retry_state(self) -> RetryState | None:
        """Why no further retry followed, if known."""
        return self._facts.retry_state


class _NexusOperationFacts(NamedTuple):
    scheduled_event_id: int
    endpoint: str
    service: str
    operation: str
    operation_token: str


class NexusOperationError(FailureError):
    """A Nexus operation ended without a result; :py:attr:`cause` says why."""

    def __init__(
        self,
        message: str,
        *,
        scheduled_event_id: int,
        endpoint: str,
        service: str,
        operation: str,
        operation_token: str,
    ) -> None:
        """Create the error.

        Args:
            message: Text of the failure.
            scheduled_event_id: Number of the history event that scheduled the operation.
            endpoint: Endpoint that was called.
            service: Service that was called.
            operation: Operation that was called.
            operation_token: Token that the operation's handler gave, empty if it gave none.
        """
        super().__init__(message)
        self._facts = _NexusOperationFacts(
            scheduled_event_id,
            endpoint,
            service,
            operation,
            operation_token,
        )

    @property
    def scheduled_event_id(self) -> int:
        """Number of the history event that scheduled the operation."""
        return self._facts.scheduled_event_id

    @property
    def endpoint(self) -> str:
        """Endpoint that was called."""
        return self._facts.endpoint

    @property
    def service(self) -> str:
        """Service that was called."""
        return self._facts.service

    @property
    def operation(self) -> str:
        """Operation that was called."""
        return self._facts.operation

    @property
    def operation_token(self) -> str:
        """Token that the operation's handler gave, empty if it gave none."""
        return self._facts.operation_token


_WRAPPERS = (ActivityError, ChildWorkflowError, NexusOperationError)


def is_cancelled_exception(exception: BaseException) -> bool:
    """Tell whether an exception means that work was cancelled.

    That is so for :py:class:`asyncio.CancelledError`, for :py:class:`CancelledError`, and for an
    activity's, child's or Nexus operation's error whose cause is a :py:class:`CancelledError`.

    Args:
        exception: What was caught.

    Returns:
        True for a cancellation.
    """
    if isinstance(exception, _WRAPPERS):
        return isinstance(exception.cause, CancelledError)
    return isinstance(exception, (asyncio.CancelledError, CancelledError))
