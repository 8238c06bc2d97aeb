from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .workflow_completion_pb2 import (
        Failure,
        Success,
        WorkflowActivationCompletion,
    )

__all__ = [
    "Failure",
    "Success",
    "WorkflowActivationCompletion",
]

_modules = {
    "workflow_completion_pb2": "Failure Success WorkflowActivationCompletion".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
