"""Workflow definitions for their names and types; nobody runs them."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import workflow


@dataclass
class Greeting:
    text: str


@workflow.defn
class Greet:
    @workflow.run
    async def run(self, name: str) -> Greeting:
        raise AssertionError("nobody runs this")

    @workflow.signal
    def rename(self, name: str) -> None:
        raise AssertionError("nobody runs this")

    @workflow.query(name="current")
    def current_greeting(self) -> Greeting:
        raise AssertionError("nobody runs this")

    @workflow.update
    async def change(self, text: str) -> Greeting:
        raise AssertionError("nobody runs this")


@workflow.defn(name="NoArgument")
class Silent:
    @workflow.run
    async def run(self) -> None:
        raise AssertionError("nobody runs this")


@workflow.defn
class Add:
    @workflow.run
    async def run(self, left: int, right: int) -> int:
        raise AssertionError("nobody runs this")
