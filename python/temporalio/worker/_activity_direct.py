"""The short way of running an attempt: nothing of the user's stands between worker and activity.

There are no interceptors of activities, there is no codec, and the payload converter is the default one.
So nothing has to be awaited but the activity itself; what the activity does not ask for is not made.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import logging
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..activity import Info, _Context, _current_context, _Definition, logger
from ..exceptions import ApplicationError
from ._activity_attempt import (
    _argument_hints,
    _Attempt,
    _Surroundings,
)
from ._activity_events import _CancellationEvent
from ._activity_heartbeat import _GivenPayload, _heartbeat_from_thread

if TYPE_CHECKING:
    from ..bridge._callboard import ActivityTask


class _DirectAttempt(_Attempt):
    """Base of the two kinds: on the event loop and in a thread."""

    # Of the last heartbeat of an earlier attempt.
    _details: Sequence[Any] = ()

    def __init__(
        self, surroundings: _Surroundings, task: ActivityTask, definition: _Definition
    ) -> None:
        cancelled = _CancellationEvent(on_loop=definition.is_async)
        super().__init__(surroundings, task, definition, cancelled)
        self._activity = definition
        self._values = surroundings.values

    def _arguments(self) -> list[Any]:
        """Decode what the task brings: the arguments, and the details for those who ask."""
        definition = self._activity
        given = self._task.input
        try:
            args = self._values.from_payloads(given, _argument_hints(definition, len(given)))
        except Exception as error:
            raise ApplicationError("Failed decoding arguments") from error
        if details := self._task.heartbeat_details:
            try:
                self._details = self._values.from_payloads(details)
            except Exception as error:
                raise ApplicationError(
                    "Failed decoding heartbeat details", non_retryable=True
                ) from error
        return [args] if definition.name is None else args

    def _enter(self) -> None:
        """Let code from here on see the activity as what is running."""
        _current_context.set(
            self._context(
                self._activity,
                info=self._info,
                heartbeat=self._take_heartbeat,
                converter=self._surroundings.data_converter,
            )
        )

    def _log_start(self) -> None:
        # An adapter takes long to find out that nobody listens.
        if logger.logger.isEnabledFor(logging.DEBUG):
            logger.debug("Starting activity")

    def _info(self) -> Info:
        return self._info_once

    @cached_property
    def _info_once(self) -> Info:
        return self._info_with(list(self._details))

    def _take_heartbeat(self, *details: Any) -> None:
        raise NotImplementedError

    async def _encode_details(self, details: Sequence[Any]) -> Sequence[_GivenPayload]:
        return self._values.to_payloads(details)


class _LoopAttempt(_DirectAttempt):
    """An attempt of an ``async def`` activity, which is one task of the event loop."""

    def start(self) -> None:
        self._runner = asyncio.create_task(self._run())

    async def _run(self) -> None:
        self._interruptible = True
        surroundings = self._surroundings
        try:
            try:
                try:
                    args = self._arguments()
                    self._enter()
                    self._log_start()
                    if self._cancelled.is_set():
                        # It was cancelled before there was anything to cancel.
                        raise asyncio.CancelledError
                    result = await self._activity.fn(*args)
                finally:
                    self._interruptible = False
                    if self._heartbeats is not None:
                        await self._returned()
                payload = self._values.to_payload(result)
            except BaseException as raised:
                await self._fail(raised)
            else:
                surroundings.bridge_worker().complete_activity(self.task_token, payload)
        finally:
            # The task holds the attempt.
            self._runner = None
            surroundings.forget(self.task_token)

    def _take_heartbeat(self, *details: Any) -> None:
        self._heartbeat(details)


class _ThreadAttempt(_DirectAttempt):
    """An attempt of a synchronous activity. Its thread reports its result, with no way back by the loop."""

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        executor = self._surroundings.executor
        if executor is None:
            raise RuntimeError("a worker without an executor has no synchronous activities")
        try:
            args = self._arguments()
            # Executors do not carry the context over by themselves.
            context = contextvars.copy_context()
            future = executor.submit(context.run, self._run, args)
        except BaseException as raised:
            self._conclude_soon(raised)
        else:
            future.add_done_callback(self._leave_executor)

    def _run(self, args: list[Any]) -> None:
        self._enter()
        self._log_start()
        try:
            if self._raiser is None:
                result = self._activity.fn(*args)
            else:
                result = self._raiser.run(self._activity.fn, *args)
            self._interruptible = False
            if self._heartbeats is not None:
                # They are taken down on the loop, and before the result.
                return self._hand_over(None, result)
            payload = self._values.to_payload(result)
        except BaseException as raised:
            return self._hand_over(raised)
        self._surroundings.bridge_worker().complete_activity(self.task_token, payload)
        self._surroundings.forget(self.task_token)

    def _leave_executor(self, future: concurrent.futures.Future[None]) -> None:
        # The executor may refuse or drop what it was given; then it has not run at all.
        if future.cancelled():
            self._hand_over(asyncio.CancelledError())
        elif (error := future.exception()) is not None:
            self._hand_over(error)

    def _hand_over(self, raised: BaseException | None, result: Any = None) -> None:
        """Have the event loop report what takes more than one step."""
        try:
            self._loop.call_soon_threadsafe(self._conclude_soon, raised, result)
        except RuntimeError:
            # Nobody is left to report to.
            if not self._loop.is_closed():
                raise

    def _conclude_soon(self, raised: BaseException | None, result: Any = None) -> None:
        self._runner = asyncio.create_task(self._conclude(raised, result))

    async def _conclude(self, raised: BaseException | None, result: Any) -> None:
        self._enter()
        try:
            try:
                await self._returned()
                if raised is not None:
                    raise raised
                payload = self._values.to_payload(result)
            except BaseException as error:
                await self._fail(error)
            else:
                self._surroundings.bridge_worker().complete_activity(self.task_token, payload)
        finally:
            self._runner = None
            self._surroundings.forget(self.task_token)

    def _take_heartbeat(self, *details: Any) -> None:
        _heartbeat_from_thread(_Context.current(), self._record, details, self._loop)

    def _record(self, *details: Any) -> None:
        self._heartbeat(details)
