"""Reading histories from the server and from JSON."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

import temporalio.api.enums.v1
from temporalio.client import Client, WorkflowHistory, WorkflowHistoryEventFilterType
from temporalio.service import RPCError, RPCStatusCode

from .by_hand import HandWorker, completed

HISTORIES = Path(__file__).parent / "histories"
EventType = temporalio.api.enums.v1.EventType


async def test_pages_read_like_one_history(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    handle = await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    await worker.answer(completed("done"))
    whole = await handle.fetch_history()
    assert whole.workflow_id == workflow_id
    assert whole.run_id == handle.result_run_id
    assert [event.event_id for event in whole.events] == [1, 2, 3, 4, 5]

    events = handle.fetch_history_events(page_size=1)
    assert events.current_page is None
    assert [event async for event in events] == list(whole.events)
    assert events.next_page_token is None

    # The server never cuts what was written at once: a page of size 1 is the start with its task.
    paged = handle.fetch_history_events(page_size=1)
    await paged.fetch_next_page()
    assert paged.current_page is not None
    assert [event.event_id for event in paged.current_page] == [1, 2]
    assert (await anext(paged)).event_id == 1
    assert paged.current_page_index == 1
    resumed = handle.fetch_history_events(next_page_token=paged.next_page_token)
    assert [event.event_id async for event in resumed] == [3, 4, 5]


async def test_close_event_alone(client: Client, worker: HandWorker, workflow_id: str) -> None:
    handle = await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)
    await worker.answer(completed("done"))
    await handle.result()
    history = await handle.fetch_history(
        event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT
    )
    [event] = history.events
    assert event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED


async def test_new_events_can_be_awaited(
    client: Client, worker: HandWorker, workflow_id: str
) -> None:
    handle = await client.start_workflow("Greet", id=workflow_id, task_queue=worker.task_queue)

    async def last_event_id() -> int:
        events = handle.fetch_history_events(wait_new_event=True)
        return [event.event_id async for event in events][-1]

    last, _ = await asyncio.gather(last_event_id(), worker.answer(completed("done")))
    assert last == 5


async def test_no_error_before_the_first_iteration(client: Client) -> None:
    events = client.get_workflow_handle("nobody").fetch_history_events()
    with pytest.raises(RPCError) as caught:
        await anext(events)
    assert caught.value.status == RPCStatusCode.NOT_FOUND


async def test_history_survives_json(client: Client, worker: HandWorker, workflow_id: str) -> None:
    handle = await client.start_workflow(
        "Greet", {"some": "input"}, id=workflow_id, task_queue=worker.task_queue
    )
    await handle.signal("rename", "Moon")
    await worker.answer(completed("done"))
    history = await handle.fetch_history()
    assert WorkflowHistory.from_json(workflow_id, history.to_json()) == history
    assert WorkflowHistory.from_json(workflow_id, history.to_json_dict()) == history


def test_all_spellings_mean_the_same_history() -> None:
    spellings = {
        path.stem: WorkflowHistory.from_json("id", path.read_text())
        for path in sorted(HISTORIES.glob("*.json"))
    }
    assert set(spellings) == {"protobuf_json", "command_line", "pascal_case"}
    reference = spellings.pop("protobuf_json")
    assert len(reference.events) == 16
    assert reference.run_id == "33f3d51b-79f7-4fd0-9b0a-2b5a1ed6ba44"
    for name, history in spellings.items():
        assert list(history.events) == list(reference.events), name


@pytest.mark.parametrize(
    ("path", "spelled", "number"),
    [
        (("eventType",), "WorkflowTaskScheduled", 5),
        (("event_type",), "EVENT_TYPE_WORKFLOW_TASK_SCHEDULED", 5),
        (("eventType",), 5, 5),
        (("workflowTaskFailedEventAttributes", "cause"), "NonDeterministicError", 24),
        (("workflowTaskTimedOutEventAttributes", "timeoutType"), "ScheduleToStart", 2),
        (("activityTaskFailedEventAttributes", "retryState"), "NonRetryableFailure", 2),
        (
            (
                "workflowExecutionFailedEventAttributes",
                "failure",
                "cause",
                "timeoutFailureInfo",
                "timeoutType",
            ),
            "Heartbeat",
            4,
        ),
        (("workflowTaskScheduledEventAttributes", "taskQueue", "kind"), "Sticky", 2),
        (
            ("startChildWorkflowExecutionInitiatedEventAttributes", "parentClosePolicy"),
            "Abandon",
            2,
        ),
    ],
)
def test_enum_spellings(path: tuple[str, ...], spelled: object, number: int) -> None:
    event: dict[str, object] = {"eventId": "1"}
    inner = event
    for name in path[:-1]:
        inner[name] = inner = {}  # type: ignore[assignment]
    inner[path[-1]] = spelled
    given = {"events": [event]}
    before = json.dumps(given)
    [read] = WorkflowHistory.from_json("id", given).events
    assert json.dumps(given) == before
    message: object = read
    for name in path:
        snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        message = getattr(message, snake)
    assert message == number


def test_payloads_are_left_alone() -> None:
    # A payload's text may look like an enum's name, and its metadata are a map.
    payload = {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "IlRpbWVkT3V0Ig=="}
    attributes = {"input": {"payloads": [payload]}, "header": {"fields": {"kind": payload}}}
    given = {"events": [{"workflowExecutionStartedEventAttributes": attributes}]}
    [event] = WorkflowHistory.from_json("id", given).events
    started = event.workflow_execution_started_event_attributes
    assert started.input.payloads[0].data == b'"TimedOut"'
    assert started.header.fields["kind"].metadata == {"encoding": b"json/plain"}


@pytest.mark.parametrize(
    "wrong", ["[]", "{}", '{"events": 5}', '{"events": [5]}', '{"events": [{"eventId": {}}]}']
)
def test_what_is_no_history_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="not the JSON of a history"):
        WorkflowHistory.from_json("id", wrong)


def test_unknown_fields_are_ignored() -> None:
    given = {"events": [{"eventId": "1", "fromTheFuture": {"a": 1}}], "more": 1}
    assert WorkflowHistory.from_json("id", given).events[0].event_id == 1


def test_run_id_needs_the_first_event() -> None:
    with pytest.raises(RuntimeError, match="No events"):
        _ = WorkflowHistory("id", []).run_id
    with pytest.raises(RuntimeError, match="not workflow start"):
        _ = WorkflowHistory.from_json("id", {"events": [{"eventId": "2"}]}).run_id
