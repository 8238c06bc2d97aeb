from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        Region,
    )

__all__ = [
    "Region",
]

_modules = {
    "message_pb2": "Region".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
