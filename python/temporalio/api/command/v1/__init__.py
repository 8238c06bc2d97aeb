from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        CancelTimerCommandAttributes,
        CancelWorkflowExecutionCommandAttributes,
        Command,
        CompleteWorkflowExecutionCommandAttributes,
        ContinueAsNewWorkflowExecutionCommandAttributes,
        FailWorkflowExecutionCommandAttributes,
        ModifyWorkflowPropertiesCommandAttributes,
        ProtocolMessageCommandAttributes,
        RecordMarkerCommandAttributes,
        RequestCancelActivityTaskCommandAttributes,
        RequestCancelExternalWorkflowExecutionCommandAttributes,
        RequestCancelNexusOperationCommandAttributes,
        ScheduleActivityTaskCommandAttributes,
        ScheduleNexusOperationCommandAttributes,
        SignalExternalWorkflowExecutionCommandAttributes,
        StartChildWorkflowExecutionCommandAttributes,
        StartTimerCommandAttributes,
        UpsertWorkflowSearchAttributesCommandAttributes,
    )

__all__ = [
    "CancelTimerCommandAttributes",
    "CancelWorkflowExecutionCommandAttributes",
    "Command",
    "CompleteWorkflowExecutionCommandAttributes",
    "ContinueAsNewWorkflowExecutionCommandAttributes",
    "FailWorkflowExecutionCommandAttributes",
    "ModifyWorkflowPropertiesCommandAttributes",
    "ProtocolMessageCommandAttributes",
    "RecordMarkerCommandAttributes",
    "RequestCancelActivityTaskCommandAttributes",
    "RequestCancelExternalWorkflowExecutionCommandAttributes",
    "RequestCancelNexusOperationCommandAttributes",
    "ScheduleActivityTaskCommandAttributes",
    "ScheduleNexusOperationCommandAttributes",
    "SignalExternalWorkflowExecutionCommandAttributes",
    "StartChildWorkflowExecutionCommandAttributes",
    "StartTimerCommandAttributes",
    "UpsertWorkflowSearchAttributesCommandAttributes",
]

_modules = {
    "message_pb2": "CancelTimerCommandAttributes CancelWorkflowExecutionCommandAttributes Command CompleteWorkflowExecutionCommandAttributes ContinueAsNewWorkflowExecutionCommandAttributes FailWorkflowExecutionCommandAttributes ModifyWorkflowPropertiesCommandAttributes ProtocolMessageCommandAttributes RecordMarkerCommandAttributes RequestCancelActivityTaskCommandAttributes RequestCancelExternalWorkflowExecutionCommandAttributes RequestCancelNexusOperationCommandAttributes ScheduleActivityTaskCommandAttributes ScheduleNexusOperationCommandAttributes SignalExternalWorkflowExecutionCommandAttributes StartChildWorkflowExecutionCommandAttributes StartTimerCommandAttributes UpsertWorkflowSearchAttributesCommandAttributes".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
