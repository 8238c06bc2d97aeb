"""The general way of running an attempt: with interceptors, codecs and converters of any kind."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import temporalio.api

from ..activity import Info, _Context, _Definition, logger
from ..common import _CompositeEvent
from ..converter._values import message_of
from ..exceptions import ApplicationError
from ._activity_attempt import (
    _argument_hints,
    _Attempt,
    _Surroundings,
)
from ._activity_heartbeat import _GivenPayload, _heartbeat_from_thread
from ._activity_outcome import _Completed
from ._interceptor import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
)

if TYPE_CHECKING:
    from ..bridge._callboard import ActivityTask
    from ._activity_process import _Line


class _InterceptedAttempt(_Attempt):
    """An attempt around which interceptors stand, if there are any."""

    def __init__(
        self, surroundings: _Surroundings, task: ActivityTask, definition: _Definition | None
    ) -> None:
        on_loop = definition is not None and definition.is_async
        cancelled = _CompositeEvent(
            thread_event=threading.Event(), async_event=asyncio.Event() if on_loop else None
        )
        super().__init__(surroundings, task, definition, cancelled)
        self._converter = self._converter_in_context()
        # Once the activity is about to run in another process.
        self._line: _Line | None = None

    def start(self) -> None:
        self._runner = asyncio.create_task(self._run())

    def _interrupt(self) -> None:
        super()._interrupt()
        if self._line is not None:
            self._line.cancel(self._cancellation.details)

    async def _run(self) -> None:
        self._interruptible = True
        try:
            try:
                try:
                    result = await self._execute()
                finally:
                    await self._returned()
                [payload] = await self._converter.encode([result])
            except BaseException as raised:
                await self._fail(raised)
            else:
                outcome = _Completed(payload.SerializeToString())
                self._surroundings.report(self.task_token, outcome)
        finally:
            self._surroundings.forget(self.task_token)

    async def _execute(self) -> Any:
        definition = self._definition
        if definition is None:
            raise self._not_registered()
        args = await self._arguments(definition)
        info = await self._info()
        headers = await self._headers()
        _Context.set(
            self._context(definition, info=lambda: info, heartbeat=None, converter=self._converter)
        )
        logger.debug("Starting activity")
        if definition.is_async and self._cancelled.is_set():
            # It was cancelled before there was anything to cancel.
            raise asyncio.CancelledError
        surroundings = self._surroundings
        inbound: ActivityInboundInterceptor = _InnermostInbound(self)
        for interceptor in reversed(surroundings.interceptors):
            inbound = interceptor.intercept_activity(inbound)
        inbound.init(_OutermostOutbound(info, self))
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
        given = [message_of(one) for one in self._task.input]
        hints = _argument_hints(definition, len(given))
        try:
            args = await self._converter.decode(given, hints) if given else []
        except Exception as error:
            raise ApplicationError("Failed decoding arguments") from error
        return [args] if definition.name is None else args

    async def _info(self) -> Info:
        given = [message_of(one) for one in self._task.heartbeat_details]
        try:
            details = await self._converter.decode(given) if given else []
        except Exception as error:
            raise ApplicationError(
                "Failed decoding heartbeat details", non_retryable=True
            ) from error
        return self._info_with(details)

    async def _headers(self) -> Mapping[str, temporalio.api.common.v1.Payload]:
        headers = {name: message_of(value) for name, value in self._task.headers.items()}
        codec = self._converter.payload_codec
        if self._surroundings.decode_headers and codec is not None:
            for name, payload in headers.items():
                [headers[name]] = await codec.decode([payload])
        return headers

    async def _execute_in_process(
        self, executor: concurrent.futures.Executor, fn: Callable[..., Any], args: Sequence[Any]
    ) -> Any:
        processes = self._surroundings.processes
        if processes is None:
            raise RuntimeError(
                "a shared_state_manager must be present to run an activity in a "
                f"{type(executor).__name__}"
            )
        line = await processes.open_line(self.task_token)
        if self._cancelled.is_set():
            line.cancel(self._cancellation.details)
        self._line = line
        try:
            return await line.call(
                executor,
                fn,
                args,
                _Context.current(),
                self._converter.payload_converter_class,
                self._serialization_context(),
            )
        finally:
            self._line = None
            processes.hang_up(line)

    async def _encode_details(self, details: Sequence[Any]) -> Sequence[_GivenPayload]:
        return [payload.SerializeToString() for payload in await self._converter.encode(details)]


class _InnermostInbound(ActivityInboundInterceptor):
    """Calls the activity itself."""

    def __init__(self, attempt: _InterceptedAttempt) -> None:
        # Nothing comes next.
        self._attempt = attempt

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        # Changed in place: interceptors may hold the context already.
        context = _Context.current()
        context.info = outbound.info
        context.heartbeat = outbound.heartbeat

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        if input.executor is None:
            return await input.fn(*input.args)
        if not isinstance(input.executor, concurrent.futures.ThreadPoolExecutor):
            return await self._attempt._execute_in_process(input.executor, input.fn, input.args)
        loop = asyncio.get_running_loop()
        call = partial(input.fn, *input.args)
        raiser = self._attempt._raiser
        if raiser is not None:
            call = partial(raiser.run, call)
        # Executors do not carry the context over by themselves.
        context = contextvars.copy_context()
        context.run(_Context.set, _for_thread(_Context.current(), loop))
        return await loop.run_in_executor(input.executor, partial(context.run, call))


def _for_thread(context: _Context, loop: asyncio.AbstractEventLoop) -> _Context:
    """The context for a thread, from which heartbeats have to reach the event loop first."""
    on_loop = context.heartbeat
    if on_loop is None:
        raise RuntimeError("init() has not reached the worker, an interceptor has not passed it on")

    def from_thread(*details: Any) -> None:
        _heartbeat_from_thread(context, on_loop, details, loop)

    return replace(context, heartbeat=from_thread)


class _OutermostOutbound(ActivityOutboundInterceptor):
    """Answers the activity's own calls."""

    def __init__(self, info: Info, attempt: _InterceptedAttempt) -> None:
        # Nothing comes next.
        self._info = info
        self._attempt = attempt

    def info(self) -> Info:
        return self._info

    def heartbeat(self, *details: Any) -> None:
        self._attempt._heartbeat(details)
