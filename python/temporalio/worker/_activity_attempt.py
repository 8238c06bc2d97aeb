"""One attempt of an activity, from its task to its outcome."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import temporalio.api.common.v1

from ..activity import (
    ActivityCancellationDetails,
    Info,
    _ActivityCancellationDetailsHolder,
    _Context,
    _Definition,
    logger,
)
from ..common import MetricMeter, Priority, RawValue, RetryPolicy, _CompositeEvent
from ..converter import ActivitySerializationContext, DataConverter
from ..exceptions import ApplicationError, CancelledError
from ._activity_heartbeat import _Heartbeats
from ._activity_outcome import _Completed, _Outcome, _outcome_of_error
from ._activity_registry import _ActivityRegistry
from ._interceptor import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)
from ._thread_cancel import _ThreadExceptionRaiser

if TYPE_CHECKING:
    from ..bridge._callboard import ActivityTask
    from ..client import Client

# How long a thread that heartbeats waits for the event loop to take the details.
_HEARTBEAT_HAND_OVER_SECONDS = 10


class _Surroundings(NamedTuple):
    """What all attempts of a worker share."""

    client: Client
    namespace: str
    task_queue: str
    registry: _ActivityRegistry
    executor: Executor | None
    data_converter: DataConverter
    interceptors: Sequence[Interceptor]
    metric_meter: MetricMeter
    decode_headers: bool
    worker_shutdown: _CompositeEvent
    record_heartbeat: Callable[[bytes, list[bytes]], None]


class _Attempt:
    def __init__(self, surroundings: _Surroundings, task: ActivityTask) -> None:
        self._surroundings = surroundings
        self._task = task
        self._converter = surroundings.data_converter.with_context(
            ActivitySerializationContext(
                namespace=task.workflow_namespace or surroundings.namespace,
                workflow_id=task.workflow_id,
                workflow_type=task.workflow_type,
                activity_type=task.activity_type,
                activity_id=task.activity_id,
                activity_task_queue=surroundings.task_queue,
                is_local=task.is_local,
            )
        )
        self._definition = surroundings.registry.find(task.activity_type)
        is_async = self._definition is not None and self._definition.is_async
        self._cancelled = _CompositeEvent(
            thread_event=threading.Event(), async_event=asyncio.Event() if is_async else None
        )
        self._cancellation = _ActivityCancellationDetailsHolder()
        self._raiser: _ThreadExceptionRaiser | None = None
        if (
            self._definition is not None
            and not is_async
            and not self._definition.no_thread_cancel_exception
        ):
            self._raiser = _ThreadExceptionRaiser()
        self._heartbeats = _Heartbeats(
            self._encode_details,
            lambda details: surroundings.record_heartbeat(task.task_token, details),
            self._interrupt,
        )
        self._runner: asyncio.Task[Any] | None = None
        self._returned = False

    async def run(self) -> tuple[_Outcome, BaseException | None]:
        """Run the attempt and return its outcome, with the error that led to it."""
        self._runner = asyncio.current_task()
        try:
            try:
                result = await self._execute()
            finally:
                # From here on a cancellation comes too late and must not disturb the report.
                self._returned = True
                self._heartbeats.activity_returned = True
                await self._heartbeats.flush()
            [payload] = await self._converter.encode([result])
            return _Completed(payload), None
        except BaseException as raised:
            error = self._error_behind(raised)
            outcome = await _outcome_of_error(
                error, cancellation=self._cancellation.details, converter=self._converter
            )
            return outcome, error

    def _error_behind(self, raised: BaseException) -> BaseException:
        # A heartbeat that cannot be encoded cancels the activity. If that ended it, say so.
        if isinstance(raised, (asyncio.CancelledError, CancelledError)):
            return self._heartbeats.failure or raised
        return raised

    def cancel(self, details: ActivityCancellationDetails) -> None:
        """Ask the activity to stop, for the reasons given."""
        self._cancellation.details = details
        self._interrupt()

    def _interrupt(self) -> None:
        self._cancelled.set()
        if self._returned:
            return
        if self._raiser is not None:
            self._raiser.raise_in_thread()
        if self._definition is not None and self._definition.is_async and self._runner is not None:
            self._runner.cancel("Activity cancelled")

    async def _execute(self) -> Any:
        definition = self._definition
        if definition is None:
            raise self._not_registered()
        args = await self._arguments(definition)
        info = await self._info()
        headers = await self._headers()
        surroundings = self._surroundings
        _Context.set(
            _Context(
                info=lambda: info,
                heartbeat=None,
                cancelled_event=self._cancelled,
                worker_shutdown_event=surroundings.worker_shutdown,
                shield_thread_cancel_exception=self._raiser.shielded if self._raiser else None,
                payload_converter_class_or_instance=self._converter.payload_converter,
                runtime_metric_meter=surroundings.metric_meter,
                client=surroundings.client if definition.is_async else None,
                cancellation_details=self._cancellation,
            )
        )
        logger.debug("Starting activity")
        if definition.is_async and self._cancelled.is_set():
            # It was cancelled before there was anything to cancel.
            raise asyncio.CancelledError
        inbound: ActivityInboundInterceptor = _InnermostInbound(self._raiser)
        for interceptor in reversed(surroundings.interceptors):
            inbound = interceptor.intercept_activity(inbound)
        inbound.init(_OutermostOutbound(info, self._heartbeats))
        executor = None if definition.is_async else surroundings.executor
        return await inbound.execute_activity(
            ExecuteActivityInput(fn=definition.fn, args=args, executor=executor, headers=headers)
        )

    def _not_registered(self) -> ApplicationError:
        task = self._task
        return ApplicationError(
            f"Activity function {task.activity_type} for workflow {task.workflow_id} is not "
            "registered on this worker, available activities: "
            f"{self._surroundings.registry.names()}",
            type="NotFoundError",
        )

    async def _arguments(self, definition: _Definition) -> list[Any]:
        given = [
            temporalio.api.common.v1.Payload.FromString(payload) for payload in self._task.input
        ]
        hints = definition.arg_types
        if definition.name is None:
            hints = [RawValue] * len(given)
        elif hints is not None and len(hints) != len(given):
            hints = None
        try:
            args = await self._converter.decode(given, hints) if given else []
        except Exception as error:
            raise ApplicationError("Failed decoding arguments") from error
        return [args] if definition.name is None else args

    async def _info(self) -> Info:
        given = [
            temporalio.api.common.v1.Payload.FromString(payload)
            for payload in self._task.heartbeat_details
        ]
        try:
            details = await self._converter.decode(given) if given else []
        except Exception as error:
            raise ApplicationError(
                "Failed decoding heartbeat details", non_retryable=True
            ) from error
        return _info_of(self._task, self._surroundings, details)

    async def _headers(self) -> Mapping[str, temporalio.api.common.v1.Payload]:
        headers = {
            name: temporalio.api.common.v1.Payload.FromString(data)
            for name, data in self._task.headers.items()
        }
        codec = self._converter.payload_codec
        if self._surroundings.decode_headers and codec is not None:
            for name, payload in headers.items():
                [headers[name]] = await codec.decode([payload])
        return headers

    async def _encode_details(self, details: Sequence[Any]) -> list[bytes]:
        return [payload.SerializeToString() for payload in await self._converter.encode(details)]


class _InnermostInbound(ActivityInboundInterceptor):
    """Calls the activity itself."""

    def __init__(self, raiser: _ThreadExceptionRaiser | None) -> None:
        # Nothing comes next.
        self._raiser = raiser

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        # Changed in place: interceptors may hold the context already.
        context = _Context.current()
        context.info = outbound.info
        context.heartbeat = outbound.heartbeat

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        if input.executor is None:
            return await input.fn(*input.args)
        loop = asyncio.get_running_loop()
        call = partial(input.fn, *input.args)
        if self._raiser is not None:
            call = partial(self._raiser.run, call)
        # Executors do not carry the context over by themselves.
        context = contextvars.copy_context()
        context.run(_Context.set, _for_thread(_Context.current(), loop))
        return await loop.run_in_executor(input.executor, partial(context.run, call))


def _for_thread(context: _Context, loop: asyncio.AbstractEventLoop) -> _Context:
    """The context for a thread, from which heartbeats have to reach the event loop first."""
    on_loop = context.heartbeat
    if on_loop is None:
        raise RuntimeError("init() has not reached the worker, an interceptor has not passed it on")

    async def record(details: Sequence[Any]) -> None:
        _Context.set(context)
        on_loop(*details)

    def from_thread(*details: Any) -> None:
        handed_over = asyncio.run_coroutine_threadsafe(record(details), loop)
        handed_over.result(_HEARTBEAT_HAND_OVER_SECONDS)

    return replace(context, heartbeat=from_thread)


class _OutermostOutbound(ActivityOutboundInterceptor):
    """Answers the activity's own calls."""

    def __init__(self, info: Info, heartbeats: _Heartbeats) -> None:
        # Nothing comes next.
        self._info = info
        self._heartbeats = heartbeats

    def info(self) -> Info:
        return self._info

    def heartbeat(self, *details: Any) -> None:
        self._heartbeats.add(details)


