from .message_pb2 import (
    QueryRejected,
    WorkflowQuery,
    WorkflowQueryResult,
)

__all__ = [
    "QueryRejected",
    "WorkflowQuery",
    "WorkflowQueryResult",
]
