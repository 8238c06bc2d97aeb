from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .grpc_status_pb2 import (
        GrpcStatus,
    )
    from .message_pb2 import (
        ActivityType,
        Callback,
        DataBlob,
        Execution,
        FastForwardConfig,
        Header,
        Link,
        Memo,
        MeteringMetadata,
        OnConflictOptions,
        Payload,
        Payloads,
        Principal,
        Priority,
        ResetOptions,
        RetryPolicy,
        SearchAttributes,
        TimeSkippingConfig,
        TimeSkippingFastForwardInfo,
        TimeSkippingInfo,
        TimeSkippingStatePropagation,
        WorkerSelector,
        WorkerVersionCapabilities,
        WorkerVersionStamp,
        WorkflowExecution,
        WorkflowType,
    )

__all__ = [
    "ActivityType",
    "Callback",
    "DataBlob",
    "Execution",
    "FastForwardConfig",
    "GrpcStatus",
    "Header",
    "Link",
    "Memo",
    "MeteringMetadata",
    "OnConflictOptions",
    "Payload",
    "Payloads",
    "Principal",
    "Priority",
    "ResetOptions",
    "RetryPolicy",
    "SearchAttributes",
    "TimeSkippingConfig",
    "TimeSkippingFastForwardInfo",
    "TimeSkippingInfo",
    "TimeSkippingStatePropagation",
    "WorkerSelector",
    "WorkerVersionCapabilities",
    "WorkerVersionStamp",
    "WorkflowExecution",
    "WorkflowType",
]

_modules = {
    "grpc_status_pb2": "GrpcStatus".split(),
    "message_pb2": "ActivityType Callback DataBlob Execution FastForwardConfig Header Link Memo MeteringMetadata OnConflictOptions Payload Payloads Principal Priority ResetOptions RetryPolicy SearchAttributes TimeSkippingConfig TimeSkippingFastForwardInfo TimeSkippingInfo TimeSkippingStatePropagation WorkerSelector WorkerVersionCapabilities WorkerVersionStamp WorkflowExecution WorkflowType".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
