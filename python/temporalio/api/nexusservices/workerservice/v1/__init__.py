from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .request_response_pb2 import (
        ExecuteCommandsRequest,
        ExecuteCommandsResponse,
    )

__all__ = [
    "ExecuteCommandsRequest",
    "ExecuteCommandsResponse",
]

_modules = {
    "request_response_pb2": "ExecuteCommandsRequest ExecuteCommandsResponse".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
