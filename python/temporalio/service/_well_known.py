"""Protobuf's own messages, as far as calls take them; imported when first used."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.protobuf.empty_pb2 import Empty

__all__ = ["Empty"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from google.protobuf import empty_pb2

    return getattr(empty_pb2, name)
