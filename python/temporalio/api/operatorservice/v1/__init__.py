from importlib.util import find_spec as _find_spec
from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .request_response_pb2 import (
        AddOrUpdateRemoteClusterRequest,
        AddOrUpdateRemoteClusterResponse,
        AddSearchAttributesRequest,
        AddSearchAttributesResponse,
        ClusterMetadata,
        CreateNexusEndpointRequest,
        CreateNexusEndpointResponse,
        DeleteNamespaceRequest,
        DeleteNamespaceResponse,
        DeleteNexusEndpointRequest,
        DeleteNexusEndpointResponse,
        GetNexusEndpointRequest,
        GetNexusEndpointResponse,
        ListClustersRequest,
        ListClustersResponse,
        ListNexusEndpointsRequest,
        ListNexusEndpointsResponse,
        ListSearchAttributesRequest,
        ListSearchAttributesResponse,
        RemoveRemoteClusterRequest,
        RemoveRemoteClusterResponse,
        RemoveSearchAttributesRequest,
        RemoveSearchAttributesResponse,
        UpdateNexusEndpointRequest,
        UpdateNexusEndpointResponse,
    )
    from .service_pb2_grpc import (
        OperatorServiceServicer,
        OperatorServiceStub,
        add_OperatorServiceServicer_to_server,
    )

__all__ = [
    "AddOrUpdateRemoteClusterRequest",
    "AddOrUpdateRemoteClusterResponse",
    "AddSearchAttributesRequest",
    "AddSearchAttributesResponse",
    "ClusterMetadata",
    "CreateNexusEndpointRequest",
    "CreateNexusEndpointResponse",
    "DeleteNamespaceRequest",
    "DeleteNamespaceResponse",
    "DeleteNexusEndpointRequest",
    "DeleteNexusEndpointResponse",
    "GetNexusEndpointRequest",
    "GetNexusEndpointResponse",
    "ListClustersRequest",
    "ListClustersResponse",
    "ListNexusEndpointsRequest",
    "ListNexusEndpointsResponse",
    "ListSearchAttributesRequest",
    "ListSearchAttributesResponse",
    "RemoveRemoteClusterRequest",
    "RemoveRemoteClusterResponse",
    "RemoveSearchAttributesRequest",
    "RemoveSearchAttributesResponse",
    "UpdateNexusEndpointRequest",
    "UpdateNexusEndpointResponse",
]

_modules = {
    "request_response_pb2": "AddOrUpdateRemoteClusterRequest AddOrUpdateRemoteClusterResponse AddSearchAttributesRequest AddSearchAttributesResponse ClusterMetadata CreateNexusEndpointRequest CreateNexusEndpointResponse DeleteNamespaceRequest DeleteNamespaceResponse DeleteNexusEndpointRequest DeleteNexusEndpointResponse GetNexusEndpointRequest GetNexusEndpointResponse ListClustersRequest ListClustersResponse ListNexusEndpointsRequest ListNexusEndpointsResponse ListSearchAttributesRequest ListSearchAttributesResponse RemoveRemoteClusterRequest RemoveRemoteClusterResponse RemoveSearchAttributesRequest RemoveSearchAttributesResponse UpdateNexusEndpointRequest UpdateNexusEndpointResponse".split(),
}

# The stubs need grpcio, which is optional.
if _find_spec("grpc"):
    __all__ += [
        "OperatorServiceServicer",
        "OperatorServiceStub",
        "add_OperatorServiceServicer_to_server",
    ]
    _modules |= {
        "service_pb2_grpc": "OperatorServiceServicer OperatorServiceStub add_OperatorServiceServicer_to_server".split(),
    }

__getattr__, __dir__ = _names_of(__name__, _modules)
