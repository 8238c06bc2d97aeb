"""What runs ask of other workflows is what the official SDK asks, in the same order."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from temporalio.bridge._callboard import (
    ChildWorkflowJob,
    ChildWorkflowStartJob,
    ExternalCancelJob,
    ExternalSignalJob,
)

from . import scenarios_others
from .driving import decode, encode
from .failures import cancelled_failure, child_failure, unknown_workflow
from .simulation import Command, Job
from .simulation_others import other_scripts, other_simulations
from .test_transcripts import OwnRun

_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
_RECORDED = Path(__file__).with_name(f"transcripts-others-{_VERSION}.json")
pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.skipif(not _RECORDED.exists(), reason=f"nothing recorded on Python {_VERSION}"),
]


class OwnFamilyRun(OwnRun):
    """A run of this package that has to do with others."""

    module = scenarios_others

    def _job(self, job: Job) -> Any:
        kind, *rest = job
        if kind.startswith("child_start"):
            return _start_resolution(kind, *rest)
        if kind.startswith("child_"):
            [number] = rest
            if kind == "child_completed":
                return ChildWorkflowJob(number, result=encode(number)[0])
            failure = child_failure(kind.removeprefix("child_")).SerializeToString()
            return ChildWorkflowJob(number, failure=failure, cancelled=kind == "child_cancelled")
        if kind.startswith("signal_"):
            return ExternalSignalJob(*rest, failure=_failure(kind))
        if kind.startswith("cancel_"):
            return ExternalCancelJob(*rest, failure=_failure(kind))
        return super()._job(job)

    def _command(self, command: dict[str, Any]) -> Command:
        kind = command["command"]
        if kind in ("upsert_search_attributes", "upsert_memo"):
            values = command[kind.removeprefix("upsert_")]
            return [kind, {name: decode(values[name]) for name in sorted(values)}]
        names = _FIELDS.get(kind)
        if names is None:
            return super()._command(command)
        fields = {**command, "args": [decode(one) for one in command.get("arguments", ())]}
        return [kind, *(fields[name] for name in names)]


_FIELDS = {
    "start_child_workflow": (
        *("sequence", "workflow_id", "workflow_type", "args"),
        *("cancellation_type", "parent_close_policy"),
    ),
    "cancel_child_workflow": ("sequence", "reason"),
    "signal_external_workflow": (
        *("sequence", "child", "workflow_id", "run_id", "signal_name", "args"),
    ),
    "cancel_signal_workflow": ("sequence",),
    "request_cancel_external_workflow": ("sequence", "workflow_id", "run_id", "reason"),
}


def _start_resolution(kind: str, number: int, cause: int = 0) -> ChildWorkflowStartJob:
    if kind == "child_started":
        return ChildWorkflowStartJob(number, run_id=f"run of {number}")
    if kind == "child_start_failed":
        failed = (f"id of {number}", f"type of {number}", cause)
        return ChildWorkflowStartJob(number, failed=failed)
    return ChildWorkflowStartJob(number, cancelled=child_failure("cancelled").SerializeToString())


def _failure(kind: str) -> bytes | None:
    if kind.endswith("_failed"):
        return unknown_workflow().SerializeToString()
    return cancelled_failure().SerializeToString() if kind.endswith("_taken_back") else None


def _recorded(name: str) -> Any:
    return json.loads(_RECORDED.read_text())[name]


@pytest.mark.parametrize("simulation", other_simulations(), ids=lambda one: f"{one.seed}")
def test_command_stream_is_that_of_the_official_sdk(simulation: Any) -> None:
    """Compatibility, commands: children, signals and cancels in each state."""
    recorded = _recorded(f"{simulation.seed} {' '.join(simulation.parts)}")
    run = OwnFamilyRun("Family", [simulation.parts], simulation.seed)
    played = json.loads(json.dumps(simulation.play(run)))
    for step, (mine, theirs) in enumerate(zip(played, recorded, strict=False)):
        assert mine == theirs, f"step {step}"
    assert len(played) == len(recorded)


@pytest.mark.parametrize("script", other_scripts(), ids=lambda one: one.name)
def test_script_has_the_outcome_of_the_official_sdk(script: Any) -> None:
    run = OwnFamilyRun(script.workflow, script.args, 1)
    played = json.loads(json.dumps(script.play(run)))
    assert played == _recorded(script.name)
