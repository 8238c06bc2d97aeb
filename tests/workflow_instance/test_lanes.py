"""Lanes: runs side by side, code that does not yield, and the end of all of it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from temporalio import workflow
from temporalio.api.failure.v1 import Failure
from temporalio.bridge._callboard import Activation, EvictJob, LaneDriver, TimerJob
from temporalio.converter import DataConverter
from temporalio.worker._workflow import _WorkflowWorker

from .driving import START_NS, initialize, signal

release = threading.Event()
hogged = threading.Event()
threads: dict[str, set[int]] = {}


def _here() -> None:
    threads.setdefault(workflow.info().run_id, set()).add(threading.get_ident())


@workflow.defn
class Sleeper:
    """Notes on which threads it runs, its teardown included."""

    @workflow.run
    async def run(self) -> str:
        try:
            _here()
            await workflow.sleep(1)
            _here()
            await workflow.wait_condition(lambda: False)
        finally:
            threads.setdefault(workflow.info().run_id, set()).add(threading.get_ident())
        return "never"


@workflow.defn
class Blocker:
    """Holds its lane: asleep, or busy, or only when it is told to end."""

    @workflow.run
    async def run(self, how: str) -> str:
        if how == "blocked":
            release.wait(20)
            await workflow.sleep(1)
        elif how == "busy":
            while True:
                pass
        elif how == "stubborn":
            while True:
                with contextlib.suppress(BaseException):
                    while True:
                        pass
        elif how == "blocked at its end":
            try:
                await workflow.sleep(1000)
            finally:
                release.wait(20)
        elif how == "in C":
            # Lets nobody else have the interpreter, and works for it.
            sum(range(60_000_000))
        elif how == "kept waiting":
            hogged.set()
            for _ in range(30):
                time.sleep(0.001)
        elif how == "swallows":
            while True:
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.Event().wait()
        elif how == "unending":
            while True:
                try:
                    await workflow.sleep(1000)
                except BaseException:
                    if release.is_set():
                        raise
        return how


kept: list[Any] = []


@workflow.defn
class Leaves:
    """Leaves a coroutine behind that would act when it is collected."""

    async def act_at_the_end(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            # Collected elsewhere, this would start a timer in whatever run is there.
            kept.append(asyncio._get_running_loop())
            with contextlib.suppress(BaseException):
                asyncio.get_running_loop().call_later(1, print)

    @workflow.run
    async def run(self) -> str:
        task = asyncio.create_task(self.act_at_the_end())
        await workflow.sleep(1)
        return str(task)


@workflow.defn
class Quick:
    @workflow.run
    async def run(self) -> str:
        return "done"


class Lanes:
    """Lanes with all workflows of this module."""

    def __init__(self, lanes: int, deadlock_timeout: float | None) -> None:
        worker = _WorkflowWorker(
            namespace="default",
            task_queue="queue",
            workflows=[Sleeper, Blocker, Leaves, Quick],
            data_converter=DataConverter.default,
        )
        self.driver = LaneDriver(worker, lanes=lanes, deadlock_timeout=deadlock_timeout)
        worker.on_new_deadlock_limit(self.driver.set_deadlock_timeout)
        self.worker = worker

    def activate(self, run_id: str, *jobs: Any) -> None:
        self.driver.activate(Activation(run_id=run_id, jobs=list(jobs), timestamp_ns=START_NS))

    def answers(self, count: int, timeout: float = 10) -> dict[str, Any]:
        """Return failures or the kinds of commands, by run."""
        collected = {}
        for _ in range(count):
            run_id, commands, _, failed = self.driver.next_answer(timeout)
            if failed is None:
                collected[run_id] = [command["command"] for command in commands]
            else:
                collected[run_id] = Failure.FromString(failed[0])
        return collected


@contextmanager
def lanes(count: int, deadlock_timeout: float | None = None) -> Iterator[Lanes]:
    release.clear()
    hogged.clear()
    made = Lanes(count, deadlock_timeout)
    try:
        yield made
    finally:
        release.set()
        assert made.driver.stop(10), "a lane's thread has not ended"


def test_thousand_runs_on_two_lanes_stay_on_their_lane() -> None:
    """Promise 36: coroutines of a run execute on their lane only, their teardown included."""
    threads.clear()
    run_ids = [f"run-{number}" for number in range(1000)]
    with lanes(2) as pool:
        for run_id in run_ids:
            pool.activate(run_id, initialize(Sleeper))
        assert pool.answers(1000) == {run_id: ["start_timer"] for run_id in run_ids}
        for run_id in run_ids:
            pool.activate(run_id, TimerJob(1))
        assert pool.answers(1000) == {run_id: [] for run_id in run_ids}
        for run_id in run_ids:
            pool.activate(run_id, EvictJob())
        assert pool.answers(1000) == {run_id: [] for run_id in run_ids}
    assert {len(threads[run_id]) for run_id in run_ids} == {1}
    assert len(set.union(*(threads[run_id] for run_id in run_ids))) == 2


def test_new_runs_go_to_the_first_lane_unless_it_has_work() -> None:
    threads.clear()
    with lanes(2) as pool:

        def lane_of(run_id: str) -> int:
            pool.activate(run_id, initialize(Sleeper))
            assert pool.answers(1) == {run_id: ["start_timer"]}
            [thread] = threads[run_id]
            return thread

        first = lane_of("first")
        assert {lane_of(f"idle-{number}") for number in range(10)} == {first}
        pool.activate("blocked", initialize(Blocker, "blocked"))
        others = {lane_of(f"busy-{number}") for number in range(10)}
        assert len(others) == 1 and first not in others
        release.set()
        assert pool.answers(1) == {"blocked": ["start_timer"]}
        assert lane_of("last") == first
        # Each is served where it was, and may begin anew elsewhere once it is gone.
        pool.activate("busy-0", TimerJob(1))
        assert pool.answers(1) == {"busy-0": []}
        assert threads["busy-0"] == others
        pool.activate("busy-0", EvictJob())
        assert pool.answers(1) == {"busy-0": []}
        threads.clear()
        assert lane_of("busy-0") == first


def test_runs_left_at_the_end_are_torn_down_on_their_lane() -> None:
    """Promise 36: runs that nobody evicts are torn down on their lane as well."""
    threads.clear()
    with lanes(1) as pool:
        for number in range(10):
            pool.activate(f"run-{number}", initialize(Sleeper))
        pool.answers(10)
    assert {len(seen) for seen in threads.values()} == {1}
    assert threading.get_ident() not in set.union(*threads.values())


def test_coroutine_that_is_left_behind_acts_in_no_other_run() -> None:
    """Promise 36: a coroutine collected late can never issue commands into another workflow."""
    kept.clear()
    with lanes(1) as pool:
        pool.activate("leaving", initialize(Leaves))
        assert pool.answers(1) == {"leaving": ["start_timer"]}
        pool.activate("leaving", EvictJob())
        assert pool.answers(1) == {"leaving": []}
        # It has ended by now, with the loop of its own run in place.
        [loop] = kept
        assert "WorkflowEventLoop" in type(loop).__name__
        pool.activate("other", initialize(Quick))
        gc.collect()
        assert pool.answers(1) == {"other": ["complete_workflow"]}
        assert len(kept) == 1


def _lane_of_all(pool: Lanes, run_id: str) -> None:
    """Start a run that lives on the pool's only lane."""
    pool.activate(run_id, initialize(Sleeper))
    assert pool.answers(1) == {run_id: ["start_timer"]}


