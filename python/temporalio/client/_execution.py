"""What the server says about workflows: descriptions, lists, counts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import IntEnum
from typing import TYPE_CHECKING, Any, overload

import temporalio.api
import temporalio.common
import temporalio.converter
from temporalio._typing import Self
from temporalio.types import AnyType, ParamType

from ._history import WorkflowHistory, WorkflowHistoryEventFilterType
from ._pages import PagedIterator

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp

    from ._client import Client
    from ._inputs import ListWorkflowsInput


class WorkflowExecutionStatus(IntEnum):
    """Where a run stands."""

    RUNNING = 1
    COMPLETED = 2
    FAILED = 3
    CANCELED = 4
    TERMINATED = 5
    CONTINUED_AS_NEW = 6
    TIMED_OUT = 7


def status_of(number: int) -> WorkflowExecutionStatus | None:
    """The status of that number on the wire; None for unset and for those newer than this API."""
    known = number in WorkflowExecutionStatus.__members__.values()
    return WorkflowExecutionStatus(number) if known else None


@dataclass
class WorkflowExecution:
    """One run of a workflow.

    Attributes:
        close_time: When the run ended, if it has.
        execution_time: When the run began or will begin, after a cron schedule or a start delay.
        history_length: Number of events so far.
        id: Workflow id.
        namespace: Namespace of the workflow.
        parent_id: Workflow id of the parent, for a child workflow.
        parent_run_id: Run id of the parent, for a child workflow.
        root_id: Workflow id at the root of the tree of parents, if the server says it.
        root_run_id: Run id at the root of the tree of parents, if the server says it.
        raw_info: The server's answer.
        run_id: Run id.
        search_attributes: Untyped search attributes; prefer ``typed_search_attributes``.
        start_time: When the run was created.
        status: Where the run stands.
        task_queue: Task queue of the workflow.
        typed_search_attributes: Search attributes.
        workflow_type: Name of the workflow's type.
    """

    close_time: datetime | None
    execution_time: datetime | None
    history_length: int
    id: str
    namespace: str
    parent_id: str | None
    parent_run_id: str | None
    root_id: str | None
    root_run_id: str | None
    raw_info: temporalio.api.workflow.v1.WorkflowExecutionInfo
    run_id: str
    search_attributes: temporalio.common.SearchAttributes
    start_time: datetime
    status: WorkflowExecutionStatus | None
    task_queue: str
    typed_search_attributes: temporalio.common.TypedSearchAttributes
    workflow_type: str
    _context_free_data_converter: temporalio.converter.DataConverter

    @property
    def data_converter(self) -> temporalio.converter.DataConverter:
        """Data converter that decodes values of this workflow."""
        return self._context_free_data_converter.with_context(
            temporalio.converter.WorkflowSerializationContext(
                namespace=self.namespace, workflow_id=self.id
            )
        )

    @classmethod
    def _from_raw_info(
        cls,
        info: temporalio.api.workflow.v1.WorkflowExecutionInfo,
        namespace: str,
        converter: temporalio.converter.DataConverter,
        **further_fields: Any,
    ) -> Self:
        parent = info.parent_execution if info.HasField("parent_execution") else None
        root = info.root_execution if info.HasField("root_execution") else None
        return cls(
            id=info.execution.workflow_id,
            run_id=info.execution.run_id,
            namespace=namespace,
            workflow_type=info.type.name,
            task_queue=info.task_queue,
            status=status_of(info.status),
            start_time=_utc(info.start_time),
            execution_time=_utc(info.execution_time) if info.HasField("execution_time") else None,
            close_time=_utc(info.close_time) if info.HasField("close_time") else None,
            history_length=info.history_length,
            parent_id=parent and parent.workflow_id,
            parent_run_id=parent and parent.run_id,
            root_id=root and root.workflow_id,
            root_run_id=root and root.run_id,
            search_attributes=temporalio.converter.decode_search_attributes(info.search_attributes),
            typed_search_attributes=temporalio.converter.decode_typed_search_attributes(
                info.search_attributes
            ),
            raw_info=info,
            _context_free_data_converter=converter,
            **further_fields,
        )

    async def memo(self) -> Mapping[str, Any]:
        """The whole memo, decoded without types: a dataclass comes back as a dictionary.

        Use :py:meth:`memo_value` to decode one value into its type.
        """
        fields = self.raw_info.memo.fields
        return {key: await self._decode(fields[key], None) for key in fields}

    @overload
    async def memo_value(self, key: str, default: Any = ...) -> Any: ...
    @overload
    async def memo_value(self, key: str, *, type_hint: type[ParamType]) -> ParamType: ...
    @overload
    async def memo_value(
        self, key: str, default: AnyType, *, type_hint: type[ParamType]
    ) -> AnyType | ParamType: ...

    async def memo_value(
        self,
        key: str,
        default: Any = temporalio.common._arg_unset,
        *,
        type_hint: type | None = None,
    ) -> Any:
        """One value of the memo.

        Args:
            key: Its key.
            default: What to return when the memo lacks it.
            type_hint: Type to decode into.

        Raises:
            KeyError: The memo lacks the key and no default is given.
        """
        if key in self.raw_info.memo.fields:
            return await self._decode(self.raw_info.memo.fields[key], type_hint)
        if default is not temporalio.common._arg_unset:
            return default
        raise KeyError(f"Memo does not have a value for key {key}")

    async def _decode(
        self, payload: temporalio.api.common.v1.Payload, type_hint: type | None
    ) -> Any:
        [value] = await self.data_converter.decode([payload], [type_hint] if type_hint else None)
        return value


@dataclass
class WorkflowExecutionDescription(WorkflowExecution):
    """One run as :py:meth:`WorkflowHandle.describe` tells it.

    Attributes:
        raw_description: The server's whole answer.
    """

    raw_description: temporalio.api.workflowservice.v1.DescribeWorkflowExecutionResponse

    async def static_summary(self) -> str | None:
        """The one-line summary given at start, in Temporal's Markdown."""
        metadata = self.raw_description.execution_config.user_metadata
        return await self._decode(metadata.summary, str) if metadata.HasField("summary") else None

    async def static_details(self) -> str | None:
        """The details given at start, in Temporal's Markdown; several lines."""
        metadata = self.raw_description.execution_config.user_metadata
        return await self._decode(metadata.details, str) if metadata.HasField("details") else None


