from .message_pb2 import (
    LogRecord,
    Principal,
)

__all__ = [
    "LogRecord",
    "Principal",
]
