from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        CancelOperationRequest,
        CancelOperationResponse,
        Endpoint,
        EndpointSpec,
        EndpointTarget,
        Failure,
        HandlerError,
        Link,
        NexusOperationExecutionCancellationInfo,
        NexusOperationExecutionInfo,
        NexusOperationExecutionListInfo,
        Request,
        Response,
        StartOperationRequest,
        StartOperationResponse,
        UnsuccessfulOperationError,
    )

__all__ = [
    "CancelOperationRequest",
    "CancelOperationResponse",
    "Endpoint",
    "EndpointSpec",
    "EndpointTarget",
    "Failure",
    "HandlerError",
    "Link",
    "NexusOperationExecutionCancellationInfo",
    "NexusOperationExecutionInfo",
    "NexusOperationExecutionListInfo",
    "Request",
    "Response",
    "StartOperationRequest",
    "StartOperationResponse",
    "UnsuccessfulOperationError",
]

_modules = {
    "message_pb2": "CancelOperationRequest CancelOperationResponse Endpoint EndpointSpec EndpointTarget Failure HandlerError Link NexusOperationExecutionCancellationInfo NexusOperationExecutionInfo NexusOperationExecutionListInfo Request Response StartOperationRequest StartOperationResponse UnsuccessfulOperationError".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
