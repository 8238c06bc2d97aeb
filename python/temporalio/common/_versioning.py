"""Versions of worker deployments and how workflows move between them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import IntEnum

import temporalio.api


class VersioningBehavior(IntEnum):
    """When a workflow may move from one version of its worker to another."""

    UNSPECIFIED = 0
    """Not said. A worker with versioning on must then have a default behavior."""

    PINNED = 1
    """The workflow stays on the version it began on unless it is moved by hand."""

    AUTO_UPGRADE = 2
    """The workflow goes to the current version with its next task."""


@dataclass(frozen=True)
class WorkerDeploymentVersion:
    """One version of a worker deployment.

    Attributes:
        deployment_name: Name of the deployment; it must not contain a dot.
        build_id: Identifies the version within the deployment.
    """

    deployment_name: str
    build_id: str

    def to_canonical_string(self) -> str:
        """Write the version as ``<deployment_name>.<build_id>``.

        Returns:
            The text.
        """
        return f"{self.deployment_name}.{self.build_id}"

    @staticmethod
    def from_canonical_string(canonical: str) -> WorkerDeploymentVersion:
        """Read what :py:meth:`to_canonical_string` wrote.

        Args:
            canonical: Text of the form ``<deployment_name>.<build_id>``.

        Returns:
            The version; the build id is all that follows the first dot.

        Raises:
            ValueError: The text has no dot.
        """
        deployment_name, dot, build_id = canonical.partition(".")
        if not dot:
            raise ValueError(
                f"Cannot parse version string: {canonical}, "
                "must be in format <deployment_name>.<build_id>"
            )
        return WorkerDeploymentVersion(deployment_name, build_id)

    def _to_proto(self) -> temporalio.api.deployment.v1.WorkerDeploymentVersion:
        return temporalio.api.deployment.v1.WorkerDeploymentVersion(
            deployment_name=self.deployment_name, build_id=self.build_id
        )


class VersioningOverride(ABC):
    """An exception, for one workflow, from the versioning behavior that its worker declares."""

    @abstractmethod
    def _to_proto(self) -> temporalio.api.workflow.v1.VersioningOverride:
        """Write the override as the server's message."""


@dataclass(frozen=True)
class PinnedVersioningOverride(VersioningOverride):
    """Keeps the workflow on one version.

    Attributes:
        version: The version to run on.
    """

    version: WorkerDeploymentVersion

    def _to_proto(self) -> temporalio.api.workflow.v1.VersioningOverride:
        # Servers before 1.29 read only the two deprecated fields.
        override = temporalio.api.workflow.v1.VersioningOverride
        message = override(
            behavior=temporalio.api.enums.v1.VersioningBehavior.VERSIONING_BEHAVIOR_PINNED,
            pinned_version=self.version.to_canonical_string(),
        )
        message.pinned.version.CopyFrom(self.version._to_proto())
        message.pinned.behavior = override.PinnedOverrideBehavior.PINNED_OVERRIDE_BEHAVIOR_PINNED
        return message


@dataclass(frozen=True)
class AutoUpgradeVersioningOverride(VersioningOverride):
    """Sends the workflow to the current version with its next task."""

    def _to_proto(self) -> temporalio.api.workflow.v1.VersioningOverride:
        # Servers before 1.29 read only the deprecated field.
        return temporalio.api.workflow.v1.VersioningOverride(
            auto_upgrade=True,
            behavior=temporalio.api.enums.v1.VersioningBehavior.VERSIONING_BEHAVIOR_AUTO_UPGRADE,
        )


@dataclass(frozen=True)
class OneTimeVersioningOverride(VersioningOverride):
    """Sends the next workflow task to one version, and then holds no longer (experimental).

    After a task has completed on that version, the behavior that its worker declares applies. Needs
    a server of version 1.32 or later.

    Attributes:
        target_version: The version for the next task.
    """

    target_version: WorkerDeploymentVersion

    def _to_proto(self) -> temporalio.api.workflow.v1.VersioningOverride:
        message = temporalio.api.workflow.v1.VersioningOverride()
        message.one_time.target_deployment_version.CopyFrom(self.target_version._to_proto())
        return message
