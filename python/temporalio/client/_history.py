"""Histories of workflows and the reading of their events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import temporalio.api

from ._history_json import parse_history
from ._pages import PagedIterator

if TYPE_CHECKING:
    from ._client import Client
    from ._inputs import FetchWorkflowHistoryEventsInput


class WorkflowHistoryEventFilterType(IntEnum):
    """Which events of a history to read."""

    ALL_EVENT = 1
    CLOSE_EVENT = 2


@dataclass(frozen=True)
class WorkflowHistory:
    """What has happened in one run of a workflow.

    Attributes:
        workflow_id: Id of the workflow; the events do not carry it.
        events: The events in order.
    """

    workflow_id: str
    events: Sequence[temporalio.api.history.v1.HistoryEvent]

    @property
    def run_id(self) -> str:
        """Run id under which the run was first started, before any reset.

        Raises:
            RuntimeError: There is no first event, or it does not start a workflow.
        """
        if not self.events:
            raise RuntimeError("No events: the history is empty")
        first = self.events[0]
        if not first.HasField("workflow_execution_started_event_attributes"):
            raise RuntimeError("First event is not workflow start")
        return first.workflow_execution_started_event_attributes.original_execution_run_id

    @staticmethod
    def from_json(workflow_id: str, history: str | dict[str, Any]) -> WorkflowHistory:
        """Read a history that :py:meth:`to_json`, the web interface or the CLI has written.

        Args:
            workflow_id: Id of the workflow.
            history: JSON text, or the dictionary that it was parsed into (left unchanged).

        Raises:
            ValueError: This is not the JSON of a history.
        """
        message = parse_history(history)
        parsed = WorkflowHistory(workflow_id, message.events)
        parsed.__dict__["_parsed"] = message
        return parsed

    def to_json(self) -> str:
        """Write the events as protobuf JSON. The workflow id is not in it."""
        from google.protobuf import json_format

        return json_format.MessageToJson(self._message())

    def to_json_dict(self) -> dict[str, Any]:
        """Like :py:meth:`to_json`, as a dictionary ready for the ``json`` module."""
        from google.protobuf import json_format

        return json_format.MessageToDict(self._message())

    def _message(self) -> temporalio.api.history.v1.History:
        message = self._parsed_message()
        return temporalio.api.history.v1.History(events=self.events) if message is None else message

    def _parsed_message(self) -> temporalio.api.history.v1.History | None:
        """The message whose events these are; one that was copied on its way may have others."""
        message = self.__dict__.get("_parsed")
        return message if message is not None and message.events is self.events else None

    def _serialized(self) -> bytes | list[bytes]:
        """The bytes of a ``History``, or those of each event where to make one would cost more."""
        if (message := self._parsed_message()) is not None:
            return message.SerializeToString()
        return [event.SerializeToString() for event in self.events]


class WorkflowHistoryEventAsyncIterator(PagedIterator["temporalio.api.history.v1.HistoryEvent"]):
    """Events of a history, asked for page by page while ``async for`` goes on.

    :py:meth:`WorkflowHandle.fetch_history_events` makes these.

    Args:
        client: Client to ask with.
        input: What to ask for.
    """

    def __init__(self, client: Client, input: FetchWorkflowHistoryEventsInput) -> None:
        """Ask for nothing yet."""
        super().__init__(page_size=input.page_size, next_page_token=input.next_page_token)
        self._client = client
        self._input = input

    async def _fetch(
        self, page_size: int | None, token: bytes
    ) -> tuple[Sequence[temporalio.api.history.v1.HistoryEvent], bytes]:
        wanted = self._input
        request = temporalio.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest(
            namespace=self._client.namespace,
            execution=temporalio.api.common.v1.WorkflowExecution(
                workflow_id=wanted.id, run_id=wanted.run_id or ""
            ),
            maximum_page_size=page_size or 0,
            next_page_token=token,
            wait_new_event=wanted.wait_new_event,
            history_event_filter_type=temporalio.api.enums.v1.HistoryEventFilterType.ValueType(
                wanted.event_filter_type
            ),
            skip_archival=wanted.skip_archival,
        )
        answer = await self._client.workflow_service.get_workflow_execution_history(
            request, retry=True, metadata=wanted.rpc_metadata, timeout=wanted.rpc_timeout
        )
        if answer.raw_history:
            raise RuntimeError("the server sent a raw history, which was not asked for")
        return list(answer.history.events), answer.next_page_token
