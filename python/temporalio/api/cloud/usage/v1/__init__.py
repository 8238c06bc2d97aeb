from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        GroupBy,
        GroupByKey,
        Record,
        RecordGroup,
        RecordType,
        RecordUnit,
        Summary,
    )

__all__ = [
    "GroupBy",
    "GroupByKey",
    "Record",
    "RecordGroup",
    "RecordType",
    "RecordUnit",
    "Summary",
]

_modules = {
    "message_pb2": "GroupBy GroupByKey Record RecordGroup RecordType RecordUnit Summary".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
