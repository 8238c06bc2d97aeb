"""Sandboxed runs on lanes, one of which runs code that does not yield."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from temporalio.api.failure.v1 import Failure
from temporalio.bridge._callboard import Activation, EvictJob, LaneDriver, TimerJob
from temporalio.converter import DataConverter
from temporalio.worker._workflow import _WorkflowWorker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from tests.workflow_instance.driving import START_NS, decode, initialize

from . import observing, outside_helper
from .stuck import Neighbour, Stuck


class _Lane:
    def __init__(self) -> None:
        worker = _WorkflowWorker(
            namespace="default",
            task_queue="queue",
            workflows=[Neighbour, Stuck],
            data_converter=DataConverter.default,
            workflow_runner=SandboxedWorkflowRunner(restrictions=observing.RESTRICTIONS),
        )
        self.driver = LaneDriver(worker, lanes=1, deadlock_timeout=0.3)

    def give(self, run_id: str, *jobs: Any) -> None:
        activation = Activation(run_id=run_id, jobs=list(jobs), timestamp_ns=START_NS)
        self.driver.activate(activation)

    def answer(self, run_id: str, *jobs: Any) -> Any:
        """Return a failure's message, a result, or what was issued."""
        if jobs:
            self.give(run_id, *jobs)
        answered, commands, _, failed = self.driver.next_answer(20)
        assert answered == run_id
        if failed is not None:
            return Failure.FromString(failed[0]).message
        if commands and commands[-1]["command"] == "complete_workflow":
            return decode(commands[-1]["result"])
        return [command["command"] for command in commands]


@contextmanager
def _lane() -> Iterator[_Lane]:
    outside_helper.released = False
    outside_helper.ended.clear()
    lane = _Lane()
    try:
        yield lane
    finally:
        outside_helper.released = True
        assert lane.driver.stop(10), "the lane's thread has not ended"


def test_neighbours_of_a_stuck_run_go_on_with_their_state() -> None:
    with _lane() as lane:
        assert lane.answer("first", initialize(Neighbour)) == ["start_timer"]
        assert lane.answer("second", initialize(Neighbour)) == ["start_timer"]
        assert "TMPRL1101" in lane.answer("stuck", initialize(Stuck, False))
        assert lane.answer("first", TimerJob(1)) == ["start_timer"]
        assert lane.answer("second", TimerJob(1)) == ["start_timer"]
        assert lane.answer("third", initialize(Neighbour)) == ["start_timer"]
        assert lane.answer("first", TimerJob(2)) == ["start_timer"]
        assert lane.answer("first", TimerJob(3)) == [1, 2, 3]
        lane.answer("second", EvictJob())
        lane.answer("third", EvictJob())
        # The teardown has seen each run's own state as well.
        assert outside_helper.ended == [3, 2, 1]


def test_runs_leave_modules_that_stuck_code_never_leaves() -> None:
    with _lane() as lane:
        assert lane.answer("first", initialize(Neighbour)) == ["start_timer"]
        assert "TMPRL1101" in lane.answer("stuck", initialize(Stuck, True))
        lane.driver.set_deadlock_timeout(None)
        # A new run has modules of its own thread, which the stuck code does not touch.
        assert lane.answer("new", initialize(Neighbour)) == ["start_timer"]
        assert "holds the modules that this run uses" in lane.answer("first", TimerJob(1))
        lane.answer("first", EvictJob())
        assert lane.driver.abandoned_runs() == 1
        # The next attempt replays it.
        assert lane.answer("first", initialize(Neighbour)) == ["start_timer"]
        assert lane.answer("first", TimerJob(1)) == ["start_timer"]
        lane.answer("new", EvictJob())
        assert outside_helper.ended == [1]
