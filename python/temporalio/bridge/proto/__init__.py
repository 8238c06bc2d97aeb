from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
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

_modules = {
    "core_interface_pb2": "ActivityHeartbeat ActivitySlotInfo ActivityTaskCompletion LocalActivitySlotInfo NamespaceInfo NexusSlotInfo WorkflowSlotInfo".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
