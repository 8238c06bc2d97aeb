"""What the sandbox raises.

TemporalError
  NondeterminismError
    RestrictedWorkflowAccessError
  UnintentionalPassthroughError
"""

from __future__ import annotations

import temporalio.exceptions
import temporalio.workflow


class RestrictedWorkflowAccessError(temporalio.workflow.NondeterminismError):
    """Workflow code has touched something that is not deterministic.

    Attributes:
        qualified_name: Full path of what was touched.
    """

    qualified_name: str

    def __init__(self, qualified_name: str, *, override_message: str | None = None) -> None:
        """Name what was touched.

        Args:
            qualified_name: Full path of what was touched.
            override_message: Replaces :py:meth:`default_message`.
        """
        super().__init__(override_message or self.default_message(qualified_name))
        self.qualified_name = qualified_name

    @staticmethod
    def default_message(qualified_name: str) -> str:
        """Return the message for a path.

        Args:
            qualified_name: Full path of what was touched.
        """
        return (
            f"Cannot access {qualified_name} from inside a workflow. If this is code from a module "
            "not used in a workflow or known to only be used deterministically from a workflow, "
            "mark the import as pass through."
        )


class UnintentionalPassthroughError(temporalio.exceptions.TemporalError):
    """A module is loaded into the sandbox because nobody passed it through.

    Raised only where the policy on imports demands it, see
    :py:attr:`temporalio.workflow.SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH`.
    """

    def __init__(self, qualified_name: str) -> None:
        """Name the module.

        Args:
            qualified_name: Its full name.
        """
        super().__init__(unintentional_passthrough(qualified_name))


def unintentional_passthrough(module: str) -> str:
    """Return what to say of a module that is loaded because nobody passed it through."""
    return f"Module {module} was not intentionally passed through to the sandbox."
