"""What tests of the replayer share."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from . import workflows

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> WorkflowHistory:
    """A history that the official package recorded (see ``record.py``)."""
    return WorkflowHistory.from_json(name, (RECORDED / f"{name}.json").read_text())


def replayer(*types: type, **options: Any) -> Replayer:
    """A replayer for these workflows, or else for all that were recorded."""
    known = (workflows.Order, workflows.Failing, workflows.Again, workflows.Waiting)
    options.setdefault("workflow_runner", UnsandboxedWorkflowRunner())
    return Replayer(workflows=types or known, **options)


def with_events(history: WorkflowHistory, events: Sequence[HistoryEvent]) -> WorkflowHistory:
    """The same workflow with other events."""
    return dataclasses.replace(history, events=events)


async def failure_of(replayer: Replayer, history: WorkflowHistory) -> Exception | None:
    """Why a history does not replay."""
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    assert result.history is history
    return result.replay_failure


async def each(*histories: WorkflowHistory) -> AsyncIterator[WorkflowHistory]:
    """Histories one after the other."""
    for history in histories:
        yield history
