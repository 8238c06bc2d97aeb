"""Workers that belong to a worker deployment, on a real server."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

import pytest

from temporalio import workflow
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.common import RawValue, VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

from ..limits import LIMIT_SECONDS

UNSPECIFIED = VersioningBehavior.UNSPECIFIED
PINNED = VersioningBehavior.PINNED
AUTO_UPGRADE = VersioningBehavior.AUTO_UPGRADE


async def _version() -> list[str]:
    await workflow.sleep(0.01)
    version = workflow.info().get_current_deployment_version()
    assert version is not None
    return [version.deployment_name, version.build_id]


@workflow.defn(versioning_behavior=PINNED)
class Stays:
    @workflow.run
    async def run(self) -> list[str]:
        return await _version()


@workflow.defn
class SaysNothing:
    @workflow.run
    async def run(self) -> list[str]:
        return await _version()


@workflow.defn(dynamic=True)
class Anything:
    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> list[str]:
        return await _version()

    @workflow.dynamic_config
    def config(self) -> workflow.DynamicWorkflowConfig:
        return workflow.DynamicWorkflowConfig(versioning_behavior=PINNED)


def worker_of(client: Client, queue: str, config: WorkerDeploymentConfig, **options: Any) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        deployment_config=config,
        workflow_runner=UnsandboxedWorkflowRunner(),
        **{"workflows": [Stays, SaysNothing, Anything], **options},
    )


async def completions_of(client: Client, queue: str, name: str) -> tuple[Any, list[Any]]:
    """Run a workflow; return its result and what its workflow tasks were completed with."""
    handle: Any = await client.start_workflow(name, id=str(uuid.uuid4()), task_queue=queue)
    result = await asyncio.wait_for(handle.result(), LIMIT_SECONDS)
    completed = [
        event.workflow_task_completed_event_attributes
        async for event in handle.fetch_history_events()
        if event.HasField("workflow_task_completed_event_attributes")
    ]
    return result, completed


async def make_current(client: Client, name: str, build_id: str) -> None:
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace,
        deployment_name=name,
        version=f"{name}.{build_id}",
        build_id=build_id,
    )
    for _ in range(100):
        try:
            await client.workflow_service.set_worker_deployment_current_version(request)
            return
        except RPCError:
            # The server hears of the version by the worker's first polls.
            await asyncio.sleep(0.1)
    raise AssertionError(f"the server knows no version {build_id} of {name}")


@pytest.mark.parametrize(
    ("workflow_name", "behavior"),
    [("Stays", PINNED), ("SaysNothing", AUTO_UPGRADE), ("Whatever", PINNED)],
)
async def test_versioned_worker_says_how_runs_stand_to_versions(
    env: WorkflowEnvironment, workflow_name: str, behavior: VersioningBehavior
) -> None:
    queue = name = f"deployment-{uuid.uuid4()}"
    config = WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(name, "1"),
        use_worker_versioning=True,
        default_versioning_behavior=AUTO_UPGRADE,
    )
    async with worker_of(env.client, queue, config):
        await make_current(env.client, name, "1")
        result, completed = await completions_of(env.client, queue, workflow_name)
    assert result == [name, "1"]
    for one in completed:
        assert one.versioning_behavior == behavior
        assert one.worker_deployment_name == name
        assert one.deployment_version.build_id == "1"


async def test_worker_without_versioning_only_records_its_version(env: WorkflowEnvironment) -> None:
    queue = name = f"deployment-{uuid.uuid4()}"
    config = WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(name, "1"), use_worker_versioning=False
    )
    async with worker_of(env.client, queue, config):
        result, completed = await completions_of(env.client, queue, "SaysNothing")
    assert result == [name, "1"]
    for one in completed:
        assert one.versioning_behavior == UNSPECIFIED
        assert one.worker_deployment_name == name
        assert one.worker_version.build_id == "1"


async def test_workflow_with_a_behavior_runs_without_versioning(env: WorkflowEnvironment) -> None:
    # Servers take no behaviour from such a worker, and a task completed with one is lost.
    queue = f"deployment-{uuid.uuid4()}"
    async with Worker(env.client, task_queue=queue, workflows=[Stays]):
        result, completed = await completions_of(env.client, queue, "Stays")
    assert result[0] == ""
    assert all(one.versioning_behavior == UNSPECIFIED for one in completed)


VERSION = WorkerDeploymentVersion("some", "1")


@pytest.mark.parametrize(
    ("config", "options", "message"),
    [
        (
            WorkerDeploymentConfig(VERSION, use_worker_versioning=True),
            {"workflows": [SaysNothing]},
            "Workflow SaysNothing must specify a versioning behavior",
        ),
        (
            WorkerDeploymentConfig(VERSION, False, PINNED),
            {},
            "default_versioning_behavior must be UNSPECIFIED when use_worker_versioning is False",
        ),
        (
            WorkerDeploymentConfig(VERSION, False),
            {"build_id": "2"},
            "deployment_config cannot be used with build_id or use_worker_versioning",
        ),
    ],
)
async def test_contradicting_deployments_are_refused(
    env: WorkflowEnvironment, config: WorkerDeploymentConfig, options: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        worker_of(env.client, "queue", config, **options)


async def test_versioned_worker_takes_workflows_that_say_something(
    env: WorkflowEnvironment,
) -> None:
    config = WorkerDeploymentConfig(VERSION, use_worker_versioning=True)
    worker_of(env.client, "queue", config, workflows=[Stays, Anything])
