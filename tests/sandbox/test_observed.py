"""Workflow code in the sandbox observes what it does in the official package's."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from tests.workflow_instance.driving import Driven, result

from . import observing

_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
_RECORDED = Path(__file__).with_name(f"observed-{_VERSION}.json")

_OTHERWISE = {
    # There the module imports a part of itself, when this is first used, through the sandbox.
    "executor": "concurrent.futures.ThreadPoolExecutor.__call__",
    # There a class cannot be derived from a restricted one.
    "subclass of datetime": 2021,
}


class _Run:
    def __init__(self, workflow_class: type, *args: Any) -> None:
        runner = SandboxedWorkflowRunner(restrictions=observing.RESTRICTIONS)
        self._run = Driven(workflow_class, *args, workflow_runner=runner)

    def result(self) -> Any:
        return result(self._run.start())


@pytest.mark.skipif(not _RECORDED.exists(), reason="nothing is recorded with this Python")
def test_all_cases_come_out_as_in_the_official_package() -> None:
    recorded = json.loads(_RECORDED.read_text())
    observed = observing.observe(_Run)
    assert list(observed) == list(recorded)
    different = {name for name in recorded if observed[name] != recorded[name]}
    assert different == set(_OTHERWISE), {
        name: (observed[name], recorded[name]) for name in different
    }
    for name, expected in _OTHERWISE.items():
        assert str(expected) in str(observed[name])
