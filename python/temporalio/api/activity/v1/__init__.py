from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
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

_modules = {
    "message_pb2": "ActivityExecutionInfo ActivityExecutionListInfo ActivityExecutionOutcome ActivityOptions CallbackInfo".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
