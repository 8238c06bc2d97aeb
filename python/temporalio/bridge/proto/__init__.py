from .core_interface_pb2 import (
    ActivityHeartbeat,
    ActivitySlotInfo,
    ActivityTaskCompletion,
    LocalActivitySlotInfo,
    NamespaceInfo,
    NexusSlotInfo,
    WorkflowSlotInfo,
)

__all__ = [
    "ActivityHeartbeat",
    "ActivitySlotInfo",
    "ActivityTaskCompletion",
    "LocalActivitySlotInfo",
    "NamespaceInfo",
    "NexusSlotInfo",
    "WorkflowSlotInfo",
]