@dataclass
class WorkflowExecutionCount:
    """Answer to a count of workflows.

    Attributes:
        count: Approximate number of matching workflows, over all groups.
        groups: One entry per group when the query has a GROUP BY.
    """

    count: int
    groups: Sequence[WorkflowExecutionCountAggregationGroup]


@dataclass
class WorkflowExecutionCountAggregationGroup:
    """One group of a count of workflows.

    Attributes:
        count: Approximate number of workflows in the group.
        group_values: Values of the search attributes that make the group.
    """

    count: int
    group_values: Sequence[temporalio.common.SearchAttributeValue]


class WorkflowExecutionAsyncIterator(PagedIterator[WorkflowExecution]):
    """Workflows that match a query, asked for page by page while ``async for`` goes on.

    :py:meth:`Client.list_workflows` makes these.

    Args:
        client: Client to ask with.
        input: What to ask for.
    """

    def __init__(self, client: Client, input: ListWorkflowsInput) -> None:
        """Ask for nothing yet."""
        super().__init__(page_size=input.page_size, next_page_token=input.next_page_token)
        self._client = client
        self._input = input
        self._remaining = input.limit

    async def _fetch(
        self, page_size: int | None, token: bytes
    ) -> tuple[Sequence[WorkflowExecution], bytes]:
        if self._remaining is not None:
            page_size = min(page_size or self._remaining, self._remaining)
        request = temporalio.api.workflowservice.v1.ListWorkflowExecutionsRequest(
            namespace=self._client.namespace,
            page_size=page_size or 0,
            next_page_token=token,
            query=self._input.query or "",
        )
        answer = await self._client.workflow_service.list_workflow_executions(
            request, retry=True, metadata=self._input.rpc_metadata, timeout=self._input.rpc_timeout
        )
        page = [
            WorkflowExecution._from_raw_info(
                info, self._client.namespace, self._client.data_converter
            )
            for info in answer.executions
        ]
        return page, answer.next_page_token

    async def __anext__(self) -> WorkflowExecution:
        """The next workflow, until the limit is reached."""
        if self._remaining is None:
            return await super().__anext__()
        if self._remaining <= 0:
            raise StopAsyncIteration
        execution = await super().__anext__()
        self._remaining -= 1
        return execution

    async def map_histories(
        self,
        *,
        event_filter_type: WorkflowHistoryEventFilterType = WorkflowHistoryEventFilterType.ALL_EVENT,
        skip_archival: bool = False,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> AsyncIterator[WorkflowHistory]:
        """Use up this iterator and yield the history of each workflow.

        Args:
            event_filter_type: Which events to fetch.
            skip_archival: Whether to leave archived histories alone.
            rpc_metadata: Headers of each call.
            rpc_timeout: Deadline of each call.
        """
        async for execution in self:
            handle = self._client.get_workflow_handle(execution.id, run_id=execution.run_id)
            yield await handle.fetch_history(
                event_filter_type=event_filter_type,
                skip_archival=skip_archival,
                rpc_metadata=rpc_metadata,
                rpc_timeout=rpc_timeout,
            )


def _utc(moment: Timestamp) -> datetime:
    return moment.ToDatetime(tzinfo=timezone.utc)
