from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        CallbackInfo,
        OnConflictOptions,
    )

__all__ = [
    "CallbackInfo",
    "OnConflictOptions",
]

_modules = {
    "message_pb2": "CallbackInfo OnConflictOptions".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
