from .message_pb2 import (
    BillingReport,
    BillingReportSpec,
)

__all__ = [
    "BillingReport",
    "BillingReportSpec",
]
