"""The side of a worker that runs activities."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import temporalio.api

from ..activity import ActivityCancellationDetails
from ..common import MetricMeter, _CompositeEvent
from ..converter import DataConverter
from ..converter._values import values_of
from ._activity_attempt import _Attempt, _Surroundings
from ._activity_direct import _LoopAttempt, _ThreadAttempt
from ._activity_intercepted import _InterceptedAttempt
from ._activity_outcome import _Cancelled, _Completed, _Failed, _Outcome
from ._activity_registry import _ActivityRegistry
from ._interceptor import Interceptor
from ._shared_state import SharedStateManager
from ._thread_cancel import _ThreadExceptionRaiser as _ThreadExceptionRaiser

if TYPE_CHECKING:
    from ..bridge._callboard import ActivityCancel, ActivityTask
    from ..bridge._callboard import Worker as BridgeWorker
    from ..client import Client
    from ._activity_process import _Processes

logger = logging.getLogger(__name__)


class _ActivityWorker:
    """Turns the tasks that come from below into attempts, and hands their outcomes down.

    Public methods are called on the worker's event loop, unless they say something else.
    """

    def __init__(
        self,
        *,
        bridge_worker: Callable[[], BridgeWorker],
        client: Client,
        task_queue: str,
        activities: Sequence[Callable[..., Any]],
        activity_executor: concurrent.futures.Executor | None,
        shared_state_manager: SharedStateManager | None,
        data_converter: DataConverter,
        interceptors: Sequence[Interceptor],
        metric_meter: MetricMeter,
        decode_headers: bool,
        fail_worker: Callable[[BaseException], None],
    ) -> None:
        self._bridge_worker = bridge_worker
        self._registry = _ActivityRegistry(
            activities, activity_executor, has_shared_state=shared_state_manager is not None
        )
        self._processes = (
            _processes(shared_state_manager) if shared_state_manager is not None else None
        )
        self._worker_shutdown = _CompositeEvent(
            thread_event=threading.Event(), async_event=asyncio.Event()
        )
        values = values_of(data_converter.payload_converter)
        self._surroundings = _Surroundings(
            client=client,
            namespace=client.namespace,
            task_queue=task_queue,
            registry=self._registry,
            executor=activity_executor,
            processes=self._processes,
            data_converter=data_converter,
            values=values,
            interceptors=tuple(interceptors),
            metric_meter=metric_meter,
            decode_headers=decode_headers,
            worker_shutdown=self._worker_shutdown,
            bridge_worker=bridge_worker,
            report=self._report,
            forget=self._forget,
            fail_worker=fail_worker,
        )
        self._direct = (
            values.native
            and data_converter.payload_codec is None
            and not any(map(_intercepts_activities, interceptors))
        )
        self._attempts: dict[bytes, _Attempt] = {}
        # Set by the attempt that leaves none behind, for the one who waits.
        self._emptied: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self._refusing = False

    def use_client(self, client: Client) -> None:
        """Give another client to the attempts that start from now on."""
        self._surroundings = self._surroundings._replace(client=client)

    def start(self, task: ActivityTask) -> None:
        """Start an attempt. Called by the bridge."""
        if self._refusing:
            failure = temporalio.api.failure.v1.Failure(message="Worker shutting down")
            failure.application_failure_info.SetInParent()
            self._report(task.task_token, _Failed(failure))
            return
        logger.debug("Running activity %s", task.activity_type)
        attempt = self._attempt_of(task)
        self._attempts[attempt.task_token] = attempt
        attempt.start()

    def _attempt_of(self, task: ActivityTask) -> _Attempt:
        definition = self._registry.find(task.activity_type)
        if definition is not None and self._direct and not task.refers_to_storage:
            if definition.is_async:
                return _LoopAttempt(self._surroundings, task, definition)
            if self._surroundings.has_threads():
                return _ThreadAttempt(self._surroundings, task, definition)
        return _InterceptedAttempt(self._surroundings, task, definition)

    def cancel(self, task_token: bytes, cancel: ActivityCancel) -> None:
        """Ask an attempt to stop. Called by the bridge."""
        attempt = self._attempts.get(task_token)
        if attempt is None:
            # It ended while the request was on its way.
            logger.debug("No running activity to cancel")
            return
        attempt.cancel(
            ActivityCancellationDetails(
                not_found=cancel.not_found,
                cancel_requested=cancel.cancel_requested,
                paused=cancel.paused,
                reset=cancel.reset,
                timed_out=cancel.timed_out,
                worker_shutdown=cancel.worker_shutdown,
            )
        )

    @property
    def check_of_names(self) -> Callable[[str], None]:
        """Raises ``ValueError`` if an activity of a name cannot run here. Called from lanes."""
        return self._registry.check

    def notify_shutdown(self) -> None:
        """Tell running activities that the worker is shutting down."""
        self._worker_shutdown.set()
        if self._processes is not None:
            self._processes.notify_shutdown()

    def refuse_new(self) -> None:
        """From now on fail whatever still arrives: the worker has failed and only drains."""
        self._refusing = True

    async def wait_all_completed(self) -> None:
        """Wait until every attempt has handed its outcome down, and no thread is left for them."""
        try:
            await self._wait_until_empty()
        finally:
            if self._processes is not None:
                await self._processes.close()

    async def _wait_until_empty(self) -> None:
        emptied = asyncio.Event()
        # Before looking, so that whoever leaves from here on says so.
        self._emptied = (asyncio.get_running_loop(), emptied)
        while self._attempts:
            await emptied.wait()
            emptied.clear()

    def _forget(self, task_token: bytes) -> None:
        del self._attempts[task_token]
        if self._emptied is not None and not self._attempts:
            loop, emptied = self._emptied
            loop.call_soon_threadsafe(emptied.set)

    def _report(self, task_token: bytes, outcome: _Outcome) -> None:
        worker = self._bridge_worker()
        if isinstance(outcome, _Completed):
            worker.complete_activity(task_token, outcome.payload)
        elif isinstance(outcome, _Failed):
            worker.fail_activity(task_token, outcome.failure.SerializeToString())
        elif isinstance(outcome, _Cancelled):
            worker.report_activity_cancelled(task_token, outcome.failure.SerializeToString())
        else:
            worker.complete_activity_later(task_token)


def _processes(shared_state_manager: SharedStateManager) -> _Processes:
    # Few workers need it.
    from ._activity_process import _Processes

    return _Processes(shared_state_manager)


def _intercepts_activities(interceptor: Interceptor) -> bool:
    method = interceptor.intercept_activity
    return getattr(method, "__func__", method) is not Interceptor.intercept_activity
