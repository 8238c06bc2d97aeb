from .message_pb2 import (
    StartTimeFilter,
    StatusFilter,
    WorkflowExecutionFilter,
    WorkflowTypeFilter,
)

__all__ = [
    "StartTimeFilter",
    "StatusFilter",
    "WorkflowExecutionFilter",
    "WorkflowTypeFilter",
]
