"""Workers with the versioning by sets of build ids, from before deployments, on a real server."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from temporalio import workflow
from temporalio.api.workflowservice.v1 import (
    GetWorkerBuildIdCompatibilityRequest,
    UpdateWorkerBuildIdCompatibilityRequest,
)
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

_ALLOWED = ("frontend.workerVersioningDataAPIs", "frontend.workerVersioningWorkflowAPIs")


@pytest.fixture
async def versioned_client() -> AsyncIterator[Client]:
    extra = [text for name in _ALLOWED for text in ("--dynamic-config-value", f"{name}=true")]
    async with await WorkflowEnvironment.start_local(dev_server_extra_args=extra) as environment:
        yield environment.client


class Waiting:
    def __init__(self) -> None:
        self.may_end = False

    @workflow.signal
    def end(self) -> None:
        self.may_end = True


@workflow.defn(name="Versioned")
class First(Waiting):
    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.may_end)
        return "1.0"


@workflow.defn(name="Versioned")
class Second(Waiting):
    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.may_end)
        return "2.0"


async def add_default(client: Client, queue: str, build_id: str) -> None:
    await client.workflow_service.update_worker_build_id_compatibility(
        UpdateWorkerBuildIdCompatibilityRequest(
            namespace=client.namespace,
            task_queue=queue,
            add_new_build_id_in_new_default_set=build_id,
        )
    )


async def test_runs_stay_with_the_build_id_that_was_the_default_at_their_start(
    versioned_client: Client,
) -> None:
    client, queue = versioned_client, f"queue-{uuid.uuid4()}"
    # One client's workers do not share a task queue.
    other = await Client.connect(client.service_client.config.target_host)

    def worker(client: Client, build_id: str, version: type) -> Worker:
        return Worker(
            client,
            task_queue=queue,
            workflows=[version],
            build_id=build_id,
            use_worker_versioning=True,
        )

    await add_default(client, queue, "1.0")
    async with worker(client, "1.0", First), worker(other, "2.0", Second):
        first = await client.start_workflow("Versioned", id=f"{queue}-1", task_queue=queue)
        # It has begun, so it belongs to the first version.
        while (await first.describe()).history_length < 4:
            await asyncio.sleep(0.05)
        await add_default(client, queue, "2.0")
        sets = await client.workflow_service.get_worker_build_id_compatibility(
            GetWorkerBuildIdCompatibilityRequest(namespace=client.namespace, task_queue=queue)
        )
        assert [list(each.build_ids) for each in sets.major_version_sets] == [["1.0"], ["2.0"]]
        second = await client.start_workflow("Versioned", id=f"{queue}-2", task_queue=queue)
        for handle in (first, second):
            await handle.signal("end")
        assert [await first.result(), await second.result()] == ["1.0", "2.0"]
        history = await second.fetch_history()
        stamps = [
            event.workflow_task_completed_event_attributes.worker_version
            for event in history.events
            if event.HasField("workflow_task_completed_event_attributes")
        ]
        assert {(stamp.build_id, stamp.use_versioning) for stamp in stamps} == {("2.0", True)}
