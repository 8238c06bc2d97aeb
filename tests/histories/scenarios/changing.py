"""A workflow whose code can be changed: what it does is a list of steps.

`CHANGES` has what a person may do to code that runs are under way with, and whether a history of the
original code tells the difference.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ApplicationError, FailureError

from .activities import echo, echo_after, local, remote
from .attributes import WHOLE, WORD, add_search_attributes
from .children import Child, child
from .stage import Stage, outcome, scenario

ORIGINAL = [
    "patch",
    "activity",
    "timer",
    "local",
    "local after",
    "child",
    "signal child",
    "signal",
    "cancel",
    "attribute",
    "memo",
    "cancelled timer",
    "complete",
]


async def attempt(work: Awaitable[Any]) -> None:
    """Wait for what may fail: nobody is there."""
    try:
        await work
    except FailureError:
        pass


async def signal_child(**kind: bool) -> None:
    handle = await child("wait for 1", "signalled")
    if kind.get("external"):
        await workflow.get_external_workflow_handle(handle.id).signal("tell", "now")
    else:
        await handle.signal("tell", "now")
    await handle


async def cancelled_timer() -> None:
    running = asyncio.create_task(asyncio.sleep(60))
    await remote(echo, "meanwhile")
    running.cancel()
    await remote(echo, "cancelled")


async def upsert(key: SearchAttributeKey[Any], value: Any) -> None:
    workflow.upsert_search_attributes([key.value_set(value)])


async def upsert_memo() -> None:
    workflow.upsert_memo({"step": "memo"})


async def ask(patch: str) -> None:
    workflow.patched(patch)


async def deprecate(patch: str) -> None:
    workflow.deprecate_patch(patch)


async def guarded_by(patch: str) -> None:
    if workflow.patched(patch):
        await remote(echo, "new code")


async def fail() -> None:
    raise ApplicationError("fails instead")


async def go_on() -> None:
    workflow.continue_as_new()


async def nothing() -> None:
    pass


def nobody() -> workflow.ExternalWorkflowHandle[Any]:
    return workflow.get_external_workflow_handle("nobody-is-there")


STEPS: dict[str, Callable[[], Awaitable[Any]]] = {
    "patch": lambda: ask("kept"),
    "other patch": lambda: ask("other"),
    "deprecated patch": lambda: deprecate("kept"),
    "new patch": lambda: guarded_by("new"),
    "activity": lambda: remote(echo, 1),
    "activity with another argument": lambda: remote(echo, 2),
    "other activity": lambda: remote(echo_after, 1, 0),
    "activity with an id": lambda: remote(echo, 1, activity_id="given"),
    "timer": lambda: asyncio.sleep(0.05),
    "longer timer": lambda: asyncio.sleep(0.5),
    "local": lambda: local(echo, 1),
    "local after": lambda: local(echo_after, 2, 0),
    "child": lambda: execute_child("Child", "child"),
    "child with another id": lambda: execute_child("Child", "other"),
    "child of another type": lambda: execute_child("Completes", "child"),
    "signal child": signal_child,
    "signal child as external": lambda: signal_child(external=True),
    "signal": lambda: attempt(nobody().signal("hello")),
    "cancel": lambda: attempt(nobody().cancel()),
    "attribute": lambda: upsert(WORD, "word"),
    "other attribute": lambda: upsert(WHOLE, 7),
    "memo": upsert_memo,
    "cancelled timer": cancelled_timer,
    "complete": nothing,
    "fail": fail,
    "continue": go_on,
}


async def execute_child(kind: str, name: str) -> None:
    own = f"{workflow.info().workflow_id}/{name}"
    await workflow.execute_child_workflow(kind, "plain", id=own)


# What the workflow does now; tests change it.
CODE = list(ORIGINAL)


@workflow.defn
class Program:
    """Takes the steps of `CODE`."""

    @workflow.run
    async def run(self) -> str:
        for step in CODE:
            await STEPS[step]()
        return "done"


@scenario(Program, Child)
async def code_that_changes(stage: Stage) -> None:
    await add_search_attributes(stage.client)
    async with stage.activities(), stage.worker():
        await outcome(await stage.start("Program"))


@dataclass(frozen=True)
class Change:
    """What is done to the original code.

    Attributes:
        name: What it is called.
        steps: The code that it makes of the original.
        event: The event of the history that tells; empty if none does.
    """

    name: str
    steps: list[str]
    event: str = ""


def without(step: str) -> list[str]:
    return [one for one in ORIGINAL if one != step]


def instead(step: str, *others: str) -> list[str]:
    at = ORIGINAL.index(step)
    return [*ORIGINAL[:at], *others, *ORIGINAL[at + 1 :]]


def before(step: str, *others: str) -> list[str]:
    return instead(step, *others, step)


def swapped(first: str, second: str) -> list[str]:
    names = {first: second, second: first}
    return [names.get(step, step) for step in ORIGINAL]


ACTIVITY, TIMER, MARKER = "ACTIVITY_TASK_SCHEDULED", "TIMER_STARTED", "MARKER_RECORDED"
CHILD = "START_CHILD_WORKFLOW_EXECUTION_INITIATED"
UPSERT = "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"
COMPLETED = "WORKFLOW_EXECUTION_COMPLETED"

CHANGES = [
    Change("nothing", ORIGINAL),
    Change("activity renamed", instead("activity", "other activity"), ACTIVITY),
    Change("activity gets an id", instead("activity", "activity with an id"), ACTIVITY),
    Change("activity gets another argument", instead("activity", "activity with another argument")),
    Change("activity removed", without("activity"), ACTIVITY),
    Change("activity added", before("timer", "activity"), TIMER),
    Change("activity swapped with a timer", swapped("activity", "timer"), ACTIVITY),
    Change("activity made local", instead("activity", "local"), ACTIVITY),
    Change("timer removed", without("timer"), TIMER),
    Change("timer made longer", instead("timer", "longer timer")),
    Change("timer added at the end", before("complete", "timer"), COMPLETED),
    Change("activity added at the end", before("complete", "activity"), COMPLETED),
    Change("local activity removed", without("local"), MARKER),
    Change("local activity renamed", instead("local", "local after"), MARKER),
    Change("local activities swapped", swapped("local", "local after"), MARKER),
    Change("local activity added", before("child", "local"), CHILD),
    Change("local activity made remote", instead("local", "activity"), MARKER),
    Change("child gets another id", instead("child", "child with another id"), CHILD),
    Change("child gets another type", instead("child", "child of another type"), CHILD),
    Change("child removed", without("child"), CHILD),
    Change("child swapped with an activity", swapped("child", "activity"), ACTIVITY),
    Change("child signalled as external", instead("signal child", "signal child as external")),
    Change("signal removed", without("signal"), "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED"),
    Change(
        "signal swapped with a cancel",
        swapped("signal", "cancel"),
        "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED",
    ),
    Change("cancel removed", without("cancel"), "REQUEST_CANCEL_EXTERNAL"),
    Change("patch removed", without("patch"), MARKER),
    Change("patch renamed", instead("patch", "other patch"), MARKER),
    Change("patch deprecated", instead("patch", "deprecated patch")),
    Change("new code behind a patch", before("timer", "new patch")),
    Change("attribute removed", without("attribute"), UPSERT),
    Change("other attribute", instead("attribute", "other attribute")),
    Change("attribute added", before("timer", "attribute"), TIMER),
    Change("memo removed", without("memo"), "WORKFLOW_PROPERTIES_MODIFIED"),
    Change("memo swapped with an attribute", swapped("memo", "attribute"), UPSERT),
    Change("cancelled timer removed", without("cancelled timer"), ACTIVITY),
    Change("fails instead", instead("complete", "fail"), COMPLETED),
    Change("continues instead", instead("complete", "continue"), COMPLETED),
]
