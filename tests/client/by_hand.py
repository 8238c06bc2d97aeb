"""A worker without a runtime: the test says what each workflow task is answered with.

So the tests of the client hold without our worker, and reach states that no worker shows.
"""

from __future__ import annotations

import asyncio
from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

import temporalio.api.command.v1
import temporalio.api.common.v1
import temporalio.api.enums.v1
import temporalio.api.failure.v1
import temporalio.api.protocol.v1
import temporalio.api.taskqueue.v1
import temporalio.api.update.v1
import temporalio.api.workflowservice.v1
from temporalio.client import Client
from temporalio.converter import PayloadConverter

v1 = temporalio.api.workflowservice.v1
Command = temporalio.api.command.v1.Command
CommandType = temporalio.api.enums.v1.CommandType
Task = v1.PollWorkflowTaskQueueResponse


def payloads(*values: Any) -> temporalio.api.common.v1.Payloads:
    """Values as the default converter writes them."""
    return PayloadConverter.default.to_payloads_wrapper(values)


def completed(*values: Any) -> Command:
    """The workflow ends with a result."""
    command = Command(command_type=CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION)
    command.complete_workflow_execution_command_attributes.result.CopyFrom(payloads(*values))
    return command


def failed(message: str, error_type: str) -> Command:
    """The workflow ends with an application failure."""
    command = Command(command_type=CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION)
    failure = command.fail_workflow_execution_command_attributes.failure
    failure.message = message
    failure.application_failure_info.type = error_type
    return command


def cancelled(*details: Any) -> Command:
    """The workflow ends as cancelled."""
    command = Command(command_type=CommandType.COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION)
    attributes = command.cancel_workflow_execution_command_attributes
    attributes.details.CopyFrom(payloads(*details))
    return command


def continued_as_new(workflow_type: str, task_queue: str) -> Command:
    """The workflow goes on in a new run."""
    command = Command(command_type=CommandType.COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION)
    attributes = command.continue_as_new_workflow_execution_command_attributes
    attributes.workflow_type.name = workflow_type
    attributes.task_queue.name = task_queue
    return command


class HandWorker:
    """Takes the tasks of one task queue, one by one."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self.client = client
        self.task_queue = task_queue

    async def take(self) -> Task:
        """The next workflow task, or one that holds a query."""
        request = v1.PollWorkflowTaskQueueRequest(
            namespace=self.client.namespace,
            task_queue=temporalio.api.taskqueue.v1.TaskQueue(name=self.task_queue),
            identity="by-hand",
        )
        task = await asyncio.wait_for(
            self.client.workflow_service.poll_workflow_task_queue(request, retry=True), 30
        )
        assert task.task_token, "the poll ended without a task"
        return task

    async def answer(self, *commands: Command) -> Task:
        """Take a task and answer it with commands; return it."""
        task = await self.take()
        await self.respond(task, *commands)
        return task

    async def respond(
        self, task: Task, *commands: Command, messages: tuple[Message, ...] = ()
    ) -> None:
        """Answer a task with commands, and with the messages of updates."""
        [request] = task.messages or [temporalio.api.protocol.v1.Message()]
        sent = []
        for number, body in enumerate(messages):
            packed = AnyMessage()
            packed.Pack(body)
            sent.append(
                temporalio.api.protocol.v1.Message(
                    id=f"{request.id}/{number}",
                    protocol_instance_id=request.protocol_instance_id,
                    body=packed,
                )
            )
        await self.client.workflow_service.respond_workflow_task_completed(
            v1.RespondWorkflowTaskCompletedRequest(
                namespace=self.client.namespace,
                task_token=task.task_token,
                identity="by-hand",
                commands=[
                    *commands,
                    *(_carrier(message.id) for message in sent if not _is_rejection(message)),
                ],
                messages=sent,
            )
        )

    async def answer_query(self, result: Any = None, *, error: str | None = None) -> Task:
        """Take a task that holds a query and answer that."""
        task = await self.take()
        assert task.HasField("query"), "the task holds no query"
        answered = temporalio.api.enums.v1.QueryResultType.QUERY_RESULT_TYPE_ANSWERED
        refused = temporalio.api.enums.v1.QueryResultType.QUERY_RESULT_TYPE_FAILED
        await self.client.workflow_service.respond_query_task_completed(
            v1.RespondQueryTaskCompletedRequest(
                namespace=self.client.namespace,
                task_token=task.task_token,
                completed_type=answered if error is None else refused,
                query_result=payloads(result) if error is None else None,
                error_message=error or "",
            )
        )
        return task

    async def take_update(self) -> tuple[Task, temporalio.api.update.v1.Request]:
        """Take a task that brings an update, and the update."""
        task = await self.take()
        [message] = task.messages
        request = temporalio.api.update.v1.Request()
        assert message.body.Unpack(request)
        return task, request


def acceptance(task: Task) -> temporalio.api.update.v1.Acceptance:
    """The update that the task brings is accepted."""
    [message] = task.messages
    return temporalio.api.update.v1.Acceptance(
        accepted_request_message_id=message.id,
        accepted_request_sequencing_event_id=message.event_id,
    )


def outcome(update_id: str, result: Any) -> temporalio.api.update.v1.Response:
    """The update ends with a result."""
    return temporalio.api.update.v1.Response(
        meta=temporalio.api.update.v1.Meta(update_id=update_id),
        outcome=temporalio.api.update.v1.Outcome(success=payloads(result)),
    )


def rejection(task: Task, reason: str) -> temporalio.api.update.v1.Rejection:
    """The update that the task brings is rejected."""
    [message] = task.messages
    request = temporalio.api.update.v1.Request()
    assert message.body.Unpack(request)
    failure = temporalio.api.failure.v1.Failure(message=reason)
    failure.application_failure_info.type = "Rejected"
    return temporalio.api.update.v1.Rejection(
        rejected_request_message_id=message.id,
        rejected_request_sequencing_event_id=message.event_id,
        rejected_request=request,
        failure=failure,
    )


def _carrier(message_id: str) -> Command:
    command = Command(command_type=CommandType.COMMAND_TYPE_PROTOCOL_MESSAGE)
    command.protocol_message_command_attributes.message_id = message_id
    return command


def _is_rejection(message: temporalio.api.protocol.v1.Message) -> bool:
    return message.body.Is(temporalio.api.update.v1.Rejection.DESCRIPTOR)


def activity_scheduled(activity_id: str, task_queue: str, heartbeat_seconds: int = 30) -> Command:
    """The workflow schedules an activity that no retry follows."""
    command = Command(command_type=CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK)
    attributes = command.schedule_activity_task_command_attributes
    attributes.activity_id = activity_id
    attributes.activity_type.name = "Any"
    attributes.task_queue.name = task_queue
    attributes.start_to_close_timeout.FromSeconds(60)
    attributes.heartbeat_timeout.FromSeconds(heartbeat_seconds)
    attributes.retry_policy.maximum_attempts = 1
    return command


def activity_cancelled(scheduled_event_id: int) -> Command:
    """The workflow requests cancellation of an activity."""
    command = Command(command_type=CommandType.COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK)
    attributes = command.request_cancel_activity_task_command_attributes
    attributes.scheduled_event_id = scheduled_event_id
    return command
