"""How many threads run workflows."""

from __future__ import annotations

import concurrent.futures
import sys


def lanes_for(executor: object) -> int | None:
    """Return on how many threads workflows are to run, or None if nothing was said.

    Workflows run on threads of the extension, which no executor can provide. What a user says with an
    executor, how many there are, still holds.

    Raises:
        TypeError: It is not a pool of threads.
    """
    if executor is None:
        return None
    if not isinstance(executor, concurrent.futures.ThreadPoolExecutor) or _has_interpreters(
        executor
    ):
        raise TypeError(
            "workflow_task_executor must be a concurrent.futures.ThreadPoolExecutor, of which the "
            f"number of workers is used, got {executor!r}"
        )
    return executor._max_workers


def _has_interpreters(executor: concurrent.futures.ThreadPoolExecutor) -> bool:
    """Return whether the threads have interpreters of their own, although it is a thread pool."""
    if sys.version_info < (3, 14):
        return False
    return isinstance(executor, concurrent.futures.InterpreterPoolExecutor)
