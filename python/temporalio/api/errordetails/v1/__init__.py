from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        ActivityExecutionAlreadyStartedFailure,
        CancellationAlreadyRequestedFailure,
        ClientVersionNotSupportedFailure,
        MultiOperationExecutionFailure,
        NamespaceAlreadyExistsFailure,
        NamespaceInvalidStateFailure,
        NamespaceNotActiveFailure,
        NamespaceNotFoundFailure,
        NamespaceUnavailableFailure,
        NewerBuildExistsFailure,
        NexusOperationExecutionAlreadyStartedFailure,
        NotFoundFailure,
        PermissionDeniedFailure,
        QueryFailedFailure,
        ResourceExhaustedFailure,
        ServerVersionNotSupportedFailure,
        SystemWorkflowFailure,
        WorkflowExecutionAlreadyStartedFailure,
        WorkflowNotReadyFailure,
        WorkflowTaskCompletionBufferLostFailure,
    )

__all__ = [
    "ActivityExecutionAlreadyStartedFailure",
    "CancellationAlreadyRequestedFailure",
    "ClientVersionNotSupportedFailure",
    "MultiOperationExecutionFailure",
    "NamespaceAlreadyExistsFailure",
    "NamespaceInvalidStateFailure",
    "NamespaceNotActiveFailure",
    "NamespaceNotFoundFailure",
    "NamespaceUnavailableFailure",
    "NewerBuildExistsFailure",
    "NexusOperationExecutionAlreadyStartedFailure",
    "NotFoundFailure",
    "PermissionDeniedFailure",
    "QueryFailedFailure",
    "ResourceExhaustedFailure",
    "ServerVersionNotSupportedFailure",
    "SystemWorkflowFailure",
    "WorkflowExecutionAlreadyStartedFailure",
    "WorkflowNotReadyFailure",
    "WorkflowTaskCompletionBufferLostFailure",
]

_modules = {
    "message_pb2": "ActivityExecutionAlreadyStartedFailure CancellationAlreadyRequestedFailure ClientVersionNotSupportedFailure MultiOperationExecutionFailure NamespaceAlreadyExistsFailure NamespaceInvalidStateFailure NamespaceNotActiveFailure NamespaceNotFoundFailure NamespaceUnavailableFailure NewerBuildExistsFailure NexusOperationExecutionAlreadyStartedFailure NotFoundFailure PermissionDeniedFailure QueryFailedFailure ResourceExhaustedFailure ServerVersionNotSupportedFailure SystemWorkflowFailure WorkflowExecutionAlreadyStartedFailure WorkflowNotReadyFailure WorkflowTaskCompletionBufferLostFailure".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
