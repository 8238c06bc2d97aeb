from .message_pb2 import (
    AsyncOperation,
)

__all__ = [
    "AsyncOperation",
]
