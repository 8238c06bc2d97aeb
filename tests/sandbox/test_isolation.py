"""Runs that take turns in one environment do not see each other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from temporalio.bridge._callboard import TimerJob
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from tests.workflow_instance.driving import Driven, result

from . import stateful, stateful_helper
from .driving import alone, drive, environment_of, reason_for_private

_TURNS = 4
_RUNS = 3


def _start(runner: SandboxedWorkflowRunner, number: int) -> Driven:
    return Driven(stateful.Stateful, _TURNS, workflow_runner=runner, run_id=f"run-{number}")


def test_state_of_many_kinds_can_be_shared() -> None:
    assert reason_for_private(SandboxedWorkflowRunner(), stateful.__name__) is None


def test_interleaved_runs_see_what_a_run_alone_sees() -> None:
    expected = alone(stateful.Stateful, _TURNS, turns=_TURNS)
    runner = SandboxedWorkflowRunner()
    runs = [_start(runner, number) for number in range(_RUNS)]
    for turn in range(_TURNS):
        for run in runs:
            drive(run, turn)
    assert len({environment_of(run) for run in runs}) == 1
    assert [result(drive(run, _TURNS)) for run in runs] == [expected] * _RUNS


def test_what_a_run_alone_sees_is_that_of_plain_python() -> None:
    # In a process of its own nothing else has used the module.
    assert alone(stateful.Stateful, _TURNS, turns=_TURNS)[-1]["counter"] == _TURNS
    assert alone(stateful.Quiet, turns=1) == [0, [0], "RED", 0, 0]


def test_nothing_is_seen_outside() -> None:
    alone(stateful.Stateful, _TURNS, turns=_TURNS)
    assert stateful.counter == 0
    assert stateful.numbers == [0]
    assert stateful_helper.total == 0
    assert stateful.Settings.level == 0
    assert not hasattr(stateful.with_attribute, "calls")


def test_a_run_that_changes_nothing_keeps_nothing() -> None:
    runner = SandboxedWorkflowRunner()
    quiet = Driven(stateful.Quiet, workflow_runner=runner)
    busy = _start(runner, 1)
    drive(quiet, 0)
    drive(busy, 0)
    assert environment_of(quiet) is environment_of(busy)
    assert quiet.instance._turn.changes == 0
    assert busy.instance._turn.changes > 10
    assert result(drive(quiet, 1)) == [0, [0], "RED", 0, 0]


def test_a_run_goes_on_after_another_one_was_evicted() -> None:
    expected = alone(stateful.Stateful, _TURNS, turns=_TURNS)
    runner = SandboxedWorkflowRunner()
    first, second = _start(runner, 1), _start(runner, 2)
    for turn in range(2):
        drive(first, turn)
        drive(second, turn)
    first.evict()
    drive(second, 2)
    drive(second, 3)
    assert result(drive(second, 4)) == expected
    again = _start(runner, 3)
    for turn in range(_TURNS):
        drive(again, turn)
    assert result(drive(again, _TURNS)) == expected


def test_runs_on_several_threads_have_environments_of_their_own() -> None:
    expected = alone(stateful.Stateful, _TURNS, turns=_TURNS)
    runner = SandboxedWorkflowRunner()
    found: dict[int, Any] = {}
    environments = set()
    both = threading.Barrier(2)

    def serve(number: int) -> None:
        run = _start(runner, number)
        for turn in range(_TURNS):
            both.wait(20)
            drive(run, turn)
        environments.add(environment_of(run))
        found[number] = result(drive(run, _TURNS))

    threads = [threading.Thread(target=serve, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == {0: expected, 1: expected}
    assert len(environments) == 2


@pytest.mark.parametrize("order", [lambda runs: runs, reversed], ids=["same", "reversed"])
def test_turns_in_any_order(order: Callable[[list[Driven]], Any]) -> None:
    expected = alone(stateful.Stateful, 2, turns=2)
    runner = SandboxedWorkflowRunner()
    runs = [
        Driven(stateful.Stateful, 2, workflow_runner=runner, run_id=f"run-{number}")
        for number in range(4)
    ]
    for run in runs:
        run.start()
    for run in order(runs):
        run.activate(TimerJob(1), after=1)
    for run in runs:
        assert result(run.activate(TimerJob(2), after=1)) == expected
