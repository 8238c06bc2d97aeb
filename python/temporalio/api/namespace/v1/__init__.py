from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
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

_modules = {
    "message_pb2": "BadBinaries BadBinaryInfo NamespaceConfig NamespaceFilter NamespaceInfo UpdateNamespaceInfo".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
