from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
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

_modules = {
    "child_workflow_pb2": "Cancellation ChildWorkflowCancellationType ChildWorkflowResult Failure ParentClosePolicy StartChildWorkflowExecutionFailedCause Success".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
