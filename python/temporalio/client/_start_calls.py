"""Starting a workflow, alone or together with its first signal."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import temporalio.api.common.v1
import temporalio.api.enums.v1
import temporalio.api.errordetails.v1
import temporalio.api.taskqueue.v1
import temporalio.api.workflowservice.v1
import temporalio.converter
from temporalio.converter import DataConverter
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from ._inputs import StartWorkflowInput
from ._interceptor import OutboundInterceptor
from ._payloads import encode, encode_memo, encode_user_metadata, fill_headers, workflow_converter

if TYPE_CHECKING:
    from ._client import Client
    from ._handle import WorkflowHandle

v1 = temporalio.api.workflowservice.v1


class ClientCalls(OutboundInterceptor):
    """What the calls of the innermost link have in common: the client, and nobody behind it."""

    def __init__(self, client: Client) -> None:
        """Make the calls of ``client``."""
        self._client = client


class StartCalls(ClientCalls):
    """The calls that start workflows."""

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        """Start a workflow, with a first signal if there is one."""
        try:
            if input.start_signal is None:
                return await self._start(input)
            return await self._signal_with_start(input, input.start_signal)
        except RPCError as error:
            already_started = _already_started(error, input)
            if already_started is None:
                raise
            raise already_started from error

    async def _start(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        converter = workflow_converter(self._client, input.id)
        request = v1.StartWorkflowExecutionRequest()
        await self._fill(request, input, converter)
        answer = await self._client.workflow_service.start_workflow_execution(
            request, retry=True, metadata=input.rpc_metadata, timeout=input.rpc_timeout
        )
        # Servers before 1.32 do not name the first run of an execution that was there before.
        first_run_id = answer.first_execution_run_id or answer.run_id
        return self._handle(input, answer, first_run_id)

    async def _signal_with_start(
        self, input: StartWorkflowInput, signal: str
    ) -> WorkflowHandle[Any, Any]:
        converter = workflow_converter(self._client, input.id)
        request = v1.SignalWithStartWorkflowExecutionRequest(
            signal_name=signal,
            signal_input=await encode(converter, input.start_signal_args),
        )
        await self._fill(request, input, converter)
        answer = await self._client.workflow_service.signal_with_start_workflow_execution(
            request, retry=True, metadata=input.rpc_metadata, timeout=input.rpc_timeout
        )
        started_run_id = answer.run_id if answer.started else None
        return self._handle(input, answer, answer.first_execution_run_id or started_run_id)

    def _handle(
        self,
        input: StartWorkflowInput,
        answer: v1.StartWorkflowExecutionResponse | v1.SignalWithStartWorkflowExecutionResponse,
        first_execution_run_id: str | None,
    ) -> WorkflowHandle[Any, Any]:
        from ._handle import WorkflowHandle

        handle: WorkflowHandle[Any, Any] = WorkflowHandle(
            self._client,
            input.id,
            result_run_id=answer.run_id,
            first_execution_run_id=first_execution_run_id,
            result_type=input.ret_type,
            start_workflow_response=answer,
        )
        # Test suites of users look at this name.
        setattr(handle, "__temporal_eagerly_started", False)
        return handle

    async def _fill(
        self,
        request: v1.StartWorkflowExecutionRequest | v1.SignalWithStartWorkflowExecutionRequest,
        input: StartWorkflowInput,
        converter: DataConverter,
    ) -> None:
        request.namespace = self._client.namespace
        request.identity = self._client.identity
        request.request_id = str(uuid.uuid4())
        request.workflow_id = input.id
        request.workflow_type.name = input.workflow
        request.task_queue.name = input.task_queue
        _fill_policies(request, input)
        _fill_durations(request, input)
        await fill_headers(self._client, input.headers, request.header.fields)
        for field, message in (
            ("input", await encode(converter, input.args)),
            ("memo", await encode_memo(converter, input.memo)),
            (
                "user_metadata",
                await encode_user_metadata(converter, input.static_summary, input.static_details),
            ),
            ("time_skipping_config", input.time_skipping_config),
        ):
            if message is not None:
                getattr(request, field).CopyFrom(message)


def _fill_policies(
    request: v1.StartWorkflowExecutionRequest | v1.SignalWithStartWorkflowExecutionRequest,
    input: StartWorkflowInput,
) -> None:
    enums = temporalio.api.enums.v1
    request.workflow_id_reuse_policy = enums.WorkflowIdReusePolicy.ValueType(input.id_reuse_policy)
    request.workflow_id_conflict_policy = enums.WorkflowIdConflictPolicy.ValueType(
        input.id_conflict_policy
    )
    request.cron_schedule = input.cron_schedule
    request.priority.CopyFrom(input.priority._to_proto())
    retry, versioning, attributes = (
        input.retry_policy,
        input.versioning_override,
        input.search_attributes,
    )
    if retry is not None:
        retry.apply_to_proto(request.retry_policy)
    if versioning is not None:
        request.versioning_override.CopyFrom(versioning._to_proto())
    if attributes is not None:
        temporalio.converter.encode_search_attributes(attributes, request.search_attributes)


def _fill_durations(
    request: v1.StartWorkflowExecutionRequest | v1.SignalWithStartWorkflowExecutionRequest,
    input: StartWorkflowInput,
) -> None:
    for duration, field in (
        (input.execution_timeout, request.workflow_execution_timeout),
        (input.run_timeout, request.workflow_run_timeout),
        (input.task_timeout, request.workflow_task_timeout),
        (input.start_delay, request.workflow_start_delay),
    ):
        if duration is not None:
            field.FromTimedelta(duration)


def _already_started(
    error: RPCError, input: StartWorkflowInput
) -> WorkflowAlreadyStartedError | None:
    if error.status != RPCStatusCode.ALREADY_EXISTS:
        return None
    for detail in error.grpc_status.details:
        running = temporalio.api.errordetails.v1.WorkflowExecutionAlreadyStartedFailure()
        if detail.Unpack(running):
            return WorkflowAlreadyStartedError(
                input.id,
                input.workflow,
                run_id=running.run_id,
                first_run_id=running.first_execution_run_id or None,
            )
    return None
