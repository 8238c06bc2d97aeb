"""A server that has only the past: recorded histories, task by task, as if each were happening now.

A worker of any package connects to it. Each workflow task of a history comes to it as a server would
send it, with the updates that it accepted then; what the worker answers is kept, and changes nothing.
"""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import TaskQueueKind
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.api.protocol.v1 import Message
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceResponse,
    GetSystemInfoResponse,
    GetWorkflowExecutionHistoryRequest,
    GetWorkflowExecutionHistoryResponse,
    PollWorkflowTaskQueueRequest,
    PollWorkflowTaskQueueResponse,
    RespondWorkflowTaskCompletedRequest,
    RespondWorkflowTaskCompletedResponse,
    RespondWorkflowTaskFailedRequest,
    RespondWorkflowTaskFailedResponse,
)

from .comparing import RecordedTask, recorded_tasks

Answer = RespondWorkflowTaskCompletedRequest | RespondWorkflowTaskFailedRequest
POLL_SECONDS = 1.0


@dataclass
class Past:
    """A recorded run: what is sent of it, and what came back.

    Attributes:
        cold: True if every task comes with the history from the start, for a worker without a cache.
        page_cuts: Cuts histories into pages of random sizes; None sends each whole.
        answers: For each recorded task what the worker answered.
    """

    workflow_id: str
    run_id: str
    events: Sequence[HistoryEvent]
    cold: bool = True
    page_cuts: random.Random | None = None
    answers: list[Answer] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)
    pages: dict[bytes, list[HistoryEvent]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tasks: list[RecordedTask] = recorded_tasks(self.events)

    def next_task(self) -> PollWorkflowTaskQueueResponse:
        """The first task that is not answered, as a poll returns it."""
        number = len(self.answers)
        task = self.tasks[number]
        previous = self.tasks[number - 1].started + 1 if number else 0
        started = self.events[0].workflow_execution_started_event_attributes
        response = PollWorkflowTaskQueueResponse(
            task_token=f"{self.run_id}/{number}".encode(),
            workflow_execution=WorkflowExecution(workflow_id=self.workflow_id, run_id=self.run_id),
            workflow_type=started.workflow_type,
            previous_started_event_id=previous,
            started_event_id=self.events[task.started].event_id,
            attempt=1,
            messages=update_requests(task.commands),
        )
        response.scheduled_time.GetCurrentTime()
        response.started_time.GetCurrentTime()
        response.workflow_execution_task_queue.CopyFrom(started.task_queue)
        first = 0 if self.cold else previous
        page, token = self.cut(list(self.events[first : task.started + 1]), f"task {number}")
        response.history.CopyFrom(History(events=page))
        response.next_page_token = token
        return response

    def cut(self, events: list[HistoryEvent], name: str) -> tuple[list[HistoryEvent], bytes]:
        """The next page of some events, and the token for the rest."""
        if self.page_cuts is None or not events:
            return events, b""
        size = self.page_cuts.randint(1, max(12, len(events) // 3))
        rest = events[size:]
        if not rest:
            return events, b""
        token = f"{self.run_id}/{name}/{rest[0].event_id}".encode()
        self.pages[token] = rest
        return events[:size], token


def update_requests(events: Sequence[HistoryEvent]) -> list[Message]:
    """The requests that a task came with: those that its commands accepted.

    A server sends none for an update that a reset carried over: its event is the request.
    """
    messages = []
    for event in events:
        accepted = event.workflow_execution_update_accepted_event_attributes
        if accepted.HasField("accepted_request"):
            message = Message(
                id=accepted.accepted_request_message_id,
                protocol_instance_id=accepted.protocol_instance_id,
                event_id=accepted.accepted_request_sequencing_event_id,
            )
            message.body.Pack(accepted.accepted_request)
            messages.append(message)
    return messages


class PastServer(grpc.GenericRpcHandler):
    """Serves runs to the workers that poll it, each on the sticky queue after its first task."""

    def __init__(self) -> None:
        self.address = ""
        self.runs: dict[str, Past] = {}
        self.normal: queue.Queue[Past] = queue.Queue()
        self.sticky: queue.Queue[Past] = queue.Queue()

    def send(self, past: Past) -> None:
        """Begin to send the tasks of a run, one when the one before is answered."""
        self.runs[past.run_id] = past
        self.normal.put(past)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Answer what a worker asks, and refuse all else as unknown."""
        method = handler_call_details.method.rpartition("/")[2]
        handle = getattr(self, f"on_{method}", None)
        if handle is None:
            return None
        return grpc.unary_unary_rpc_method_handler(
            handle, response_serializer=lambda message: message.SerializeToString()
        )

    def on_GetSystemInfo(self, _: bytes, context: Any) -> GetSystemInfoResponse:
        capabilities = GetSystemInfoResponse.Capabilities(
            sdk_metadata=True,
            signal_and_query_header=True,
            internal_error_differentiation=True,
            activity_failure_include_heartbeat=True,
            encoded_failure_attributes=True,
            eager_workflow_start=True,
        )
        return GetSystemInfoResponse(server_version="1.32.0", capabilities=capabilities)

    def on_DescribeNamespace(self, _: bytes, context: Any) -> DescribeNamespaceResponse:
        return DescribeNamespaceResponse()

    def on_PollWorkflowTaskQueue(self, request: bytes, context: Any) -> Any:
        kind = PollWorkflowTaskQueueRequest.FromString(request).task_queue.kind
        is_sticky = kind == TaskQueueKind.TASK_QUEUE_KIND_STICKY
        waiting = self.sticky if is_sticky else self.normal
        try:
            past = waiting.get(timeout=POLL_SECONDS)
        except queue.Empty:
            return PollWorkflowTaskQueueResponse()
        if not context.is_active():
            waiting.put(past)
        return past.next_task()

    def on_PollActivityTaskQueue(self, _: bytes, context: Any) -> Any:
        threading.Event().wait(POLL_SECONDS)
        return PollWorkflowTaskQueueResponse()

    def on_GetWorkflowExecutionHistory(self, request: bytes, context: Any) -> Any:
        asked = GetWorkflowExecutionHistoryRequest.FromString(request)
        past = self.runs[asked.execution.run_id]
        task = past.tasks[len(past.answers)]
        events = past.pages.get(asked.next_page_token, list(past.events[: task.started + 1]))
        page, token = past.cut(events, "fetched")
        return GetWorkflowExecutionHistoryResponse(
            history=History(events=page), next_page_token=token
        )

    def on_RespondWorkflowTaskCompleted(self, request: bytes, context: Any) -> Any:
        self.answered(RespondWorkflowTaskCompletedRequest.FromString(request))
        return RespondWorkflowTaskCompletedResponse()

    def on_RespondWorkflowTaskFailed(self, request: bytes, context: Any) -> Any:
        self.answered(RespondWorkflowTaskFailedRequest.FromString(request))
        return RespondWorkflowTaskFailedResponse()

    def answered(self, answer: Answer) -> None:
        """Keep an answer and send the next task, unless this one failed or was the last."""
        past = self.runs[answer.task_token.decode().partition("/")[0]]
        past.answers.append(answer)
        failed = isinstance(answer, RespondWorkflowTaskFailedRequest)
        if failed or len(past.answers) == len(past.tasks):
            past.done.set()
        else:
            (self.normal if past.cold else self.sticky).put(past)


@contextmanager
def past_server() -> Iterator[PastServer]:
    """Run the server on a port of its own."""
    handler = PastServer()
    with ThreadPoolExecutor(40) as threads:
        server = grpc.server(threads, handlers=[handler])
        handler.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        try:
            yield handler
        finally:
            server.stop(grace=None).wait()
