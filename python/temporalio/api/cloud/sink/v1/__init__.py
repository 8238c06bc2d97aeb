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
