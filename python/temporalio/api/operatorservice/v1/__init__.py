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

# The stubs need grpcio, which is optional.
try:
    from .service_pb2_grpc import (
        OperatorServiceServicer,
        OperatorServiceStub,
        add_OperatorServiceServicer_to_server,
    )

    __all__ += [
        "OperatorServiceServicer",
        "OperatorServiceStub",
        "add_OperatorServiceServicer_to_server",
    ]
except ImportError:
    pass
