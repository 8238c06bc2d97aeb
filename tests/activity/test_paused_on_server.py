"""PROMISES 33: a pause and a reset on a real server reach the activity by its heartbeat, once and as such."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import (
    PauseActivityRequest,
    ResetActivityRequest,
    UnpauseActivityRequest,
)
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from ..limits import LIMIT_SECONDS
from .calling_workflow import Call, CallActivity

HEARTBEAT_SECONDS = 2.0
"""The server is asked every 0.8 of it."""


async def told(client: Client, handle: WorkflowHandle[Any, Any], kind: type, **more: Any) -> None:
    """Tell the server something of the workflow's only activity."""
    [pending] = (await handle.describe()).raw_description.pending_activities
    request = kind(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=handle.id),
        id=pending.activity_id,
        **more,
    )
    method = {
        PauseActivityRequest: client.workflow_service.pause_activity,
        ResetActivityRequest: client.workflow_service.reset_activity,
        UnpauseActivityRequest: client.workflow_service.unpause_activity,
    }[kind]
    await method(request)


@pytest.mark.parametrize("kind", [PauseActivityRequest, ResetActivityRequest])
async def test_the_activity_hears_what_was_done_to_it(
    client: Client, task_queue: str, kind: type
) -> None:
    started = asyncio.Event()
    cancellations: list[str] = []

    @activity.defn
    async def heartbeat_until_told() -> str:
        if cancellations:
            return "gone on"
        started.set()
        try:
            while True:
                activity.heartbeat()
                await asyncio.sleep(0.1)
        except asyncio.CancelledError:
            details = activity.cancellation_details()
            assert details is not None
            cancellations.extend(name for name, value in vars(details).items() if value)
            raise

    async with Worker(
        client, task_queue=task_queue, workflows=[CallActivity], activities=[heartbeat_until_told]
    ):
        handle = await client.start_workflow(
            CallActivity.run,
            Call(
                "heartbeat_until_told",
                [],
                attempts=3,
                heartbeat_seconds=HEARTBEAT_SECONDS,
                start_to_close_seconds=LIMIT_SECONDS,
            ),
            id=f"told-{uuid.uuid4()}",
            task_queue=task_queue,
        )
        await asyncio.wait_for(started.wait(), LIMIT_SECONDS)
        await told(client, handle, kind)
        if kind is PauseActivityRequest:
            while not cancellations:
                await asyncio.sleep(0.05)
            await told(client, handle, UnpauseActivityRequest)
        assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == "gone on"
    assert cancellations == ["paused" if kind is PauseActivityRequest else "reset"]
