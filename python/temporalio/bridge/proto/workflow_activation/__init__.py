from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .workflow_activation_pb2 import (
        CancelWorkflow,
        DoUpdate,
        FireTimer,
        InitializeWorkflow,
        NotifyHasPatch,
        QueryWorkflow,
        RemoveFromCache,
        ResolveActivity,
        ResolveChildWorkflowExecution,
        ResolveChildWorkflowExecutionStart,
        ResolveChildWorkflowExecutionStartCancelled,
        ResolveChildWorkflowExecutionStartFailure,
        ResolveChildWorkflowExecutionStartSuccess,
        ResolveNexusOperation,
        ResolveNexusOperationStart,
        ResolveRequestCancelExternalWorkflow,
        ResolveSignalExternalWorkflow,
        SignalWorkflow,
        UpdateRandomSeed,
        WorkflowActivation,
        WorkflowActivationJob,
    )

__all__ = [
    "CancelWorkflow",
    "DoUpdate",
    "FireTimer",
    "InitializeWorkflow",
    "NotifyHasPatch",
    "QueryWorkflow",
    "RemoveFromCache",
    "ResolveActivity",
    "ResolveChildWorkflowExecution",
    "ResolveChildWorkflowExecutionStart",
    "ResolveChildWorkflowExecutionStartCancelled",
    "ResolveChildWorkflowExecutionStartFailure",
    "ResolveChildWorkflowExecutionStartSuccess",
    "ResolveNexusOperation",
    "ResolveNexusOperationStart",
    "ResolveRequestCancelExternalWorkflow",
    "ResolveSignalExternalWorkflow",
    "SignalWorkflow",
    "UpdateRandomSeed",
    "WorkflowActivation",
    "WorkflowActivationJob",
]

_modules = {
    "workflow_activation_pb2": "CancelWorkflow DoUpdate FireTimer InitializeWorkflow NotifyHasPatch QueryWorkflow RemoveFromCache ResolveActivity ResolveChildWorkflowExecution ResolveChildWorkflowExecutionStart ResolveChildWorkflowExecutionStartCancelled ResolveChildWorkflowExecutionStartFailure ResolveChildWorkflowExecutionStartSuccess ResolveNexusOperation ResolveNexusOperationStart ResolveRequestCancelExternalWorkflow ResolveSignalExternalWorkflow SignalWorkflow UpdateRandomSeed WorkflowActivation WorkflowActivationJob".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
