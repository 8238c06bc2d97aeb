from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        AsyncOperation,
    )

__all__ = [
    "AsyncOperation",
]

_modules = {
    "message_pb2": "AsyncOperation".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
