"""What the runtime below Python has to say reaches whoever runs a worker."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ..conftest import DevServer
from . import slow_workflow


@pytest.mark.parametrize("limit, warns", [("1", True), ("60", False)])
def test_a_slow_workflow_task_is_warned_of(dev_server: DevServer, limit: str, warns: bool) -> None:
    """[TMPRL1104] is shown above the limit, which counts whole seconds."""
    ended = subprocess.run(
        [sys.executable, str(slow_workflow.__file__), dev_server.target_host],
        env={**os.environ, "TEMPORAL_WORKFLOW_TASK_DURATION_WARN_SECONDS": limit},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    run_id, result = ended.stdout.split()
    assert result == "done"
    assert ("[TMPRL1104]" in ended.stderr) == warns, ended.stderr
    if warns:
        [line] = [line for line in ended.stderr.splitlines() if "[TMPRL1104]" in line]
        for part in (" WARN ", run_id, 'workflow_type="Slow"', "attempt=1"):
            assert part in line
