from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .workflow_commands_pb2 import (
        ActivityCancellationType,
        CancelChildWorkflowExecution,
        CancelSignalWorkflow,
        CancelTimer,
        CancelWorkflowExecution,
        CompleteWorkflowExecution,
        ContinueAsNewWorkflowExecution,
        FailWorkflowExecution,
        ModifyWorkflowProperties,
        QueryResult,
        QuerySuccess,
        RequestCancelActivity,
        RequestCancelExternalWorkflowExecution,
        RequestCancelLocalActivity,
        RequestCancelNexusOperation,
        ScheduleActivity,
        ScheduleLocalActivity,
        ScheduleNexusOperation,
        SetPatchMarker,
        SignalExternalWorkflowExecution,
        StartChildWorkflowExecution,
        StartTimer,
        UpdateResponse,
        UpsertWorkflowSearchAttributes,
        WorkflowCommand,
    )

__all__ = [
    "ActivityCancellationType",
    "CancelChildWorkflowExecution",
    "CancelSignalWorkflow",
    "CancelTimer",
    "CancelWorkflowExecution",
    "CompleteWorkflowExecution",
    "ContinueAsNewWorkflowExecution",
    "FailWorkflowExecution",
    "ModifyWorkflowProperties",
    "QueryResult",
    "QuerySuccess",
    "RequestCancelActivity",
    "RequestCancelExternalWorkflowExecution",
    "RequestCancelLocalActivity",
    "RequestCancelNexusOperation",
    "ScheduleActivity",
    "ScheduleLocalActivity",
    "ScheduleNexusOperation",
    "SetPatchMarker",
    "SignalExternalWorkflowExecution",
    "StartChildWorkflowExecution",
    "StartTimer",
    "UpdateResponse",
    "UpsertWorkflowSearchAttributes",
    "WorkflowCommand",
]

_modules = {
    "workflow_commands_pb2": "ActivityCancellationType CancelChildWorkflowExecution CancelSignalWorkflow CancelTimer CancelWorkflowExecution CompleteWorkflowExecution ContinueAsNewWorkflowExecution FailWorkflowExecution ModifyWorkflowProperties QueryResult QuerySuccess RequestCancelActivity RequestCancelExternalWorkflowExecution RequestCancelLocalActivity RequestCancelNexusOperation ScheduleActivity ScheduleLocalActivity ScheduleNexusOperation SetPatchMarker SignalExternalWorkflowExecution StartChildWorkflowExecution StartTimer UpdateResponse UpsertWorkflowSearchAttributes WorkflowCommand".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
