"""What becomes of workflows whose payloads are larger than the server takes."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from temporalio import activity, workflow
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, RetryState, TerminatedError
from temporalio.worker import Worker

from ..limits import LIMIT_SECONDS

# The server gives a workflow task to another worker after this time.
TASK_SECONDS = 10.0
MEBIBYTE = 1 << 20


@dataclass
class Mistake:
    """How much too much the workflow returns; mended while it runs."""

    characters: int


MISTAKE = Mistake(0)


# In the sandbox it would have a mistake of its own.
@workflow.defn(sandboxed=False)
class Verbose:
    @workflow.run
    async def run(self) -> str:
        return "x" * MISTAKE.characters


async def first_failed_task(handle: WorkflowHandle[Verbose, str]) -> tuple[str, str]:
    """The cause and the message of the first workflow task that fails."""
    async for event in handle.fetch_history_events(wait_new_event=True):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            failed = event.workflow_task_failed_event_attributes
            return WorkflowTaskFailedCause.Name(failed.cause), failed.failure.message
    raise AssertionError("the workflow ended without a failed task")


async def test_a_task_fails_and_the_workflow_goes_on_when_mended(
    client: Client, task_queue: str
) -> None:
    """N24: a payload above the namespace's limit fails the task, with a cause of its own."""
    MISTAKE.characters = 3 * MEBIBYTE
    async with Worker(client, task_queue=task_queue, workflows=[Verbose]):
        handle = await client.start_workflow(
            Verbose.run, id=f"verbose-{uuid.uuid4()}", task_queue=task_queue
        )
        failed = await asyncio.wait_for(first_failed_task(handle), LIMIT_SECONDS)
        assert failed == (
            "WORKFLOW_TASK_FAILED_CAUSE_PAYLOADS_TOO_LARGE",
            "[TMPRL1103] Attempted to upload payloads with size that exceeded the error limit.",
        )
        MISTAKE.characters = 3
        assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == "xxx"


async def test_what_grpc_does_not_take_is_told_at_once(client: Client, task_queue: str) -> None:
    """N24: such a completion is not tried again. Today's servers close the workflow for it."""
    MISTAKE.characters = 5 * MEBIBYTE
    async with Worker(
        client, task_queue=task_queue, workflows=[Verbose], disable_payload_error_limit=True
    ):
        handle = await client.start_workflow(
            Verbose.run, id=f"verbose-{uuid.uuid4()}", task_queue=task_queue
        )
        with pytest.raises(WorkflowFailureError) as failed:
            await asyncio.wait_for(handle.result(), TASK_SECONDS)
    assert isinstance(failed.value.cause, TerminatedError)


@activity.defn
async def return_much(mebibytes: int) -> str:
    return "x" * mebibytes * MEBIBYTE


@activity.defn
async def heartbeat_much(mebibytes: int) -> list[bool]:
    if activity.info().attempt > 1:
        return FATES
    activity.heartbeat("x" * mebibytes * MEBIBYTE)
    try:
        await asyncio.sleep(LIMIT_SECONDS)
    except asyncio.CancelledError:
        details = activity.cancellation_details()
        FATES.append(details is not None and details.cancel_requested)
        raise
    raise AssertionError("the activity was not cancelled")


FATES: list[bool] = []


@workflow.defn(sandboxed=False)
class CallsVerbose:
    @workflow.run
    async def run(self, activity_type: str) -> Any:
        return await workflow.execute_activity(
            activity_type,
            3,
            start_to_close_timeout=timedelta(seconds=LIMIT_SECONDS),
            heartbeat_timeout=timedelta(seconds=LIMIT_SECONDS),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(milliseconds=10), maximum_attempts=2
            ),
        )


async def test_a_result_that_is_too_large_fails_the_attempt_alone(
    client: Client, task_queue: str
) -> None:
    """As on the official package: retryable, as the next attempt's worker may have been mended."""
    async with Worker(
        client, task_queue=task_queue, workflows=[CallsVerbose], activities=[return_much]
    ):
        handle = await client.start_workflow(
            CallsVerbose.run, "return_much", id=f"much-{uuid.uuid4()}", task_queue=task_queue
        )
        with pytest.raises(WorkflowFailureError) as caught:
            await asyncio.wait_for(handle.result(), LIMIT_SECONDS)
    failed = caught.value.cause
    assert isinstance(failed, ActivityError)
    assert failed.retry_state == RetryState.MAXIMUM_ATTEMPTS_REACHED
    cause = failed.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.non_retryable) == ("PayloadsTooLarge", False)
    assert cause.message == (
        "[TMPRL1103] Attempted to upload payloads with size that exceeded the error limit."
    )


async def test_a_heartbeat_that_is_too_large_ends_the_attempt(
    client: Client, task_queue: str
) -> None:
    FATES.clear()
    async with Worker(
        client, task_queue=task_queue, workflows=[CallsVerbose], activities=[heartbeat_much]
    ):
        handle = await client.start_workflow(
            CallsVerbose.run, "heartbeat_much", id=f"much-{uuid.uuid4()}", task_queue=task_queue
        )
        assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == [True]
