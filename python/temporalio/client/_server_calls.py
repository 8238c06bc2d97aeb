"""The innermost link of the chain: each call as a request to the server."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import temporalio.api
import temporalio.converter
from temporalio.service import RPCError, RPCStatusCode

from ._activity_calls import ActivityCalls
from ._errors import WorkflowQueryFailedError, WorkflowQueryRejectedError
from ._execution import (
    WorkflowExecutionAsyncIterator,
    WorkflowExecutionCount,
    WorkflowExecutionCountAggregationGroup,
    WorkflowExecutionDescription,
    status_of,
)
from ._history import WorkflowHistoryEventAsyncIterator
from ._payloads import decode_single, encode, fill_headers, workflow_converter
from ._start_calls import StartCalls
from ._update_calls import UpdateCalls

if TYPE_CHECKING:
    from ._inputs import (
        CancelWorkflowInput,
        CountWorkflowsInput,
        DescribeWorkflowInput,
        FetchWorkflowHistoryEventsInput,
        ListWorkflowsInput,
        QueryWorkflowInput,
        SignalWorkflowInput,
        TerminateWorkflowInput,
    )

v1 = temporalio.api.workflowservice.v1


class ServerCalls(StartCalls, UpdateCalls, ActivityCalls):
    """Makes every call of a client with the service it is connected to."""

    async def cancel_workflow(self, input: CancelWorkflowInput) -> None:
        """Request cancellation of a workflow."""
        request = v1.RequestCancelWorkflowExecutionRequest(
            namespace=self._client.namespace,
            identity=self._client.identity,
            request_id=str(uuid.uuid4()),
            workflow_execution=_execution(input.id, input.run_id),
            first_execution_run_id=input.first_execution_run_id or "",
            reason=input.reason,
        )
        await self._client.workflow_service.request_cancel_workflow_execution(
            request, retry=True, metadata=input.rpc_metadata, timeout=input.rpc_timeout
        )

    async def terminate_workflow(self, input: TerminateWorkflowInput) -> None:
        """Terminate a workflow."""
        converter = workflow_converter(self._client, input.id)
        request = v1.TerminateWorkflowExecutionRequest(
            namespace=self._client.namespace,
            identity=self._client.identity,
            workflow_execution=_execution(input.id, input.run_id),
            first_execution_run_id=input.first_execution_run_id or "",
            reason=input.reason or "",
            details=await encode(converter, input.args),
        )
        await self._client.workflow_service.terminate_workflow_execution(
            request, retry=True, metadata=input.rpc_metadata, timeout=input.rpc_timeout
        )

    async def signal_workflow(self, input: SignalWorkflowInput) -> None:
        """Signal a workflow."""
        converter = workflow_converter(self._client, input.id)
        request = v1.SignalWorkflowExecutionRequest(
            namespace=self._client.namespace,
            identity=self._client.identity,
            request_id=str(uuid.uuid4()),
            workflow_execution=_execution(input.id, input.run_id),
            signal_name=input.signal,
            input=await encode(converter, input.args),
        )
        await fill_headers(self._client, input.headers, request.header.fields)
        await self._client.workflow_service.signal_workflow_execution(
            request, retry=True, metadata=input.rpc_metadata, timeout=input.rpc_timeout
        )

    async def query_workflow(self, input: QueryWorkflowInput) -> Any:
        """Query a workflow and decode the answer."""
        converter = workflow_converter(self._client, input.id)
        request = v1.QueryWorkflowRequest(
            namespace=self._client.namespace,
            execution=_execution(input.id, input.run_id),
            query=temporalio.api.query.v1.WorkflowQuery(
                query_type=input.query, query_args=await encode(converter, input.args)
            ),
            query_reject_condition=temporalio.api.enums.v1.QueryRejectCondition.ValueType(
                input.reject_condition or 0
            ),
        )
        await fill_headers(self._client, input.headers, request.query.header.fields)
        try:
            answer = await self._client.workflow_service.query_workflow(
                request, retry=True, metadata=input.rpc_metadata, timeout=input.rpc_timeout
            )
        except RPCError as error:
            # The server has no other way to say that the worker answered with a failure.
            if error.status == RPCStatusCode.INVALID_ARGUMENT:
                # No cause: it would say the same, and `cause` is None in the official package.
                raise WorkflowQueryFailedError(error.message)  # noqa: B904
            raise
        if answer.HasField("query_rejected"):
            raise WorkflowQueryRejectedError(status_of(answer.query_rejected.status))
        return await decode_single(
            converter, answer.query_result.payloads, input.ret_type, "query result"
        )

    async def describe_workflow(self, input: DescribeWorkflowInput) -> WorkflowExecutionDescription:
        """Ask for the state of a workflow."""
        request = v1.DescribeWorkflowExecutionRequest(
            namespace=self._client.namespace, execution=_execution(input.id, input.run_id)
        )
        answer = await self._client.workflow_service.describe_workflow_execution(
            request, retry=True, metadata=input.rpc_metadata, timeout=input.rpc_timeout
        )
        return WorkflowExecutionDescription._from_raw_info(
            answer.workflow_execution_info,
            self._client.namespace,
            self._client.data_converter,
            raw_description=answer,
        )

    def fetch_workflow_history_events(
        self, input: FetchWorkflowHistoryEventsInput
    ) -> WorkflowHistoryEventAsyncIterator:
        """Prepare to read a history; the first call is made by the first iteration."""
        return WorkflowHistoryEventAsyncIterator(self._client, input)

    def list_workflows(self, input: ListWorkflowsInput) -> WorkflowExecutionAsyncIterator:
        """Prepare to search; the first call is made by the first iteration."""
        return WorkflowExecutionAsyncIterator(self._client, input)

    async def count_workflows(self, input: CountWorkflowsInput) -> WorkflowExecutionCount:
        """Count workflows."""
        request = v1.CountWorkflowExecutionsRequest(
            namespace=self._client.namespace, query=input.query or ""
        )
        answer = await self._client.workflow_service.count_workflow_executions(
            request, retry=True, metadata=input.rpc_metadata, timeout=input.rpc_timeout
        )
        return WorkflowExecutionCount(
            count=answer.count, groups=[_group(group) for group in answer.groups]
        )


def _group(
    group: temporalio.api.workflowservice.v1.CountWorkflowExecutionsResponse.AggregationGroup,
) -> WorkflowExecutionCountAggregationGroup:
    converter = temporalio.converter.PayloadConverter.default
    values = [converter.from_payloads([value])[0] for value in group.group_values]
    return WorkflowExecutionCountAggregationGroup(count=group.count, group_values=values)


def _execution(workflow_id: str, run_id: str | None) -> temporalio.api.common.v1.WorkflowExecution:
    return temporalio.api.common.v1.WorkflowExecution(workflow_id=workflow_id, run_id=run_id or "")
