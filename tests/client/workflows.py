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
        raise NotImplementedError

    @workflow.signal
    def rename(self, name: str) -> None:
        raise NotImplementedError

    @workflow.query(name="current")
    def current_greeting(self) -> Greeting:
        raise NotImplementedError

    @workflow.update
    async def change(self, text: str) -> Greeting:
        raise NotImplementedError


@workflow.defn(name="NoArgument")
class Silent:
    @workflow.run
    async def run(self) -> None:
        raise NotImplementedError


@workflow.defn
class Add:
    @workflow.run
    async def run(self, left: int, right: int) -> int:
        raise NotImplementedError
