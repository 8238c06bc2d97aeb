"""Behaviours of the Python layer that histories record by number."""

from __future__ import annotations

from enum import IntEnum


class LogicFlag(IntEnum):
    """A behaviour that came later than histories which do without it."""

    RAISE_ON_CANCELLING_COMPLETED_ACTIVITY = 1
    """A cancellation is seen even if the activity's result is already there."""

    PROCESS_WORKFLOW_ACTIVATION_JOBS_AS_SINGLE_BATCH = 2
    """All jobs are applied before the workflow's tasks run, once."""


DEFAULT_FLAGS: frozenset[LogicFlag] = frozenset()
"""What new tasks use without history having it on record already."""
