"""The workflow runner of a measuring process."""

from __future__ import annotations

import sys

from measuring.protocol import answer
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowRunner

SANDBOX = "temporalio.worker.workflow_sandbox"


def workflow_runner(kind: str) -> WorkflowRunner:
    """The runner that `sandboxed` or `unsandboxed` names.

    A package without a sandbox ends this process, which says so: there is nothing to measure.
    """
    if kind == "unsandboxed":
        return UnsandboxedWorkflowRunner()
    if kind != "sandboxed":
        raise ValueError(f"a runner is 'sandboxed' or 'unsandboxed', not {kind!r}")
    try:
        from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
    except ModuleNotFoundError as missing:
        if missing.name != SANDBOX:
            raise
        answer(unavailable=f"there is no {SANDBOX}")
        sys.exit()
    return SandboxedWorkflowRunner()