@pytest.mark.parametrize("how", ["blocked", "busy"])
def test_code_that_does_not_yield_fails_its_task_and_no_other(how: str) -> None:
    with lanes(1, deadlock_timeout=0.3) as pool:
        _lane_of_all(pool, "neighbour")
        pool.activate("stuck", initialize(Blocker, how))
        pool.activate("behind", initialize(Quick))
        answers = pool.answers(2)
        assert answers["behind"] == ["complete_workflow"]
        failure = answers["stuck"]
        assert failure.message == (
            "[TMPRL1101] Potential deadlock detected: workflow didn't yield within 0.3 second(s)."
        )
        assert "test_lanes.py" in failure.stack_trace, "the stuck code's stack is missing"
        pool.activate("neighbour", TimerJob(1))
        assert pool.answers(1) == {"neighbour": []}
        # The eviction that follows a failed task does not wait for the stuck code.
        pool.activate("stuck", EvictJob())
        assert pool.answers(1) == {"stuck": []}
        # Nor does the next attempt, which is a new run.
        pool.activate("stuck", initialize(Quick))
        assert pool.answers(1) == {"stuck": ["complete_workflow"]}


def test_late_answer_is_dropped() -> None:
    with lanes(1, deadlock_timeout=0.2) as pool:
        pool.activate("stuck", initialize(Blocker, "blocked"))
        assert "TMPRL1101" in pool.answers(1)["stuck"].message
        release.set()
        with pytest.raises(TimeoutError):
            pool.driver.next_answer(0.5)


