"""Records what the official sandbox does. Run it in an environment that has ``temporalio`` 1.35.

``python -m tests.sandbox.official`` writes ``observed-*.json`` beside this file.
"""

from __future__ import annotations

import asyncio
import json
import sys
import warnings
from pathlib import Path
from typing import Any

from temporalio import workflow
from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob
from temporalio.converter import PayloadConverter
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from tests.workflow_instance.official import OfficialRun

from . import observing

_CONVERTER = PayloadConverter.default


class SandboxedOfficialRun:
    """A run in the official sandbox."""

    def __init__(self, workflow_class: type, *args: Any) -> None:
        runner = SandboxedWorkflowRunner(restrictions=observing.RESTRICTIONS)
        definition = workflow._Definition.must_from_class(workflow_class)
        outside = OfficialRun(workflow_class, [], 1)
        info = outside._instance.get_info()

        async def create() -> Any:
            runner.prepare_workflow(definition)
            return runner.create_instance(OfficialRun._details(definition, info, 1))

        self._instance = asyncio.run(create())
        self._args = args

    def result(self) -> Any:
        """Start the run; return its result."""
        job = WorkflowActivationJob()
        job.initialize_workflow.workflow_id = "workflow-1"
        job.initialize_workflow.workflow_type = "any"
        job.initialize_workflow.randomness_seed = 1
        job.initialize_workflow.arguments.extend(_CONVERTER.to_payloads(self._args))
        activation = WorkflowActivation(run_id="run-1", jobs=[job])
        activation.timestamp.FromSeconds(1_700_000_000)
        completion = self._instance.activate(activation)
        [command] = completion.successful.commands
        return _CONVERTER.from_payload(command.complete_workflow_execution.result)


if __name__ == "__main__":
    warnings.simplefilter("always")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    target = Path(__file__).with_name(f"observed-{version}.json")
    target.write_text(json.dumps(observing.observe(SandboxedOfficialRun), indent=1) + "\n")
