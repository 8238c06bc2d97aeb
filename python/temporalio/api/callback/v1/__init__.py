from .message_pb2 import (
    CallbackInfo,
)

__all__ = [
    "CallbackInfo",
]
