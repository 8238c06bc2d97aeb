from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        AWSPrivateLinkInfo,
        ApiKeyAuthSpec,
        Capacity,
        CapacitySpec,
        CertificateFilterSpec,
        CodecServerSpec,
        Endpoints,
        ExportSink,
        ExportSinkSpec,
        FairnessSpec,
        HighAvailabilitySpec,
        LifecycleSpec,
        Limits,
        MtlsAuthSpec,
        Namespace,
        NamespaceCapacityInfo,
        NamespaceRegionStatus,
        NamespaceSpec,
        PrivateConnectivity,
        Replica,
        ReplicaSpec,
    )

__all__ = [
    "AWSPrivateLinkInfo",
    "ApiKeyAuthSpec",
    "Capacity",
    "CapacitySpec",
    "CertificateFilterSpec",
    "CodecServerSpec",
    "Endpoints",
    "ExportSink",
    "ExportSinkSpec",
    "FairnessSpec",
    "HighAvailabilitySpec",
    "LifecycleSpec",
    "Limits",
    "MtlsAuthSpec",
    "Namespace",
    "NamespaceCapacityInfo",
    "NamespaceRegionStatus",
    "NamespaceSpec",
    "PrivateConnectivity",
    "Replica",
    "ReplicaSpec",
]

_modules = {
    "message_pb2": "AWSPrivateLinkInfo ApiKeyAuthSpec Capacity CapacitySpec CertificateFilterSpec CodecServerSpec Endpoints ExportSink ExportSinkSpec FairnessSpec HighAvailabilitySpec LifecycleSpec Limits MtlsAuthSpec Namespace NamespaceCapacityInfo NamespaceRegionStatus NamespaceSpec PrivateConnectivity Replica ReplicaSpec".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
