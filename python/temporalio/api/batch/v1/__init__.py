from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        BatchOperationCancelActivities,
        BatchOperationCancellation,
        BatchOperationDeleteActivities,
        BatchOperationDeletion,
        BatchOperationInfo,
        BatchOperationReset,
        BatchOperationResetActivities,
        BatchOperationSignal,
        BatchOperationTerminateActivities,
        BatchOperationTermination,
        BatchOperationTriggerWorkflowRule,
        BatchOperationUnpauseActivities,
        BatchOperationUpdateActivityOptions,
        BatchOperationUpdateWorkflowExecutionOptions,
    )

__all__ = [
    "BatchOperationCancelActivities",
    "BatchOperationCancellation",
    "BatchOperationDeleteActivities",
    "BatchOperationDeletion",
    "BatchOperationInfo",
    "BatchOperationReset",
    "BatchOperationResetActivities",
    "BatchOperationSignal",
    "BatchOperationTerminateActivities",
    "BatchOperationTermination",
    "BatchOperationTriggerWorkflowRule",
    "BatchOperationUnpauseActivities",
    "BatchOperationUpdateActivityOptions",
    "BatchOperationUpdateWorkflowExecutionOptions",
]

_modules = {
    "message_pb2": "BatchOperationCancelActivities BatchOperationCancellation BatchOperationDeleteActivities BatchOperationDeletion BatchOperationInfo BatchOperationReset BatchOperationResetActivities BatchOperationSignal BatchOperationTerminateActivities BatchOperationTermination BatchOperationTriggerWorkflowRule BatchOperationUnpauseActivities BatchOperationUpdateActivityOptions BatchOperationUpdateWorkflowExecutionOptions".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
