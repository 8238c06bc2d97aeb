from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        GCSSpec,
        KinesisSpec,
        PubSubSpec,
        S3Spec,
    )

__all__ = [
    "GCSSpec",
    "KinesisSpec",
    "PubSubSpec",
    "S3Spec",
]

_modules = {
    "message_pb2": "GCSSpec KinesisSpec PubSubSpec S3Spec".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
