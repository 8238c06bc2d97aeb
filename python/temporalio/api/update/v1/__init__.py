from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
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

_modules = {
    "message_pb2": "Acceptance Input Meta Outcome Rejection Request Response UpdateRef WaitPolicy".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
