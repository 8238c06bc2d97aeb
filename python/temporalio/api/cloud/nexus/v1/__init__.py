from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        AllowedCloudNamespacePolicySpec,
        Endpoint,
        EndpointPolicySpec,
        EndpointSpec,
        EndpointTargetSpec,
        WorkerTargetSpec,
    )

__all__ = [
    "AllowedCloudNamespacePolicySpec",
    "Endpoint",
    "EndpointPolicySpec",
    "EndpointSpec",
    "EndpointTargetSpec",
    "WorkerTargetSpec",
]

_modules = {
    "message_pb2": "AllowedCloudNamespacePolicySpec Endpoint EndpointPolicySpec EndpointSpec EndpointTargetSpec WorkerTargetSpec".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
