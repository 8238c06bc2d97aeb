from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .nexus_pb2 import (
        CancelNexusTask,
        NexusOperationCancellationType,
        NexusOperationResult,
        NexusTask,
        NexusTaskCancelReason,
        NexusTaskCompletion,
    )

__all__ = [
    "CancelNexusTask",
    "NexusOperationCancellationType",
    "NexusOperationResult",
    "NexusTask",
    "NexusTaskCancelReason",
    "NexusTaskCompletion",
]

_modules = {
    "nexus_pb2": "CancelNexusTask NexusOperationCancellationType NexusOperationResult NexusTask NexusTaskCancelReason NexusTaskCompletion".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
