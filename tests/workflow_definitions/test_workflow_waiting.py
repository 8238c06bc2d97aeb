"""``workflow.wait`` and ``workflow.as_completed``: ordered, and in step with asyncio's own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from temporalio import workflow

COUNT = 50


async def ends_after(turns: int, value: Any) -> Any:
    """Yield to the loop some times, then return or raise ``value``."""
    for _ in range(turns):
        await asyncio.sleep(0)
    if isinstance(value, Exception):
        raise value
    return value


def start(*turns: int) -> list[asyncio.Task[int]]:
    return [asyncio.create_task(ends_after(count, at)) for at, count in enumerate(turns)]


async def test_wait_keeps_the_order() -> None:
    """Compatibility, activations: `workflow.wait` returns lists in input order."""
    tasks = start(*range(COUNT, 0, -1))
    assert await workflow.wait(tasks) == (tasks, [])


async def test_wait_for_the_first() -> None:
    tasks = start(9, 1, 9, 1, 9)
    done, pending = await workflow.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    assert (done, pending) == ([tasks[1], tasks[3]], [tasks[0], tasks[2], tasks[4]])
    await workflow.wait(pending)


async def test_wait_for_the_first_exception() -> None:
    cancelled = asyncio.create_task(ends_after(99, 0))
    cancelled.cancel()
    quick = asyncio.create_task(ends_after(1, 0))
    failing = asyncio.create_task(ends_after(3, KeyError("failed")))
    slow = asyncio.create_task(ends_after(9, 0))
    done, pending = await workflow.wait(
        [slow, failing, quick, cancelled], return_when=asyncio.FIRST_EXCEPTION
    )
    assert (done, pending) == ([failing, quick, cancelled], [slow])
    await slow


async def test_wait_until_a_timeout() -> None:
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    (quick,) = start(0)
    done, pending = await workflow.wait([never, quick], timeout=0.01)
    assert (done, pending) == ([quick], [never])
    assert not never.cancelled()


async def test_wait_cancelled_leaves_no_callback() -> None:
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(workflow.wait([never], timeout=100))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not never.done()
    never.set_result(None)
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("futures", "options", "error", "message"),
    [
        ([], {}, ValueError, "Sequence of Tasks/Futures must not be empty."),
        (
            [asyncio.Future],
            {"return_when": "later"},
            ValueError,
            "Invalid return_when value: later",
        ),
    ],
)
async def test_wait_refuses(
    futures: list[Any], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        await workflow.wait([make() for make in futures], **options)
    assert str(raised.value) == message


async def test_coroutines_are_refused() -> None:
    coroutine = ends_after(0, 1)
    wait: Any = workflow.wait
    as_completed: Any = workflow.as_completed
    try:
        with pytest.raises(TypeError, match="^Passing coroutines is forbidden, use tasks"):
            await wait([coroutine])
        with pytest.raises(TypeError, match="^Expect an iterable of Tasks/Futures, not coroutine$"):
            await wait(coroutine)
        with pytest.raises(TypeError, match="^expect an iterable of futures, not coroutine$"):
            next(as_completed(coroutine))
    finally:
        coroutine.close()


async def test_as_completed_in_the_order_of_ends() -> None:
    """Compatibility, activations: `as_completed` yields in completion order."""
    turns = [3, 1, 2, 1]
    assert [await each for each in workflow.as_completed(start(*turns))] == [1, 3, 2, 0]


async def test_as_completed_of_coroutines() -> None:
    coroutines = [ends_after(COUNT - at, at) for at in range(COUNT)]
    results = [await each for each in workflow.as_completed(coroutines)]
    assert results == list(reversed(range(COUNT)))


async def test_as_completed_raises_what_a_task_raises() -> None:
    outcomes = []
    for each in workflow.as_completed([ends_after(2, 7), ends_after(1, KeyError("failed"))]):
        try:
            outcomes.append(await each)
        except KeyError as error:
            outcomes.append(str(error))
    assert outcomes == ["'failed'", 7]


async def test_as_completed_until_a_timeout() -> None:
    never: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    (quick,) = start(0)
    first, second = workflow.as_completed([never, quick], timeout=0.01)
    assert await first == 0
    with pytest.raises(asyncio.TimeoutError):
        await second
    assert not never.cancelled()


async def test_as_completed_cancels_its_timer() -> None:
    handles: list[asyncio.TimerHandle] = []
    loop = asyncio.get_running_loop()
    call_later = loop.call_later

    def noting(*args: Any, **options: Any) -> asyncio.TimerHandle:
        handles.append(call_later(*args, **options))
        return handles[-1]

    loop.call_later = noting  # type: ignore[method-assign]
    for each in workflow.as_completed(start(1, 2), timeout=100):
        await each
    await workflow.wait(start(1, 2), timeout=100)
    assert [handle.cancelled() for handle in handles] == [True, True]


async def test_as_completed_of_nothing() -> None:
    assert list(workflow.as_completed([])) == []


async def turns_of(function: Callable[[], Awaitable[Any]]) -> int:
    """Return how many turns of the loop ``function`` takes."""
    turns = 0
    running = True
    loop = asyncio.get_running_loop()

    def count() -> None:
        nonlocal turns
        turns += 1
        if running:
            loop.call_soon(count)

    loop.call_soon(count)
    await function()
    running = False
    return turns


@pytest.mark.parametrize("turns", [(0,), (0, 0), (3, 1), (1, 5, 2)])
@pytest.mark.parametrize("return_when", [asyncio.FIRST_COMPLETED, asyncio.ALL_COMPLETED])
async def test_wait_takes_the_turns_of_asyncio(turns: tuple[int, ...], return_when: str) -> None:
    """Compatibility, activations: the number of loop hops."""
    # The turns decide what runs before what, which histories depend on.
    ours = await turns_of(lambda: workflow.wait(start(*turns), return_when=return_when))
    theirs = await turns_of(lambda: asyncio.wait(start(*turns), return_when=return_when))
    assert ours == theirs


@pytest.mark.parametrize("turns", [(0,), (0, 0), (3, 1), (1, 5, 2)])
async def test_as_completed_takes_the_turns_of_asyncio(turns: tuple[int, ...]) -> None:
    """Compatibility, activations: the number of loop hops."""

    async def consume(as_completed: Callable[..., Any]) -> None:
        for each in as_completed(start(*turns)):
            await each

    ours = await turns_of(lambda: consume(workflow.as_completed))
    assert ours == await turns_of(lambda: consume(asyncio.as_completed))
