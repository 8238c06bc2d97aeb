"""A client that drives workflows and checks every answer.

    python -m measuring.client ADDRESS TASK_QUEUE SCENARIO CONCURRENCY

It is asked, until its standard input ends:

- `execute COUNT`: start so many workflows, as many at a time as the concurrency says, and await their
  results. Answers with the CPU time that this took in this process.
- `start COUNT`: start so many, and return when the worker has run each up to its first wait.
- `greet`: signal all that were started, and await their results.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from measuring.protocol import answer, leave, requests
from measuring.scenarios import SCENARIOS
from temporalio.client import Client, WorkflowHandle


class Drive:
    """Drives one workflow; numbers go on from one request to the next."""

    def __init__(self, client: Client, task_queue: str, scenario: str, concurrency: int) -> None:
        self._client = client
        self._task_queue = task_queue
        self._scenario = SCENARIOS[scenario]()
        self._concurrency = concurrency
        self._driven = 0
        self._waiting: list[tuple[int, WorkflowHandle[Any, Any]]] = []

    async def execute(self, count: int) -> None:
        async def execute(number: int) -> None:
            result = await self._client.execute_workflow(
                self._scenario.workflow.run,
                number,
                id=self._id(number),
                task_queue=self._task_queue,
            )
            self._check(number, result)

        await self._each(execute, self._numbers(count))

    async def start(self, count: int) -> None:
        async def start(number: int) -> None:
            handle = await self._client.start_workflow(
                self._scenario.workflow.run,
                number,
                id=self._id(number),
                task_queue=self._task_queue,
            )
            self._waiting.append((number, handle))

        async def wait_for_first_task(waiting: tuple[int, WorkflowHandle[Any, Any]]) -> None:
            # Started, then a workflow task scheduled, started and completed.
            while (await waiting[1].describe()).history_length < 4:
                await asyncio.sleep(0.05)

        before = len(self._waiting)
        await self._each(start, self._numbers(count))
        await self._each(wait_for_first_task, self._waiting[before:])

    async def greet(self) -> None:
        async def greet(waiting: tuple[int, WorkflowHandle[Any, Any]]) -> None:
            number, handle = waiting
            await handle.signal("greet", "hello")
            self._check(number, await handle.result())

        await self._each(greet, self._waiting)
        self._waiting.clear()

    def _numbers(self, count: int) -> range:
        first = self._driven
        self._driven += count
        return range(first, first + count)

    def _id(self, number: int) -> str:
        return f"{self._task_queue}-{number}"

    def _check(self, number: int, result: object) -> None:
        expected = self._scenario.expected(number)
        if result != expected:
            raise AssertionError(f"workflow {number} returned {result!r}, expected {expected!r}")

    async def _each(self, call: Callable[[Any], Awaitable[None]], items: Iterable[Any]) -> None:
        """Call with each item, as many at a time as the concurrency says."""
        waiting = iter(items)

        async def work() -> None:
            for item in waiting:
                await call(item)

        await asyncio.gather(*(work() for _ in range(self._concurrency)))


async def main(address: str, task_queue: str, scenario: str, concurrency: int) -> None:
    drive = Drive(await Client.connect(address), task_queue, scenario, concurrency)
    async for request in requests():
        before = time.process_time()
        match request:
            case ["execute", count]:
                await drive.execute(int(count))
            case ["start", count]:
                await drive.start(int(count))
            case ["greet"]:
                await drive.greet()
            case _:
                raise ValueError(f"a client is asked to execute, start or greet, not {request}")
        answer(cpu=time.process_time() - before)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4], concurrency=int(sys.argv[4])))
    leave()
