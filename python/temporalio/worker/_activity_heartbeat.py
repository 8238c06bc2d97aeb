"""Heartbeats of one attempt, from the call in user code down to the bridge."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ..activity import _Context, logger

if TYPE_CHECKING:
    from ..bridge._callboard import RawPayload

# As the bridge takes it: a serialized message will do as well.
_GivenPayload: TypeAlias = "RawPayload | bytes"

_HAND_OVER_SECONDS = 10


def _heartbeat_from_thread(
    context: _Context,
    heartbeat: Callable[..., None],
    details: Sequence[Any],
    loop: asyncio.AbstractEventLoop,
) -> None:
    """Record a heartbeat of an activity in a thread on the event loop, and wait until it is taken.

    Args:
        context: What the heartbeat is to find as the activity's context.
        heartbeat: Records details; runs on the event loop.
        details: What the activity has given.
        loop: The worker's event loop.
    """

    async def record() -> None:
        _Context.set(context)
        heartbeat(*details)

    handed_over = asyncio.run_coroutine_threadsafe(record(), loop)
    handed_over.result(_HAND_OVER_SECONDS)


class _Heartbeats:
    """Encodes and records heartbeats one at a time; of those that wait only the newest is kept.

    So a slow encoding can neither let an older heartbeat overtake a newer one nor pile any up.
    """

    def __init__(
        self,
        encode: Callable[[Sequence[Any]], Awaitable[Sequence[_GivenPayload]]],
        record: Callable[[Sequence[_GivenPayload]], None],
        failed: Callable[[], None],
    ) -> None:
        """Make the heartbeats of one attempt.

        Args:
            encode: Turns details into payloads.
            record: Hands payloads to the worker below.
            failed: Called when details cannot be encoded and the activity has not returned yet;
                :py:attr:`failure` says why.
        """
        self._encode = encode
        self._record = record
        self._failed = failed
        self._waiting: Sequence[Any] | None = None
        self._sender: asyncio.Task[None] | None = None
        self.failure: Exception | None = None
        self.activity_returned = False

    def add(self, details: Sequence[Any]) -> None:
        """Take a heartbeat; only on the worker's event loop."""
        self._waiting = details
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send())

    async def flush(self) -> None:
        """Wait until all heartbeats have been handed down."""
        while self._sender is not None and not self._sender.done():
            await asyncio.wait([self._sender])

    async def _send(self) -> None:
        while (details := self._waiting) is not None and self.failure is None:
            self._waiting = None
            try:
                logger.debug("Recording heartbeat with %d details", len(details))
                self._record(await self._encode(details) if details else [])
            except Exception as error:
                self.failure = error
                if self.activity_returned:
                    logger.exception("Failed recording heartbeat of an activity that has returned")
                    return
                logger.warning(
                    "Cancelling activity because failed recording heartbeat", exc_info=True
                )
                self._failed()
