"""Waits for a signal."""

from __future__ import annotations

from temporalio import workflow


@workflow.defn
class WaitForGreeting:
    """Waits for a signal and returns it with its own number."""

    def __init__(self) -> None:
        self._greeting: str | None = None

    @workflow.run
    async def run(self, number: int) -> str:
        await workflow.wait_condition(lambda: self._greeting is not None)
        return f"{self._greeting} {number}"

    @workflow.signal
    def greet(self, greeting: str) -> None:
        self._greeting = greeting
