from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
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

_modules = {
    "activity_result_pb2": "ActivityExecutionResult ActivityResolution ActivityTaskFailedCause Cancellation DoBackoff Failure Success WillCompleteAsync".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
