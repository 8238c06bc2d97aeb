"""Ending and heartbeating activities from outside, by ids or by task token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import temporalio.api
import temporalio.common
import temporalio.converter
from temporalio.activity import ActivityCancellationDetails

from ._async_activity import AsyncActivityIDReference
from ._errors import AsyncActivityCancelledError
from ._payloads import encode
from ._start_calls import ClientCalls

if TYPE_CHECKING:
    from ._inputs import (
        CompleteAsyncActivityInput,
        FailAsyncActivityInput,
        HeartbeatAsyncActivityInput,
        ReportCancellationAsyncActivityInput,
    )

    AsyncActivityInput = (
        HeartbeatAsyncActivityInput
        | CompleteAsyncActivityInput
        | FailAsyncActivityInput
        | ReportCancellationAsyncActivityInput
    )

v1 = temporalio.api.workflowservice.v1


class ActivityCalls(ClientCalls):
    """The calls about activities that no worker ends."""

    async def heartbeat_async_activity(self, input: HeartbeatAsyncActivityInput) -> None:
        """Record a heartbeat; raise what the server wants of the activity."""
        service = self._client.workflow_service
        details = await encode(self._converter(input), input.details)
        answer = await self._by_id_or_token(
            input,
            (
                service.record_activity_task_heartbeat_by_id,
                v1.RecordActivityTaskHeartbeatByIdRequest,
            ),
            (service.record_activity_task_heartbeat, v1.RecordActivityTaskHeartbeatRequest),
            details=details,
        )
        if answer.cancel_requested or answer.activity_paused or answer.activity_reset:
            raise AsyncActivityCancelledError(
                ActivityCancellationDetails(
                    cancel_requested=answer.cancel_requested,
                    paused=answer.activity_paused,
                    reset=answer.activity_reset,
                )
            )

    async def complete_async_activity(self, input: CompleteAsyncActivityInput) -> None:
        """End an activity with a result, or without one."""
        service = self._client.workflow_service
        results = [] if input.result is temporalio.common._arg_unset else [input.result]
        await self._by_id_or_token(
            input,
            (
                service.respond_activity_task_completed_by_id,
                v1.RespondActivityTaskCompletedByIdRequest,
            ),
            (service.respond_activity_task_completed, v1.RespondActivityTaskCompletedRequest),
            result=await encode(self._converter(input), results),
        )

    async def fail_async_activity(self, input: FailAsyncActivityInput) -> None:
        """End an attempt of an activity with an error."""
        service = self._client.workflow_service
        converter = self._converter(input)
        failure = temporalio.api.failure.v1.Failure()
        await converter.encode_failure(input.error, failure)
        await self._by_id_or_token(
            input,
            (service.respond_activity_task_failed_by_id, v1.RespondActivityTaskFailedByIdRequest),
            (service.respond_activity_task_failed, v1.RespondActivityTaskFailedRequest),
            failure=failure,
            last_heartbeat_details=await encode(converter, input.last_heartbeat_details),
        )

    async def report_cancellation_async_activity(
        self, input: ReportCancellationAsyncActivityInput
    ) -> None:
        """End an activity as cancelled."""
        service = self._client.workflow_service
        await self._by_id_or_token(
            input,
            (
                service.respond_activity_task_canceled_by_id,
                v1.RespondActivityTaskCanceledByIdRequest,
            ),
            (service.respond_activity_task_canceled, v1.RespondActivityTaskCanceledRequest),
            details=await encode(self._converter(input), input.details),
        )

    def _converter(self, input: AsyncActivityInput) -> temporalio.converter.DataConverter:
        return input.data_converter_override or self._client.data_converter

    async def _by_id_or_token(
        self,
        input: AsyncActivityInput,
        by_id: tuple[Any, Any],
        by_token: tuple[Any, Any],
        **fields: Any,
    ) -> Any:
        """Make the one of two calls that fits what names the activity; each is (method, request)."""
        named: dict[str, Any]
        if isinstance(input.id_or_token, AsyncActivityIDReference):
            (method, request_type), reference = by_id, input.id_or_token
            named = {
                "workflow_id": reference.workflow_id or "",
                "run_id": reference.run_id or "",
                "activity_id": reference.activity_id,
            }
        else:
            method, request_type = by_token
            named = {"task_token": input.id_or_token}
        request = request_type(
            namespace=self._client.namespace, identity=self._client.identity, **named, **fields
        )
        return await method(
            request, retry=True, metadata=input.rpc_metadata, timeout=input.rpc_timeout
        )
