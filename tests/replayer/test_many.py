"""Several histories: in which order they are asked for, and what stays of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from temporalio.client import WorkflowHistory
from temporalio.worker import WorkflowReplayResults
from temporalio.workflow import NondeterminismError

from . import workflows
from .replaying import each, recorded, replayer, with_events

CHANGED = (workflows.OrderAtOnce, workflows.Failing, workflows.Again, workflows.Waiting)


class Counted:
    """Histories that are noted as they are asked for."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.given: list[str] = []

    async def histories(self) -> AsyncIterator[WorkflowHistory]:
        for name in self.names:
            self.given.append(name)
            yield recorded(name)


async def test_failures_by_run_id() -> None:
    counted = Counted("completed", "failed", "mid_flight", "completed", "fresh")
    results = await replayer(*CHANGED).replay_workflows(
        counted.histories(), raise_on_replay_failure=False
    )
    [(run_id, failure)] = results.replay_failures.items()
    assert run_id == recorded("completed").run_id
    assert isinstance(failure, NondeterminismError)
    assert counted.given == list(counted.names)


async def test_first_failure_is_raised_and_ends_the_asking() -> None:
    counted = Counted("failed", "completed", "fresh", "mid_flight")
    with pytest.raises(NondeterminismError, match="TMPRL1100"):
        await replayer(*CHANGED).replay_workflows(counted.histories())
    assert counted.given == ["failed", "completed"]


async def test_no_histories() -> None:
    assert await replayer().replay_workflows(each()) == WorkflowReplayResults({})


async def test_history_without_a_run_is_named_by_its_workflow() -> None:
    history = recorded("completed")
    results = await replayer().replay_workflows(
        each(with_events(history, [])), raise_on_replay_failure=False
    )
    [(key, failure)] = results.replay_failures.items()
    assert (key, type(failure)) == ("completed", RuntimeError)
    assert str(failure) == "8: the history has no events"


async def test_iterator_asks_for_one_history_at_a_time() -> None:
    counted = Counted("completed", "failed", "fresh")
    seen = []
    async with replayer(*CHANGED).workflow_replay_iterator(counted.histories()) as results:
        assert counted.given == []
        async for result in results:
            seen.append((result.history.workflow_id, type(result.replay_failure)))
            assert counted.given == [name for name, _ in seen]
    assert seen == [
        ("completed", NondeterminismError),
        ("failed", type(None)),
        ("fresh", type(None)),
    ]


async def test_iterator_may_be_left_early() -> None:
    counted = Counted("completed", "failed", "fresh")
    async with replayer().workflow_replay_iterator(counted.histories()) as results:
        async for result in results:
            assert result.replay_failure is None
            break
    assert counted.given == ["completed"]
    with pytest.raises(RuntimeError):
        await anext(results)


async def test_error_of_the_block_passes() -> None:
    with pytest.raises(KeyError, match="mine"):
        async with replayer().workflow_replay_iterator(each(recorded("completed"))) as results:
            async for _ in results:
                raise KeyError("mine")


async def test_error_of_the_histories_passes_after_what_came_before() -> None:
    async def failing() -> AsyncIterator[WorkflowHistory]:
        yield recorded("completed")
        raise KeyError("no more")

    seen = []
    with pytest.raises(KeyError, match="no more"):
        async with replayer().workflow_replay_iterator(failing()) as results:
            async for result in results:
                seen.append(result.replay_failure)
    assert seen == [None]
    with pytest.raises(KeyError, match="no more"):
        await replayer().replay_workflows(failing(), raise_on_replay_failure=False)


async def test_cancelled_replay_leaves_no_thread() -> None:
    before = threading.active_count()
    blocking = replayer(workflows.OrderThatBlocks, debug_mode=True)
    replay = asyncio.create_task(blocking.replay_workflow(recorded("completed")))
    await asyncio.sleep(0.5)
    replay.cancel()
    with pytest.raises(asyncio.CancelledError):
        await replay
    for _ in range(100):
        if threading.active_count() <= before:
            return
        await asyncio.sleep(0.1)
    pytest.fail("a thread of the replay is still there")


@pytest.mark.parametrize("wrong", [{}, None, 5])
async def test_what_is_no_history_object(wrong: object) -> None:
    with pytest.raises(AttributeError):
        await replayer().replay_workflow(wrong)  # type: ignore[arg-type]
