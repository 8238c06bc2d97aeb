"""The working part of a replayer: histories in, reports out."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import temporalio.api
import temporalio.converter
import temporalio.service
import temporalio.workflow

from ..bridge._callboard import Replayer as BridgeReplayer
from ._build_id import load_default_build_id
from ._workflow import _WorkflowWorker

if TYPE_CHECKING:
    from ..client import WorkflowHistory
    from ..runtime import Runtime

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _ReplayedTask:
    """What workflow code did in one workflow task."""

    started_event_id: int
    """0 for a task that only repeats what history has already."""

    activations: int
    ended_replaying: bool
    """What the last activation said; True if there were none."""

    completion: temporalio.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest | None
    """Commands, messages and flags that would go to a server."""


@dataclass(frozen=True)
class _ReplayReport:
    """What came of one history."""

    failure: Exception | None
    tasks: Sequence[_ReplayedTask]


class _ReplaySession:
    """Replays histories until it is closed. Belongs to the asyncio loop that it was made on."""

    def __init__(
        self,
        workflow_worker: _WorkflowWorker,
        *,
        runtime: Runtime,
        namespace: str,
        task_queue: str,
        build_id: str | None,
        data_converter: temporalio.converter.DataConverter,
        width: int,
        lanes: int,
    ) -> None:
        """Start the threads on which workflow code runs.

        Args:
            workflow_worker: Knows the workflows.
            runtime: What the replays run on.
            namespace: What workflow code is told of its namespace.
            task_queue: And of its task queue.
            build_id: And of the build that runs it, which is a hash of all loaded modules by default.
            data_converter: Converts failures of tasks.
            width: Histories at a time.
            lanes: Threads for workflow code.
        """
        self._data_converter = data_converter
        self._width = width
        self._workflow_worker = workflow_worker
        workflow_worker.use_event_loop(asyncio.get_running_loop())
        self._bridge = BridgeReplayer(
            runtime=runtime._bridge,
            namespace=namespace,
            task_queue=task_queue,
            build_id=build_id or load_default_build_id(),
            client_name="temporal-python",
            client_version=temporalio.service.__version__,
            max_concurrent_replays=width,
            workflows=workflow_worker,
            lanes=lanes,
            deadlock_timeout=workflow_worker._deadlock_timeout_seconds,
        )

    async def replay(
        self,
        history: WorkflowHistory,
        *,
        page_sizes: Sequence[int] = (),
        every_task: bool = False,
        evicting: bool = False,
    ) -> _ReplayReport:
        """Replay one history.

        Args:
            history: The history.
            page_sizes: Cut it into pages of these sizes, the last one again and again.
            every_task: Do each of its workflow tasks as if it were happening now, instead of
                repeating all of it in one.
            evicting: With ``every_task``, forget the run after each task.
        """
        failed, tasks = await self._bridge.replay(
            history.workflow_id,
            history._serialized(),
            page_sizes=page_sizes,
            every_task=every_task,
            evicting=evicting,
        )
        failure = None if failed is None else await self._exception(*failed)
        return _ReplayReport(failure, [_replayed(task) for task in tasks])

    async def replay_all(
        self, histories: AsyncIterator[WorkflowHistory]
    ) -> AsyncGenerator[tuple[WorkflowHistory, Exception | None], None]:
        """Replay histories, as many at a time as the session allows; give results in their order."""
        under_way: deque[tuple[WorkflowHistory, asyncio.Task[_ReplayReport]]] = deque()
        try:
            async for history in histories:
                under_way.append((history, asyncio.create_task(self.replay(history))))
                if len(under_way) >= self._width:
                    first, replay = under_way.popleft()
                    yield first, (await replay).failure
            while under_way:
                first, replay = under_way.popleft()
                yield first, (await replay).failure
        finally:
            for _, replay in under_way:
                replay.cancel()

    async def _exception(self, reason: str, message: str, encoded: bytes | None) -> Exception:
        error: Exception
        if reason == "Nondeterminism":
            error = temporalio.workflow.NondeterminismError(message)
        else:
            error = RuntimeError(f"{_number_of(reason)}: {message}")
        if encoded is not None and reason == "HostFail":
            # It has the stack of the workflow code.
            error.__cause__ = await self._decoded(
                temporalio.api.failure.v1.Failure.FromString(encoded)
            )
        return error

    async def _decoded(self, failure: temporalio.api.failure.v1.Failure) -> BaseException | None:
        try:
            return await self._data_converter.decode_failure(failure)
        except Exception:
            logger.warning("Failed decoding the failure of a workflow task", exc_info=True)
            return None

    async def close(self) -> None:
        """Let the threads end."""
        await self._bridge.close()
        self._workflow_worker.close()


def _replayed(task: dict[str, Any]) -> _ReplayedTask:
    encoded: bytes | None = task.pop("completion")
    completion = temporalio.api.workflowservice.v1.RespondWorkflowTaskCompletedRequest.FromString
    return _ReplayedTask(**task, completion=None if encoded is None else completion(encoded))


def _number_of(reason: str) -> int:
    """Errors name the reason of an eviction by the number that it has in published protocols."""
    from ..bridge.proto.workflow_activation import RemoveFromCache

    return {
        "CacheFull": RemoveFromCache.CACHE_FULL,
        "WorkflowExecutionEnding": RemoveFromCache.WORKFLOW_EXECUTION_ENDING,
        "Nondeterminism": RemoveFromCache.NONDETERMINISM,
        "HostFail": RemoveFromCache.LANG_FAIL,
        "UnhandledCommand": RemoveFromCache.UNHANDLED_COMMAND,
        "TaskNotFound": RemoveFromCache.TASK_NOT_FOUND,
        "PaginationOrHistoryFetch": RemoveFromCache.PAGINATION_OR_HISTORY_FETCH,
        "Fatal": RemoveFromCache.FATAL,
    }[reason]
