"""A workflow that is talked to while it runs: a signal, a query, an update, and an end by signal."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow


@dataclass
class Greeting:
    salutation: str
    name: str


@activity.defn
async def compose_greeting(greeting: Greeting) -> str:
    return f"{greeting.salutation}, {greeting.name}!"


@workflow.defn
class GreetingWorkflow:
    def __init__(self) -> None:
        self._greeting = "<none>"
        self._salutations: asyncio.Queue[str] = asyncio.Queue()
        self._complete = False
        # Here and not in `run`: a signal that comes with the start is handled before `run` begins.
        self._salutations.put_nowait("Hello")

    @workflow.run
    async def run(self, name: str) -> str:
        while True:
            await workflow.wait_condition(lambda: self._complete or not self._salutations.empty())
            if not self._salutations.empty():
                self._greeting = await self._compose(self._salutations.get_nowait(), name)
            elif self._complete:
                return self._greeting

    async def _compose(self, salutation: str, name: str) -> str:
        return await workflow.execute_activity(
            compose_greeting,
            Greeting(salutation, name),
            start_to_close_timeout=timedelta(seconds=5),
        )

    @workflow.signal
    async def change_salutation(self, salutation: str) -> None:
        await self._salutations.put(salutation)

    @workflow.query
    def current_greeting(self) -> str:
        return self._greeting

    @workflow.update
    async def greet_with(self, salutation: str) -> str:
        await self._salutations.put(salutation)
        await workflow.wait_condition(lambda: self._greeting.startswith(salutation))
        return self._greeting

    @greet_with.validator
    def check_salutation(self, salutation: str) -> None:
        if not salutation:
            raise ValueError("a salutation must not be empty")

    @workflow.signal
    def complete(self) -> None:
        self._complete = True
