"""Which worker version a command asks for."""

from __future__ import annotations

from enum import Enum, IntEnum

__all__ = ["ContinueAsNewVersioningBehavior", "VersioningIntent"]


class VersioningIntent(Enum):
    """Which build id an activity, a child workflow or a continued run should land on.

    Left unset where it is optional, the choice follows the task queue: the same queue means a
    compatible worker, another queue means that queue's default.

    .. deprecated::
        Set up Worker Deployment versioning, which replaces build id sets.
    """

    COMPATIBLE = 1
    """A worker compatible with the current one, if the target task queue knows of it."""

    DEFAULT = 2
    """Whatever is the overall default of the target task queue at that time."""


class ContinueAsNewVersioningBehavior(IntEnum):
    """How the first task of a continued run picks its worker deployment version.

    This is experimental. A pinned versioning override is inherited by the new run and wins over
    each of these until it is removed.
    """

    UNSPECIFIED = 0
    """Inherit from the previous run as continue-as-new does without this option."""

    AUTO_UPGRADE = 1
    """Start on the target version of the task queue, as an auto-upgrading workflow would.

    From the second task on, the behavior annotated on the workflow counts again."""

    USE_RAMPING_VERSION = 2
    """Start on the ramping version of the task queue, or on the current one if none is ramping.

    Only the first task is affected, so an auto-upgrading workflow may fall back to the current
    version with its second task."""
