from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        CallbackInfo,
        DeploymentTransition,
        DeploymentVersionTransition,
        NewWorkflowExecutionInfo,
        NexusOperationCancellationInfo,
        OnConflictOptions,
        PendingActivityInfo,
        PendingChildExecutionInfo,
        PendingNexusOperationInfo,
        PendingWorkflowTaskInfo,
        PostResetOperation,
        RequestIdInfo,
        ResetPointInfo,
        ResetPoints,
        VersioningOverride,
        WorkflowExecutionConfig,
        WorkflowExecutionExtendedInfo,
        WorkflowExecutionInfo,
        WorkflowExecutionOptions,
        WorkflowExecutionPauseInfo,
        WorkflowExecutionVersioningInfo,
    )

__all__ = [
    "CallbackInfo",
    "DeploymentTransition",
    "DeploymentVersionTransition",
    "NewWorkflowExecutionInfo",
    "NexusOperationCancellationInfo",
    "OnConflictOptions",
    "PendingActivityInfo",
    "PendingChildExecutionInfo",
    "PendingNexusOperationInfo",
    "PendingWorkflowTaskInfo",
    "PostResetOperation",
    "RequestIdInfo",
    "ResetPointInfo",
    "ResetPoints",
    "VersioningOverride",
    "WorkflowExecutionConfig",
    "WorkflowExecutionExtendedInfo",
    "WorkflowExecutionInfo",
    "WorkflowExecutionOptions",
    "WorkflowExecutionPauseInfo",
    "WorkflowExecutionVersioningInfo",
]

_modules = {
    "message_pb2": "CallbackInfo DeploymentTransition DeploymentVersionTransition NewWorkflowExecutionInfo NexusOperationCancellationInfo OnConflictOptions PendingActivityInfo PendingChildExecutionInfo PendingNexusOperationInfo PendingWorkflowTaskInfo PostResetOperation RequestIdInfo ResetPointInfo ResetPoints VersioningOverride WorkflowExecutionConfig WorkflowExecutionExtendedInfo WorkflowExecutionInfo WorkflowExecutionOptions WorkflowExecutionPauseInfo WorkflowExecutionVersioningInfo".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
