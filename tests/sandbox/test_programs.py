"""Any programs that change module state do what each does alone, in whatever order they run."""

from __future__ import annotations

import importlib.util
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from tests.workflow_instance.driving import Driven, result

from . import programs
from .driving import drive, environment_of, reason_for_private

_runner = SandboxedWorkflowRunner()

_steps = some.tuples(some.integers(0, 8), some.integers(0, 11), some.integers(0, 50))
_programs = some.lists(some.lists(_steps, max_size=5), min_size=1, max_size=4)


def _in_plain_python(program: Any) -> list[Any]:
    """Play a program in a module that nothing else uses, without any sandbox."""
    spec = importlib.util.spec_from_file_location(programs.__name__, programs.__file__)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    seen: list[Any] = json.loads(json.dumps([module.play(turn) for turn in program]))
    return seen


def test_the_state_can_be_shared() -> None:
    assert reason_for_private(SandboxedWorkflowRunner(), programs.__name__) is None


@settings(deadline=None, max_examples=150)
@given(some.lists(_programs, min_size=1, max_size=3), some.randoms(use_true_random=False))
def test_programs_that_take_turns_do_what_each_does_alone(together: list[Any], random: Any) -> None:
    runs = [
        Driven(programs.Program, program, workflow_runner=_runner, run_id=f"run-{number}")
        for number, program in enumerate(together)
    ]
    turns = [number for number, program in enumerate(together) for _ in range(len(program) + 1)]
    random.shuffle(turns)
    taken = dict.fromkeys(range(len(runs)), 0)
    results: dict[int, Any] = {}
    for number in turns:
        commands = drive(runs[number], taken[number])
        taken[number] += 1
        if taken[number] > len(together[number]):
            results[number] = result(commands)
    assert len({environment_of(run) for run in runs}) == 1
    for number, program in enumerate(together):
        assert results[number] == _in_plain_python(program)
    for run in runs:
        run.evict()
    assert environment_of(runs[0]).state is not None
