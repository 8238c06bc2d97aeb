"""Runs in a sandbox, driven without a server."""

from __future__ import annotations

from typing import Any

from temporalio.bridge._callboard import TimerJob
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox._environment import Environment, Environments
from tests.workflow_instance.driving import Driven, result


def environments(runner: SandboxedWorkflowRunner) -> Environments:
    """Return what a runner has loaded."""
    found: Environments = vars(runner)["_environments"]
    return found


def reason_for_private(runner: SandboxedWorkflowRunner, module: str) -> str | None:
    """Return why runs of a module do not share an environment, None if they do."""
    environments(runner).for_run(module)
    return environments(runner).why_private(module)


def environment_of(run: Driven) -> Environment:
    """Return the environment in which a run is."""
    found: Environment = run.instance._turn.environment
    return found


def drive(run: Driven, turn: int) -> list[dict[str, Any]]:
    """Give a run that sleeps once in each turn its next turn, the first one being 0."""
    return run.start() if turn == 0 else run.activate(TimerJob(turn), after=1)


def alone(workflow: type, *args: Any, turns: int) -> Any:
    """Return the result of a run that shares nothing with any other."""
    run = Driven(workflow, *args, workflow_runner=SandboxedWorkflowRunner())
    commands: list[dict[str, Any]] = []
    for turn in range(turns + 1):
        commands = drive(run, turn)
    return result(commands)
