"""Commands of a workflow task beside the events that such commands left in a history."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.api.command.v1 import Command
from temporalio.api.enums.v1 import CommandType, EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.protocol.v1 import Message
from temporalio.api.update.v1 import Acceptance, Response
from temporalio.api.workflowservice.v1 import RespondWorkflowTaskCompletedRequest

from .recording import scrub

# The events that commands leave, by the type of the command, both without their prefixes.
EVENTS_OF_COMMANDS = {
    "ACTIVITY_TASK_SCHEDULED": "SCHEDULE_ACTIVITY_TASK",
    "ACTIVITY_TASK_CANCEL_REQUESTED": "REQUEST_CANCEL_ACTIVITY_TASK",
    "TIMER_STARTED": "START_TIMER",
    "TIMER_CANCELED": "CANCEL_TIMER",
    "MARKER_RECORDED": "RECORD_MARKER",
    "START_CHILD_WORKFLOW_EXECUTION_INITIATED": "START_CHILD_WORKFLOW_EXECUTION",
    "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED": "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION",
    "REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED": (
        "REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION"
    ),
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES": "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
    "WORKFLOW_PROPERTIES_MODIFIED": "MODIFY_WORKFLOW_PROPERTIES",
    "WORKFLOW_EXECUTION_UPDATE_ACCEPTED": "PROTOCOL_MESSAGE",
    "WORKFLOW_EXECUTION_UPDATE_COMPLETED": "PROTOCOL_MESSAGE",
    "WORKFLOW_EXECUTION_COMPLETED": "COMPLETE_WORKFLOW_EXECUTION",
    "WORKFLOW_EXECUTION_FAILED": "FAIL_WORKFLOW_EXECUTION",
    "WORKFLOW_EXECUTION_CANCELED": "CANCEL_WORKFLOW_EXECUTION",
    "WORKFLOW_EXECUTION_CONTINUED_AS_NEW": "CONTINUE_AS_NEW_WORKFLOW_EXECUTION",
}
KINDS = {
    EventType.Value(f"EVENT_TYPE_{event}"): CommandType.Value(f"COMMAND_TYPE_{command}")
    for event, command in EVENTS_OF_COMMANDS.items()
}
# A server puts its own value where a command has none, or bounds what it has.
FILLED_IN_BY_SERVERS = {
    "namespace",
    "parent_close_policy",
    "retry_policy",
    "task_queue",
    "workflow_type",
    "schedule_to_close_timeout",
    "schedule_to_start_timeout",
    "start_to_close_timeout",
    "heartbeat_timeout",
    "workflow_execution_timeout",
    "workflow_run_timeout",
    "workflow_task_timeout",
    "backoff_start_interval",
    "initiator",
    "priority",
    "use_workflow_build_id",
    "inherit_build_id",
}
# In 1.35.
KNOWN_CORE_FLAGS = (1, 2, 3, 4)
# What a local activity takes differs each time it runs.
TIMES = ("complete_time", "original_schedule_time")
# Packages before 1.34 do not write it, and it tells how results came together.
TIMES_AND_INDEX = (*TIMES, "activation_index")


@dataclass(frozen=True)
class RecordedTask:
    """A workflow task of a history that was completed.

    Attributes:
        started: The index of its started event.
        completed: The index of its completed event.
        commands: The events of its commands.
    """

    started: int
    completed: int
    commands: Sequence[HistoryEvent]


def recorded_tasks(events: Sequence[HistoryEvent]) -> list[RecordedTask]:
    """The tasks of a history, in order, less those that failed or timed out."""
    tasks: list[RecordedTask] = []
    started = None
    for index, event in enumerate(events):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
            started = index
        elif event.event_type in (
            EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
            EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
        ):
            started = None
        elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            assert started is not None, f"event {event.event_id} completes no task"
            end = index + 1
            while end < len(events) and events[end].event_type in KINDS:
                end += 1
            tasks.append(RecordedTask(started, index, events[index + 1 : end]))
            started = None
    return tasks


def differences(
    answer: RespondWorkflowTaskCompletedRequest,
    events: Sequence[HistoryEvent],
    *,
    but: Collection[str] = (),
) -> list[str]:
    """Where the commands of a completion, and its messages, are not those that left some events.

    Args:
        answer: The completion.
        events: Of the commands that were issued then.
        but: What not to compare of the data of local activities.

    Returns:
        A line for each difference; none means that they are equal.
    """
    issued = [name_of(CommandType.Name(command.command_type)) for command in answer.commands]
    recorded = [name_of(CommandType.Name(KINDS[event.event_type])) for event in events]
    if issued != recorded:
        return [f"issued {issued}, recorded {recorded}"]
    lines: list[str] = []
    messages = {message.id: message for message in answer.messages}
    for command, event in zip(answer.commands, events, strict=True):
        where = f"{name_of(EventType.Name(event.event_type))} {event.event_id}"
        message_id = command.protocol_message_command_attributes.message_id
        found = different_fields(command, event, but)
        if message_id:
            found = different_messages(messages.get(message_id), event)
        lines += (f"{where}: {line}" for line in found)
    return lines


def different_fields(command: Command, event: HistoryEvent, but: Collection[str]) -> Iterable[str]:
    """Compare one command with its event, as far as both have the same fields."""
    if command.user_metadata != event.user_metadata:
        yield f"user_metadata {command.user_metadata} is not {event.user_metadata}"
    kind = command.WhichOneof("attributes")
    attributes = getattr(command, str(kind))
    recorded = getattr(event, str(event.WhichOneof("attributes")))
    of_event = {field.name for field in recorded.DESCRIPTOR.fields}
    for field in attributes.DESCRIPTOR.fields:
        if field.name not in of_event:
            continue
        ours, theirs = (plain(side, field, but) for side in (attributes, recorded))
        if ours != theirs and not is_filled_in(attributes, recorded, field):
            yield f"{field.name} {ours!r} is not {theirs!r}"


def different_messages(message: Message | None, event: HistoryEvent) -> Iterable[str]:
    """Compare the message of a command, which is about an update, with its event."""
    acceptance, response = Acceptance(), Response()
    accepted = event.workflow_execution_update_accepted_event_attributes
    completed = event.workflow_execution_update_completed_event_attributes
    if message is None:
        yield "its message is missing"
    elif message.body.Unpack(acceptance):
        ours: Any = (
            message.protocol_instance_id,
            acceptance.accepted_request_message_id,
            acceptance.accepted_request_sequencing_event_id,
        )
        theirs: Any = (
            accepted.protocol_instance_id,
            accepted.accepted_request_message_id,
            accepted.accepted_request_sequencing_event_id,
        )
        if ours != theirs:
            yield f"{ours} is not {theirs}"
    elif message.body.Unpack(response):
        outcome = type(completed.outcome)()
        outcome.CopyFrom(completed.outcome)
        for failed in (response, outcome):
            scrub(failed)
        ours = (message.protocol_instance_id, response.outcome)
        theirs = (completed.meta.update_id, outcome)
        if ours != theirs:
            yield f"{ours} is not {theirs}"
    else:
        yield f"{message.body.type_url} answers no update"


def is_filled_in(command: Any, event: Any, field: Any) -> bool:
    """Whether a server can have made of a command's field what stands in its event."""
    if field.name not in FILLED_IN_BY_SERVERS:
        return False
    if field.name == "task_queue" and command.task_queue.name and event.task_queue.name:
        # Tests have a task queue of their own; some activities are on one beside it.
        endings = (side.task_queue.name.rpartition("-")[2] for side in (command, event))
        return len({ending == "activities" for ending in endings}) == 1
    if field.name.endswith("_timeout"):
        limit = getattr(command, field.name).ToTimedelta()
        return not limit or limit >= getattr(event, field.name).ToTimedelta()
    return is_default(command, field)


