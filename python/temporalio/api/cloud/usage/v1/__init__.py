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
