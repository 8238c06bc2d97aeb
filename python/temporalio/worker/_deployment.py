"""The worker deployment that a worker belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from ..common import VersioningBehavior, WorkerDeploymentVersion


@dataclass
class WorkerDeploymentConfig:
    """How a worker takes part in Worker Versioning.

    Attributes:
        version: Name of the deployment, and the build id of this worker's code.
        use_worker_versioning: Whether the server sends tasks by version. Without it, the version is
            only recorded.
        default_versioning_behavior: For workflows whose definition says nothing about versions. Needs
            ``use_worker_versioning``.
    """

    version: WorkerDeploymentVersion
    use_worker_versioning: bool
    default_versioning_behavior: VersioningBehavior = VersioningBehavior.UNSPECIFIED

    @property
    def _demands_behavior(self) -> bool:
        """Whether each workflow has to say how it stands to versions."""
        return (
            self.use_worker_versioning
            and self.default_versioning_behavior == VersioningBehavior.UNSPECIFIED
        )

    def _to_bridge(self) -> tuple[str, bool, int]:
        return (
            self.version.deployment_name,
            self.use_worker_versioning,
            self.default_versioning_behavior.value,
        )