def plain(message: Any, field: Any, but: Collection[str]) -> Any:
    """The value of a field in a form that can be compared."""
    value = getattr(message, field.name)
    if field.message_type is None:
        return list(value) if hasattr(value, "append") else value
    if field.message_type.GetOptions().map_entry:
        return {
            name: plain_payloads(part, but if name == "data" else ())
            for name, part in value.items()
        }
    copied = type(value)()
    copied.CopyFrom(value)
    scrub(copied)
    if field.name == "search_attributes":
        # A server writes the type of each attribute, also where the command says none.
        for payload in copied.indexed_fields.values():
            payload.metadata.pop("type", None)
    return copied.SerializeToString(deterministic=True)


def plain_payloads(value: Any, but: Collection[str]) -> Any:
    """Details of a marker; of the data of a local activity, less what is not to be compared."""
    if but and getattr(value, "payloads", None):
        data = json.loads(value.payloads[0].data)
        return {name: part for name, part in data.items() if name not in but}
    return str(value)


def is_default(message: Any, field: Any) -> bool:
    """Whether a command left a field to the server."""
    if field.name == "task_queue":
        return not message.task_queue.name
    if field.message_type is not None:
        return not getattr(message, field.name).ByteSize()
    return bool(getattr(message, field.name) == field.default_value)


def name_of(value: str) -> str:
    """The name of an enumeration's value without what all of its values begin with."""
    for prefix in ("COMMAND_TYPE_", "EVENT_TYPE_"):
        value = value.removeprefix(prefix)
    return value


def flag_differences(used: Any, events: Sequence[HistoryEvent], task: RecordedTask) -> list[str]:
    """Where the flags of a completion are not those that belong there.

    Every core flag that is known goes with a live completion unless an earlier one has it; a flag of
    the language goes with the task that it changes. A worker of ours goes by what history says, the
    official one also by what it wrote itself: where the history does not take that up, as here, both are
    right.

    Args:
        used: The `WorkflowTaskCompletedMetadata` of the completion.
        events: The whole history.
        task: The task that was completed.
    """
    earlier: set[int] = set()
    for event in events[: task.completed]:
        metadata = event.workflow_task_completed_event_attributes.sdk_metadata
        earlier.update(metadata.core_used_flags)
    recorded = events[task.completed].workflow_task_completed_event_attributes.sdk_metadata
    lines = []
    expected = set(KNOWN_CORE_FLAGS) - earlier
    issued = set(used.core_used_flags)
    if issued != expected and (issued or expected & set(recorded.core_used_flags)):
        lines.append(f"core flags {sorted(issued)} are not {sorted(expected)}")
    if set(used.lang_used_flags) != set(recorded.lang_used_flags):
        lines.append(f"lang flags {used.lang_used_flags} are not {recorded.lang_used_flags}")
    return lines


def different_tasks(
    events: Sequence[HistoryEvent],
    replayed: Sequence[Any],
    *,
    but: Collection[str] = TIMES_AND_INDEX,
) -> list[str]:
    """Where the tasks of a replay did something else than the history holds.

    Args:
        events: The whole history.
        replayed: Each task played by a replayer as if it were happening now. One that waits for a local
            activity has no completion: nothing is executed then.
        but: What not to compare of the data of local activities.
    """
    by_start = {task.started_event_id: task.completion for task in replayed}
    lines = []
    for task in recorded_tasks(events):
        completion = by_start.get(events[task.started].event_id)
        if completion is not None:
            found = differences(completion, task.commands, but=but)
            found += flag_differences(completion.sdk_metadata, events, task)
            lines += (f"task {events[task.started].event_id}: {line}" for line in found)
    return lines
