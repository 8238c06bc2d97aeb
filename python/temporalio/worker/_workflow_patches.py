"""Which way a run's patched code goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import temporalio.workflow

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl


@dataclass(frozen=True)
class PatchActivationInput:
    """What a worker's ``patch_activation_callback`` decides about.

    Attributes:
        workflow_info: The run that asks for the patch for the first time.
        patch_id: Name of the patch.
    """

    workflow_info: temporalio.workflow.Info
    patch_id: str


class Patches:
    """The patches of a run. What was answered once holds for the run, whatever it was."""

    def __init__(
        self,
        run: _WorkflowInstanceImpl,
        activation_callback: Callable[[PatchActivationInput], bool] | None,
    ) -> None:
        """Decide for ``run``; new patches only where ``activation_callback`` agrees."""
        self._run = run
        self._activation_callback = activation_callback
        self._recorded: set[str] = set()
        self._answers: dict[str, bool] = {}

    def note_recorded(self, patch_id: str) -> None:
        """Take that history has a marker of a patch, now or further on."""
        self._recorded.add(patch_id)

    def ask(self, patch_id: str, *, deprecated: bool) -> bool:
        """Return whether the run goes the new way, and leave a marker if it does.

        Raises:
            TypeError: The worker's callback answered with something else than a bool.
        """
        self._run.assert_not_read_only("patch")
        known = self._answers.get(patch_id)
        if known is not None:
            return known
        answer = self._answers[patch_id] = self._decide(patch_id, deprecated)
        if answer:
            self._run.commands.set_patch_marker(patch_id, deprecated)
        return answer

    def _decide(self, patch_id: str, deprecated: bool) -> bool:
        if patch_id in self._recorded:
            return True
        if self._run.is_replaying:
            return False
        # A deprecated patch has no old way that anybody could choose.
        if deprecated or self._activation_callback is None:
            return True
        asked = PatchActivationInput(workflow_info=self._run.info, patch_id=patch_id)
        with self._run.read_only(in_query_or_validator=False):
            answer: object = self._activation_callback(asked)
        if not isinstance(answer, bool):
            raise TypeError("Patch activation callback must return true or false")
        return answer
