"""What interceptors see and alter."""

from __future__ import annotations

import contextvars
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.common import Priority
from temporalio.converter import PayloadConverter
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    HandleQueryInput,
    HandleSignalInput,
    HandleUpdateInput,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowOutboundInterceptor,
)

from ..simulation import Job
from .playing import Behaviour, start

who: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")
_CONVERTER = PayloadConverter.default


class Outer(WorkflowInboundInterceptor):
    """Sees everything first, and says so in the headers and in a context variable."""

    letter = "o"

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        self.next.init(OuterOutbound(outbound, self.letter))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        Watched.log.append(f"{self.letter} execute {input.type.__name__} {sorted(input.headers)}")
        who.set(who.get() + " " + self.letter)
        input.args = [*input.args, self.letter]
        return [self.letter, await self.next.execute_workflow(input)]

    async def handle_signal(self, input: HandleSignalInput) -> None:
        Watched.log.append(f"{self.letter} signal {input.signal} {list(input.args)}")
        who.set(who.get() + " " + self.letter)
        input.args = [f"{input.args[0]}{self.letter}"]
        await self.next.handle_signal(input)

    async def handle_query(self, input: HandleQueryInput) -> Any:
        return [self.letter, input.id, input.query, await self.next.handle_query(input)]

    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        Watched.log.append(f"{self.letter} validates {input.update} {input.id} {list(input.args)}")
        input.args = ["altered"]
        self.next.handle_update_validator(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        Watched.log.append(f"{self.letter} updates {input.update} {list(input.args)}")
        who.set(who.get() + " " + self.letter)
        return [self.letter, await self.next.handle_update_handler(input)]


class Inner(Outer):
    """Sees everything after :py:class:`Outer`."""

    letter = "i"


class Redirecting(WorkflowInboundInterceptor):
    """Sends messages to other handlers."""

    async def handle_signal(self, input: HandleSignalInput) -> None:
        input.signal = "other_signal"
        await self.next.handle_signal(input)

    async def handle_query(self, input: HandleQueryInput) -> Any:
        input.query = "other_query"
        return await self.next.handle_query(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        input.update = "other_update"
        return await self.next.handle_update_handler(input)


class OuterOutbound(WorkflowOutboundInterceptor):
    """Marks all that goes out."""

    def __init__(self, next: WorkflowOutboundInterceptor, letter: str) -> None:
        super().__init__(next)
        self.letter = letter

    def info(self) -> workflow.Info:
        Watched.log.append(f"{self.letter} info")
        return self.next.info()

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        mark = _CONVERTER.to_payload(f"{self.letter} {who.get()}")
        input.headers = {**input.headers, self.letter: mark}
        input.activity += f"-{self.letter}"
        input.summary = f"{input.summary} {self.letter}"
        input.priority = Priority(priority_key=(input.priority.priority_key or 0) + 1)
        input.task_queue = "another queue"
        input.args = [*input.args, self.letter]
        return self.next.start_activity(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
        input.headers = {**input.headers, self.letter: _CONVERTER.to_payload(who.get())}
        input.args = [*input.args, self.letter]
        input.memo = {**(input.memo or {}), self.letter: 1}
        self.next.continue_as_new(input)


@workflow.defn
class Watched:
    """Does a little of everything that interceptors see."""

    log: list[str] = []

    def __init__(self) -> None:
        Watched.log = []
        self.words: list[str] = []

    @workflow.run
    async def run(self, *args: str) -> Any:
        Watched.log.append(f"run {list(args)} as{who.get()}")
        workflow.info()
        start("watched", 1, summary="seen by")
        await workflow.wait_condition(lambda: "go" in "".join(self.words))
        if any("on" in word for word in self.words):
            workflow.continue_as_new("next")
        return self.words

    @workflow.signal
    async def word(self, word: str) -> None:
        Watched.log.append(f"word {word} as{who.get()}")
        self.words.append(word)

    @workflow.query
    def seen(self) -> list[str]:
        return Watched.log

    @workflow.update
    async def change(self, word: str) -> str:
        Watched.log.append(f"change {word} as{who.get()}")
        return word

    @change.validator
    def check(self, word: str) -> None:
        Watched.log.append(f"check {word} as{who.get()}")
        if word == "wrong":
            raise ApplicationError("wrong")

    @workflow.signal
    def other_signal(self, word: str) -> None:
        self.words.append(f"other {word} go")

    @workflow.query
    def other_query(self) -> str:
        return "other"

    @workflow.update
    def other_update(self, word: str) -> str:
        return f"other {word}"


class Broken(WorkflowInboundInterceptor):
    """Raises where it is told."""

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        if input.args[0] == "failure":
            raise ApplicationError("intercepted")
        raise ValueError("intercepted")


@workflow.defn
class Once:
    @workflow.run
    async def run(self, how: str) -> str:
        return how


def behaviours() -> list[Behaviour]:
    """Return what this file adds to the comparison."""
    both: list[type[WorkflowInboundInterceptor]] = [Outer, Inner]
    messages: list[list[Job]] = [
        [("init",)],
        [("signal", "word", "one")],
        [("update", "u1", "change", "two")],
        [("update", "u2", "other_update", "three")],
        [("query", "seen")],
    ]
    end: list[list[Job]] = [[("signal", "word", "go")], [("query", "seen")]]
    go_on: list[list[Job]] = [[("signal", "word", "go on")]]
    return [
        Behaviour("two interceptors", Watched, messages + end, interceptors=both),
        Behaviour("the other way round", Watched, messages + end, interceptors=both[::-1]),
        Behaviour("continue as new", Watched, messages[:1] + go_on, interceptors=both),
        Behaviour("redirected", Watched, [*messages, *end], interceptors=[Redirecting]),
        Behaviour("raises", Once, [[("init",)]], args=["error"], interceptors=[Broken]),
        Behaviour("fails", Once, [[("init",)]], args=["failure"], interceptors=[Broken]),
    ]
