from .message_pb2 import (
    ActivityExecutionInfo,
    ActivityExecutionListInfo,
    ActivityExecutionOutcome,
    ActivityOptions,
    CallbackInfo,
)

__all__ = [
    "ActivityExecutionInfo",
    "ActivityExecutionListInfo",
    "ActivityExecutionOutcome",
    "ActivityOptions",
    "CallbackInfo",
]