def test_no_limit_means_no_limit() -> None:
    with lanes(1) as pool:
        pool.activate("slow", initialize(Blocker, "blocked"))
        threading.Timer(0.5, release.set).start()
        assert pool.answers(1) == {"slow": ["start_timer"]}


def test_limit_can_be_set() -> None:
    """Promise 41: the deadlock limit can be set, also while workflow code runs."""
    with lanes(1) as pool:
        pool.activate("slow", initialize(Blocker, "blocked"))
        with pytest.raises(TimeoutError):
            pool.driver.next_answer(0.3)
        pool.worker._deadlock_timeout_seconds = 0.2
        assert "yield within 0.2 second" in pool.answers(1)["slow"].message
        pool.worker._deadlock_timeout_seconds = None
        release.clear()
        pool.activate("slower", initialize(Blocker, "blocked"))
        with pytest.raises(TimeoutError):
            pool.driver.next_answer(0.5)


def test_slow_code_is_warned_of_before_it_fails(caplog: pytest.LogCaptureFixture) -> None:
    """Promise 41: the deadlock limit is warned of at its half."""
    with lanes(1, deadlock_timeout=0.4) as pool:
        pool.activate("slow", initialize(Blocker, "blocked"))
        threading.Timer(0.3, release.set).start()
        assert pool.answers(1) == {"slow": ["start_timer"]}
    [warning] = [record for record in caplog.records if record.levelname == "WARNING"]
    assert warning.name == "temporalio.worker._workflow"
    assert "run ID slow has not yielded" in warning.message
    assert "test_lanes.py" in warning.message or "threading.py" in warning.message


def _hog(seconds: float) -> None:
    """Keep the interpreter without letting anybody else have it."""
    # Unlike CDLL, PyDLL does not let go of the interpreter during a call.
    ctypes.PyDLL(None).usleep(int(seconds * 1_000_000))


@pytest.mark.skipif(sys.platform != "linux", reason="threads' clocks are read on Linux only")
def test_time_in_which_others_have_the_interpreter_does_not_count() -> None:
    """Promise 41: the deadlock limit counts only time in which the workflow held the interpreter."""
    # Far above what a busy machine may keep from either thread.
    with lanes(1, deadlock_timeout=1.0) as pool:
        pool.activate("patient", initialize(Blocker, "kept waiting"))
        hogged.wait(5)
        _hog(1.4)
        _hog(1.4)
        assert pool.answers(1) == {"patient": ["complete_workflow"]}


