from .activity_result_pb2 import (
    ActivityExecutionResult,
    ActivityResolution,
    ActivityTaskFailedCause,
    Cancellation,
    DoBackoff,
    Failure,
    Success,
    WillCompleteAsync,
)

__all__ = [
    "ActivityExecutionResult",
    "ActivityResolution",
    "ActivityTaskFailedCause",
    "Cancellation",
    "DoBackoff",
    "Failure",
    "Success",
    "WillCompleteAsync",
]
