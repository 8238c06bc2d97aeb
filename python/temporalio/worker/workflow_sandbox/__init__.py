"""The sandbox: keeps runs apart from each other, and from what would make them nondeterministic.

Each run sees module globals of its own, and members of modules that no workflow should use raise
:py:class:`RestrictedWorkflowAccessError`.

.. warning::
    This API is not stable yet and may change.
"""

from ._errors import RestrictedWorkflowAccessError, UnintentionalPassthroughError
from ._matcher import SandboxMatcher
from ._restrictions import SandboxRestrictions
from ._runner import SandboxedWorkflowRunner

__all__ = [
    "RestrictedWorkflowAccessError",
    "SandboxMatcher",
    "SandboxRestrictions",
    "SandboxedWorkflowRunner",
    "UnintentionalPassthroughError",
]
