from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        ActivityFailureInfo,
        ApplicationFailureInfo,
        CanceledFailureInfo,
        ChildWorkflowExecutionFailureInfo,
        Failure,
        MultiOperationExecutionAborted,
        NexusHandlerFailureInfo,
        NexusOperationFailureInfo,
        ResetWorkflowFailureInfo,
        ServerFailureInfo,
        TerminatedFailureInfo,
        TimeoutFailureInfo,
    )

__all__ = [
    "ActivityFailureInfo",
    "ApplicationFailureInfo",
    "CanceledFailureInfo",
    "ChildWorkflowExecutionFailureInfo",
    "Failure",
    "MultiOperationExecutionAborted",
    "NexusHandlerFailureInfo",
    "NexusOperationFailureInfo",
    "ResetWorkflowFailureInfo",
    "ServerFailureInfo",
    "TerminatedFailureInfo",
    "TimeoutFailureInfo",
]

_modules = {
    "message_pb2": "ActivityFailureInfo ApplicationFailureInfo CanceledFailureInfo ChildWorkflowExecutionFailureInfo Failure MultiOperationExecutionAborted NexusHandlerFailureInfo NexusOperationFailureInfo ResetWorkflowFailureInfo ServerFailureInfo TerminatedFailureInfo TimeoutFailureInfo".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
