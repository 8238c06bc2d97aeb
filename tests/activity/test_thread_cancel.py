"""Exceptions raised into the thread of an activity."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from temporalio.exceptions import CancelledError
from temporalio.worker._thread_cancel import _ThreadExceptionRaiser

LONG_SECONDS = 10.0


def spin_until(condition: Callable[[], bool]) -> None:
    """Wait in steps so short that an exception raised into this thread comes through at once."""
    waiting = threading.Event()
    for _ in range(int(LONG_SECONDS / 0.001)):
        if condition():
            return
        waiting.wait(0.001)
    raise AssertionError("nothing has come in time")


def never() -> bool:
    return False


def test_a_cancellation_reaches_the_running_thread() -> None:
    raiser = _ThreadExceptionRaiser()
    started = threading.Event()

    def work() -> None:
        started.set()
        spin_until(never)

    with ThreadPoolExecutor(1) as executor:
        running = executor.submit(raiser.run, work)
        assert started.wait(LONG_SECONDS)
        raiser.raise_in_thread()
        with pytest.raises(CancelledError):
            running.result(LONG_SECONDS)


def test_a_cancellation_before_the_start_is_raised_at_the_start() -> None:
    raiser = _ThreadExceptionRaiser()
    calls: list[str] = []
    raiser.raise_in_thread()
    with pytest.raises(CancelledError):
        raiser.run(calls.append, "called")
    assert calls == []


def test_a_late_cancellation_does_not_reach_what_runs_next_on_the_thread() -> None:
    raiser = _ThreadExceptionRaiser()
    with ThreadPoolExecutor(1) as executor:
        assert executor.submit(raiser.run, lambda: 1).result(LONG_SECONDS) == 1
        raiser.raise_in_thread()
        assert executor.submit(lambda: sum(range(100_000))).result(LONG_SECONDS) == 4999950000


def test_many_cancellations_around_the_end_hit_their_own_activity_or_nothing() -> None:
    with ThreadPoolExecutor(1) as executor:
        for _ in range(300):
            raiser = _ThreadExceptionRaiser()
            own = executor.submit(raiser.run, lambda: sum(range(200)))
            following = executor.submit(lambda: sum(range(2000)))
            raiser.raise_in_thread()
            try:
                assert own.result(LONG_SECONDS) == 19900
            except CancelledError:
                pass
            assert following.result(LONG_SECONDS) == 1999000


def test_an_activity_is_interrupted_once() -> None:
    raiser = _ThreadExceptionRaiser()
    started, caught = threading.Event(), threading.Event()

    def work() -> str:
        started.set()
        try:
            spin_until(never)
        except CancelledError:
            caught.set()
        threading.Event().wait(0.05)
        return "cleaned up"

    with ThreadPoolExecutor(1) as executor:
        running = executor.submit(raiser.run, work)
        assert started.wait(LONG_SECONDS)
        raiser.raise_in_thread()
        assert caught.wait(LONG_SECONDS)
        raiser.raise_in_thread()
        assert running.result(LONG_SECONDS) == "cleaned up"


def test_a_shield_holds_the_exception_back_until_the_outermost_ends() -> None:
    raiser = _ThreadExceptionRaiser()
    shielded, requested = threading.Event(), threading.Event()
    steps: list[str] = []

    def work() -> None:
        with raiser.shielded():
            with raiser.shielded():
                shielded.set()
                assert requested.wait(LONG_SECONDS)
            steps.append("after the inner shield")
        steps.append("after the outer shield")

    with ThreadPoolExecutor(1) as executor:
        running = executor.submit(raiser.run, work)
        assert shielded.wait(LONG_SECONDS)
        raiser.raise_in_thread()
        requested.set()
        with pytest.raises(CancelledError):
            running.result(LONG_SECONDS)
    assert steps == ["after the inner shield"]


def test_a_shield_without_a_cancellation_changes_nothing() -> None:
    raiser = _ThreadExceptionRaiser()

    def work() -> str:
        with raiser.shielded():
            return "as it was"

    assert raiser.run(work) == "as it was"
