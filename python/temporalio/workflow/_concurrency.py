"""Waiting for several futures in an order that replay repeats.

asyncio keeps the futures it waits for in sets, whose order differs between processes. These keep
them in lists; apart from that they take the same number of turns of the loop, which histories
depend on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable, Iterator
from typing import Any, TypeVar, overload

from ..types import AnyType

__all__ = ["as_completed", "wait"]

_FT = TypeVar("_FT", bound="asyncio.Future[Any]")
_RETURN_WHEN = (asyncio.FIRST_COMPLETED, asyncio.FIRST_EXCEPTION, asyncio.ALL_COMPLETED)


class _Arrivals:
    """Futures in the order in which they end; after a timeout a None for each that has not."""

    def __init__(self, futures: list[asyncio.Future[Any]], timeout: float | None) -> None:
        self._waited_for = futures
        self._arrived: asyncio.Queue[asyncio.Future[Any] | None] = asyncio.Queue()
        self._timer: asyncio.TimerHandle | None = None
        for future in futures:
            future.add_done_callback(self._arrive)
        if futures and timeout is not None:
            self._timer = asyncio.get_running_loop().call_later(timeout, self._give_up)

    def _arrive(self, future: asyncio.Future[Any]) -> None:
        if not self._waited_for:
            # Given up in this very turn of the loop.
            return
        self._waited_for.remove(future)
        self._arrived.put_nowait(future)
        if not self._waited_for and self._timer is not None:
            self._timer.cancel()

    def _give_up(self) -> None:
        late, self._waited_for = self._waited_for, []
        for future in late:
            future.remove_done_callback(self._arrive)
            self._arrived.put_nowait(None)

    async def next(self) -> Any:
        future = await self._arrived.get()
        if future is None:
            raise asyncio.TimeoutError
        return future.result()


def as_completed(
    fs: Iterable[Awaitable[AnyType]], *, timeout: float | None = None
) -> Iterator[Coroutine[Any, Any, AnyType]]:
    """Iterate over what ends first, second and so on.

    The deterministic form of :py:func:`asyncio.as_completed`: awaitables that end in the same turn
    of the loop come in the order in which they ended.

    Args:
        fs: Futures, tasks or coroutines. Each coroutine becomes a task when the iteration begins.
        timeout: How long to wait for all of them, in seconds. None waits without a timer.

    Yields:
        Coroutines. Each gives the result of one of ``fs``, or raises its exception, or raises
        :py:class:`asyncio.TimeoutError` if it did not end in time.

    Raises:
        TypeError: ``fs`` is itself a future or a coroutine.
    """
    if asyncio.isfuture(fs) or asyncio.iscoroutine(fs):
        raise TypeError(f"expect an iterable of futures, not {type(fs).__name__}")
    futures: list[asyncio.Future[AnyType]] = [
        asyncio.ensure_future(awaitable) for awaitable in list(fs)
    ]
    count = len(futures)
    arrivals = _Arrivals(futures, timeout)
    for _ in range(count):
        yield arrivals.next()


@overload
async def wait(
    fs: Iterable[_FT],
    *,
    timeout: float | None = None,
    return_when: str = asyncio.ALL_COMPLETED,
) -> tuple[list[_FT], list[_FT]]: ...


@overload
async def wait(
    fs: Iterable[asyncio.Task[AnyType]],
    *,
    timeout: float | None = None,
    return_when: str = asyncio.ALL_COMPLETED,
) -> tuple[list[asyncio.Task[AnyType]], list[asyncio.Task[AnyType]]]: ...


async def wait(
    fs: Iterable[Any],
    *,
    timeout: float | None = None,
    return_when: str = asyncio.ALL_COMPLETED,
) -> tuple[list[Any], list[Any]]:
    """Wait until some or all of several futures have ended.

    The deterministic form of :py:func:`asyncio.wait`. A timeout raises nothing and cancels nothing.

    Args:
        fs: Futures or tasks. Not coroutines: make tasks of them.
        timeout: How long to wait at most, in seconds. None waits without a timer.
        return_when: ``asyncio.FIRST_COMPLETED``, ``asyncio.FIRST_EXCEPTION`` or
            ``asyncio.ALL_COMPLETED``, which is the default.

    Returns:
        Two lists, those that have ended and those that have not, each in the order of ``fs``.

    Raises:
        TypeError: ``fs`` is itself a future or a coroutine, or has a coroutine in it.
        ValueError: ``fs`` is empty, or ``return_when`` is none of the three.
    """
    if asyncio.isfuture(fs) or asyncio.iscoroutine(fs):
        raise TypeError(f"Expect an iterable of Tasks/Futures, not {type(fs).__name__}")
    futures = list(fs)
    if not futures:
        raise ValueError("Sequence of Tasks/Futures must not be empty.")
    if return_when not in _RETURN_WHEN:
        raise ValueError(f"Invalid return_when value: {return_when}")
    if any(map(asyncio.iscoroutine, futures)):
        raise TypeError("Passing coroutines is forbidden, use tasks explicitly.")
    await _wait_until(futures, timeout, return_when)
    ended = [future for future in futures if future.done()]
    return ended, [future for future in futures if not future.done()]


async def _wait_until(
    futures: list[asyncio.Future[Any]], timeout: float | None, return_when: str
) -> None:
    loop = asyncio.get_running_loop()
    enough: asyncio.Future[None] = loop.create_future()
    missing = len(futures)

    def release() -> None:
        if not enough.done():
            enough.set_result(None)

    timer = None if timeout is None else loop.call_later(timeout, release)

    def stops(future: asyncio.Future[Any]) -> bool:
        if return_when != asyncio.FIRST_EXCEPTION or future.cancelled():
            return False
        return future.exception() is not None

    def count(future: asyncio.Future[Any]) -> None:
        nonlocal missing
        missing -= 1
        if missing <= 0 or return_when == asyncio.FIRST_COMPLETED or stops(future):
            # Cancelled here, not only after the wake-up, so that it cannot fire in between.
            if timer is not None:
                timer.cancel()
            release()

    for future in futures:
        future.add_done_callback(count)
    try:
        await enough
    finally:
        if timer is not None:
            timer.cancel()
        for future in futures:
            future.remove_done_callback(count)
