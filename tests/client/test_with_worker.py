"""The client and the worker together: what a person who uses both sees."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from temporalio import activity, workflow
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import (
    Client,
    WorkflowContinuedAsNewError,
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateStage,
)
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.worker import Worker

pytestmark = pytest.mark.usefixtures("cache")


@dataclass
class Line:
    words: list[str]


@workflow.defn
class Conversation:
    """Collects what it is told, until it is told to stop."""

    def __init__(self) -> None:
        self.line = Line([])
        self.stopped = False

    @workflow.run
    async def run(self, first: str) -> Line:
        self.line.words.append(first)
        await workflow.wait_condition(lambda: self.stopped)
        return self.line

    @workflow.signal
    def say(self, word: str) -> None:
        self.line.words.append(word)

    @workflow.signal
    def stop(self) -> None:
        self.stopped = True

    @workflow.query
    def so_far(self) -> Line:
        return self.line

    @workflow.query
    def broken(self) -> Line:
        raise ValueError("no line")

    @workflow.update
    async def add(self, word: str) -> Line:
        if word == "fail":
            raise ApplicationError("handler failed", 1, type="Handler")
        self.line.words.append(word)
        return self.line

    @add.validator
    def check_word(self, word: str) -> None:
        if not word:
            raise ValueError("an empty word")


@workflow.defn
class Ending:
    """Ends in the way that its argument says."""

    @workflow.run
    async def run(self, how: str) -> str:
        if how == "fail":
            raise ApplicationError("failed", "detail", type="Ending", non_retryable=True)
        if how == "continue":
            workflow.continue_as_new("end")
        if how == "wait":
            await workflow.wait_condition(lambda: False)
        return how


@activity.defn
async def left_to_others() -> str:
    activity.raise_complete_async()


@workflow.defn
class Delegation:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity(
            left_to_others, activity_id="delegated", start_to_close_timeout=timedelta(seconds=60)
        )


@pytest.fixture
async def task_queue(client: Client) -> AsyncIterator[str]:
    """A task queue that a worker serves."""
    name = f"queue-{uuid.uuid4()}"
    async with Worker(
        client,
        task_queue=name,
        workflows=[Conversation, Ending, Delegation],
        activities=[left_to_others],
    ):
        yield name


async def test_conversation(client: Client, task_queue: str, workflow_id: str) -> None:
    handle = await client.start_workflow(
        Conversation.run,
        "one",
        id=workflow_id,
        task_queue=task_queue,
        start_signal="say",
        start_signal_args=["two"],
    )
    # The signal of the start runs before the workflow's own code.
    assert await handle.query(Conversation.so_far) == Line(["two", "one"])
    await handle.signal(Conversation.say, "three")
    assert await handle.execute_update(Conversation.add, "four") == Line(
        ["two", "one", "three", "four"]
    )
    update = await handle.start_update(
        Conversation.add, "five", id="fifth", wait_for_stage=WorkflowUpdateStage.ACCEPTED
    )
    assert (await update.result()).words[-1] == "five"
    assert (await handle.get_update_handle_for(Conversation.add, "fifth").result()) == Line(
        ["two", "one", "three", "four", "five"]
    )
    await handle.signal(Conversation.stop)
    assert await handle.result() == Line(["two", "one", "three", "four", "five"])
    # A closed workflow still answers.
    assert len((await handle.query(Conversation.so_far)).words) == 5


async def test_failures_of_handlers(client: Client, task_queue: str, workflow_id: str) -> None:
    handle = await client.start_workflow(
        Conversation.run, "one", id=workflow_id, task_queue=task_queue
    )
    with pytest.raises(WorkflowQueryFailedError, match="no line"):
        await handle.query(Conversation.broken)
    with pytest.raises(WorkflowQueryFailedError, match="missing"):
        await handle.query("missing")
    with pytest.raises(WorkflowUpdateFailedError) as rejected:
        await handle.execute_update(Conversation.add, "")
    assert isinstance(rejected.value.cause, ApplicationError)
    assert rejected.value.cause.message == "an empty word"
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle.execute_update(Conversation.add, "fail")
    assert isinstance(failed.value.cause, ApplicationError)
    assert (failed.value.cause.type, failed.value.cause.details) == ("Handler", (1,))
    assert await handle.query(Conversation.so_far) == Line(["one"])
    await handle.terminate()


async def test_endings(client: Client, task_queue: str, workflow_id: str) -> None:
    with pytest.raises(WorkflowFailureError) as failed:
        await client.execute_workflow(Ending.run, "fail", id=workflow_id, task_queue=task_queue)
    assert isinstance(failed.value.cause, ApplicationError)
    assert (failed.value.cause.type, failed.value.cause.details) == ("Ending", ("detail",))

    handle = await client.start_workflow(
        Ending.run, "continue", id=workflow_id, task_queue=task_queue
    )
    assert await handle.result() == "end"
    with pytest.raises(WorkflowContinuedAsNewError):
        await handle.result(follow_runs=False)

    handle = await client.start_workflow(Ending.run, "wait", id=workflow_id, task_queue=task_queue)
    await handle.cancel()
    with pytest.raises(WorkflowFailureError) as cancelled:
        await handle.result()
    assert isinstance(cancelled.value.cause, CancelledError)


async def test_activity_completed_from_outside(
    client: Client, task_queue: str, workflow_id: str
) -> None:
    handle = await client.start_workflow(Delegation.run, id=workflow_id, task_queue=task_queue)
    activity_handle = client.get_async_activity_handle(
        workflow_id=workflow_id, run_id=None, activity_id="delegated"
    )
    # Only an activity that a worker has taken can be completed.
    state = PendingActivityState.PENDING_ACTIVITY_STATE_UNSPECIFIED
    while state != PendingActivityState.PENDING_ACTIVITY_STATE_STARTED:
        await asyncio.sleep(0.02)
        for pending in (await handle.describe()).raw_description.pending_activities:
            state = pending.state
    await activity_handle.complete("done outside")
    assert await handle.result() == "done outside"
