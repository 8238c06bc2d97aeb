"""Sending an update until the server has made it durable."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import temporalio.api

from ._payloads import encode, fill_headers, workflow_converter
from ._start_calls import ClientCalls
from ._updates import (
    WorkflowUpdateHandle,
    WorkflowUpdateStage,
    stage_reached,
    wait_for,
    waiting_for_update,
)

if TYPE_CHECKING:
    from ._inputs import StartWorkflowUpdateInput


class UpdateCalls(ClientCalls):
    """The call that sends updates."""

    async def start_workflow_update(
        self, input: StartWorkflowUpdateInput
    ) -> WorkflowUpdateHandle[Any]:
        """Send an update; return when it is accepted, or ended if that is asked for."""
        request = await self._update_request(input)
        while True:
            # The server answers early when no worker takes the update: then it is sent again,
            # under the same id.
            answer = await waiting_for_update(
                self._client.workflow_service.update_workflow_execution(
                    request, retry=True, metadata=input.rpc_metadata, timeout=input.rpc_timeout
                )
            )
            if stage_reached(answer.stage):
                break
        handle: WorkflowUpdateHandle[Any] = WorkflowUpdateHandle(
            self._client,
            request.request.meta.update_id,
            input.id,
            workflow_run_id=answer.update_ref.workflow_execution.run_id,
            result_type=input.ret_type,
            known_outcome=answer.outcome if answer.HasField("outcome") else None,
        )
        if input.wait_for_stage == WorkflowUpdateStage.COMPLETED:
            await handle._outcome(input.rpc_metadata, input.rpc_timeout)
        return handle

    async def _update_request(
        self, input: StartWorkflowUpdateInput
    ) -> temporalio.api.workflowservice.v1.UpdateWorkflowExecutionRequest:
        arguments = await encode(workflow_converter(self._client, input.id), input.args)
        request = temporalio.api.workflowservice.v1.UpdateWorkflowExecutionRequest(
            namespace=self._client.namespace,
            workflow_execution=temporalio.api.common.v1.WorkflowExecution(
                workflow_id=input.id, run_id=input.run_id or ""
            ),
            first_execution_run_id=input.first_execution_run_id or "",
            wait_policy=wait_for(input.wait_for_stage),
            request=temporalio.api.update.v1.Request(
                meta=temporalio.api.update.v1.Meta(
                    update_id=input.update_id or str(uuid.uuid4()), identity=self._client.identity
                ),
                input=temporalio.api.update.v1.Input(name=input.update, args=arguments),
            ),
        )
        await fill_headers(self._client, input.headers, request.request.input.header.fields)
        return request
