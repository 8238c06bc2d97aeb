"""An event that threads and coroutines can wait for."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass


@dataclass
class _CompositeEvent:
    """One event seen from both sides: a thread's and, for async activities, a loop's.

    Attributes:
        thread_event: The thread's side; may be filled in after construction, before first use.
        async_event: The loop's side; None for activities that do not run on the loop.
    """

    thread_event: threading.Event | None
    async_event: asyncio.Event | None

    def _thread_side(self) -> threading.Event:
        if self.thread_event is None:
            raise RuntimeError("Missing event")
        return self.thread_event

    def set(self) -> None:
        """Set both sides. To be called on the loop where there is an async side."""
        self._thread_side().set()
        if self.async_event is not None:
            self.async_event.set()

    def is_set(self) -> bool:
        """Tell whether the event is set."""
        return self._thread_side().is_set()

    async def wait(self) -> None:
        """Wait on the loop."""
        if self.async_event is None:
            raise RuntimeError("not in async activity")
        await self.async_event.wait()

    def wait_sync(self, timeout: float | None = None) -> None:
        """Block the thread until the event is set, or for ``timeout`` seconds."""
        self._thread_side().wait(timeout)
