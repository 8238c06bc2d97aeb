"""Activities that run in other processes, both sides: the worker's and the process's own."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import logging
import pickle
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..activity import (
    ActivityCancellationDetails,
    Info,
    _CancellationDetailsSource,
    _Context,
    _current_context,
)
from ..common import _CompositeEvent
from ..converter import DataConverter, PayloadConverter, SerializationContext
from ..exceptions import ApplicationError
from ._daemon_thread import _DaemonThread
from ._shared_state import SharedHeartbeatSender, SharedStateManager

logger = logging.getLogger("temporalio.worker")

# How long the end of a worker waits for news to activities that is still on its way.
_LAST_NEWS_SECONDS = 10.0


class _Processes:
    """What a worker has in common with all processes that run its activities.

    Public methods are called on the worker's event loop. What may have to wait for another process
    happens on the courier, in the order in which it was asked for.
    """

    def __init__(self, manager: SharedStateManager) -> None:
        self._manager = manager
        self._courier = _DaemonThread("temporal_activity_events")
        self._in_use = False
        self._shuts_down = False
        # On the courier only.
        self._worker_shutdown: threading.Event | None = None

    async def open_line(self, task_token: bytes) -> _Line:
        """Make what an attempt hears of its cancellation by."""
        if not self._in_use:
            self._in_use = True
            self._manager._enter()
        cancelled, worker_shutdown = await asyncio.get_running_loop().run_in_executor(
            self._courier, self._new_events
        )
        return _Line(task_token, self._manager, self._courier, cancelled, worker_shutdown)

    def _new_events(self) -> tuple[threading.Event, threading.Event]:
        if self._worker_shutdown is None:
            self._worker_shutdown = self._manager.new_event()
            if self._shuts_down:
                self._worker_shutdown.set()
        return self._manager.new_event(), self._worker_shutdown

    def hang_up(self, line: _Line) -> None:
        """Give up a line of an attempt that is over."""
        # The last reference to an event of another process costs a call there.
        self._courier.submit(line.drop_events)

    def notify_shutdown(self) -> None:
        """Tell all attempts that the worker is shutting down."""
        self._shuts_down = True
        if self._in_use:
            self._courier.submit(self._set_worker_shutdown)

    def _set_worker_shutdown(self) -> None:
        if self._worker_shutdown is not None:
            _set(self._worker_shutdown, "the worker is shutting down")

    async def close(self) -> None:
        """Let the threads end. To be called when no attempt is left."""
        if not self._in_use:
            return
        self._in_use = False
        self._courier.submit(self._forget_events)
        if not await self._courier.finish(_LAST_NEWS_SECONDS):
            logger.warning(
                "Shared state manager %s has not answered in %g s, a thread that waits for it is left "
                "behind",
                type(self._manager).__qualname__,
                _LAST_NEWS_SECONDS,
            )
        await self._manager._leave()

    def _forget_events(self) -> None:
        self._worker_shutdown = None


class _Line:
    """The connection between one attempt and its worker."""

    def __init__(
        self,
        task_token: bytes,
        manager: SharedStateManager,
        courier: _DaemonThread,
        cancelled: threading.Event,
        worker_shutdown: threading.Event,
    ) -> None:
        self._task_token = task_token
        self._manager = manager
        self._courier = courier
        self._cancelled = cancelled
        self._worker_shutdown = worker_shutdown

    def drop_events(self) -> None:
        del self._cancelled, self._worker_shutdown

    def cancel(self, details: ActivityCancellationDetails | None) -> None:
        """Ask the attempt to stop, for the reasons given. Does not wait until it hears of it."""
        self._courier.submit(self._cancel, details)

    def _cancel(self, details: ActivityCancellationDetails | None) -> None:
        try:
            self._manager._share_cancellation_details(self._task_token, details)
        except Exception:
            logger.warning(
                "Failed telling an activity in another process why it is cancelled", exc_info=True
            )
        _set(self._cancelled, "it is cancelled")

    async def call(
        self,
        executor: concurrent.futures.Executor,
        fn: Callable[..., Any],
        args: Sequence[Any],
        context: _Context,
        converter_class: type[PayloadConverter],
        serialization_context: SerializationContext,
    ) -> Any:
        """Call an activity's function in another process.

        Args:
            executor: Has the other process.
            fn: The function.
            args: Its arguments.
            context: What surrounds the call in this process; its heartbeat is to be called on the loop.
            converter_class: The class of the payload converter, of which the process makes its own.
            serialization_context: What the payloads belong to.

        Returns:
            What the function returns.

        Raises:
            concurrent.futures.BrokenExecutor: A process has ended.
            BaseException: What the function raises, with the traceback of the other process as its cause.
        """
        sender = await self._manager.register_heartbeater(
            self._task_token, _heartbeat_on_loop(context)
        )
        try:
            # A pool may fork its processes only now; they must not start out within this activity.
            outside = contextvars.copy_context()
            outside.run(_current_context.set, None)
            loop = asyncio.get_running_loop()
            return await outside.run(
                loop.run_in_executor,
                executor,
                _run_here,
                # In no variable, which a traceback would keep: whoever drops an event waits for the
                # manager.
                _Call(
                    info=context.info(),
                    sender=sender,
                    cancelled=self._cancelled,
                    worker_shutdown=self._worker_shutdown,
                    cancellation_details=self._manager._cancellation_details_of(self._task_token),
                    converter_class=converter_class,
                    serialization_context=serialization_context,
                    fn=fn,
                    args=args,
                ),
            )
        finally:
            await self._manager.unregister_heartbeater(self._task_token)
            # What this has handed over stands before us in the loop's queue.
            await asyncio.sleep(0)


def _set(event: threading.Event, news: str) -> None:
    try:
        event.set()
    except Exception:
        logger.warning("Failed telling an activity in another process that %s", news, exc_info=True)


def _heartbeat_on_loop(context: _Context) -> Callable[..., None]:
    """Make what takes a heartbeat on any thread, and has the loop record it without waiting for that."""
    on_loop = context.heartbeat
    if on_loop is None:
        raise RuntimeError("init() has not reached the worker, an interceptor has not passed it on")
    loop = asyncio.get_running_loop()
    surroundings = contextvars.copy_context()

    def record(details: Sequence[Any]) -> None:
        try:
            on_loop(*details)
        except Exception:
            logger.exception("Failed recording a heartbeat of an activity in another process")

    def take(*details: Any) -> None:
        loop.call_soon_threadsafe(record, details, context=surroundings)

    return take


@dataclass(frozen=True)
class _Call:
    """What goes to the other process, all of it pickled."""

    info: Info
    sender: SharedHeartbeatSender
    cancelled: threading.Event
    worker_shutdown: threading.Event
    cancellation_details: _CancellationDetailsSource
    converter_class: type[PayloadConverter]
    serialization_context: SerializationContext
    fn: Callable[..., Any]
    args: Sequence[Any]


def _run_here(call: _Call) -> Any:
    """Run an activity in this process, which is not the worker's."""
    token = _Context.set(_context_here(call))
    try:
        return call.fn(*call.args)
    except BaseException as error:
        if _can_travel(error):
            raise
        # Sent as it is, it would break the pool, and with it the worker, or be lost for an error of
        # pickling.
        raise ApplicationError(str(error), type=type(error).__name__) from error
    finally:
        _Context.reset(token)


def _context_here(call: _Call) -> _Context:
    info = call.info
    converter = DataConverter(payload_converter_class=call.converter_class)
    return _Context(
        info=lambda: info,
        heartbeat=partial(call.sender.send_heartbeat, info.task_token),
        cancelled_event=_CompositeEvent(thread_event=call.cancelled, async_event=None),
        worker_shutdown_event=_CompositeEvent(thread_event=call.worker_shutdown, async_event=None),
        shield_thread_cancel_exception=None,
        payload_converter_class_or_instance=converter.with_context(
            call.serialization_context
        ).payload_converter,
        runtime_metric_meter=None,
        client=None,
        cancellation_details=call.cancellation_details,
    )


def _can_travel(error: BaseException) -> bool:
    """Tell whether an error is the same after it was pickled."""
    try:
        return type(pickle.loads(pickle.dumps(error))) is type(error)
    except Exception:
        return False
