"""Starting a workflow, alone or together with its first signal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import temporalio.api
import temporalio.converter
from temporalio.bridge._callboard import RawPayload, StartAnswer, StartRequest
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from ._interceptor import OutboundInterceptor
from ._payloads import encode_memo, encode_user_metadata, fill_headers, workflow_converter

if TYPE_CHECKING:
    from ._client import Client
    from ._handle import WorkflowHandle
    from ._inputs import StartWorkflowInput
    from ._short_way import ShortWay

v1 = temporalio.api.workflowservice.v1


class ClientCalls(OutboundInterceptor):
    """What the calls of the innermost link have in common: the client, and nobody behind it."""

    def __init__(self, client: Client) -> None:
        """Make the calls of ``client``."""
        self._client = client

    def _short_way(self) -> ShortWay | None:
        short_way = self._client._short_way
        return short_way if short_way is not None and short_way.is_open else None


class StartCalls(ClientCalls):
    """The calls that start workflows."""

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        """Start a workflow, with a first signal if there is one."""
        try:
            if input.start_signal is None:
                return await self._start(input)
            return await self._signal_with_start(input, input.start_signal)
        except RPCError as error:
            raise_if_already_started(error, input)
            raise

    async def _start(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        request = await self.request(input)
        answer: StartAnswer | v1.StartWorkflowExecutionResponse
        if (short_way := self._short_way()) is not None:
            answer = await short_way.start(request, input)
        else:
            answer = await self._client.workflow_service.start_workflow_execution(
                v1.StartWorkflowExecutionRequest.FromString(request.serialize()),
                retry=True,
                metadata=input.rpc_metadata,
                timeout=input.rpc_timeout,
            )
        # Servers before 1.32 do not name the first run of an execution that was there before.
        first_run_id = answer.first_execution_run_id or answer.run_id
        return self._handle(input, answer, first_run_id)

    async def _signal_with_start(
        self, input: StartWorkflowInput, signal: str
    ) -> WorkflowHandle[Any, Any]:
        request = await self.request(input)
        arguments = await self._payloads(input, input.start_signal_args)
        answer = await self._client.workflow_service.signal_with_start_workflow_execution(
            v1.SignalWithStartWorkflowExecutionRequest.FromString(
                request.serialize_with_signal(signal, arguments)
            ),
            retry=True,
            metadata=input.rpc_metadata,
            timeout=input.rpc_timeout,
        )
        started_run_id = answer.run_id if answer.started else None
        return self._handle(input, answer, answer.first_execution_run_id or started_run_id)

    def _handle(
        self,
        input: StartWorkflowInput,
        answer: StartAnswer
        | v1.StartWorkflowExecutionResponse
        | v1.SignalWithStartWorkflowExecutionResponse,
        first_execution_run_id: str | None,
    ) -> WorkflowHandle[Any, Any]:
        from ._handle import WorkflowHandle

        handle: WorkflowHandle[Any, Any] = WorkflowHandle(
            self._client,
            input.id,
            result_run_id=answer.run_id,
            first_execution_run_id=first_execution_run_id,
            result_type=input.ret_type,
        )
        handle._start_answer = answer
        # Test suites of users look at this name.
        setattr(handle, "__temporal_eagerly_started", _is_eager(answer))
        return handle

    async def request(self, input: StartWorkflowInput) -> StartRequest:
        """The request for the server, with its values converted."""
        arguments = await self._payloads(input, input.args)
        rest = await self.rest(input) if has_rest(input) else b""
        return self.request_with(input, arguments, rest)

    def request_with(
        self, input: StartWorkflowInput, arguments: Sequence[RawPayload | bytes], rest: bytes
    ) -> StartRequest:
        """The request for the server, of what was converted before."""
        priority = input.priority
        return StartRequest(
            self._client.namespace,
            self._client.identity,
            input.id,
            input.workflow,
            input.task_queue,
            arguments,
            input.id_reuse_policy,
            input.id_conflict_policy,
            input.cron_schedule,
            (
                priority.priority_key or 0,
                priority.fairness_key or "",
                priority.fairness_weight or 0.0,
            ),
            input.execution_timeout,
            input.run_timeout,
            input.task_timeout,
            input.start_delay,
            input.request_eager_start,
            rest,
        )

    async def _payloads(
        self, input: StartWorkflowInput, values: Sequence[Any]
    ) -> Sequence[RawPayload | bytes]:
        if not values:
            return ()
        if (short_way := self._short_way()) is not None:
            return short_way.values.to_payloads(values)
        converter = workflow_converter(self._client, input.id)
        return [payload.SerializeToString() for payload in await converter.encode(values)]

    async def rest(self, input: StartWorkflowInput) -> bytes:
        """The fields that few starts have, as a message."""
        converter = workflow_converter(self._client, input.id)
        rest = v1.StartWorkflowExecutionRequest(
            memo=await encode_memo(converter, input.memo),
            user_metadata=await encode_user_metadata(
                converter, input.static_summary, input.static_details
            ),
            time_skipping_config=input.time_skipping_config,
        )
        if input.retry_policy is not None:
            input.retry_policy.apply_to_proto(rest.retry_policy)
        if input.versioning_override is not None:
            rest.versioning_override.CopyFrom(input.versioning_override._to_proto())
        if input.search_attributes is not None:
            temporalio.converter.encode_search_attributes(
                input.search_attributes, rest.search_attributes
            )
        await fill_headers(self._client, input.headers, rest.header.fields)
        return rest.SerializeToString()


def has_rest(input: StartWorkflowInput) -> bool:
    """Whether a start has any of the fields that few have."""
    return (
        bool(input.headers)
        or input.retry_policy is not None
        or input.memo is not None
        or input.search_attributes is not None
        or input.static_summary is not None
        or input.static_details is not None
        or input.versioning_override is not None
        or input.time_skipping_config is not None
    )


def _is_eager(
    answer: StartAnswer
    | v1.StartWorkflowExecutionResponse
    | v1.SignalWithStartWorkflowExecutionResponse,
) -> bool:
    if isinstance(answer, StartAnswer):
        return answer.eagerly_started
    if isinstance(answer, v1.StartWorkflowExecutionResponse):
        return answer.HasField("eager_workflow_task")
    return False


def raise_if_already_started(error: RPCError, input: StartWorkflowInput) -> None:
    """Raise the error that says so, if the server has refused a start for that reason.

    Raises:
        WorkflowAlreadyStartedError: A workflow with this id is there.
    """
    if error.status != RPCStatusCode.ALREADY_EXISTS:
        return
    for detail in error.grpc_status.details:
        running = temporalio.api.errordetails.v1.WorkflowExecutionAlreadyStartedFailure()
        if detail.Unpack(running):
            raise WorkflowAlreadyStartedError(
                input.id,
                input.workflow,
                run_id=running.run_id,
                first_run_id=running.first_execution_run_id or None,
            ) from error
