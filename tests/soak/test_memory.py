"""Promise 16: memory is flat over 100,000 short workflows at a fixed cache size."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from benches.peer.children import Child

from .figures import TARGET, figures_of, growth, plot, steady_growth
from .lengths import LONG

SCRIPT = Path(__file__).with_name("many_workflows.py")
CACHED = 30
# More than the cache holds, so that runs are evicted and come back by replay.
IN_FLIGHT = 300
SAMPLES = 50
WORKFLOWS = 100_000 if LONG else 3_000
MOST_BYTES_PER_WORKFLOW, MOST_BYTES_WITH_STEPS = (20, 100) if LONG else (4_000, 4_000)
"""A run that is forgotten in one table alone costs more than the long form allows; a run that is kept
whole, more than the short one does, in which what allocators keep back weighs more."""


@contextmanager
def worker_on(address: str, task_queue: str, cached: int) -> Iterator[subprocess.Popen[str]]:
    command: list[str | Path] = [sys.executable, SCRIPT, address, task_queue, str(cached)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "serving\n"
            yield process
        finally:
            process.kill()


def cache_at_end(process: subprocess.Popen[str]) -> dict[str, Any]:
    answer, _ = process.communicate()
    assert process.returncode == 0
    said: dict[str, Any] = json.loads(answer)
    return said


# Without a cache each run is taken apart and replayed twice before it ends.
@pytest.mark.parametrize("cached", [100, 0])
def test_memory_is_flat_over_many_workflows(stub_program: Path, cached: int) -> None:
    task_queue = f"soak-{uuid.uuid4()}"
    samples = []
    with Child([stub_program, task_queue]) as stub:
        address = stub.answer()["address"]
        with worker_on(address, task_queue, cached) as process:
            for number in range(1, SAMPLES + 1):
                stub.ask("run", WORKFLOWS // SAMPLES, IN_FLIGHT)
                samples.append((number * WORKFLOWS // SAMPLES, figures_of(process.pid)))
            cache = cache_at_end(process)

    points = [(done, figures.resident / 2**20) for done, figures in samples]
    per_workflow = steady_growth(points[SAMPLES // 4 :]) * 2**20
    with_steps = growth(points[SAMPLES // 4 :]) * 2**20
    title = f"{WORKFLOWS:,} workflows, {cached} cached: {per_workflow:.1f} bytes more per workflow"
    plot(TARGET / f"memory-{cached}.svg", points, title, "workflows", "MiB resident in the worker")
    print(title, points[0], points[SAMPLES // 4], points[-1], with_steps, cache)
    assert per_workflow < MOST_BYTES_PER_WORKFLOW
    assert with_steps < MOST_BYTES_WITH_STEPS
    second_quarter, end = samples[SAMPLES // 4][1], samples[-1][1]
    assert end.threads <= second_quarter.threads + 1
    assert end.files <= second_quarter.files + 1
    assert cache["runs"] == 0 and cache["evicted"] >= WORKFLOWS
