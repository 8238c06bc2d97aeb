"""What workflow code may say about the sandbox, and other things to use with care.

The marks are kept per thread, where a sandbox reads them. Without a sandbox they change nothing
but what the functions here report.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Flag, auto
from typing import Any

from ._runtime import _Runtime

__all__ = ["SandboxImportNotificationPolicy", "unsafe"]

_in_sandbox = threading.local()
_imports_passed_through = threading.local()
_sandbox_unrestricted = threading.local()
_sandbox_import_notification_policy_override = threading.local()


class SandboxImportNotificationPolicy(Flag):
    """What the sandbox does about imports that may surprise. Members can be combined.

    They concern imports that break no restriction. The module that defines the workflow is loaded
    anew on purpose and never counts as unintentional.
    """

    SILENT = auto()
    """Allow them and say nothing."""

    WARN_ON_DYNAMIC_IMPORT = auto()
    """Warn of an import in the sandbox after the workflow was loaded."""

    WARN_ON_UNINTENTIONAL_PASSTHROUGH = auto()
    """Warn of an import that is loaded into the sandbox because nobody passed it through."""

    RAISE_ON_UNINTENTIONAL_PASSTHROUGH = auto()
    """Raise at an import that is loaded into the sandbox because nobody passed it through."""


@contextmanager
def _mark(thread: threading.local, value: Any) -> Iterator[None]:
    """Set a mark of this thread, and put the former one back at the end."""
    # Each thread starts without the attribute: what a worker's main thread set is not seen here.
    former = getattr(thread, "value", None)
    thread.value = value
    try:
        yield
    finally:
        thread.value = former


class unsafe:
    """Functions that most workflows should not need. A name space, not to be constructed."""

    def __init__(self) -> None:
        """Refuse to be constructed.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError

    @staticmethod
    def in_sandbox() -> bool:
        """Return whether this thread is running code in the sandbox."""
        return bool(getattr(_in_sandbox, "value", False))

    @staticmethod
    def is_replaying() -> bool:
        """Return whether the workflow is replaying.

        That includes queries and update validators that run while it does.

        Raises:
            temporalio.exceptions.TemporalError: Called outside of a workflow.
        """
        return _Runtime.current().workflow_is_replaying()

    @staticmethod
    def is_replaying_history_events() -> bool:
        """Return whether the calling code runs because of an event that happened before.

        False in queries and update validators, which are live even while the workflow replays.

        Raises:
            temporalio.exceptions.TemporalError: Called outside of a workflow.
        """
        return _Runtime.current().workflow_is_replaying_history_events()

    @staticmethod
    def is_read_only() -> bool:
        """Return whether the calling code must only read, as in queries and update validators.

        Raises:
            temporalio.exceptions.TemporalError: Called outside of a workflow.
        """
        return _Runtime.current().workflow_is_read_only()

    @staticmethod
    def is_sandbox_unrestricted() -> bool:
        """Return whether this thread is within :py:meth:`sandbox_unrestricted`."""
        return bool(getattr(_sandbox_unrestricted, "value", False))

    @staticmethod
    @contextmanager
    def sandbox_unrestricted() -> Iterator[None]:
        """Lift the sandbox's restrictions within a ``with`` block. Blocks may be nested."""
        with _mark(_sandbox_unrestricted, True):
            yield

    @staticmethod
    def is_imports_passed_through() -> bool:
        """Return whether this thread is within :py:meth:`imports_passed_through`."""
        return bool(getattr(_imports_passed_through, "value", False))

    @staticmethod
    @contextmanager
    def imports_passed_through() -> Iterator[None]:
        """Take imports within a ``with`` block from outside the sandbox. Blocks may be nested."""
        with _mark(_imports_passed_through, True):
            yield

    @staticmethod
    def current_import_notification_policy_override() -> SandboxImportNotificationPolicy | None:
        """Return what :py:meth:`sandbox_import_notification_policy` set, None outside of it."""
        return getattr(_sandbox_import_notification_policy_override, "value", None)

    @staticmethod
    @contextmanager
    def sandbox_import_notification_policy(
        policy: SandboxImportNotificationPolicy,
    ) -> Iterator[None]:
        """Replace the worker's policy on surprising imports within a ``with`` block.

        Args:
            policy: What to do about them. The innermost block counts.
        """
        with _mark(_sandbox_import_notification_policy_override, policy):
            yield
