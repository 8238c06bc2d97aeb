from .message_pb2 import (
    Account,
    AccountSpec,
    AuditLogSink,
    AuditLogSinkSpec,
    Metrics,
    MetricsSpec,
)

__all__ = [
    "Account",
    "AccountSpec",
    "AuditLogSink",
    "AuditLogSinkSpec",
    "Metrics",
    "MetricsSpec",
]
