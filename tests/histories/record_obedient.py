"""Record the histories that the Rust tests of the engine replay, with the official SDK.

Usage: python record_obedient.py ADDRESS [NAME ...]. Needs the package `temporalio` of Temporal, not
ours, and a development server with the search attributes A and B, of type Keyword. Each history is a serialized `temporal.api.history.v1.History`, with stack traces
and identities left out.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import activity, workflow
from temporalio.api.history.v1 import History
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RawValue, RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

TASK_QUEUE = "recording"
PAUSE = 0.4
update_numbers = itertools.count(1)


@activity.defn(name="work")
async def work(behaviour: str) -> str:
    """Ends in the way that its argument says."""
    if behaviour == "fail":
        raise ApplicationError("broken", non_retryable=True)
    if behaviour == "slow":
        await asyncio.sleep(0.8)
    while behaviour == "hang":
        await asyncio.sleep(0.1)
        activity.heartbeat()
    return behaviour


@workflow.defn(name="Child")
class Child:
    """Ends in the way that its argument says; waits for a signal or a cancellation otherwise."""

    def __init__(self) -> None:
        self.poked = False

    @workflow.run
    async def run(self, behaviour: str) -> str:
        if behaviour == "fail":
            raise ApplicationError("broken", non_retryable=True)
        await workflow.wait_condition(lambda: self.poked or behaviour == "done")
        return behaviour

    @workflow.signal
    def poke(self, argument: int) -> None:
        del argument
        self.poked = True


@workflow.defn(name="Obedient")
class Obedient:
    """Does what signals and updates say, like the workflow of the same name in the Rust tests."""

    def __init__(self) -> None:
        self.done = False
        self.answering = 0
        self.tasks: list[asyncio.Task[Any]] = []
        self.timer: asyncio.Task[Any] | None = None
        self.activity: workflow.ActivityHandle[Any] | None = None
        self.children = 0
        self.child: asyncio.Task[Any] | None = None
        self.signal: asyncio.Task[Any] | None = None

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self.done)

    def start_timer(self) -> None:
        self.timer = asyncio.create_task(workflow.sleep(0.2))

    @workflow.signal(dynamic=True)
    def told(self, name: str, args: Sequence[RawValue]) -> None:
        del args
        kinds = {
            "activity try": workflow.ActivityCancellationType.TRY_CANCEL,
            "activity wait": workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            "activity abandon": workflow.ActivityCancellationType.ABANDON,
        }
        behaviour, _, what = name.rpartition(":")
        if what == "timer":
            self.start_timer()
        elif what in kinds:
            self.activity = workflow.start_activity(
                "work",
                behaviour or "done",
                start_to_close_timeout=timedelta(seconds=1),
                heartbeat_timeout=timedelta(seconds=1),
                retry_policy=RetryPolicy(maximum_attempts=1),
                cancellation_type=kinds[what],
            )
            self.activity.add_done_callback(lambda done: done.cancelled() or done.exception())
        elif what == "cancel timer" and self.timer:
            self.timer.cancel()
        elif what == "cancel activity" and self.activity:
            self.activity.cancel()
        elif what == "answer updates":
            self.answering += 1
        elif what == "finish":
            self.done = True
        else:
            self.do_to_others(behaviour, what)

    def do_to_others(self, behaviour: str, what: str) -> None:
        """Do what concerns other workflows, and the attributes of this one."""
        cancellation = {
            "child": workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
            "child wait": workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
            "child requested": workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_REQUESTED,
            "child try": workflow.ChildWorkflowCancellationType.TRY_CANCEL,
            "child abandon": workflow.ChildWorkflowCancellationType.ABANDON,
        }
        if what in cancellation:
            self.child = self.start_child(behaviour, cancellation[what])
        elif what == "child and cancel":
            self.child = self.start_child(behaviour, cancellation["child"])
            asyncio.get_running_loop().call_soon(self.child.cancel)
        elif what == "cancel child" and self.child:
            self.child.cancel()
        elif what == "signal other":
            self.signal = quietly(self.other().signal("poke", 1))
        elif what == "signal child":
            child = workflow.get_external_workflow_handle(f"child-{self.children}")
            self.signal = quietly(child.signal("poke", 1))
        elif what == "take signal back" and self.signal:
            self.signal.cancel()
        elif what == "cancel other":
            quietly(self.other().cancel(reason="enough"))
        elif what == "remember":
            workflow.upsert_memo({"kept": 1})
        elif what.startswith("upsert "):
            pairs = (pair.partition("=") for pair in what.removeprefix("upsert ").split())
            workflow.upsert_search_attributes(
                [
                    SearchAttributeKey.for_keyword(key).value_set(value)
                    if value
                    else SearchAttributeKey.for_keyword(key).value_unset()
                    for key, _, value in pairs
                ]
            )

    def other(self) -> workflow.ExternalWorkflowHandle[Any]:
        return workflow.get_external_workflow_handle("other")

    def start_child(
        self, behaviour: str, cancellation: workflow.ChildWorkflowCancellationType
    ) -> asyncio.Task[Any]:
        self.children += 1
        return quietly(
            workflow.execute_child_workflow(
                "Child",
                behaviour or "wait",
                id=f"child-{self.children}",
                cancellation_type=cancellation,
            )
        )

    @workflow.update
    async def answer(self) -> None:
        """Answered at once."""

    @workflow.update
    async def later(self) -> None:
        """Answered when a signal says so."""
        answered = self.answering
        await workflow.wait_condition(lambda: self.answering > answered)

    @workflow.update(name="timer")
    async def with_timer(self) -> None:
        """Answered at once, with a timer started before."""
        self.start_timer()
        await asyncio.sleep(0)

    @workflow.update
    def refuse(self) -> None:
        """Never accepted."""

    @refuse.validator
    def say_no(self) -> None:
        raise ValueError("no")


def quietly(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Run in a task that may fail unheard."""
    task = asyncio.create_task(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


async def update(handle: WorkflowHandle[Any, Any], name: str) -> None:
    """Send an update and wait for its outcome, whatever it is."""
    try:
        await handle.execute_update(name, id=f"{name}-{next(update_numbers)}")
    except Exception as error:
        print(f"  {name}: {error}")


async def activities(handle: WorkflowHandle[Any, Any]) -> None:
    """Activities that complete, fail, time out, and are cancelled in each of three ways."""
    for name in ("activity try", "fail:activity try"):
        await handle.signal(name)
        await asyncio.sleep(PAUSE)
    await handle.signal("hang:activity try")
    await asyncio.sleep(1.5)
    # Abandoned, it must complete: the official SDK cannot go on when it times out.
    for name in ("hang:activity try", "hang:activity wait", "slow:activity abandon"):
        await handle.signal(name)
        await asyncio.sleep(PAUSE)
        await handle.signal("cancel activity")
        await asyncio.sleep(1)


async def timers(handle: WorkflowHandle[Any, Any]) -> None:
    """Timers that fire and that are cancelled."""
    for name in ("timer", "nothing", "timer"):
        await handle.signal(name)
    await handle.signal("cancel timer")
    await asyncio.sleep(1.5)


async def updates(handle: WorkflowHandle[Any, Any]) -> None:
    """Updates that are answered at once or later, and refused, between signals."""
    for name in ("answer", "refuse", "timer", "answer"):
        await update(handle, name)
    await handle.signal("nothing")
    pending = asyncio.create_task(update(handle, "later"))
    await asyncio.sleep(PAUSE)
    await update(handle, "refuse")
    await handle.signal("answer updates")
    await pending


async def children(handle: WorkflowHandle[Any, Any]) -> None:
    """Children that end, that are signalled, and that are cancelled in each of four ways."""
    for name in ("done:child", "fail:child", "child and cancel", "child", "signal child"):
        await handle.signal(name)
        await asyncio.sleep(PAUSE)
    for name in ("child wait", "child requested", "child try", "child abandon"):
        await handle.signal(name)
        await asyncio.sleep(PAUSE)
        await handle.signal("cancel child")
        await asyncio.sleep(PAUSE)


async def others(handle: WorkflowHandle[Any, Any]) -> None:
    """Signals to and cancels of a workflow that is not there, search attributes and memo."""
    for name in ("signal other", "cancel other", "upsert A=1 B=2", "remember", "upsert B="):
        await handle.signal(name)
        await asyncio.sleep(PAUSE)


SCRIPTS = (activities, timers, updates, children, others)


async def record(client: Client, script: Any) -> None:
    """Run one script and write what the server has of it."""
    handle = await client.start_workflow("Obedient", id=script.__name__, task_queue=TASK_QUEUE)
    await script(handle)
    await handle.signal("finish")
    await handle.result()
    history = History(events=(await handle.fetch_history()).events)
    for event in history.events:
        scrub(event)
    path = Path(__file__).parent / f"{script.__name__}.binpb"
    path.write_bytes(history.SerializeToString(deterministic=True))
    print(f"{path.name}: {len(history.events)} events")


def scrub(message: Any) -> None:
    """Leave out what tells about the machine that recorded."""
    for field, value in message.ListFields():
        if field.name in ("stack_trace", "identity"):
            message.ClearField(field.name)
        elif field.message_type and not field.message_type.GetOptions().map_entry:
            for part in value if field.is_repeated else [value]:
                scrub(part)


async def main() -> None:
    """Record all of them, one after the other."""
    client = await Client.connect(sys.argv[1])
    async with Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[Obedient, Child],
        activities=[work],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=100,
    ):
        for script in SCRIPTS:
            if script.__name__ in (sys.argv[2:] or [script.__name__]):
                await record(client, script)


if __name__ == "__main__":
    asyncio.run(main())
