"""Records transcripts about other workflows with the official SDK.

``python -m tests.workflow_instance.official_others`` writes the transcripts beside this file. Run it
in an environment that has ``temporalio`` 1.35.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from temporalio import converter
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_activation import WorkflowActivationJob
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from . import scenarios_others
from .failures import cancelled_failure, child_failure, unknown_workflow
from .official import OfficialRun
from .simulation import Command, Job
from .simulation_others import other_scripts, other_simulations

_CONVERTER = converter.PayloadConverter.default


class OfficialFamilyRun(OfficialRun):
    """A run of the official package that has to do with others."""

    module = scenarios_others

    def _job(self, job: Job) -> WorkflowActivationJob:
        made = WorkflowActivationJob()
        kind = job[0]
        if kind.startswith("child_start"):
            self._start_resolution(made.resolve_child_workflow_execution_start, job)
        elif kind.startswith("child_"):
            resolved = made.resolve_child_workflow_execution
            resolved.seq = job[1]
            if kind == "child_completed":
                resolved.result.completed.result.CopyFrom(_CONVERTER.to_payload(job[1]))
            else:
                how = kind.removeprefix("child_")
                getattr(resolved.result, how).failure.CopyFrom(child_failure(how))
        elif kind.startswith("signal_"):
            resolved = made.resolve_signal_external_workflow
            resolved.seq = job[1]
            _fail(resolved.failure, kind)
        elif kind.startswith("cancel_"):
            resolved = made.resolve_request_cancel_external_workflow
            resolved.seq = job[1]
            _fail(resolved.failure, kind)
        else:
            return super()._job(job)
        return made

    @staticmethod
    def _start_resolution(resolved: Any, job: Job) -> None:
        resolved.seq = job[1]
        if job[0] == "child_started":
            resolved.succeeded.run_id = f"run of {job[1]}"
        elif job[0] == "child_start_failed":
            resolved.failed.workflow_id = f"id of {job[1]}"
            resolved.failed.workflow_type = f"type of {job[1]}"
            resolved.failed.cause = job[2]
        else:
            resolved.cancelled.failure.CopyFrom(child_failure("cancelled"))

    def _command(self, command: WorkflowCommand) -> Command:
        kind = command.WhichOneof("variant")
        body: Any = getattr(command, str(kind))
        if kind == "start_child_workflow_execution":
            args = [_CONVERTER.from_payload(one) for one in body.input]
            described = [body.seq, body.workflow_id, body.workflow_type, args]
            return [
                "start_child_workflow",
                *described,
                body.cancellation_type,
                body.parent_close_policy,
            ]
        if kind == "cancel_child_workflow_execution":
            return ["cancel_child_workflow", body.child_workflow_seq, body.reason]
        if kind == "signal_external_workflow_execution":
            target = body.workflow_execution
            args = [_CONVERTER.from_payload(one) for one in body.args]
            child = bool(body.child_workflow_id)
            described = [body.seq, child, body.child_workflow_id or target.workflow_id]
            return ["signal_external_workflow", *described, target.run_id, body.signal_name, args]
        if kind == "cancel_signal_workflow":
            return [kind, body.seq]
        if kind == "request_cancel_external_workflow_execution":
            target = body.workflow_execution
            described = [body.seq, target.workflow_id, target.run_id, body.reason]
            return ["request_cancel_external_workflow", *described]
        if kind == "upsert_workflow_search_attributes":
            return ["upsert_search_attributes", _values(body.search_attributes.indexed_fields)]
        if kind == "modify_workflow_properties":
            return ["upsert_memo", _values(body.upserted_memo.fields)]
        return super()._command(command)


def _fail(failure: Failure, kind: str) -> None:
    if kind.endswith("_failed"):
        failure.CopyFrom(unknown_workflow())
    elif kind.endswith("_taken_back"):
        failure.CopyFrom(cancelled_failure())


def _values(fields: Any) -> dict[str, Any]:
    return {key: _CONVERTER.from_payload(fields[key]) for key in sorted(fields)}


def record() -> dict[str, Any]:
    """Play all on the official package."""
    transcripts = {
        script.name: script.play(OfficialFamilyRun(script.workflow, script.args, 1))
        for script in other_scripts()
    }
    return transcripts | {
        f"{simulation.seed} {' '.join(simulation.parts)}": simulation.play(
            OfficialFamilyRun("Family", [simulation.parts], simulation.seed)
        )
        for simulation in other_simulations()
    }


if __name__ == "__main__":
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    target = Path(__file__).with_name(f"transcripts-others-{version}.json")
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in record().items()]
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
