from .child_workflow_pb2 import (
    Cancellation,
    ChildWorkflowCancellationType,
    ChildWorkflowResult,
    Failure,
    ParentClosePolicy,
    StartChildWorkflowExecutionFailedCause,
    Success,
)

__all__ = [
    "Cancellation",
    "ChildWorkflowCancellationType",
    "ChildWorkflowResult",
    "Failure",
    "ParentClosePolicy",
    "StartChildWorkflowExecutionFailedCause",
    "Success",
]
