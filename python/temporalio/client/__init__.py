"""Client of a Temporal server.

:py:meth:`Client.connect` gives a client, its methods start workflows, and
:py:class:`WorkflowHandle` is what talks to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from temporalio._lazy import names_of
from temporalio.activity import ActivityCancellationDetails
from temporalio.common import HeaderCodecBehavior
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)
from temporalio.service import (
    ConnectConfig,
    DnsLoadBalancingConfig,
    GrpcCompression,
    HttpConnectProxyConfig,
    KeepAliveConfig,
    PayloadLimitsConfig,
    RetryConfig,
    RPCError,
    RPCStatusCode,
    ServiceClient,
    TLSConfig,
)
from temporalio.types import (
    AnyType,
    CallableAsyncNoParam,
    CallableAsyncSingleParam,
    CallableSyncNoParam,
    CallableSyncSingleParam,
    LocalReturnType,
    MethodAsyncNoParam,
    MethodAsyncSingleParam,
    MethodSyncOrAsyncNoParam,
    MethodSyncOrAsyncSingleParam,
    MultiParamSpec,
    ParamType,
    ReturnType,
    SelfType,
)

from ._async_activity import AsyncActivityHandle, AsyncActivityIDReference
from ._client import Client
from ._config import ClientConfig, ClientConnectConfig
from ._errors import (
    AsyncActivityCancelledError,
    RPCTimeoutOrCancelledError,
    WorkflowContinuedAsNewError,
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from ._execution import (
    WorkflowExecution,
    WorkflowExecutionAsyncIterator,
    WorkflowExecutionCount,
    WorkflowExecutionCountAggregationGroup,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
)
from ._handle import WorkflowHandle
from ._history import (
    WorkflowHistory,
    WorkflowHistoryEventAsyncIterator,
    WorkflowHistoryEventFilterType,
)
from ._interceptor import Interceptor, OutboundInterceptor
from ._plugin import Plugin
from ._updates import WorkflowUpdateHandle, WorkflowUpdateStage

if TYPE_CHECKING:
    from ._inputs import (
        CancelWorkflowInput,
        CompleteAsyncActivityInput,
        CountWorkflowsInput,
        DescribeWorkflowInput,
        FailAsyncActivityInput,
        FetchWorkflowHistoryEventsInput,
        HeartbeatAsyncActivityInput,
        ListWorkflowsInput,
        QueryWorkflowInput,
        ReportCancellationAsyncActivityInput,
        SignalWorkflowInput,
        StartWorkflowInput,
        StartWorkflowUpdateInput,
        TerminateWorkflowInput,
    )

__all__ = [
    "ActivityCancellationDetails",
    "ActivitySerializationContext",
    "AnyType",
    "AsyncActivityCancelledError",
    "AsyncActivityHandle",
    "AsyncActivityIDReference",
    "CallableAsyncNoParam",
    "CallableAsyncSingleParam",
    "CallableSyncNoParam",
    "CallableSyncSingleParam",
    "CancelWorkflowInput",
    "Client",
    "ClientConfig",
    "ClientConnectConfig",
    "CompleteAsyncActivityInput",
    "ConnectConfig",
    "CountWorkflowsInput",
    "DataConverter",
    "DescribeWorkflowInput",
    "DnsLoadBalancingConfig",
    "FailAsyncActivityInput",
    "FetchWorkflowHistoryEventsInput",
    "GrpcCompression",
    "HeaderCodecBehavior",
    "HeartbeatAsyncActivityInput",
    "HttpConnectProxyConfig",
    "Interceptor",
    "KeepAliveConfig",
    "ListWorkflowsInput",
    "LocalReturnType",
    "MethodAsyncNoParam",
    "MethodAsyncSingleParam",
    "MethodSyncOrAsyncNoParam",
    "MethodSyncOrAsyncSingleParam",
    "MultiParamSpec",
    "OutboundInterceptor",
    "ParamType",
    "PayloadLimitsConfig",
    "Plugin",
    "QueryWorkflowInput",
    "RPCError",
    "RPCStatusCode",
    "RPCTimeoutOrCancelledError",
    "ReportCancellationAsyncActivityInput",
    "RetryConfig",
    "ReturnType",
    "SelfType",
    "SerializationContext",
    "ServiceClient",
    "SignalWorkflowInput",
    "StartWorkflowInput",
    "StartWorkflowUpdateInput",
    "TLSConfig",
    "TerminateWorkflowInput",
    "WithSerializationContext",
    "WorkflowContinuedAsNewError",
    "WorkflowExecution",
    "WorkflowExecutionAsyncIterator",
    "WorkflowExecutionCount",
    "WorkflowExecutionCountAggregationGroup",
    "WorkflowExecutionDescription",
    "WorkflowExecutionStatus",
    "WorkflowFailureError",
    "WorkflowHandle",
    "WorkflowHistory",
    "WorkflowHistoryEventAsyncIterator",
    "WorkflowHistoryEventFilterType",
    "WorkflowQueryFailedError",
    "WorkflowQueryRejectedError",
    "WorkflowSerializationContext",
    "WorkflowUpdateFailedError",
    "WorkflowUpdateHandle",
    "WorkflowUpdateRPCTimeoutOrCancelledError",
    "WorkflowUpdateStage",
]

# What only calls need of which there is more to say, or that interceptors see.
_later = {"_inputs": [name for name in __all__ if name.endswith("Input")]}

__getattr__, __dir__ = names_of(__name__, _later)
