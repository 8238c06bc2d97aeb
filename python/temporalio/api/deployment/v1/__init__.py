from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        ComputeStatus,
        Deployment,
        DeploymentInfo,
        DeploymentListInfo,
        InheritedAutoUpgradeInfo,
        RoutingConfig,
        UpdateDeploymentMetadata,
        VersionDrainageInfo,
        VersionMetadata,
        WorkerDeploymentInfo,
        WorkerDeploymentOptions,
        WorkerDeploymentVersion,
        WorkerDeploymentVersionInfo,
    )

__all__ = [
    "ComputeStatus",
    "Deployment",
    "DeploymentInfo",
    "DeploymentListInfo",
    "InheritedAutoUpgradeInfo",
    "RoutingConfig",
    "UpdateDeploymentMetadata",
    "VersionDrainageInfo",
    "VersionMetadata",
    "WorkerDeploymentInfo",
    "WorkerDeploymentOptions",
    "WorkerDeploymentVersion",
    "WorkerDeploymentVersionInfo",
]

_modules = {
    "message_pb2": "ComputeStatus Deployment DeploymentInfo DeploymentListInfo InheritedAutoUpgradeInfo RoutingConfig UpdateDeploymentMetadata VersionDrainageInfo VersionMetadata WorkerDeploymentInfo WorkerDeploymentOptions WorkerDeploymentVersion WorkerDeploymentVersionInfo".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
