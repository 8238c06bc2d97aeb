"""What workflow code raises about its own use of this package.

TemporalError
  NondeterminismError
  ReadOnlyContextError
  _NotInWorkflowEventLoopError
BaseException
  ContinueAsNewError
"""

from __future__ import annotations

from temporalio.exceptions import TemporalError

__all__ = ["ContinueAsNewError", "NondeterminismError", "ReadOnlyContextError"]


class NondeterminismError(TemporalError):
    """Replay reached a point where the code and the recorded history disagree.

    Attributes:
        message: Where the two differ.
    """

    def __init__(self, message: str) -> None:
        """Keep ``message``, which says where code and history differ."""
        super().__init__(message)
        self.message = message


class ReadOnlyContextError(TemporalError):
    """A command was issued where only reading is allowed.

    Queries, update validators and wait conditions are such places: they must leave no trace in
    the history.

    Attributes:
        message: Which call was refused, and where.
    """

    def __init__(self, message: str) -> None:
        """Keep ``message``, which names the call that was refused."""
        super().__init__(message)
        self.message = message


class _NotInWorkflowEventLoopError(TemporalError):
    """A function that needs the running workflow was called outside of any workflow."""

    def __init__(self, *args: object) -> None:
        """Always carry the same message; ``args`` are ignored."""
        super().__init__("Not in workflow event loop")
        self.message = "Not in workflow event loop"


class ContinueAsNewError(BaseException):
    """Ends the run so that a new run takes over. Raised by :py:func:`continue_as_new`.

    Let it pass: catching it keeps the current run alive. It does not extend :py:class:`Exception`,
    so ``except Exception`` lets it through.
    """

    def __init__(self, *args: object) -> None:
        """Refuse direct construction.

        Args:
            args: What :py:class:`BaseException` takes.

        Raises:
            RuntimeError: The class itself is constructed, not a subclass of the runtime.
        """
        if type(self) is ContinueAsNewError:
            raise RuntimeError("Cannot instantiate ContinueAsNewError directly")
        super().__init__(*args)
