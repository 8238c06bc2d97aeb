from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .activity_task_pb2 import (
        ActivityCancelReason,
        ActivityCancellationDetails,
        ActivityTask,
        Cancel,
        Start,
    )

__all__ = [
    "ActivityCancelReason",
    "ActivityCancellationDetails",
    "ActivityTask",
    "Cancel",
    "Start",
]

_modules = {
    "activity_task_pb2": "ActivityCancelReason ActivityCancellationDetails ActivityTask Cancel Start".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
