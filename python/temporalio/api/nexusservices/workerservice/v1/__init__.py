from .request_response_pb2 import (
    ExecuteCommandsRequest,
    ExecuteCommandsResponse,
)

__all__ = [
    "ExecuteCommandsRequest",
    "ExecuteCommandsResponse",
]
