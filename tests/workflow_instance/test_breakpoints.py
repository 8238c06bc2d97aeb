"""``breakpoint()`` in workflow code of workers in debug mode."""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from temporalio import workflow
from temporalio.converter import DataConverter
from temporalio.worker._workflow import _WorkflowWorker

from .driving import Driven, result


@workflow.defn
class Stops:
    @workflow.run
    async def run(self) -> int:
        seen = 41
        breakpoint()  # noqa: T100
        return seen + 1


@pytest.fixture(autouse=True)
def hook() -> Iterator[Any]:
    """What is called outside of workflows, and is there again at the end."""
    called: list[Any] = []

    def before(*args: Any, **options: Any) -> str:
        called.append((args, options))
        return "called"

    hook = sys.breakpointhook
    sys.breakpointhook = before
    before.called = called  # type: ignore[attr-defined]
    yield before
    gc.collect()
    restored = sys.breakpointhook
    sys.breakpointhook = hook
    assert restored is before


def worker(**options: Any) -> _WorkflowWorker:
    return _WorkflowWorker(
        namespace="default",
        task_queue="queue",
        workflows=[Stops],
        data_converter=DataConverter.default,
        **options,
    )


@pytest.mark.parametrize("leave", ["c", "q", "exit", ""])
def test_breakpoint_opens_a_debugger_in_the_workflow(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], leave: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"p seen\n{leave}\n" if leave else "p seen\n"))
    run = Driven(Stops, debug_mode=True)
    assert result(run.start()) == 42
    said = capsys.readouterr().out
    assert "(Pdb) 41" in said
    assert "test_breakpoints.py" in said
    run.worker.close()


def test_code_outside_of_workflows_gets_the_hook_of_before(hook: Any) -> None:
    debugging = worker(debug_mode=True)
    assert sys.breakpointhook is not hook
    assert breakpoint(1, two=2) == "called"  # type: ignore[func-returns-value]  # noqa: T100
    assert hook.called == [((1,), {"two": 2})]
    debugging.close()


def test_hook_stays_for_as_long_as_a_worker_needs_it(hook: Any) -> None:
    first, second = worker(debug_mode=True), worker(debug_mode=True)
    first.close()
    first.close()
    assert sys.breakpointhook is not hook
    second.close()
    assert sys.breakpointhook is hook


def test_without_debug_mode_nothing_is_changed(hook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEMPORAL_DEBUG", raising=False)
    plain = worker()
    assert sys.breakpointhook is hook
    assert plain._deadlock_timeout_seconds == 2


def test_environment_turns_debug_mode_on(hook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_DEBUG", "1")
    debugging = worker()
    assert debugging._deadlock_timeout_seconds is None
    assert sys.breakpointhook is not hook
    debugging.close()
