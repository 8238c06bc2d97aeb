from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .common_pb2 import (
        ExternalStorageMetrics,
        NamespacedWorkflowExecution,
        VersioningIntent,
        WorkerDeploymentVersion,
    )

__all__ = [
    "ExternalStorageMetrics",
    "NamespacedWorkflowExecution",
    "VersioningIntent",
    "WorkerDeploymentVersion",
]

_modules = {
    "common_pb2": "ExternalStorageMetrics NamespacedWorkflowExecution VersioningIntent WorkerDeploymentVersion".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
