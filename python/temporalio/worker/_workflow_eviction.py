"""The teardown of a run.

Each coroutine of a run has to end on the run's lane, with the run's loop in place. One that is
collected later could wake up within another workflow and act there.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from temporalio.bridge._callboard import count_abandoned_run

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl

logger = logging.getLogger(__name__)

_ROUNDS = 10
"""How often a task may swallow its cancellation."""

_unending: list[Any] = []
"""Coroutines that would not end. They are never collected, so they never wake up elsewhere."""


def finish(run: _WorkflowInstanceImpl) -> None:
    """End what the cancellation of all tasks has left over."""
    with run.event_loop:
        for _ in range(_ROUNDS):
            if not run.event_loop.tasks:
                break
            for task in list(run.event_loop.tasks):
                task.cancel()
            run.event_loop.run_until_idle()
        if run.event_loop.tasks:
            _abandon(run)
        for generator in run.event_loop.async_generators:
            _close(generator)
    run.release()


def _close(generator: AsyncGenerator[Any, Any]) -> None:
    """Close an async generator that was left halfway, without waiting for anything."""
    closing: Any = generator.aclose()
    try:
        closing.send(None)
    except BaseException as error:
        # Its code may raise what it likes, and the end of it is an exception too.
        logger.debug("Async generator of an evicted workflow ended with %r", error)
    else:
        _unending.append(closing)


def _abandon(run: _WorkflowInstanceImpl) -> None:
    """Close coroutines whose code keeps them from being cancelled."""
    count_abandoned_run()
    info = run.info
    names = ", ".join(sorted(task.get_name() for task in run.event_loop.tasks))
    logger.error(
        "Workflow %s with ID %s and run ID %s swallows its cancellation while it is evicted: code "
        "catches BaseException, asyncio.CancelledError among them, and goes on. The run is "
        "abandoned. Tasks: %s",
        info.workflow_type,
        info.workflow_id,
        info.run_id,
        names,
    )
    for task in list(run.event_loop.tasks):
        coroutine: Any = task.get_coro()
        try:
            coroutine.close()
        except BaseException:
            _unending.append((task, coroutine))
    run.event_loop.tasks.clear()
