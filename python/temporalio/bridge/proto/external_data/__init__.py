from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .external_data_pb2 import (
        LocalActivityMarkerData,
        PatchedMarkerData,
    )

__all__ = [
    "LocalActivityMarkerData",
    "PatchedMarkerData",
]

_modules = {
    "external_data_pb2": "LocalActivityMarkerData PatchedMarkerData".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
