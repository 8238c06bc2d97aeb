"""Calls about one workflow of which no protobuf message is made in Python.

They are for a client whose calls nobody looks at or changes on their way: default converter, no
codec, no interceptor, a connection of ours. All others, and all calls when
``CALLBOARD_GENERAL_PATH=1``, go through the methods that can be replaced.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import temporalio.service
from temporalio.bridge._callboard import RawPayload, RpcFailure, StartAnswer, StartRequest, Values
from temporalio.converter import DataConverter
from temporalio.converter._values import values_of
from temporalio.service import WorkflowService
from temporalio.service._client import _ConnectedServiceClient, rpc_error

from ._handle import WorkflowHandle, event_of
from ._start_calls import StartCalls, has_rest, raise_if_already_started

if TYPE_CHECKING:
    from datetime import timedelta

    from ._client import Client
    from ._inputs import RpcMetadata, StartWorkflowInput

Answer = TypeVar("Answer")

# Classes are open: what the short way leaves out may be replaced by a user's.
_SHIPPED_START = WorkflowService.start_workflow_execution
_SHIPPED_GET_HISTORY = WorkflowService.get_workflow_execution_history
_SHIPPED_CALL = _ConnectedServiceClient._rpc_call


class ShortWay:
    """The calls of one client.

    Attributes:
        values: How its values become payloads and back.
    """

    def __init__(
        self, client: Client, calls: StartCalls, service: _ConnectedServiceClient, values: Values
    ) -> None:
        """Use the connection of ``service``."""
        self._client, self._calls, self._service, self.values = client, calls, service, values

    @property
    def is_open(self) -> bool:
        """Whether nothing was put in the way since the client was made."""
        service, calls = self._service, self._service.workflow_service
        return (
            not temporalio.service.LOG_PROTOS
            and type(calls) is WorkflowService
            and len(vars(calls)) == 1
            and "_rpc_call" not in vars(service)
            and _ConnectedServiceClient._rpc_call is _SHIPPED_CALL
            and WorkflowService.start_workflow_execution is _SHIPPED_START
            and WorkflowService.get_workflow_execution_history is _SHIPPED_GET_HISTORY
        )

    async def start(self, request: StartRequest, input: StartWorkflowInput) -> StartAnswer:
        """Start a workflow."""
        connection = self._service._connection or await self._service._connected()
        call = connection.start_workflow(
            request, metadata=input.rpc_metadata, timeout=_seconds(input.rpc_timeout)
        )
        return await _answer(call)

    async def execute(self, input: StartWorkflowInput) -> Any:
        """Start a workflow, and give its result, in one call of the extension."""
        connection = self._service._connection or await self._service._connected()
        calls = self._calls
        request = calls.request_with(
            input,
            self.values.to_payloads(input.args) if input.args else (),
            await calls.rest(input) if has_rest(input) else b"",
        )
        timeout = _seconds(input.rpc_timeout)
        try:
            end = await connection.execute_workflow(
                request, metadata=input.rpc_metadata, timeout=timeout
            )
        except RpcFailure as failure:
            error = rpc_error(failure)
            raise_if_already_started(error, input)
            raise error from None
        if isinstance(end, RawPayload):
            return self.value(end, input.ret_type)
        handle: WorkflowHandle[Any, Any] = WorkflowHandle(
            self._client, input.id, result_type=input.ret_type
        )
        return await handle._outcome(event_of(end), True, {}, None)

    async def close_event(
        self,
        workflow_id: str,
        run_id: str | None,
        rpc_metadata: RpcMetadata,
        rpc_timeout: timedelta | None,
    ) -> RawPayload | bytes:
        """Wait for the end of a run: its result if it is a plain one, or else the last event."""
        connection = self._service._connection or await self._service._connected()
        call = connection.close_event(
            namespace=self._client.namespace,
            workflow_id=workflow_id,
            run_id=run_id or "",
            metadata=rpc_metadata,
            timeout=_seconds(rpc_timeout),
        )
        return await _answer(call)

    def value(self, result: RawPayload, result_type: type | None) -> Any:
        """Decode a plain result."""
        return self.values.from_payloads([result], [result_type] if result_type else None)[0]


def short_way_of(client: Client, calls: StartCalls) -> ShortWay | None:
    """The short way of a client that has no interceptors, if the rest of it allows one.

    Args:
        client: The client.
        calls: The calls to the server that interceptors would be in front of.
    """
    converter, service = client.data_converter, client.service_client
    if (
        type(service) is not _ConnectedServiceClient
        or type(converter) is not DataConverter
        or converter.payload_codec is not None
    ):
        return None
    values = values_of(converter.payload_converter)
    return ShortWay(client, calls, service, values) if values.native else None


async def _answer(call: asyncio.Future[Answer]) -> Answer:
    try:
        return await call
    except RpcFailure as failure:
        raise rpc_error(failure) from None


def _seconds(timeout: timedelta | None) -> float | None:
    return timeout.total_seconds() if timeout else None
