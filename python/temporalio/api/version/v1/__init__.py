from .message_pb2 import (
    Alert,
    ReleaseInfo,
    VersionInfo,
)

__all__ = [
    "Alert",
    "ReleaseInfo",
    "VersionInfo",
]
