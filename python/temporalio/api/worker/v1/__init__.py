from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        CancelActivityCommand,
        CancelActivityResult,
        EnvironmentInfo,
        PluginInfo,
        StorageDriverInfo,
        WorkerCommand,
        WorkerCommandResult,
        WorkerHeartbeat,
        WorkerHostInfo,
        WorkerInfo,
        WorkerListInfo,
        WorkerPollerInfo,
        WorkerSlotsInfo,
    )

__all__ = [
    "CancelActivityCommand",
    "CancelActivityResult",
    "EnvironmentInfo",
    "PluginInfo",
    "StorageDriverInfo",
    "WorkerCommand",
    "WorkerCommandResult",
    "WorkerHeartbeat",
    "WorkerHostInfo",
    "WorkerInfo",
    "WorkerListInfo",
    "WorkerPollerInfo",
    "WorkerSlotsInfo",
]

_modules = {
    "message_pb2": "CancelActivityCommand CancelActivityResult EnvironmentInfo PluginInfo StorageDriverInfo WorkerCommand WorkerCommandResult WorkerHeartbeat WorkerHostInfo WorkerInfo WorkerListInfo WorkerPollerInfo WorkerSlotsInfo".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
