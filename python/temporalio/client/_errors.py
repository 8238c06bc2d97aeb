"""What a client call can raise beyond :py:class:`temporalio.service.RPCError`.

::

    TemporalError
     ├─ WorkflowFailureError
     ├─ WorkflowContinuedAsNewError
     ├─ WorkflowQueryRejectedError
     ├─ WorkflowQueryFailedError
     ├─ WorkflowUpdateFailedError
     ├─ AsyncActivityCancelledError
     └─ RPCTimeoutOrCancelledError
         └─ WorkflowUpdateRPCTimeoutOrCancelledError
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from temporalio.exceptions import TemporalError

if TYPE_CHECKING:
    from temporalio.activity import ActivityCancellationDetails

    from ._execution import WorkflowExecutionStatus


class WorkflowFailureError(TemporalError):
    """The workflow ended without a result: failed, cancelled, terminated or timed out.

    Args:
        cause: What ended it: an :py:class:`~temporalio.exceptions.ApplicationError` or other
            failure, a :py:class:`~temporalio.exceptions.CancelledError`, a
            :py:class:`~temporalio.exceptions.TerminatedError` or a
            :py:class:`~temporalio.exceptions.TimeoutError`.
    """

    def __init__(self, *, cause: BaseException) -> None:
        """Keep ``cause`` as the exception's cause."""
        super().__init__("Workflow execution failed")
        self.__cause__ = cause

    @property
    def cause(self) -> BaseException:
        """The reason for which the workflow has no result."""
        return _cause_of(self)


class WorkflowContinuedAsNewError(TemporalError):
    """The awaited run continued as new, and following its successors was switched off.

    Args:
        new_execution_run_id: Run id of the successor.
    """

    def __init__(self, new_execution_run_id: str) -> None:
        """Keep the successor's run id."""
        super().__init__("Workflow continued as new")
        self._successor = new_execution_run_id

    @property
    def new_execution_run_id(self) -> str:
        """Run id of the run that took over."""
        return self._successor


class WorkflowQueryRejectedError(TemporalError):
    """The query's reject condition matched the state of the workflow.

    Args:
        status: Status of the workflow at that time, or None if the server named none.
    """

    def __init__(self, status: WorkflowExecutionStatus | None) -> None:
        """Keep the status that caused the rejection."""
        super().__init__(f"Query rejected, status: {status}")
        self._workflow_status = status

    @property
    def status(self) -> WorkflowExecutionStatus | None:
        """Status of the workflow that made the server reject the query."""
        return self._workflow_status


class WorkflowQueryFailedError(TemporalError):
    """The query reached a worker, and its handler raised or does not exist.

    Args:
        message: What the worker said.
    """

    def __init__(self, message: str) -> None:
        """Keep the worker's message."""
        self._message = message
        super().__init__(message)

    @property
    def message(self) -> str:
        """What the worker said."""
        return self._message


class WorkflowUpdateFailedError(TemporalError):
    """The update was rejected by its validator, or its handler failed.

    Args:
        cause: The failure that the worker reported.
    """

    def __init__(self, cause: BaseException) -> None:
        """Keep ``cause`` as the exception's cause."""
        self.__cause__ = cause
        super().__init__("Workflow update failed")

    @property
    def cause(self) -> BaseException:
        """The failure that the worker reported."""
        return _cause_of(self)


class RPCTimeoutOrCancelledError(TemporalError):
    """A waiting call to the server ran into its deadline or was cancelled."""


class WorkflowUpdateRPCTimeoutOrCancelledError(RPCTimeoutOrCancelledError):
    """The call that waits for an update timed out or was cancelled.

    It says nothing about the update, which may well be accepted and go on.
    """

    def __init__(self) -> None:
        """Use the one message there is."""
        super().__init__("Timeout or cancellation waiting for update")


class AsyncActivityCancelledError(TemporalError):
    """A heartbeat of an activity completed from outside found that it should stop.

    Args:
        details: Whether it was cancelled, paused or reset.
    """

    def __init__(self, details: ActivityCancellationDetails | None = None) -> None:
        """Keep the reasons."""
        super().__init__("Activity cancelled")
        self.details = details


def _cause_of(error: BaseException) -> BaseException:
    cause = error.__cause__
    if cause is None:
        raise RuntimeError(f"the cause of {type(error).__name__} has been removed")
    return cause
