"""One attempt of an activity: what every way of running it has in common."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..activity import (
    ActivityCancellationDetails,
    Info,
    _ActivityCancellationDetailsHolder,
    _Context,
    _Definition,
)
from ..common import MetricMeter, RawValue, _CompositeEvent
from ..converter import ActivitySerializationContext, DataConverter
from ..exceptions import CancelledError
from ._activity_heartbeat import _GivenPayload, _Heartbeats
from ._activity_info import _info_of
from ._activity_outcome import _Outcome, _outcome_of_error
from ._activity_registry import _ActivityRegistry
from ._interceptor import Interceptor
from ._thread_cancel import _ThreadExceptionRaiser

if TYPE_CHECKING:
    from ..bridge._callboard import ActivityTask, Values
    from ..bridge._callboard import Worker as BridgeWorker
    from ..client import Client
    from ._activity_process import _Processes


class _Surroundings(NamedTuple):
    """What all attempts of a worker share."""

    client: Client
    namespace: str
    task_queue: str
    registry: _ActivityRegistry
    executor: concurrent.futures.Executor | None
    # None for a worker that has nothing to share with other processes.
    processes: _Processes | None
    data_converter: DataConverter
    values: Values
    interceptors: Sequence[Interceptor]
    metric_meter: MetricMeter
    decode_headers: bool
    worker_shutdown: _CompositeEvent
    bridge_worker: Callable[[], BridgeWorker]
    # Tells the server of an end. On the event loop only.
    report: Callable[[bytes, _Outcome], None]
    # Takes an attempt off the list. From any thread.
    forget: Callable[[bytes], None]
    fail_worker: Callable[[BaseException], None]

    def has_threads(self) -> bool:
        """Whether synchronous activities run in this process."""
        return isinstance(self.executor, concurrent.futures.ThreadPoolExecutor)


class _Attempt:
    """Base of attempts. Its cancellation and its report happen on the event loop."""

    def __init__(
        self,
        surroundings: _Surroundings,
        task: ActivityTask,
        definition: _Definition | None,
        cancelled: _CompositeEvent,
    ) -> None:
        self.task_token = task.task_token
        self._surroundings = surroundings
        self._task = task
        self._definition = definition
        self._cancelled = cancelled
        self._cancellation = _ActivityCancellationDetailsHolder()
        self._raiser: _ThreadExceptionRaiser | None = None
        if (
            definition is not None
            and not definition.is_async
            and not definition.no_thread_cancel_exception
            and surroundings.has_threads()
        ):
            self._raiser = _ThreadExceptionRaiser()
        self._heartbeats: _Heartbeats | None = None
        # What runs on the event loop. The loop itself does not keep it.
        self._runner: asyncio.Task[None] | None = None
        # False before a first step on the event loop, in which it would get lost, and after the return:
        # then a cancellation comes too late and must not disturb the report.
        self._interruptible = definition is None or not definition.is_async

    def start(self) -> None:
        """Begin; return at once."""
        raise NotImplementedError

    def cancel(self, details: ActivityCancellationDetails) -> None:
        """Ask the activity to stop, for the reasons given."""
        self._cancellation.details = details
        self._interrupt()

    def _interrupt(self) -> None:
        self._cancelled.set()
        if not self._interruptible:
            return
        if self._raiser is not None:
            self._raiser.raise_in_thread()
        if self._definition is not None and self._definition.is_async and self._runner is not None:
            self._runner.cancel("Activity cancelled")

    async def _returned(self) -> None:
        """The activity has returned or raised: nothing interrupts it any more."""
        self._interruptible = False
        if self._heartbeats is not None:
            self._heartbeats.activity_returned = True
            await self._heartbeats.flush()

    async def _fail(self, raised: BaseException) -> None:
        """Report an attempt that ended by an error."""
        error = self._error_behind(raised)
        outcome = await _outcome_of_error(
            error,
            cancellation=self._cancellation.details,
            converter=self._converter_in_context(),
        )
        self._surroundings.report(self.task_token, outcome)
        if isinstance(error, concurrent.futures.BrokenExecutor):
            # No synchronous activity can run here any more.
            failure = RuntimeError(f"Activity worker failed: {error}")
            failure.__cause__ = error
            self._surroundings.fail_worker(failure)

    def _error_behind(self, raised: BaseException) -> BaseException:
        # A heartbeat that cannot be encoded cancels the activity. If that ended it, say so.
        if self._heartbeats is not None and isinstance(
            raised, (asyncio.CancelledError, CancelledError)
        ):
            return self._heartbeats.failure or raised
        return raised

    def _heartbeat(self, details: Sequence[Any]) -> None:
        """Take a heartbeat; only on the event loop."""
        if self._heartbeats is None:
            self._heartbeats = _Heartbeats(
                self._encode_details, self._record_heartbeat, self._interrupt
            )
            self._heartbeats.activity_returned = not self._interruptible
        self._heartbeats.add(details)

    async def _encode_details(self, details: Sequence[Any]) -> Sequence[_GivenPayload]:
        raise NotImplementedError

    def _record_heartbeat(self, details: Sequence[_GivenPayload]) -> None:
        self._surroundings.bridge_worker().record_heartbeat(self.task_token, details)

    def _converter_in_context(self) -> DataConverter:
        return self._surroundings.data_converter.with_context(self._serialization_context())

    def _serialization_context(self) -> ActivitySerializationContext:
        task, surroundings = self._task, self._surroundings
        return ActivitySerializationContext(
            namespace=task.workflow_namespace or surroundings.namespace,
            workflow_id=task.workflow_id,
            workflow_type=task.workflow_type,
            activity_type=task.activity_type,
            activity_id=task.activity_id,
            activity_task_queue=surroundings.task_queue,
            is_local=task.is_local,
        )

    def _info_with(self, details: Sequence[Any]) -> Info:
        surroundings = self._surroundings
        return _info_of(
            self._task,
            namespace=surroundings.namespace,
            task_queue=surroundings.task_queue,
            details=details,
        )

    def _context(
        self,
        definition: _Definition,
        *,
        info: Callable[[], Info],
        heartbeat: Callable[..., None] | None,
        converter: DataConverter,
    ) -> _Context:
        surroundings = self._surroundings
        return _Context(
            info,
            heartbeat,
            self._cancelled,
            surroundings.worker_shutdown,
            None if self._raiser is None else self._raiser.shielded,
            converter.payload_converter,
            surroundings.metric_meter
            if definition.is_async or surroundings.has_threads()
            else None,
            surroundings.client if definition.is_async else None,
            self._cancellation,
        )


def _argument_hints(definition: _Definition, count: int) -> list[type] | None:
    """The types of ``count`` arguments, if they are known."""
    if definition.name is None:
        return [RawValue] * count
    hints = definition.arg_types
    return hints if hints is not None and len(hints) == count else None
