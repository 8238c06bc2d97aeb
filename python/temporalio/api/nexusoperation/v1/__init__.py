from .message_pb2 import (
    CallbackInfo,
    OnConflictOptions,
)

__all__ = [
    "CallbackInfo",
    "OnConflictOptions",
]
