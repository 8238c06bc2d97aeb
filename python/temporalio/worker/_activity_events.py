"""The event of an attempt's cancellation, which few attempts ever look at."""

from __future__ import annotations

import asyncio
import threading

from ..common import _CompositeEvent

# Held for the moment in which a thread makes its side of an event.
_making = threading.Lock()


class _CancellationEvent(_CompositeEvent):
    """An event whose sides are made when somebody first waits for them."""

    def __init__(self, *, on_loop: bool) -> None:
        """Make an event that is not set.

        Args:
            on_loop: Whether the attempt runs on the event loop, and can wait there.
        """
        self.thread_event = None
        self.async_event = None
        self._on_loop = on_loop
        self._is_set = False

    def set(self) -> None:
        # First of all: whoever makes a side from here on looks at this afterwards.
        self._is_set = True
        if self.thread_event is not None:
            self.thread_event.set()
        if self.async_event is not None:
            self.async_event.set()

    def is_set(self) -> bool:
        return self._is_set

    async def wait(self) -> None:
        if self.async_event is None and self._on_loop:
            self.async_event = asyncio.Event()
            if self._is_set:
                self.async_event.set()
        await super().wait()

    def _thread_side(self) -> threading.Event:
        with _making:
            if self.thread_event is None:
                self.thread_event = threading.Event()
        if self._is_set:
            self.thread_event.set()
        return self.thread_event
