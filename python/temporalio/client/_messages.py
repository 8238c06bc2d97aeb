"""Signals, queries and updates of a workflow handle, each in four typed shapes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Concatenate, Generic, cast, overload

import temporalio.client
import temporalio.common
import temporalio.workflow
from temporalio.common import QueryRejectCondition
from temporalio.types import (
    LocalReturnType,
    MethodSyncOrAsyncNoParam,
    MethodSyncOrAsyncSingleParam,
    MultiParamSpec,
    ParamType,
    SelfType,
)
from temporalio.workflow import UpdateMethodMultiParam

from ._updates import WorkflowUpdateHandle, WorkflowUpdateStage

if TYPE_CHECKING:
    from ._client import Client

_unset = temporalio.common._arg_unset


class WorkflowMessages(Generic[SelfType]):
    """What can be said to a workflow while it runs."""

    _client: Client
    _id: str
    _run_id: str | None
    _first_execution_run_id: str | None

    @overload
    async def signal(
        self,
        signal: MethodSyncOrAsyncNoParam[SelfType, None],
        *,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> None: ...
    @overload
    async def signal(
        self,
        signal: MethodSyncOrAsyncSingleParam[SelfType, ParamType, None],
        arg: ParamType,
        *,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> None: ...
    @overload
    async def signal(
        self,
        signal: Callable[Concatenate[SelfType, MultiParamSpec], Awaitable[None] | None],
        *,
        args: Sequence[Any],
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> None: ...
    @overload
    async def signal(
        self,
        signal: str,
        arg: Any = ...,
        *,
        args: Sequence[Any] = [],
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> None: ...

    async def signal(
        self,
        signal: str | Callable[..., Any],
        arg: Any = _unset,
        *,
        args: Sequence[Any] = [],
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> None:
        """Send a signal. It is in the history when this returns; the handler runs later.

        Args:
            signal: The handler, a method with ``@workflow.signal``, or its name.
            arg: The argument, if there is one.
            args: All arguments, instead of ``arg``.
            rpc_metadata: Headers of the call.
            rpc_timeout: Deadline of the call.

        Raises:
            RuntimeError: The method is no signal handler, or is a dynamic one.
            temporalio.service.RPCError: The workflow is unknown or has ended, or the server
                cannot be asked.
        """
        name = temporalio.workflow._SignalDefinition.must_name_from_fn_or_str(signal)
        await self._client._impl.signal_workflow(
            temporalio.client.SignalWorkflowInput(
                id=self._id,
                run_id=self._run_id,
                signal=name,
                args=temporalio.common._arg_or_args(arg, args),
                headers={},
                rpc_metadata=rpc_metadata,
                rpc_timeout=rpc_timeout,
            )
        )

    @overload
    async def query(
        self,
        query: MethodSyncOrAsyncNoParam[SelfType, LocalReturnType],
        *,
        reject_condition: QueryRejectCondition | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> LocalReturnType: ...
    @overload
    async def query(
        self,
        query: MethodSyncOrAsyncSingleParam[SelfType, ParamType, LocalReturnType],
        arg: ParamType,
        *,
        reject_condition: QueryRejectCondition | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> LocalReturnType: ...
    @overload
    async def query(
        self,
        query: Callable[
            Concatenate[SelfType, MultiParamSpec], Awaitable[LocalReturnType] | LocalReturnType
        ],
        *,
        args: Sequence[Any],
        reject_condition: QueryRejectCondition | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> LocalReturnType: ...
    @overload
    async def query(
        self,
        query: str,
        arg: Any = ...,
        *,
        args: Sequence[Any] = [],
        result_type: type | None = None,
        reject_condition: QueryRejectCondition | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> Any: ...

    async def query(
        self,
        query: str | Callable[..., Any],
        arg: Any = _unset,
        *,
        args: Sequence[Any] = [],
        result_type: type | None = None,
        reject_condition: QueryRejectCondition | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> Any:
        """Ask the workflow a question; a worker must be there to answer.

        Args:
            query: The handler, a method with ``@workflow.query``, or its name.
            arg: The argument, if there is one.
            args: All arguments, instead of ``arg``.
            result_type: Type to decode the answer into, when ``query`` is a name.
            reject_condition: States of the workflow in which the server shall refuse; by default
                those the client was made with.
            rpc_metadata: Headers of the call.
            rpc_timeout: Deadline of the call.

        Raises:
            RuntimeError: The method is no query handler, or is a dynamic one.
            WorkflowQueryRejectedError: The workflow is in a state of ``reject_condition``.
            WorkflowQueryFailedError: The handler raised, or the workflow has none of that name.
            temporalio.service.RPCError: The workflow is unknown, no worker answered, or the
                server cannot be asked.
        """
        name, known_type = _query_definition(query)
        default_condition = self._client._config["default_workflow_query_reject_condition"]
        return await self._client._impl.query_workflow(
            temporalio.client.QueryWorkflowInput(
                id=self._id,
                run_id=self._run_id,
                query=name,
                args=temporalio.common._arg_or_args(arg, args),
                reject_condition=reject_condition or default_condition,
                headers={},
                ret_type=result_type or known_type,
                rpc_metadata=rpc_metadata,
                rpc_timeout=rpc_timeout,
            )
        )

    @overload
    async def execute_update(
        self,
        update: UpdateMethodMultiParam[[SelfType], LocalReturnType],
        *,
        id: str | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> LocalReturnType: ...
    @overload
    async def execute_update(
        self,
        update: UpdateMethodMultiParam[[SelfType, ParamType], LocalReturnType],
        arg: ParamType,
        *,
        id: str | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> LocalReturnType: ...
    @overload
    async def execute_update(
        self,
        update: UpdateMethodMultiParam[MultiParamSpec, LocalReturnType],
        *,
        args: Sequence[Any],
        id: str | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> LocalReturnType: ...
    @overload
    async def execute_update(
        self,
        update: str,
        arg: Any = ...,
        *,
        args: Sequence[Any] = [],
        id: str | None = None,
        result_type: type | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> Any: ...

    async def execute_update(
        self,
        update: str | Callable[..., Any],
        arg: Any = _unset,
        *,
        args: Sequence[Any] = [],
        id: str | None = None,
        result_type: type | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> Any:
        """Send an update and wait for its result.

        Args:
            update: The handler, a method with ``@workflow.update``, or its name.
            arg: The argument, if there is one.
            args: All arguments, instead of ``arg``.
            id: Update id; sent twice, an update runs once. A new one by default.
            result_type: Type to decode the result into, when ``update`` is a name.
            rpc_metadata: Headers of each call.
            rpc_timeout: Deadline of each call.

        Raises:
            WorkflowUpdateFailedError: The validator rejected the update or its handler failed.
            WorkflowUpdateRPCTimeoutOrCancelledError: The wait timed out or was cancelled; the
                update goes on.
            temporalio.service.RPCError: The workflow is unknown or has ended, or the server
                cannot be asked.
        """
        # The typed shapes know nothing of a caller that passes all of them on.
        start = cast(Callable[..., Awaitable[WorkflowUpdateHandle[Any]]], self.start_update)
        handle = await start(
            update,
            arg,
            wait_for_stage=WorkflowUpdateStage.COMPLETED,
            args=args,
            id=id,
            result_type=result_type,
            rpc_metadata=rpc_metadata,
            rpc_timeout=rpc_timeout,
        )
        return await handle.result()

    @overload
    async def start_update(
        self,
        update: UpdateMethodMultiParam[[SelfType], LocalReturnType],
        *,
        wait_for_stage: WorkflowUpdateStage,
        id: str | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> WorkflowUpdateHandle[LocalReturnType]: ...
    @overload
    async def start_update(
        self,
        update: UpdateMethodMultiParam[[SelfType, ParamType], LocalReturnType],
        arg: ParamType,
        *,
        wait_for_stage: WorkflowUpdateStage,
        id: str | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> WorkflowUpdateHandle[LocalReturnType]: ...
    @overload
    async def start_update(
        self,
        update: UpdateMethodMultiParam[MultiParamSpec, LocalReturnType],
        *,
        args: Sequence[Any],
        wait_for_stage: WorkflowUpdateStage,
        id: str | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> WorkflowUpdateHandle[LocalReturnType]: ...
    @overload
    async def start_update(
        self,
        update: str,
        arg: Any = ...,
        *,
        wait_for_stage: WorkflowUpdateStage,
        args: Sequence[Any] = [],
        id: str | None = None,
        result_type: type | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> WorkflowUpdateHandle[Any]: ...

    async def start_update(
        self,
        update: str | Callable[..., Any],
        arg: Any = _unset,
        *,
        wait_for_stage: WorkflowUpdateStage,
        args: Sequence[Any] = [],
        id: str | None = None,
        result_type: type | None = None,
        rpc_metadata: Mapping[str, str | bytes] = {},
        rpc_timeout: timedelta | None = None,
    ) -> WorkflowUpdateHandle[Any]:
        """Send an update and return once it has come to a stage.

        Args:
            update: The handler, a method with ``@workflow.update``, or its name.
            arg: The argument, if there is one.
            wait_for_stage: ACCEPTED or COMPLETED. An update that its validator rejects counts as
                completed: the error comes from the handle's ``result``.
            args: All arguments, instead of ``arg``.
            id: Update id; sent twice, an update runs once. A new one by default.
            result_type: Type to decode the result into, when ``update`` is a name.
            rpc_metadata: Headers of each call.
            rpc_timeout: Deadline of each call.

        Raises:
            ValueError: ``wait_for_stage`` is ADMITTED, which servers do not offer.
            WorkflowUpdateRPCTimeoutOrCancelledError: The wait timed out or was cancelled; the
                update goes on.
            temporalio.service.RPCError: The workflow is unknown or has ended, or the server
                cannot be asked.
        """
        if wait_for_stage == WorkflowUpdateStage.ADMITTED:
            raise ValueError("ADMITTED wait stage not supported: use ACCEPTED or COMPLETED")
        name, known_type = temporalio.workflow._UpdateDefinition.get_name_and_result_type(update)
        return await self._client._impl.start_workflow_update(
            temporalio.client.StartWorkflowUpdateInput(
                id=self._id,
                run_id=self._run_id,
                first_execution_run_id=self._first_execution_run_id,
                update_id=id,
                update=name,
                args=temporalio.common._arg_or_args(arg, args),
                wait_for_stage=wait_for_stage,
                headers={},
                ret_type=result_type or known_type,
                rpc_metadata=rpc_metadata,
                rpc_timeout=rpc_timeout,
            )
        )

    def get_update_handle(
        self, id: str, *, workflow_run_id: str | None = None, result_type: type | None = None
    ) -> WorkflowUpdateHandle[Any]:
        """A handle to an update that was sent before. Nothing is asked of the server.

        Args:
            id: Update id.
            workflow_run_id: Run that was updated; by default this handle's run.
            result_type: Type to decode the result into, if known.
        """
        run_id = workflow_run_id or self._run_id
        return WorkflowUpdateHandle(
            self._client, id, self._id, workflow_run_id=run_id, result_type=result_type
        )

    def get_update_handle_for(
        self,
        update: UpdateMethodMultiParam[Any, LocalReturnType],
        id: str,
        *,
        workflow_run_id: str | None = None,
    ) -> WorkflowUpdateHandle[LocalReturnType]:
        """Like :py:meth:`get_update_handle`, with the type of the handler's result.

        Args:
            update: The handler, a method with ``@workflow.update``.
            id: Update id.
            workflow_run_id: Run that was updated; by default this handle's run.
        """
        result_type = update._defn.ret_type
        return self.get_update_handle(id, workflow_run_id=workflow_run_id, result_type=result_type)


def _query_definition(query: str | Callable[..., Any]) -> tuple[str, type | None]:
    if isinstance(query, str):
        return query, None
    definition = temporalio.workflow._QueryDefinition.from_fn(query)
    if definition is None:
        raise RuntimeError(
            f"Query definition not found on {query.__qualname__}: it needs @workflow.query"
        )
    if not definition.name:
        raise RuntimeError("Cannot invoke dynamic query definition: give the query's name")
    return definition.name, definition.ret_type
