"""Other ways through a history than as one task, and what each of them gives."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temporalio.api.command.v1 import Command
from temporalio.api.enums.v1 import CommandType, EventType
from temporalio.client import WorkflowHistory

from .replaying import recorded, replayer

ALL = ("completed", "failed", "continued_as_new", "timed_out", "cancelled", "mid_flight", "pending")

COMMANDS = {
    EventType.EVENT_TYPE_TIMER_STARTED: "START_TIMER",
    EventType.EVENT_TYPE_TIMER_CANCELED: "CANCEL_TIMER",
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "SCHEDULE_ACTIVITY_TASK",
    EventType.EVENT_TYPE_MARKER_RECORDED: "RECORD_MARKER",
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "COMPLETE_WORKFLOW_EXECUTION",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: "FAIL_WORKFLOW_EXECUTION",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: "CANCEL_WORKFLOW_EXECUTION",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: (
        "CONTINUE_AS_NEW_WORKFLOW_EXECUTION"
    ),
}


def issued(commands: Sequence[Command]) -> list[str]:
    """The types of commands."""
    names = (CommandType.Name(command.command_type) for command in commands)
    return [name.removeprefix("COMMAND_TYPE_") for name in names]


def recorded_commands(history: WorkflowHistory) -> list[list[str]]:
    """What the events after each completed task say that it has issued."""
    tasks: list[list[str]] = []
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            tasks.append([])
        elif event.event_type in COMMANDS:
            tasks[-1].append(COMMANDS[event.event_type])
    return tasks


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("evicting", [False, True])
async def test_every_task_issues_what_it_issued(name: str, evicting: bool) -> None:
    """Promise 19: warm, and evicted after every task, with the flags that were recorded."""
    history = recorded(name)
    report = await replayer()._replay(history, every_task=True, evicting=evicting)
    assert report.failure is None
    done = [task.completion for task in report.tasks if task.completion is not None]
    assert len(done) == len(report.tasks)
    expected = recorded_commands(history)
    assert [issued(task.commands) for task in done][: len(expected)] == expected
    flags = [list(task.sdk_metadata.core_used_flags) for task in done]
    ours = [
        list(event.workflow_task_completed_event_attributes.sdk_metadata.core_used_flags)
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]
    assert [sorted(some) for some in flags][: len(ours)] == [sorted(some) for some in ours]


async def test_whole_history_gives_nothing_that_is_not_in_it() -> None:
    for name in ALL[:-1]:
        report = await replayer()._replay(recorded(name))
        assert report.failure is None
        [task] = report.tasks
        assert task.completion is not None and task.ended_replaying, name
        assert issued(task.completion.commands) == []
        assert not task.completion.sdk_metadata.core_used_flags
        assert task.started_event_id == 0 and task.activations > 0


async def test_task_to_come_is_live() -> None:
    report = await replayer()._replay(recorded("pending"))
    [task] = report.tasks
    assert (task.started_event_id, task.ended_replaying) == (7, False)
    fresh = await replayer()._replay(recorded("fresh"))
    [task] = fresh.tasks
    assert task.completion is not None and not task.ended_replaying
    assert issued(task.completion.commands) == ["START_TIMER"]
    assert task.completion.sdk_metadata.core_used_flags


@settings(deadline=None, max_examples=25, database=None)
@given(
    name=st.sampled_from(ALL),
    page_sizes=st.lists(st.integers(0, 8), max_size=5),
    every_task=st.booleans(),
    evicting=st.booleans(),
)
async def test_cut_of_pages_makes_no_difference(
    name: str, page_sizes: list[int], every_task: bool, evicting: bool
) -> None:
    """Promise 18: any cut of the history into pages gives the same commands."""
    history = recorded(name)
    whole = await replayer()._replay(history, every_task=every_task)
    cut = await replayer()._replay(
        history, page_sizes=page_sizes, every_task=every_task, evicting=evicting
    )
    assert cut.failure is None
    assert [task.completion for task in cut.tasks] == [task.completion for task in whole.tasks]
