from .message_pb2 import (
    Acceptance,
    Input,
    Meta,
    Outcome,
    Rejection,
    Request,
    Response,
    UpdateRef,
    WaitPolicy,
)

__all__ = [
    "Acceptance",
    "Input",
    "Meta",
    "Outcome",
    "Rejection",
    "Request",
    "Response",
    "UpdateRef",
    "WaitPolicy",
]
