"""Promise 44: no history file panics or hangs; each gets a verdict or a clear error."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from temporalio.client import WorkflowHistory
from temporalio.workflow import NondeterminismError

from .replaying import RECORDED, failure_of, recorded, replayer, with_events

NAMES = ("completed", "continued_as_new", "timed_out", "mid_flight", "cancelled")
QUICK = settings(deadline=None, max_examples=60, database=None)


@st.composite
def damaged(draw: st.DrawFn) -> WorkflowHistory:
    """A recorded history with events dropped, repeated, swapped, renumbered or mixed up."""
    history = recorded(draw(st.sampled_from(NAMES)))
    events = list(history.events)
    for _ in range(draw(st.integers(1, 4))):
        if not events:
            break
        at = st.integers(0, len(events) - 1)
        kind = draw(st.integers(0, 4))
        if kind == 0:
            del events[draw(at)]
        elif kind == 1:
            events.insert(draw(at), events[draw(at)])
        elif kind == 2:
            left, right = draw(at), draw(at)
            events[left], events[right] = events[right], events[left]
        else:
            index = draw(at)
            events[index] = copy.deepcopy(events[index])
            if kind == 3:
                events[index].event_id = draw(st.integers(-(2**63), 2**63 - 1))
            else:
                events[index].event_type = draw(st.integers(0, 70))  # type: ignore[assignment]
    return with_events(history, events)


@QUICK
@given(damaged())
async def test_damaged_events_get_a_verdict(history: WorkflowHistory) -> None:
    """Promise 44: whatever is done to the events."""
    failure = await failure_of(replayer(), history)
    assert failure is None or isinstance(failure, (NondeterminismError, RuntimeError))
    assert "internal error" not in str(failure)


def values() -> st.SearchStrategy[Any]:
    """What JSON can hold."""
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
    return st.recursive(
        plain,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    )


@st.composite
def damaged_json(draw: st.DrawFn) -> Any:
    """A recorded history with something else in place of some value."""
    given = json.loads((RECORDED / f"{draw(st.sampled_from(NAMES))}.json").read_text())
    for _ in range(draw(st.integers(1, 3))):
        inner: Any = given
        while True:
            keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(inner[key], (dict, list)) and draw(st.integers(0, 4)):
                inner = inner[key]
                continue
            inner[key] = draw(values())
            break
    return given


@QUICK
@given(damaged_json())
async def test_damaged_json_is_refused_or_gets_a_verdict(given: Any) -> None:
    """Promise 44: whatever stands in the file."""
    try:
        history = WorkflowHistory.from_json("id", given)
    except ValueError as error:
        assert "not the JSON of a history" in str(error)
        return
    failure = await failure_of(replayer(), history)
    assert "internal error" not in str(failure)


@QUICK
@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
@example("[" * 100_000)
@example('{"events": ' * 5_000)
@example('{"events": [{"eventId": "99999999999999999999"}]}')
@example('{"events": [{"eventTime": "not a time"}]}')
@example('{"events": [{"workflowTaskStartedEventAttributes": {"historySizeBytes": 1e400}}]}')
def test_text_that_is_no_history_is_refused(text: str) -> None:
    """Promise 44: random text."""
    with pytest.raises(ValueError):
        WorkflowHistory.from_json("id", text)


async def test_bytes_that_are_no_history_are_refused() -> None:
    """Promise 44: also below the Python API."""
    async with replayer()._session(1) as session:
        for noise in ([b"\xff"], b"\xff"):
            with pytest.raises(ValueError, match="history events"):
                session._bridge.replay("id", noise, page_sizes=(), every_task=False, evicting=False)


async def test_events_count_as_they_are_when_they_are_replayed() -> None:
    """Also after they were parsed: changed in place, copied, or replaced."""
    completed = recorded("completed")
    changed = WorkflowHistory.from_json("id", completed.to_json())
    replaced = replace(changed, events=list(changed.events)[1:])
    copied = copy.deepcopy(changed)
    for history in (changed, copied):
        assert await failure_of(replayer(), history) is None
        history.events[0].event_id = 7
        assert "expected event 1, got event 7" in str(await failure_of(replayer(), history))
    beginning = "must begin with WORKFLOW_EXECUTION_STARTED"
    assert beginning in str(await failure_of(replayer(), replaced))


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [(0, "must begin with WORKFLOW_EXECUTION_STARTED"), (3, "history has a gap: expected event 4")],
)
async def test_missing_event_is_named(left_out: int, expected: str) -> None:
    history = recorded("completed")
    events = [event for index, event in enumerate(history.events) if index != left_out]
    failure = await failure_of(replayer(), with_events(history, events))
    assert type(failure) is RuntimeError
    assert str(failure).startswith("8: ") and expected in str(failure)


def old_spelling(value: Any) -> Any:
    """The JSON as older tools write it, with enums as `WorkflowTaskStarted`."""
    if isinstance(value, list):
        return [old_spelling(part) for part in value]
    if isinstance(value, dict):
        return {key: old_spelling(part) for key, part in value.items()}
    for prefix in ("EVENT_TYPE_", "TASK_QUEUE_KIND_", "TIMEOUT_TYPE_", "RETRY_STATE_"):
        if isinstance(value, str) and value.startswith(prefix):
            return value.removeprefix(prefix).title().replace("_", "")
    return value


@pytest.mark.parametrize("name", NAMES)
async def test_json_of_older_and_of_newer_tools_replays(name: str) -> None:
    old = old_spelling(json.loads((RECORDED / f"{name}.json").read_text()))
    for event in old["events"]:
        event["fromTheFuture"] = {"some": ["thing"]}
        [attributes] = [part for key, part in event.items() if key.endswith("Attributes")]
        attributes["fromTheFuture"] = 7
    assert old["events"][0]["eventType"] == "WorkflowExecutionStarted"
    history = WorkflowHistory.from_json(name, old)
    assert history == recorded(name)
    assert await failure_of(replayer(), history) is None


@pytest.mark.parametrize("name", NAMES)
async def test_history_survives_its_json(name: str) -> None:
    history = recorded(name)
    again = WorkflowHistory.from_json(name, history.to_json())
    assert again == history
    assert WorkflowHistory.from_json(name, history.to_json_dict()) == history
    assert await failure_of(replayer(), again) is None
