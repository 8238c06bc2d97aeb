"""Promise 44: histories that use everything, damaged within their events as well."""

from __future__ import annotations

import asyncio
import copy
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.workflow import NondeterminismError

from ..histories.recorded_set import Recorded, official_histories
from .replaying import replayer

HISTORIES = official_histories()
LIMIT_SECONDS = 30
LARGEST = 2**31 - 1

TEXTS = st.sampled_from(["", "x", "1", "2", "5", "core_patch", "core_local_activity"])
NUMBERS = st.sampled_from([0, 1, 2, 3, 5, 7, 60, LARGEST, -1])


def scalars(message: Message) -> Iterator[tuple[Message, FieldDescriptor]]:
    """All values that are no messages, however deep."""
    for field, value in message.ListFields():
        if hasattr(value, "append") or hasattr(value, "keys"):
            is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
            if field.message_type is not None and not is_map:
                for part in value:
                    yield from scalars(part)
        elif field.message_type is not None:
            yield from scalars(value)
        else:
            yield message, field


def harm_value(event: HistoryEvent, draw: st.DrawFn) -> None:
    """Put something else in place of a value."""
    found = list(scalars(event))
    message, field = found[draw(st.integers(0, len(found) - 1))]
    new: Any
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        text = draw(TEXTS)
        new = text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
    elif field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        new = draw(st.booleans())
    else:
        new = draw(NUMBERS)
    try:
        setattr(message, field.name, new)
    except ValueError:
        # Unsigned, or an enum that is closed.
        setattr(message, field.name, 0)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[Recorded, list[HistoryEvent]]:
    """A recorded history with events missing, repeated, out of place, or saying something else."""
    which = draw(st.sampled_from(HISTORIES))
    events = [copy.deepcopy(event) for event in which.events]
    for _ in range(draw(st.integers(1, 3))):
        if len(events) < 2:
            break
        index, other = (draw(st.integers(0, len(events) - 1)) for _ in range(2))
        kind = draw(st.integers(0, 5))
        if kind == 0:
            del events[index]
        elif kind == 1:
            events.insert(index, copy.deepcopy(events[other]))
        elif kind == 2:
            events[index], events[other] = events[other], events[index]
        elif kind == 3:
            del events[index + 1 :]
        else:
            harm_value(events[index], draw)
        if kind < 3:
            # As if it had been written so: a gap would be found at once.
            for number, event in enumerate(events, start=1):
                event.event_id = number
    return which, events


@settings(deadline=None, max_examples=150, database=None)
@given(
    damage=damaged(),
    page_sizes=st.lists(st.integers(0, 5), max_size=3),
    every_task=st.booleans(),
    evicting=st.booleans(),
)
async def test_damaged_scenarios_get_a_verdict(
    damage: tuple[Recorded, list[HistoryEvent]],
    page_sizes: list[int],
    every_task: bool,
    evicting: bool,
) -> None:
    """Promise 44: none panics, none hangs."""
    which, events = damage
    history = WorkflowHistory(which.about["workflow_id"], events)
    with warnings.catch_warnings():
        # Of handlers that a damaged history leaves unfinished, and the like.
        warnings.simplefilter("ignore")
        replay = replayer(*which.scenario.workflows)._replay(
            history, page_sizes=page_sizes, every_task=every_task, evicting=evicting
        )
        failure = (await asyncio.wait_for(replay, LIMIT_SECONDS)).failure
    assert failure is None or isinstance(failure, (NondeterminismError, RuntimeError))
    assert "internal error" not in str(failure)


@pytest.mark.parametrize("which", HISTORIES, ids=str)
async def test_history_replays_cut_anywhere(which: Recorded) -> None:
    """Promise 21: a history is good as it stood after each of its completed tasks."""
    ends = [
        number
        for number, event in enumerate(which.events, start=1)
        if event.HasField("workflow_task_completed_event_attributes")
    ]
    workflows = which.scenario.workflows
    for end in ends[:-1]:
        history = WorkflowHistory(which.about["workflow_id"], which.events[:end])
        failure = (await replayer(*workflows)._replay(history)).failure
        assert failure is None, (end, failure)
