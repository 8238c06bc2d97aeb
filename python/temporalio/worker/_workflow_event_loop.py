"""The event loop of a workflow run: the Rust loop with tasks, and nothing that does I/O."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sys
import traceback
import weakref
from collections.abc import AsyncGenerator, Callable
from typing import Any

from temporalio.bridge._callboard import Commands, EventLoop, RawPayload

# As with dropped signals, the name is the one that people filter by.
logger = logging.getLogger("temporalio.worker._workflow_instance")

_Report = dict[str, Any]
_ExceptionHandler = Callable[[asyncio.AbstractEventLoop, _Report], object]

timer_summary: contextvars.ContextVar[RawPayload | None] = contextvars.ContextVar(
    "__temporal_timer_summary", default=None
)
"""Summary of the timers that are started in a context."""


class WorkflowEventLoop(EventLoop, asyncio.AbstractEventLoop):  # type: ignore[misc]  # pyright: ignore[reportIncompatibleMethodOverride, reportImplicitAbstractClass]
    """Runs one workflow's tasks in a fixed order, on workflow time.

    What :py:class:`asyncio.AbstractEventLoop` offers and a workflow cannot have raises
    :py:class:`NotImplementedError`.
    """

    def __new__(cls, commands: Commands, task_suffix: str) -> WorkflowEventLoop:
        """Make the Rust part.

        Args:
            commands: Where timers go.
            task_suffix: Appended to the name of each task.
        """
        return super().__new__(cls, commands, timer_summary, task_suffix)

    def __init__(self, commands: Commands, task_suffix: str) -> None:
        """Create the loop."""
        self._commands = commands
        self._exception_handler: _ExceptionHandler | None = None
        self._hooks: tuple[Any, Any] = (None, None)
        self._async_generators: weakref.WeakSet[AsyncGenerator[Any, Any]] | None = None

    @property
    def async_generators(self) -> list[AsyncGenerator[Any, Any]]:
        """Those that somebody began to iterate. A teardown has to close them."""
        return list(self._async_generators or ())

    def _note_async_generator(self, generator: AsyncGenerator[Any, Any]) -> None:
        if self._async_generators is None:
            self._async_generators = weakref.WeakSet()
        self._async_generators.add(generator)

    def __enter__(self) -> None:
        """Become the running loop of the thread."""
        self._hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=self._note_async_generator, finalizer=None)
        asyncio._set_running_loop(self)

    def __exit__(self, *_: object) -> None:
        """Be it no longer."""
        asyncio._set_running_loop(None)
        sys.set_asyncgen_hooks(*self._hooks)

    def create_future(self) -> asyncio.Future[Any]:
        """Create a future of this loop."""
        return asyncio.Future(loop=self)

    def get_task_factory(self) -> None:
        """Return None: tasks are asyncio's own."""
        return None

    def get_exception_handler(self) -> _ExceptionHandler | None:
        """Return what :py:meth:`set_exception_handler` has set."""
        return self._exception_handler

    def set_exception_handler(self, handler: _ExceptionHandler | None) -> None:
        """Have ``handler`` called with errors that nobody awaits, or log them again if None."""
        self._exception_handler = handler

    def call_exception_handler(self, context: _Report) -> None:
        """Report an error that nobody awaits. While the run is torn down there is nobody to tell."""
        if self._commands.evicting:
            return
        handler = self._exception_handler
        if handler is None:
            self.default_exception_handler(context)
            return
        try:
            handler(self, context)
        except Exception as error:
            self.default_exception_handler(
                {
                    "message": "Unhandled error in exception handler",
                    "exception": error,
                    "context": context,
                }
            )

    def default_exception_handler(self, context: _Report) -> None:
        """Log an error that nobody awaits."""
        lines = [str(context.get("message") or "Unhandled exception in event loop")]
        for key, value in sorted(context.items()):
            if key in ("message", "exception"):
                continue
            if key in ("source_traceback", "handle_traceback"):
                value = "\n" + "".join(traceback.format_list(value)).rstrip()
                lines.append(f"{key}:{value}")
            else:
                lines.append(f"{key}: {value!r}")
        logger.error("\n".join(lines), exc_info=context.get("exception"))
