"""The runner that holds workflows in a sandbox."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import temporalio.converter
import temporalio.workflow
from temporalio.bridge._callboard import Activation, count_abandoned_run
from temporalio.workflow._definition import _Definition

from .._workflow_details import (
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)
from ._environment import Environment, Environments, Turn
from ._restrictions import SandboxRestrictions

logger = logging.getLogger(__name__)

_DEBUGGER: Final = "_pydevd_bundle"
"""What debuggers of editors load into the process."""


@dataclass(frozen=True)
class SandboxedWorkflowRunner(WorkflowRunner):
    """Makes runs that see modules of their own, and no restricted members.

    The modules of a workflow are loaded once for each thread that runs workflows. Runs on one
    thread take turns in them: what a run changes is taken out after its turn and put in again before
    the next one. Where that cannot be done for all that the modules hold, each run loads them anew,
    from compiled code.
    """

    restrictions: SandboxRestrictions = SandboxRestrictions.default
    """What comes from outside the sandbox, and what is restricted in it."""

    runner_class: type[WorkflowRunner] = UnsandboxedWorkflowRunner
    """Makes the runs within the sandbox, where the class is imported."""

    _worker_level_failure_exception_types: Sequence[type[BaseException]] = field(
        default_factory=list, init=False
    )

    def __post_init__(self) -> None:
        """Start without environments."""
        object.__setattr__(self, "_environments", Environments(self.restrictions))

    def prepare_workflow(self, defn: _Definition) -> None:
        """Load the workflow's modules, to find out whether they can be.

        Args:
            defn: The workflow's definition outside of the sandbox.
        """
        environment = self._all_environments().prepare(defn.cls.__module__)
        turn = Turn(environment)
        turn.begin(in_activation=False)
        try:
            environment.definition(defn)
            environment.failure_types(self._worker_level_failure_exception_types)
            environment.counterpart(self.runner_class)
        finally:
            turn.end()

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Make a run in the sandbox.

        Args:
            det: What to make it from.
        """
        environment = self._all_environments().for_run(det.defn.cls.__module__)
        return _SandboxedInstance(det, Turn(environment), self.runner_class)

    def set_worker_level_failure_exception_types(
        self, types: Sequence[type[BaseException]]
    ) -> None:
        """Tell which exceptions fail any workflow of the worker.

        Args:
            types: The exceptions, as they are outside of the sandbox.
        """
        object.__setattr__(self, "_worker_level_failure_exception_types", types)

    def _all_environments(self) -> Environments:
        environments: Environments = self._environments  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
        return environments


def for_debugging(runner: WorkflowRunner) -> WorkflowRunner:
    """Return a runner whose workflows may stop at breakpoints.

    Args:
        runner: Any runner; one that is no sandbox is returned as it is.
    """
    if not isinstance(runner, SandboxedWorkflowRunner):
        return runner
    restrictions = runner.restrictions.with_passthrough_modules(_DEBUGGER)
    members = restrictions.invalid_module_members
    return dataclasses.replace(
        runner,
        restrictions=dataclasses.replace(
            restrictions,
            invalid_module_members=members.with_child_unrestricted("__builtins__", "breakpoint"),
        ),
    )


class _SandboxedInstance(WorkflowInstance):
    """A run whose turns are turns in an environment as well."""

    def __init__(
        self, details: WorkflowInstanceDetails, turn: Turn, runner_class: type[WorkflowRunner]
    ) -> None:
        """Make the run in the environment."""
        self._turn = turn
        turn.begin(in_activation=False)
        try:
            runner = turn.environment.counterpart(runner_class)()
            self._inner: WorkflowInstance = runner.create_instance(
                _within(turn.environment, details)
            )
        finally:
            turn.end()
        self.commands = self._inner.commands

    def activate(self, activation: Activation) -> bytes | None:
        """Apply an activation in the sandbox."""
        turn = self._turn
        try:
            turn.begin(in_activation=True)
        except RuntimeError:
            _strand(self)
            raise
        try:
            return self._inner.activate(activation)
        finally:
            turn.end()

    def _forget(self) -> bool:
        return self._inner._forget()

    def get_info(self) -> temporalio.workflow.Info:
        """Return what is known of the run."""
        return self._inner.get_info()

    def get_serialization_context(
        self, kind: str, sequence: int
    ) -> temporalio.converter.SerializationContext | None:
        """Return what a codec is told of payloads that belong to something pending."""
        return self._inner.get_serialization_context(kind, sequence)


_stranded: set[_SandboxedInstance] = set()
"""Runs whose modules cannot be used any more. They are never collected: where should they end?"""


def _strand(instance: _SandboxedInstance) -> None:
    """Keep a run that can neither go on nor be torn down."""
    if instance in _stranded:
        return
    _stranded.add(instance)
    count_abandoned_run()
    info = instance.get_info()
    logger.error(
        "Workflow %s with ID %s and run ID %s is abandoned, for its modules cannot be used any more",
        info.workflow_type,
        info.workflow_id,
        info.run_id,
    )


def _within(environment: Environment, details: WorkflowInstanceDetails) -> WorkflowInstanceDetails:
    """Return the details with classes of the environment."""
    # Much quicker than `dataclasses.replace`, and this is done for each run.
    changed = object.__new__(type(details))
    vars(changed).update(
        vars(details),
        defn=environment.definition(details.defn),
        worker_level_failure_exception_types=environment.failure_types(
            details.worker_level_failure_exception_types
        ),
    )
    return changed
