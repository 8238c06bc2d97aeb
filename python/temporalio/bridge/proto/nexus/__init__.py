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
