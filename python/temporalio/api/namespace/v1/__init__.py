from .message_pb2 import (
    BadBinaries,
    BadBinaryInfo,
    NamespaceConfig,
    NamespaceFilter,
    NamespaceInfo,
    UpdateNamespaceInfo,
)

__all__ = [
    "BadBinaries",
    "BadBinaryInfo",
    "NamespaceConfig",
    "NamespaceFilter",
    "NamespaceInfo",
    "UpdateNamespaceInfo",
]
