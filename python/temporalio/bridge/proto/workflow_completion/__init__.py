from .workflow_completion_pb2 import (
    Failure,
    Success,
    WorkflowActivationCompletion,
)

__all__ = [
    "Failure",
    "Success",
    "WorkflowActivationCompletion",
]
