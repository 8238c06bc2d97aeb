"""A history that grows as a server would let it grow, event by event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from temporalio.api.command.v1 import Command
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.protocol.v1 import Message
from temporalio.api.update.v1 import Acceptance, Input, Meta, Request
from temporalio.api.workflowservice.v1 import (
    PollWorkflowTaskQueueResponse,
    RespondWorkflowTaskCompletedRequest,
)

# The first event of each history happened one second later.
EPOCH = 1_700_000_000
FIRST_RUN_ID = "0190aaaa-bbbb-7ccc-8ddd-eeeeffff0099"


class GrowingHistory:
    """Timers, signals, updates, markers and upserts of one workflow, and its tasks."""

    def __init__(self, workflow_type: str) -> None:
        """Begin with the start of a workflow, event 1."""
        self.events: list[HistoryEvent] = []
        self.workflow_type = workflow_type
        self.previous_started = 0
        self.started = 0
        self.attempt = 1
        self.open_timers: list[tuple[str, int]] = []
        self.accepted: dict[str, int] = {}
        self.tokens = 0
        start = self.add("WORKFLOW_EXECUTION_STARTED").workflow_execution_started_event_attributes
        start.workflow_id = "workflow"
        start.workflow_type.name = workflow_type
        start.task_queue.name = "queue"
        start.original_execution_run_id = FIRST_RUN_ID
        start.first_execution_run_id = FIRST_RUN_ID
        start.attempt = 1
        start.workflow_task_timeout.seconds = 10

    def add(self, kind: str) -> HistoryEvent:
        """Add an event with empty attributes, to be filled in."""
        event = HistoryEvent(
            event_id=len(self.events) + 1, event_type=EventType.Value(f"EVENT_TYPE_{kind}")
        )
        event.event_time.seconds = EPOCH + event.event_id
        getattr(event, f"{kind.lower()}_event_attributes").SetInParent()
        self.events.append(event)
        return event

    def start_task(self) -> None:
        """Add a scheduled and a started event."""
        scheduled = self.add("WORKFLOW_TASK_SCHEDULED").event_id
        started = self.add("WORKFLOW_TASK_STARTED")
        started.workflow_task_started_event_attributes.scheduled_event_id = scheduled
        self.started = started.event_id

    def end_task(self, how: str, **attributes: Any) -> None:
        """Add the end of the task in progress; one that is not completed comes again."""
        ended = self.add(f"WORKFLOW_TASK_{how}")
        written = getattr(ended, f"workflow_task_{how.lower()}_event_attributes")
        written.scheduled_event_id = self.started - 1
        written.started_event_id = self.started
        for name, value in attributes.items():
            setattr(written, name, value)
        self.attempt += 1

    def signal(self, name: str) -> None:
        """Add a signal without arguments."""
        self.add(
            "WORKFLOW_EXECUTION_SIGNALED"
        ).workflow_execution_signaled_event_attributes.signal_name = name

    def fire_timer(self) -> None:
        """Fire the oldest timer."""
        timer_id, started = self.open_timers.pop(0)
        fired = self.add("TIMER_FIRED").timer_fired_event_attributes
        fired.timer_id = timer_id
        fired.started_event_id = started

    def obey(
        self, completion: RespondWorkflowTaskCompletedRequest, language_flags: Sequence[int]
    ) -> None:
        """Complete the task in progress: add the events that its commands cause."""
        self.previous_started = self.started
        completed = self.add("WORKFLOW_TASK_COMPLETED").workflow_task_completed_event_attributes
        completed.scheduled_event_id = self.started - 1
        completed.started_event_id = self.started
        completed.sdk_metadata.core_used_flags.extend(completion.sdk_metadata.core_used_flags)
        completed.sdk_metadata.lang_used_flags.extend(language_flags)
        self.attempt = 1
        messages = {message.id: message for message in completion.messages}
        for command in completion.commands:
            self._obey(command, messages)

    def _obey(self, command: Command, messages: Mapping[str, Message]) -> None:
        kind = command.WhichOneof("attributes")
        if kind == "start_timer_command_attributes":
            timer = self.add("TIMER_STARTED")
            timer_id = command.start_timer_command_attributes.timer_id
            timer.timer_started_event_attributes.timer_id = timer_id
            self.open_timers.append((timer_id, timer.event_id))
        elif kind == "record_marker_command_attributes":
            marker = self.add("MARKER_RECORDED").marker_recorded_event_attributes
            marker.marker_name = command.record_marker_command_attributes.marker_name
            for name, payloads in command.record_marker_command_attributes.details.items():
                marker.details[name].CopyFrom(payloads)
        elif kind == "upsert_workflow_search_attributes_command_attributes":
            upsert = self.add("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES")
            upsert.upsert_workflow_search_attributes_event_attributes.search_attributes.CopyFrom(
                command.upsert_workflow_search_attributes_command_attributes.search_attributes
            )
        elif kind == "protocol_message_command_attributes":
            self._deliver(messages[command.protocol_message_command_attributes.message_id])
        else:
            raise NotImplementedError(f"no event is known for the command {kind}")

    def _deliver(self, message: Message) -> None:
        update_id = message.protocol_instance_id
        acceptance = Acceptance()
        if message.body.Unpack(acceptance):
            event = self.add("WORKFLOW_EXECUTION_UPDATE_ACCEPTED")
            accepted = event.workflow_execution_update_accepted_event_attributes
            accepted.protocol_instance_id = update_id
            accepted.accepted_request_message_id = f"{update_id}/request"
            accepted.accepted_request_sequencing_event_id = (
                acceptance.accepted_request_sequencing_event_id
            )
            accepted.accepted_request.CopyFrom(acceptance.accepted_request)
            self.accepted[update_id] = event.event_id
        else:
            event = self.add("WORKFLOW_EXECUTION_UPDATE_COMPLETED")
            completed = event.workflow_execution_update_completed_event_attributes
            completed.meta.update_id = update_id
            completed.accepted_event_id = self.accepted[update_id]
            completed.outcome.success.SetInParent()

    def task(
        self,
        run_id: str,
        *,
        is_whole: bool,
        updates: Sequence[tuple[str, str]] = (),
        queries: Mapping[str, str] | None = None,
    ) -> PollWorkflowTaskQueueResponse:
        """The task in progress, with the whole history or with what is new."""
        first = 1 if is_whole else self.previous_started + 1
        task = self._task(run_id, self.events[first - 1 :])
        task.started_event_id = self.started
        for query_id, query_type in (queries or {}).items():
            task.queries[query_id].query_type = query_type
        for update_id, name in updates:
            message = task.messages.add(
                id=f"{update_id}/request",
                protocol_instance_id=update_id,
                event_id=self.started - 1,
            )
            meta = Meta(update_id=update_id, identity="client")
            message.body.Pack(Request(meta=meta, input=Input(name=name)))
        return task

    def query_task(
        self, run_id: str, query_type: str, *, is_whole: bool
    ) -> PollWorkflowTaskQueueResponse:
        """A task that only asks."""
        task = self._task(run_id, self.events if is_whole else [])
        task.query.query_type = query_type
        return task

    def _task(self, run_id: str, events: Sequence[HistoryEvent]) -> PollWorkflowTaskQueueResponse:
        self.tokens += 1
        task = PollWorkflowTaskQueueResponse(
            task_token=f"{run_id}|{self.tokens}".encode(),
            previous_started_event_id=self.previous_started,
            attempt=self.attempt,
        )
        task.workflow_execution.workflow_id = "workflow"
        task.workflow_execution.run_id = run_id
        task.workflow_type.name = self.workflow_type
        task.workflow_execution_task_queue.name = "queue"
        task.history.events.extend(events)
        task.scheduled_time.seconds = EPOCH
        task.started_time.seconds = EPOCH
        return task
