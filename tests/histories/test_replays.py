"""The gate's first half: every history that an official package recorded replays here."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence

import pytest

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.worker._replay import _ReplayReport

from .comparing import different_tasks, recorded_tasks
from .recorded_set import HELD_RESULTS, Recorded, official_histories

LONG = bool(os.environ.get("CALLBOARD_LONG_TESTS"))
CUTS = 20 if LONG else 2
HISTORIES = official_histories()
every_history = pytest.mark.parametrize("recorded", HISTORIES, ids=str)


def history_of(recorded: Recorded) -> WorkflowHistory:
    return WorkflowHistory(recorded.about["workflow_id"], list(recorded.events))


def replayer_of(recorded: Recorded) -> Replayer:
    return Replayer(
        workflows=list(recorded.scenario.workflows),
        workflow_runner=UnsandboxedWorkflowRunner(),
        namespace="default",
    )


def random_pages(seed: int) -> list[int]:
    """Sizes of pages, of which the last one is used again and again."""
    source = random.Random(seed)
    return [source.randint(1, 12) for _ in range(source.randint(1, 8))]


def seeds() -> list[int]:
    """Those that `CALLBOARD_SEED` names, or new ones; a failing one is in the message of its test."""
    given = os.environ.get("CALLBOARD_SEED")
    return [int(given)] if given else [random.randrange(2**32) for _ in range(CUTS)]


@every_history
async def test_replays_cold(recorded: Recorded) -> None:
    """Compatibility, the gate: replay each here, cold."""
    result = await replayer_of(recorded).replay_workflow(history_of(recorded))
    assert result.replay_failure is None


@every_history
async def test_replays_with_random_page_cuts(recorded: Recorded) -> None:
    """Compatibility, the gate: with random page cuts. Promise 18."""
    async with replayer_of(recorded)._session(1) as session:
        for seed in seeds():
            report = await session.replay(history_of(recorded), page_sizes=random_pages(seed))
            assert report.failure is None, f"seed {seed}"


@every_history
async def test_each_task_gives_what_was_recorded(recorded: Recorded) -> None:
    """Compatibility, the gate: at every task prefix; compare the command stream and the flags.

    The run is forgotten after each task, so that the next one replays from the start, and the history
    comes in random pages. A task that waits for a local activity is left to the test with workers:
    nothing is executed here.
    """
    async with replayer_of(recorded)._session(1) as session:
        for seed in seeds():
            pages = random_pages(seed)
            report = await session.replay(
                history_of(recorded), page_sizes=pages, every_task=True, evicting=True
            )
            assert different(recorded, report) == [], f"seed {seed}"


def different(recorded: Recorded, report: _ReplayReport) -> Sequence[str]:
    """Where the completions of a report are not what the history holds."""
    lines = [] if report.failure is None else [f"failed: {report.failure!r}"]
    by_start = {task.started_event_id: task for task in report.tasks}
    for task in recorded_tasks(recorded.events):
        started = recorded.events[task.started].event_id
        replayed = by_start.get(started)
        if replayed is None:
            lines.append(f"task {started} was not replayed")
        elif replayed.completion is None and not recorded.has_local_activities:
            lines.append(f"task {started} has no completion")
    if str(recorded) not in HELD_RESULTS and recorded.scenario.same_code:
        lines += different_tasks(recorded.events, report.tasks)
    return lines
