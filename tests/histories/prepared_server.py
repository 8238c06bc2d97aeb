"""A Temporal server that hands out the workflow tasks it is given, and nothing else.

With it a test decides what a worker sees, down to the event; a real server would not do as told.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import grpc
import grpc.aio

from temporalio.api.workflowservice.v1 import (
    GetSystemInfoResponse,
    PollWorkflowTaskQueueResponse,
    RespondQueryTaskCompletedRequest,
    RespondWorkflowTaskCompletedRequest,
    RespondWorkflowTaskFailedRequest,
    request_response_pb2,
)

Answer: TypeAlias = (
    "RespondWorkflowTaskCompletedRequest"
    " | RespondWorkflowTaskFailedRequest"
    " | RespondQueryTaskCompletedRequest"
)

ANSWERS = (
    "RespondWorkflowTaskCompleted",
    "RespondWorkflowTaskFailed",
    "RespondQueryTaskCompleted",
)
POLL_SECONDS = 60.0


@dataclass
class PreparedServer(grpc.GenericRpcHandler):
    """Answers polls with the tasks given to it, and hands the worker's answers back."""

    keeps_flags: bool = True
    target_host: str = ""
    tasks: asyncio.Queue[PollWorkflowTaskQueueResponse] = field(default_factory=asyncio.Queue)
    waiting: dict[bytes, asyncio.Future[tuple[Answer, asyncio.Future[int]]]] = field(
        default_factory=dict
    )
    is_closing: bool = False

    async def give(self, task: PollWorkflowTaskQueueResponse) -> tuple[Answer, asyncio.Future[int]]:
        """Give the worker a task.

        Returns:
            What the worker answers, and a future for the server's reply to it: the started event
            to which the run is reset, or 0 if the answer is accepted.
        """
        answered = asyncio.get_running_loop().create_future()
        self.waiting[task.task_token] = answered
        await self.tasks.put(task)
        return await answered

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """Handle any method: the tasks' ones as above, others with an empty message."""
        name = handler_call_details.method.rpartition("/")[2]
        response_type = getattr(request_response_pb2, f"{name}Response")

        async def handle(request: Any, context: Any) -> Any:
            response = response_type()
            if name == "GetSystemInfo":
                self.describe(response)
            elif name == "PollWorkflowTaskQueue":
                await self.poll(response)
            elif name.startswith("Poll") and not self.is_closing:
                await asyncio.sleep(POLL_SECONDS)
            elif name in ANSWERS and request.task_token in self.waiting:
                reply: asyncio.Future[int] = asyncio.get_running_loop().create_future()
                self.waiting.pop(request.task_token).set_result((request, reply))
                reset_to = await reply
                if reset_to:
                    response.reset_history_event_id = reset_to
            return response

        return grpc.unary_unary_rpc_method_handler(
            handle,
            request_deserializer=getattr(request_response_pb2, f"{name}Request").FromString,
            response_serializer=response_type.SerializeToString,
        )

    def describe(self, response: GetSystemInfoResponse) -> None:
        """Say what this server can do."""
        response.capabilities.sdk_metadata = self.keeps_flags
        response.capabilities.encoded_failure_attributes = True
        response.capabilities.build_id_based_versioning = True
        response.capabilities.upsert_memo = True

    async def close(self) -> None:
        """Let the worker's polls end, so that it can shut down."""
        self.is_closing = True
        for _ in range(32):
            await self.tasks.put(PollWorkflowTaskQueueResponse())

    async def poll(self, response: PollWorkflowTaskQueueResponse) -> None:
        """Fill in the next task; leave the response empty if there is none for long."""
        try:
            wait = 0 if self.is_closing else POLL_SECONDS
            response.CopyFrom(await asyncio.wait_for(self.tasks.get(), wait))
        except asyncio.TimeoutError:
            return


@asynccontextmanager
async def prepared_server(keeps_flags: bool = True) -> AsyncIterator[PreparedServer]:
    """Serve on a free port until the block ends."""
    prepared = PreparedServer(keeps_flags=keeps_flags)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((prepared,))
    prepared.target_host = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        yield prepared
    finally:
        await server.stop(0)
