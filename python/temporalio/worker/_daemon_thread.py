"""A thread for calls that may have to wait for another process."""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias, TypeVar

_Result = TypeVar("_Result")
_Job: TypeAlias = "tuple[concurrent.futures.Future[Any], Callable[[], Any]]"


class _DaemonThread(concurrent.futures.Executor):
    """Makes calls one after the other on a thread that is there from the first call until shutdown.

    A thread pool's thread must end before the interpreter can, even while the other process does not
    answer; this one need not. After a shutdown the next call starts a new thread.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._running: tuple[threading.Thread, queue.SimpleQueue[_Job | None]] | None = None

    def submit(
        self, fn: Callable[..., _Result], /, *args: Any, **kwargs: Any
    ) -> concurrent.futures.Future[_Result]:
        future: concurrent.futures.Future[_Result] = concurrent.futures.Future()
        with self._lock:
            if self._running is None:
                jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
                thread = threading.Thread(
                    target=_work_off, args=(jobs,), name=self._name, daemon=True
                )
                thread.start()
                self._running = thread, jobs
            self._running[1].put((future, partial(fn, *args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the thread end after the calls that it was given already."""
        with self._lock:
            running, self._running = self._running, None
        if running is None:
            return
        thread, jobs = running
        jobs.put(None)
        if wait:
            thread.join()

    async def finish(self, limit_seconds: float) -> bool:
        """Shut down and wait for the end of the thread, which is left alone if that takes too long."""
        if self._running is None:
            return True
        last = asyncio.wrap_future(self.submit(lambda: None))
        await asyncio.wait([last], timeout=limit_seconds)
        self.shutdown(wait=last.done())
        return last.done()


def _work_off(jobs: queue.SimpleQueue[_Job | None]) -> None:
    while (job := jobs.get()) is not None:
        future, call = job
        if future.set_running_or_notify_cancel():
            try:
                result = call()
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)
                del result
        # What a call holds must not stay until the next one comes.
        del job, future, call
