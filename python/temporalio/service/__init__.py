"""Raw access to a server's gRPC services, and the settings of a connection.

Most code wants :py:class:`temporalio.client.Client`; its ``service_client`` leads here.
"""

from ._client import (
    CloudService,
    HealthService,
    OperatorService,
    ServiceClient,
    ServiceRequest,
    ServiceResponse,
    TestService,
    WorkflowService,
)
from ._config import (
    ConnectConfig,
    DnsLoadBalancingConfig,
    GrpcCompression,
    HttpConnectProxyConfig,
    KeepAliveConfig,
    PayloadLimitsConfig,
    RetryConfig,
    TLSConfig,
)
from ._errors import RPCError, RPCStatusCode

__version__ = "1.35.0"
"""The version of the API that this package offers, which servers are told as well."""

LOG_PROTOS = False
"""Whether every request and response is logged, payloads and all, at debug level."""

__all__ = [
    "LOG_PROTOS",
    "CloudService",
    "ConnectConfig",
    "DnsLoadBalancingConfig",
    "GrpcCompression",
    "HealthService",
    "HttpConnectProxyConfig",
    "KeepAliveConfig",
    "OperatorService",
    "PayloadLimitsConfig",
    "RPCError",
    "RPCStatusCode",
    "RetryConfig",
    "ServiceClient",
    "ServiceRequest",
    "ServiceResponse",
    "TLSConfig",
    "TestService",
    "WorkflowService",
]
