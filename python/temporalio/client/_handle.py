"""One workflow, seen from a client."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, Union, cast

import temporalio.api
import temporalio.client
from temporalio.bridge._callboard import RawPayload, StartAnswer
from temporalio.types import ReturnType, SelfType

from ._close_event import read_close_event
from ._errors import WorkflowContinuedAsNewError, WorkflowFailureError
from ._execution import WorkflowExecutionDescription
from ._history import (
    WorkflowHistory,
    WorkflowHistoryEventAsyncIterator,
    WorkflowHistoryEventFilterType,
)
from ._messages import WorkflowMessages
from ._payloads import decode_single, workflow_converter

if TYPE_CHECKING:
    from ._client import Client
    from ._inputs import RpcMetadata

StartMessage: TypeAlias = Union[
    "temporalio.api.workflowservice.v1.StartWorkflowExecutionResponse",
    "temporalio.api.workflowservice.v1.SignalWithStartWorkflowExecutionResponse",
]


def event_of(end: RawPayload | bytes) -> RawPayload | temporalio.api.history.v1.HistoryEvent:
    """Read the event that ended a run, where there is no plain result in its place."""
    if isinstance(end, RawPayload):
        return end
    return temporalio.api.history.v1.HistoryEvent.FromString(end)


class WorkflowHandle(WorkflowMessages[SelfType], Generic[SelfType, ReturnType]):
    """One workflow, to be awaited, asked and told.

    :py:meth:`Client.start_workflow` and :py:meth:`Client.get_workflow_handle` make these.

    Calls address the workflow id. Which run of it they reach depends on the ids that the handle
    has: with a ``run_id`` exactly that run. A handle from a start has none, so that its calls
    reach the successors of the run it started; for its cancel and terminate
    ``first_execution_run_id`` makes sure that these are no strangers under the same workflow id.

    Args:
        client: Client to call with.
        id: Workflow id.
        run_id: Run that calls are meant for.
        result_run_id: Run from which the wait for a result sets out.
        first_execution_run_id: First run of the chain that is cancelled or terminated.
        result_type: Type to decode the result into, if known.
        start_workflow_response: The answer of the server that started the workflow.
    """

    def __init__(
        self,
        client: Client,
        id: str,
        *,
        run_id: str | None = None,
        result_run_id: str | None = None,
        first_execution_run_id: str | None = None,
        result_type: type | None = None,
        start_workflow_response: StartMessage | None = None,
    ) -> None:
        """Keep what names the workflow."""
        self._client, self._id, self._run_id = client, id, run_id
        self._first_execution_run_id = first_execution_run_id
        self._result_run_id, self._result_type = result_run_id, result_type
        self._start_answer: StartAnswer | StartMessage | None = start_workflow_response

    @property
    def id(self) -> str:
        """Workflow id."""
        return self._id

    @property
    def run_id(self) -> str | None:
        """Run that calls are meant for; None, also after a start, means the latest run."""
        return self._run_id

    @property
    def result_run_id(self) -> str | None:
        """Run from which :py:meth:`result` sets out; after a start, the started run."""
        return self._result_run_id

    @property
    def first_execution_run_id(self) -> str | None:
        """First run of the chain that :py:meth:`cancel` and :py:meth:`terminate` may touch.

        A server before 1.32 leaves it unset when signal-with-start meets a running workflow.
        """
        return self._first_execution_run_id

    @property
    def _start_workflow_response(self) -> StartMessage | None:
        if isinstance(self._start_answer, StartAnswer):
            message = temporalio.api.workflowservice.v1.StartWorkflowExecutionResponse
            self._start_answer = message.FromString(self._start_answer.serialize())
        return self._start_answer

    async def result(
        self,
        *,
        follow_runs: bool = True,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> ReturnType:
        """Wait until the workflow ends, and return its result.

        Args:
            follow_runs: Whether to go on with the run that succeeds a run by continue-as-new,
                retry or cron schedule. Otherwise the first run decides.
            rpc_metadata: Headers of each call.
            rpc_timeout: Deadline of each call, of which a long wait makes several.

        Raises:
            WorkflowFailureError: The workflow failed, was cancelled or terminated, or timed out;
                see its cause.
            WorkflowContinuedAsNewError: The run continued as new, and ``follow_runs`` is off.
            temporalio.service.RPCError: The server does not know the workflow, or cannot be asked.
        """
        end = await self._end(self._result_run_id, rpc_metadata, rpc_timeout)
        return await self._outcome(end, follow_runs, rpc_metadata, rpc_timeout)

    async def _outcome(
        self,
        end: RawPayload | temporalio.api.history.v1.HistoryEvent,
        follow_runs: bool,
        rpc_metadata: RpcMetadata,
        rpc_timeout: timedelta | None,
    ) -> ReturnType:
        """Give the result of a run that ended, or of those that succeed it."""
        while not isinstance(end, RawPayload):
            converter = workflow_converter(self._client, self._id)
            run = await read_close_event(end, converter)
            if follow_runs and run.new_run_id:
                end = await self._end(run.new_run_id, rpc_metadata, rpc_timeout)
            elif run.continued_as_new:
                raise WorkflowContinuedAsNewError(run.new_run_id)
            elif run.failure is not None:
                raise WorkflowFailureError(cause=run.failure)
            else:
                result = await decode_single(converter, run.result, self._result_type, "result")
                return cast(ReturnType, result)
        short_way = self._client._short_way
        assert short_way is not None, "only the short way gives payloads"
        return cast(ReturnType, short_way.value(end, self._result_type))

    async def _end(
        self, run_id: str | None, rpc_metadata: RpcMetadata, rpc_timeout: timedelta | None
    ) -> RawPayload | temporalio.api.history.v1.HistoryEvent:
        """Wait for the end of a run: its result if it is a plain one, or else the last event."""
        short_way = self._client._short_way
        if short_way is None or not short_way.is_open:
            return await self._close_event(run_id, rpc_metadata, rpc_timeout)
        end = await short_way.close_event(self._id, run_id, rpc_metadata, rpc_timeout)
        return event_of(end)

    async def _close_event(
        self, run_id: str | None, rpc_metadata: RpcMetadata, rpc_timeout: timedelta | None
    ) -> temporalio.api.history.v1.HistoryEvent:
        events = self._events_of(
            run_id,
            wait_new_event=True,
            event_filter_type=WorkflowHistoryEventFilterType.CLOSE_EVENT,
            skip_archival=True,
            rpc_metadata=rpc_metadata,
            rpc_timeout=rpc_timeout,
        )
        async for event in events:
            return event
        raise RuntimeError(
            f"the server sent no close event for workflow {self._id!r}, run {run_id or 'latest'}"
        )

    async def cancel(
        self,
        *,
        reason: str = "",
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> None:
        """Ask the workflow to cancel itself. It may take its time, or decline.

        Args:
            reason: Text for the history, which the workflow can read.
            rpc_metadata: Headers of the call.
            rpc_timeout: Deadline of the call.

        Raises:
            temporalio.service.RPCError: The workflow is unknown or has ended, or the server
                cannot be asked.
        """
        await self._client._impl.cancel_workflow(
            temporalio.client.CancelWorkflowInput(
                self._id,
                self._run_id,
                self._first_execution_run_id,
                reason,
                rpc_metadata,
                rpc_timeout,
            )
        )

    async def terminate(
        self,
        *args: Any,
        reason: str | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> None:
        """End the workflow at once, without its knowledge.

        Args:
            args: Details for the history.
            reason: Text for the history.
            rpc_metadata: Headers of the call.
            rpc_timeout: Deadline of the call.

        Raises:
            temporalio.service.RPCError: The workflow is unknown or has ended, or the server
                cannot be asked.
        """
        await self._client._impl.terminate_workflow(
            temporalio.client.TerminateWorkflowInput(
                self._id,
                self._run_id,
                self._first_execution_run_id,
                args,
                reason,
                rpc_metadata,
                rpc_timeout,
            )
        )

    async def describe(
        self, *, rpc_metadata: Mapping[str, str | bytes] = {}, rpc_timeout: timedelta | None = None
    ) -> WorkflowExecutionDescription:
        """Ask where the workflow stands. Without a ``run_id`` this is the latest run of its id.

        Args:
            rpc_metadata: Headers of the call.
            rpc_timeout: Deadline of the call.

        Raises:
            temporalio.service.RPCError: The workflow is unknown, or the server cannot be asked.
        """
        return await self._client._impl.describe_workflow(
            temporalio.client.DescribeWorkflowInput(
                self._id, self._run_id, rpc_metadata, rpc_timeout
            )
        )

    async def fetch_history(
        self,
        *,
        event_filter_type: WorkflowHistoryEventFilterType = WorkflowHistoryEventFilterType.ALL_EVENT,
        skip_archival: bool = False,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> WorkflowHistory:
        """Fetch the history as it is now.

        Args:
            event_filter_type: Which events.
            skip_archival: Whether to leave an archived history alone.
            rpc_metadata: Headers of each call.
            rpc_timeout: Deadline of each call.

        Raises:
            temporalio.service.RPCError: The workflow is unknown, or the server cannot be asked.
        """
        events = self.fetch_history_events(
            event_filter_type=event_filter_type,
            skip_archival=skip_archival,
            rpc_metadata=rpc_metadata,
            rpc_timeout=rpc_timeout,
        )
        return WorkflowHistory(self._id, [event async for event in events])

    def fetch_history_events(
        self,
        *,
        page_size: int | None = None,
        next_page_token: bytes | None = None,
        wait_new_event: bool = False,
        event_filter_type: WorkflowHistoryEventFilterType = WorkflowHistoryEventFilterType.ALL_EVENT,
        skip_archival: bool = False,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> WorkflowHistoryEventAsyncIterator:
        """Read the history event by event. Nothing is asked, and no error raised, before that.

        Args:
            page_size: Most events in one answer of the server; by default it decides.
            next_page_token: Where to go on, from an earlier iterator.
            wait_new_event: Whether to wait at the end for further events until the run ends.
            event_filter_type: Which events.
            skip_archival: Whether to leave an archived history alone.
            rpc_metadata: Headers of each call.
            rpc_timeout: Deadline of each call.
        """
        return self._events_of(
            self._run_id,
            page_size=page_size,
            next_page_token=next_page_token,
            wait_new_event=wait_new_event,
            event_filter_type=event_filter_type,
            skip_archival=skip_archival,
            rpc_metadata=rpc_metadata,
            rpc_timeout=rpc_timeout,
        )

    def _events_of(
        self,
        run_id: str | None,
        *,
        wait_new_event: bool,
        event_filter_type: WorkflowHistoryEventFilterType,
        skip_archival: bool,
        rpc_metadata: RpcMetadata,
        rpc_timeout: timedelta | None,
        page_size: int | None = None,
        next_page_token: bytes | None = None,
    ) -> WorkflowHistoryEventAsyncIterator:
        return self._client._impl.fetch_workflow_history_events(
            temporalio.client.FetchWorkflowHistoryEventsInput(
                self._id,
                run_id,
                page_size,
                next_page_token,
                wait_new_event,
                event_filter_type,
                skip_archival,
                rpc_metadata,
                rpc_timeout,
            )
        )