def test_code_that_works_without_letting_go_of_the_interpreter_is_found() -> None:
    """Promise 41: the deadlock limit holds for code in C that keeps the interpreter."""
    with lanes(1, deadlock_timeout=0.2) as pool:
        pool.activate("stuck", initialize(Blocker, "in C"))
        assert "TMPRL1101" in pool.answers(1)["stuck"].message


def test_code_that_never_lets_itself_be_evicted_is_abandoned(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Promise 14: code that swallows its cancellation stops no eviction, and is counted."""
    with lanes(1, deadlock_timeout=0.3) as pool:
        pool.activate("unending", initialize(Blocker, "unending"))
        assert pool.answers(1) == {"unending": ["start_timer"]}
        pool.activate("unending", EvictJob())
        assert pool.answers(1) == {"unending": []}
        assert pool.driver.abandoned_runs() == 1
        pool.activate("other", initialize(Quick))
        assert pool.answers(1) == {"other": ["complete_workflow"]}
    assert "Timed out running eviction job for run ID unending" in caplog.text


def test_code_that_swallows_every_cancellation_is_abandoned(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Promise 14: code that yields but goes on after each cancellation is reported and counted."""
    with lanes(1) as pool:
        pool.activate("stubborn", initialize(Blocker, "swallows"))
        assert pool.answers(1) == {"stubborn": []}
        pool.activate("stubborn", EvictJob())
        assert pool.answers(1) == {"stubborn": []}
        assert pool.driver.abandoned_runs() == 1
    assert "run ID stubborn swallows its cancellation" in caplog.text


def test_code_that_blocks_while_it_is_evicted_is_abandoned(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Promise 14: code that blocks its eviction is cut loose with its thread, and is counted."""
    with lanes(1, deadlock_timeout=0.3) as pool:
        pool.activate("late", initialize(Blocker, "blocked at its end"))
        assert pool.answers(1) == {"late": ["start_timer"]}
        pool.activate("late", EvictJob())
        pool.activate("other", initialize(Quick))
        assert pool.answers(2) == {"late": [], "other": ["complete_workflow"]}
        assert pool.driver.abandoned_runs() == 1
        pool.activate("late", initialize(Quick))
        assert pool.answers(1) == {"late": ["complete_workflow"]}
    assert "Timed out running eviction job for run ID late" in caplog.text


def test_activation_of_an_unknown_run_fails() -> None:
    with lanes(1) as pool:
        pool.activate("nobody", signal("anything"))
        assert "nobody is not on its lane" in pool.answers(1)["nobody"].message
        pool.activate("nobody", EvictJob())
        assert pool.answers(1) == {"nobody": []}


def test_unregistered_workflow_fails_the_task() -> None:
    with lanes(1) as pool:
        pool.activate("stranger", initialize("Stranger"))
        failure = pool.answers(1)["stranger"]
        assert failure.message == (
            "Workflow class Stranger is not registered on this worker, "
            "available workflows: Blocker, Leaves, Quick, Sleeper"
        )
        assert failure.application_failure_info.type == "NotFoundError"


_EXITS = {
    "idle": "pass",
    "alive": "pool.activate('a', initialize(Sleeper)); pool.answers(1)",
    "blocked": "pool.activate('a', initialize(Blocker, 'blocked'))",
    "busy": "pool.activate('a', initialize(Blocker, 'busy'))",
    "stubborn": "pool.activate('a', initialize(Blocker, 'stubborn')); pool.answers(1)",
    "deadlocked": "pool.activate('a', initialize(Blocker, 'busy')); pool.answers(1)",
}


@pytest.mark.parametrize("state", _EXITS)
def test_process_ends_with_lanes_in_any_state(state: str) -> None:
    program = (
        "from tests.workflow_instance.test_lanes import *\n"
        "release.clear()\n"
        "pool = Lanes(2, 0.2)\n"
        f"{_EXITS[state]}\n"
        "print('the end')\n"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout) == (0, "the end\n"), done.stderr
    assert time.monotonic() - began < 15
    assert "panicked" not in done.stderr