def _info_of(task: ActivityTask, surroundings: _Surroundings, details: Sequence[Any]) -> Info:
    return Info(
        activity_id=task.activity_id,
        activity_run_id=None if task.workflow_id else task.activity_run_id or None,
        activity_type=task.activity_type,
        attempt=task.attempt,
        current_attempt_scheduled_time=_time(task.current_attempt_scheduled_time),
        heartbeat_details=details,
        heartbeat_timeout=_duration(task.heartbeat_timeout),
        is_local=task.is_local,
        namespace=task.workflow_namespace or surroundings.namespace,
        priority=_priority(task.priority),
        retry_policy=_retry_policy(task.retry_policy),
        schedule_to_close_timeout=_duration(task.schedule_to_close_timeout),
        scheduled_time=_time(task.scheduled_time),
        start_to_close_timeout=_duration(task.start_to_close_timeout),
        started_time=_time(task.started_time),
        task_queue=surroundings.task_queue,
        task_token=task.task_token,
        workflow_id=task.workflow_id or None,
        workflow_namespace=task.workflow_namespace or None,
        workflow_run_id=task.workflow_run_id or None,
        workflow_type=task.workflow_type or None,
    )


def _time(seconds: float | None) -> datetime:
    # A time that the server leaves out reads as the epoch.
    return datetime.fromtimestamp(seconds or 0, timezone.utc)


def _duration(seconds: float | None) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None


def _priority(message: bytes | None) -> Priority:
    return Priority._from_proto(temporalio.api.common.v1.Priority.FromString(message or b""))


def _retry_policy(message: bytes | None) -> RetryPolicy | None:
    return (
        None
        if message is None
        else RetryPolicy.from_proto(temporalio.api.common.v1.RetryPolicy.FromString(message))
    )
