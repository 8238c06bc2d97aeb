"""Choices that the server offers, by the numbers of its wire format."""

from __future__ import annotations

from enum import IntEnum


class WorkflowIDReusePolicy(IntEnum):
    """Whether a workflow may start with the id of a closed workflow."""

    ALLOW_DUPLICATE = 1
    ALLOW_DUPLICATE_FAILED_ONLY = 2
    REJECT_DUPLICATE = 3
    TERMINATE_IF_RUNNING = 4


class WorkflowIDConflictPolicy(IntEnum):
    """What starting a workflow does when a workflow with that id is running."""

    UNSPECIFIED = 0
    FAIL = 1
    USE_EXISTING = 2
    TERMINATE_EXISTING = 3


class ActivityIDReusePolicy(IntEnum):
    """Whether a standalone activity may start with the id of a closed one."""

    UNSPECIFIED = 0
    ALLOW_DUPLICATE = 1
    ALLOW_DUPLICATE_FAILED_ONLY = 2
    REJECT_DUPLICATE = 3


class ActivityIDConflictPolicy(IntEnum):
    """What starting a standalone activity does when one with that id is running."""

    UNSPECIFIED = 0
    FAIL = 1
    USE_EXISTING = 2


class NexusOperationIDReusePolicy(IntEnum):
    """Whether a standalone Nexus operation may start with the id of a closed one (experimental)."""

    UNSPECIFIED = 0
    ALLOW_DUPLICATE = 1
    ALLOW_DUPLICATE_FAILED_ONLY = 2
    REJECT_DUPLICATE = 3


class NexusOperationIDConflictPolicy(IntEnum):
    """What starting a standalone Nexus operation does when its id is running (experimental)."""

    UNSPECIFIED = 0
    FAIL = 1
    USE_EXISTING = 2


class NexusOperationExecutionStatus(IntEnum):
    """How a standalone Nexus operation stands (experimental)."""

    UNSPECIFIED = 0
    RUNNING = 1
    COMPLETED = 2
    FAILED = 3
    CANCELED = 4
    TERMINATED = 5
    TIMED_OUT = 6


class PendingNexusOperationExecutionState(IntEnum):
    """Where a running standalone Nexus operation is (experimental)."""

    UNSPECIFIED = 0
    SCHEDULED = 1
    BACKING_OFF = 2
    STARTED = 3
    BLOCKED = 4


class NexusOperationCancellationState(IntEnum):
    """How far the cancellation of a Nexus operation has come (experimental)."""

    UNSPECIFIED = 0

    SCHEDULED = 1
    """The request waits for delivery or is on its way."""

    BACKING_OFF = 2
    """Delivery failed and will be tried again."""

    SUCCEEDED = 3
    """The handler took the request."""

    FAILED = 4
    """Delivery failed and will not be tried again."""

    TIMED_OUT = 5
    """The operation's own deadline passed first."""

    BLOCKED = 6
    """Delivery is held back, for example by a circuit breaker."""


class QueryRejectCondition(IntEnum):
    """In which state of a workflow a query is refused."""

    NONE = 1
    NOT_OPEN = 2
    NOT_COMPLETED_CLEANLY = 3
