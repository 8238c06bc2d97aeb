"""Updates that were sent, and the wait for their results."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import temporalio.api
from temporalio.service import RPCError, RPCStatusCode
from temporalio.types import LocalReturnType

from ._errors import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from ._payloads import decode_single, workflow_converter

if TYPE_CHECKING:
    from ._client import Client

Answer = TypeVar("Answer")

_ENDED_EARLY = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)


class WorkflowUpdateStage(IntEnum):
    """How far an update should be before the call that sends it returns."""

    ADMITTED = 1
    ACCEPTED = 2
    COMPLETED = 3


class WorkflowUpdateHandle(Generic[LocalReturnType]):
    """An update of a workflow, whose result can be awaited.

    :py:meth:`WorkflowHandle.start_update` and :py:meth:`WorkflowHandle.get_update_handle` make
    these.

    Args:
        client: Client to ask with.
        id: Update id.
        workflow_id: Id of the updated workflow.
        workflow_run_id: Run that was updated, if known.
        result_type: Type to decode the result into, if known.
        known_outcome: The outcome, if the server has told it already.
    """

    def __init__(
        self,
        client: Client,
        id: str,
        workflow_id: str,
        *,
        workflow_run_id: str | None = None,
        result_type: type | None = None,
        known_outcome: temporalio.api.update.v1.Outcome | None = None,
    ) -> None:
        """Keep what names the update."""
        self._client, self._id = client, id
        self._workflow_id, self._workflow_run_id = workflow_id, workflow_run_id
        self._result_type = result_type
        self._known_outcome = known_outcome

    @property
    def id(self) -> str:
        """Update id."""
        return self._id

    @property
    def workflow_id(self) -> str:
        """Id of the updated workflow."""
        return self._workflow_id

    @property
    def workflow_run_id(self) -> str | None:
        """Run that was updated; None when the handle was made without one."""
        return self._workflow_run_id

    async def result(
        self, *, rpc_metadata: Mapping[str, str | bytes] = {}, rpc_timeout: timedelta | None = None
    ) -> LocalReturnType:
        """Wait for the update's result. Once it is known, no further call is made.

        Args:
            rpc_metadata: Headers of each call.
            rpc_timeout: Deadline of each call. The first call that reaches it ends the wait.

        Raises:
            WorkflowUpdateFailedError: The validator rejected the update or its handler failed.
            WorkflowUpdateRPCTimeoutOrCancelledError: The wait timed out or was cancelled; the
                update goes on.
            temporalio.service.RPCError: The server does not know the update or cannot be asked.
        """
        outcome = await self._outcome(rpc_metadata, rpc_timeout)
        converter = workflow_converter(self._client, self._workflow_id)
        if outcome.HasField("failure"):
            raise WorkflowUpdateFailedError(await converter.decode_failure(outcome.failure))
        result = await decode_single(
            converter, outcome.success.payloads, self._result_type, "update result"
        )
        return cast(LocalReturnType, result)

    async def _outcome(
        self, rpc_metadata: Mapping[str, str | bytes] = {}, rpc_timeout: timedelta | None = None
    ) -> temporalio.api.update.v1.Outcome:
        request = self._poll_request()
        while self._known_outcome is None:
            answer = await waiting_for_update(
                self._client.workflow_service.poll_workflow_execution_update(
                    request, retry=True, metadata=rpc_metadata, timeout=rpc_timeout
                )
            )
            if answer.HasField("outcome"):
                self._known_outcome = answer.outcome
        return self._known_outcome

    def _poll_request(
        self,
    ) -> temporalio.api.workflowservice.v1.PollWorkflowExecutionUpdateRequest:
        return temporalio.api.workflowservice.v1.PollWorkflowExecutionUpdateRequest(
            namespace=self._client.namespace,
            identity=self._client.identity,
            update_ref=temporalio.api.update.v1.UpdateRef(
                workflow_execution=temporalio.api.common.v1.WorkflowExecution(
                    workflow_id=self._workflow_id, run_id=self._workflow_run_id or ""
                ),
                update_id=self._id,
            ),
            wait_policy=wait_for(WorkflowUpdateStage.COMPLETED),
        )


def wait_for(stage: WorkflowUpdateStage) -> temporalio.api.update.v1.WaitPolicy:
    """Ask the server to answer at ``stage``."""
    number = temporalio.api.enums.v1.UpdateWorkflowExecutionLifecycleStage.ValueType(stage)
    return temporalio.api.update.v1.WaitPolicy(lifecycle_stage=number)


async def waiting_for_update(call: Awaitable[Answer]) -> Answer:
    """Await a call that waits for an update, and give its early ends their one error.

    Cancelling the task that waits counts as such an end, too: the update is out of its reach.
    """
    try:
        return await call
    except RPCError as error:
        if error.status in _ENDED_EARLY:
            raise WorkflowUpdateRPCTimeoutOrCancelledError() from error
        raise
    except asyncio.CancelledError as error:
        raise WorkflowUpdateRPCTimeoutOrCancelledError() from error


def stage_reached(number: int) -> bool:
    """Whether an update that has come this far is durable."""
    return number >= WorkflowUpdateStage.ACCEPTED
