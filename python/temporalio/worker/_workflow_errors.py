"""What ends workflow code from outside.

BaseException
  _WorkflowBeingEvictedError
  _InterruptDeadlockError
  _ProcessEndsError
Exception
  _DeadlockError
"""

from __future__ import annotations

from typing import NoReturn

import temporalio.workflow
from temporalio.bridge._callboard import hold_if_written_off, park_thread


class _WorkflowBeingEvictedError(BaseException):
    """The run is being torn down and its code tried to go on. Code must let it pass."""


class _InterruptDeadlockError(BaseException):
    """Raised in the thread of workflow code that does not yield."""


class _ProcessEndsError(BaseException):
    """Stops a thread of workflow code for good when the process ends. Nobody gets to catch it."""

    def __init__(self, *args: object) -> None:
        """Never return."""
        super().__init__(*args)
        park_thread()


class _DeadlockError(Exception):
    """Workflow code kept its lane for too long. Carries the stack of that code."""


def refuse(action: str, evicting: bool) -> NoReturn:
    """Raise because nothing may be issued now.

    Args:
        action: What was attempted.
        evicting: Whether that is because the run is being torn down.

    Raises:
        _WorkflowBeingEvictedError: The run is being torn down.
        temporalio.workflow.ReadOnlyContextError: A query, a validator or the like is running.
    """
    if evicting:
        hold_if_written_off()
        raise _WorkflowBeingEvictedError(f"Run is being evicted, {action} has no effect; no error.")
    raise temporalio.workflow.ReadOnlyContextError(
        f"While in read-only function, action attempted: {action}"
    )
