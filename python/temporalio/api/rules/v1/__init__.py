from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        WorkflowRule,
        WorkflowRuleAction,
        WorkflowRuleSpec,
    )

__all__ = [
    "WorkflowRule",
    "WorkflowRuleAction",
    "WorkflowRuleSpec",
]

_modules = {
    "message_pb2": "WorkflowRule WorkflowRuleAction WorkflowRuleSpec".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
