"""Which histories replay, and what is said of those that do not."""

from __future__ import annotations

import asyncio
import copy

import pytest

from temporalio.exceptions import ApplicationError
from temporalio.workflow import NondeterminismError

from . import workflows
from .replaying import failure_of, recorded, replayer, with_events

ENDED = ("completed", "failed", "continued_as_new", "timed_out", "cancelled", "terminated")


@pytest.mark.parametrize("name", ENDED)
async def test_ended_history_replays(name: str) -> None:
    """Promise 21: completed, failed, continued, timed out, cancelled and terminated ones replay."""
    assert await failure_of(replayer(), recorded(name)) is None


@pytest.mark.parametrize("name", [*ENDED, "mid_flight", "pending", "fresh"])
async def test_history_replays_at_every_length(name: str) -> None:
    """Promise 21: also as they stood at any moment before their end."""
    history = recorded(name)
    for length in range(1, len(history.events) + 1):
        cut = with_events(history, history.events[:length])
        assert await failure_of(replayer(), cut) is None, length


@pytest.mark.parametrize(
    ("changed", "event", "command"),
    [
        (workflows.OrderWithoutTimer, "event 5 (TIMER_STARTED)", "SCHEDULE_ACTIVITY_TASK"),
        (workflows.OrderAtOnce, "event 5 (TIMER_STARTED)", "COMPLETE_WORKFLOW_EXECUTION"),
        (workflows.OrderWithTimerMore, "event 16 (WORKFLOW_EXECUTION_COMPLETED)", "START_TIMER"),
        (workflows.OrderThatFails, "event 16 (WORKFLOW_EXECUTION_COMPLETED)", "FAIL_WORKFLOW"),
    ],
)
async def test_changed_code_is_nondeterminism(changed: type, event: str, command: str) -> None:
    """Promise 23: the message has the code, the event and the command."""
    with pytest.raises(NondeterminismError) as raised:
        await replayer(changed).replay_workflow(recorded("completed"))
    assert str(raised.value).startswith(f"[TMPRL1100] Nondeterminism error: {event} ")
    assert command in str(raised.value)


async def test_nondeterminism_is_told_also_where_it_fails_the_workflow() -> None:
    for types in ([NondeterminismError], [Exception]):
        changed = replayer(workflows.OrderAtOnce, workflow_failure_exception_types=types)
        failure = await failure_of(changed, recorded("completed"))
        assert isinstance(failure, NondeterminismError)


async def test_exception_that_is_no_failure_fails_the_task() -> None:
    failure = await failure_of(replayer(workflows.OrderThatRaises), recorded("completed"))
    assert type(failure) is RuntimeError
    assert str(failure) == "4: this is no failure"
    # The cause says where in the workflow's code it came from.
    cause = failure.__cause__
    assert isinstance(cause, ApplicationError) and cause.type == "ValueError"
    assert cause.failure is not None and "in run" in cause.failure.stack_trace


async def test_exception_that_fails_the_workflow_is_a_command() -> None:
    raising = replayer(workflows.OrderThatRaises, workflow_failure_exception_types=[ValueError])
    with pytest.raises(NondeterminismError, match="FAIL_WORKFLOW_EXECUTION"):
        await raising.replay_workflow(recorded("completed"))


async def test_workflow_that_is_not_registered() -> None:
    failure = await failure_of(replayer(workflows.Failing), recorded("completed"))
    assert type(failure) is RuntimeError
    assert str(failure) == (
        "4: Workflow class Order is not registered on this worker, available workflows: Failing"
    )


async def test_code_that_blocks_is_a_deadlock() -> None:
    failure = await failure_of(replayer(workflows.OrderThatBlocks), recorded("completed"))
    assert type(failure) is RuntimeError
    assert str(failure).startswith("4: [TMPRL1101] Potential deadlock detected")


async def test_code_may_block_in_debug_mode() -> None:
    blocking = replayer(workflows.OrderThatBlocks, debug_mode=True)
    with pytest.raises(NondeterminismError, match="event 10"):
        await blocking.replay_workflow(recorded("completed"))


@pytest.mark.parametrize(
    ("name", "length", "seen"),
    [
        ("fresh", 2, {"start": False}),
        ("mid_flight", 3, {"start": False}),
        ("mid_flight", 5, {"start": True}),
        ("mid_flight", 6, {"start": True, "poke": False}),
        ("mid_flight", 9, {"start": True, "poke": True}),
        ("pending", 7, {"start": True, "go": False}),
        (
            "mid_flight",
            12,
            {"start": True, "poke": True, "slept": False, "patched True": False},
        ),
        # The task has completed and its marker is not there: it took the old way.
        (
            "mid_flight",
            13,
            {"start": True, "poke": True, "slept": True, "patched False": True},
        ),
        (
            "mid_flight",
            14,
            {"start": True, "poke": True, "slept": True, "patched True": True},
        ),
        (
            "mid_flight",
            24,
            {k: True for k in ("start", "poke", "slept", "patched True", "go", "done")},
        ),
        (
            "terminated",
            25,
            {k: True for k in ("start", "poke", "slept", "patched True", "go", "done")},
        ),
    ],
)
async def test_what_no_task_has_seen_is_live(name: str, length: int, seen: dict[str, bool]) -> None:
    """As on the official package, which gave these values for the same histories."""
    workflows.SEEN.clear()
    history = recorded(name)
    cut = with_events(history, history.events[:length])
    assert await failure_of(replayer(), cut) is None
    assert dict(workflows.SEEN) == seen


async def test_same_run_any_number_of_times() -> None:
    one, history = replayer(), recorded("completed")
    results = await asyncio.gather(*(one.replay_workflow(history) for _ in range(8)))
    assert all(result.replay_failure is None for result in results)


async def test_task_to_come_has_the_facts_of_the_last_one() -> None:
    """As on the official package: time stands still, and all events that are there are counted."""
    workflows.FACTS.clear()
    history = recorded("pending")
    started = history.events[2].workflow_task_started_event_attributes
    started.suggest_continue_as_new = True
    started.history_size_bytes = 777
    assert await failure_of(replayer(workflows.Observing), history) is None
    [first, then] = workflows.FACTS
    assert first == ("run", True, 777, 3, then[-1])
    assert then[:-1] == ("go", True, 777, 7)


async def test_ended_workflow_hears_of_nothing_that_no_task_has_seen() -> None:
    """As on the official package."""
    workflows.SEEN.clear()
    history = recorded("pending")
    terminated = copy.deepcopy(recorded("terminated").events[-1])
    terminated.event_id = len(history.events) + 1
    ended = with_events(history, [*history.events, terminated])
    assert await failure_of(replayer(), ended) is None
    assert workflows.SEEN == [("start", True)]
