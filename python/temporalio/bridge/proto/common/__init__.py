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
