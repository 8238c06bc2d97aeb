"""CPU of the same fan-out in plain asyncio, with the json module and no durability.

    python -m measuring.plain_asyncio COUNT TIMES WARM_UP

What a workflow author would write without any SDK, doing the Python work that the workflow `FanOut`
asks for and nothing else. As there, an activity is called by its function, its argument leaves as
JSON, starting it gives a handle, which is a task that reads the result from JSON when it comes, and
`execute_activity` is a coroutine that awaits the handle, so that `gather` makes a task of each. The
other side answers after all have been started, as in the history that is replayed. No event loop is
made for each time: all share one, as coroutines of one program do.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from measuring.protocol import answer


async def double(number: int) -> int:
    return number * 2


class Activities:
    """Starts activities, and is told their results by number."""

    def __init__(self) -> None:
        self._results: list[asyncio.Future[bytes]] = []
        self.started: list[dict[str, Any]] = []

    def start_activity(
        self, activity: Callable[..., Any], argument: Any, *, start_to_close_timeout: timedelta
    ) -> asyncio.Task[Any]:
        loop = asyncio.get_running_loop()
        result: asyncio.Future[bytes] = loop.create_future()
        self.started.append(
            {
                "number": len(self._results),
                "activity": activity.__name__,
                "input": json.dumps(argument).encode(),
                "timeout": start_to_close_timeout,
            }
        )
        self._results.append(result)
        return loop.create_task(self._read(result))

    async def execute_activity(
        self, activity: Callable[..., Any], argument: Any, *, start_to_close_timeout: timedelta
    ) -> Any:
        return await self.start_activity(
            activity, argument, start_to_close_timeout=start_to_close_timeout
        )

    def complete(self, number: int, result: bytes) -> None:
        self._results[number].set_result(result)

    async def _read(self, result: asyncio.Future[bytes]) -> Any:
        return json.loads(await result)


async def fan_out(activities: Activities, count: int) -> int:
    results = await asyncio.gather(
        *(
            activities.execute_activity(double, number, start_to_close_timeout=timedelta(minutes=1))
            for number in range(count)
        )
    )
    return sum(results)


async def run(count: int, recorded: list[bytes]) -> None:
    """Run the fan-out once, with results that were there before."""
    activities = Activities()
    running = asyncio.ensure_future(fan_out(activities, count))
    while len(activities.started) < count:
        await asyncio.sleep(0)
    for number, result in enumerate(recorded):
        activities.complete(number, result)
    total = json.dumps(await running).encode()
    if total != str(count * (count - 1)).encode():
        raise AssertionError(f"the fan-out of {count} returned {total!r}")


async def main(count: int, times: int, warm_up: int) -> None:
    recorded = [json.dumps(number * 2).encode() for number in range(count)]
    for _ in range(warm_up):
        await run(count, recorded)
    before = time.process_time()
    for _ in range(times):
        await run(count, recorded)
    answer(cpu=(time.process_time() - before) / times)


if __name__ == "__main__":
    asyncio.run(main(*(int(word) for word in sys.argv[1:])))
