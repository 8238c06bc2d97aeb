"""Cancellation of activities that run in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from ..bridge._callboard import ThreadInterrupt
from ..exceptions import CancelledError

_Result = TypeVar("_Result")


class _ThreadExceptionRaiser:
    """Raises at most one ``CancelledError`` into the thread of one attempt, and only while it runs there.

    The state lives below Python, where looking at it and interrupting the thread are one step that no
    switch of threads can part. So an exception never reaches what runs next on that thread.
    """

    def __init__(self) -> None:
        self._interrupt = ThreadInterrupt()

    def run(self, fn: Callable[..., _Result], *args: Any) -> _Result:
        """Call ``fn`` in this thread, which a cancellation interrupts until it is over.

        Raises:
            CancelledError: The cancellation came before, or while ``fn`` ran and did not catch it.
        """
        try:
            if self._interrupt.attach(threading.get_ident()):
                raise CancelledError
            return fn(*args)
        finally:
            self._interrupt.detach()

    def raise_in_thread(self, exc_type: type[BaseException] = CancelledError) -> None:
        """Interrupt the attempt, now or as soon as it has a thread and is not shielded."""
        self._interrupt.interrupt(exc_type)

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """Hold an interruption back until the end of the outermost such block."""
        self._interrupt.shield()
        try:
            yield
        finally:
            if self._interrupt.unshield():
                raise CancelledError
