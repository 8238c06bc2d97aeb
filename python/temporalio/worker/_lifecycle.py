"""A worker's life: not started, running, draining, stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ..bridge._callboard import RpcFailure
from ._activity import _ActivityWorker
from ._workflow import _WorkflowWorker

if TYPE_CHECKING:
    from ..bridge._callboard import Worker as BridgeWorker

logger = logging.getLogger("temporalio.worker")

# How long a worker that is shut down at its start still waits for the server's first answer.
_LAST_ANSWER_SECONDS: Final = 2.0


class _Lifecycle:
    def __init__(
        self,
        bridge_worker: BridgeWorker,
        *,
        namespace: str,
        activity_worker: _ActivityWorker | None,
        workflow_worker: _WorkflowWorker | None,
        on_fatal_error: Callable[[BaseException], Awaitable[None]] | None,
        graceful_shutdown_timeout: timedelta,
    ) -> None:
        self._bridge_worker = bridge_worker
        self._namespace = namespace
        self._activity_worker = activity_worker
        self._workflow_worker = workflow_worker
        self._on_fatal_error = on_fatal_error
        self._graceful_shutdown_timeout = graceful_shutdown_timeout
        self._calls_of_run = 0
        self._started = False
        self._shutdown_requested = asyncio.Event()
        self._stopped = asyncio.Event()
        self._failed = asyncio.Event()
        self._failure: BaseException | None = None

    @property
    def is_running(self) -> bool:
        return self._started and not self._stopped.is_set()

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def fail(self, error: BaseException) -> None:
        """Stop the worker because of an error that came up above the bridge."""
        if self._failure is None:
            self._failure = error
            self._failed.set()

    async def shutdown(self) -> None:
        """Ask for shutdown, and wait for it unless nobody has called :py:meth:`run` yet."""
        self._shutdown_requested.set()
        if self._calls_of_run:
            await self._stopped.wait()

    async def run(self) -> None:
        """Work until shutdown or failure, then drain.

        Raises:
            RuntimeError: This ran before, the namespace does not exist, or the worker has failed.
        """
        if self._started:
            raise RuntimeError("Already started")
        self._calls_of_run += 1
        self._stopped.clear()
        try:
            await self._validate()
            if self._started:
                raise RuntimeError("Already started")
            self._started = True
            if self._shutdown_requested.is_set():
                await self._bridge_worker.discard()
            else:
                await self._work()
        finally:
            self._calls_of_run -= 1
            # With another call still at work, this one was refused.
            if not self._calls_of_run:
                self._stopped.set()

    async def _validate(self) -> None:
        validation = self._bridge_worker.validate()
        shutdown = asyncio.create_task(self._shutdown_requested.wait())
        ends: list[asyncio.Future[Any]] = [validation, shutdown]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            # A shutdown need not wait for all the retries against a server that is silent.
            await asyncio.wait([validation], timeout=_LAST_ANSWER_SECONDS)
        finally:
            shutdown.cancel()
            unanswered = validation.cancel()
        if unanswered:
            logger.warning("Worker shut down before the server described its namespace")
            return
        try:
            validation.result()
        except RpcFailure as failure:
            raise RuntimeError(
                f"Worker validation failed: Namespace {self._namespace} was not found or otherwise "
                f"could not be described: {failure.args[1]}"
            ) from failure

    async def _work(self) -> None:
        if self._workflow_worker is not None:
            self._workflow_worker.use_event_loop(asyncio.get_running_loop())
        work = self._bridge_worker.run()
        ended_by = await self._wait_for_end(work)
        logger.info(
            "Beginning worker shutdown, will wait %s before cancelling activities",
            self._graceful_shutdown_timeout,
        )
        if self._activity_worker is not None:
            self._activity_worker.notify_shutdown()
            if self._failure is not None:
                self._activity_worker.refuse_new()
        self._bridge_worker.initiate_shutdown()
        await asyncio.wait([work])
        if self._activity_worker is not None:
            await self._activity_worker.wait_all_completed()
        ended_by = ended_by or _failure_of(work)
        if ended_by is not None:
            raise ended_by

    async def _wait_for_end(self, work: asyncio.Future[None]) -> BaseException | None:
        """Wait for the first reason to stop; return it if it is an error."""
        events = (self._shutdown_requested, self._failed)
        signals = [asyncio.create_task(event.wait()) for event in events]
        ends: list[asyncio.Future[Any]] = [work, *signals]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError as cancelled:
            logger.info("Worker cancelled, shutting down")
            return cancelled
        finally:
            for signal in signals:
                signal.cancel()
        error = self._failure or _failure_of(work)
        if error is not None:
            logger.error("Worker failed, shutting down", exc_info=error)
            await self._tell(error)
        return error

    async def _tell(self, error: BaseException) -> None:
        if self._on_fatal_error is None:
            return
        try:
            await self._on_fatal_error(error)
        except BaseException:
            # Whatever it was, the worker has to drain now.
            logger.warning("Fatal error handler failed", exc_info=True)


def _failure_of(work: asyncio.Future[None]) -> BaseException | None:
    if not work.done() or work.cancelled():
        return None
    cause = work.exception()
    if cause is None:
        return None
    said = cause.args[1] if isinstance(cause, RpcFailure) else cause
    failure = RuntimeError(f"Worker failed: {said}")
    failure.__cause__ = cause
    return failure


class _Block:
    """The body of one ``async with`` over a worker, and the worker that runs beside it."""

    def __init__(self, body: asyncio.Task[object], run: Callable[[], Awaitable[None]]) -> None:
        self._body = body
        self._leaving = False
        self._interrupted = False
        self._given_up = False
        self._error: BaseException | None = None
        self._beside = asyncio.create_task(self._watch(run))

    async def _watch(self, run: Callable[[], Awaitable[None]]) -> None:
        try:
            await run()
        except BaseException as error:
            self._error = error
            if self._given_up and not isinstance(error, asyncio.CancelledError):
                logger.warning("Plugin code failed after it was given up", exc_info=error)
            # A body that is over already must not be cancelled: its task goes on to other things.
            if not self._leaving:
                self._interrupted = True
                self._body.cancel()

    async def leave(
        self,
        shutdown: Callable[[], Awaitable[None]],
        body_error: type[BaseException] | None,
        *,
        plugin_limit: timedelta | None,
    ) -> None:
        """Stop the worker, wait for its end, and raise its error unless the body has one of its own.

        Args:
            shutdown: Stops the worker.
            body_error: What the body has raised.
            plugin_limit: How long plugins may go on after the worker; None for ever.
        """
        self._leaving = True
        try:
            await shutdown()
            await self._wait_for_plugins(plugin_limit)
        except asyncio.CancelledError:
            # Ours, if it only arrives now that the body is over; the worker has ended then.
            if not self._interrupted:
                self._beside.cancel()
                raise
        error = self._error
        if error is None:
            return
        if body_error is None or (self._interrupted and body_error is asyncio.CancelledError):
            self._take_back_cancellation()
            raise error
        logger.error("Worker failed, and so did the code beside it", exc_info=error)

    async def _wait_for_plugins(self, limit: timedelta | None) -> None:
        seconds = None if limit is None else limit.total_seconds()
        _, hung = await asyncio.wait([self._beside], timeout=seconds)
        if hung:
            logger.warning(
                "Plugins are not done %s after the worker was told to stop; their code is cancelled "
                "and not waited for",
                limit,
            )
            self._given_up = True
            self._beside.cancel()

    def _take_back_cancellation(self) -> None:
        # Since 3.11 a task counts its cancellations, for timeouts and task groups around this block.
        uncancel = getattr(self._body, "uncancel", None)
        if self._interrupted and uncancel is not None:
            uncancel()
