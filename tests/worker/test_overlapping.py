"""C35: workers of one client do not take the same tasks."""

from __future__ import annotations

from typing import Any

import pytest

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

OVERLAPPING = "Registration of multiple workers with overlapping worker task types"


@activity.defn
async def rest() -> None: ...


@workflow.defn(sandboxed=False, versioning_behavior=VersioningBehavior.PINNED)
class Idle:
    @workflow.run
    async def run(self) -> None: ...


def build(deployment: str, build_id: str) -> dict[str, Any]:
    version = WorkerDeploymentVersion(deployment, build_id)
    config = WorkerDeploymentConfig(version=version, use_worker_versioning=True)
    return {"workflows": [Idle], "deployment_config": config}


WORKFLOWS: dict[str, Any] = {"workflows": [Idle]}
ACTIVITIES: dict[str, Any] = {"activities": [rest]}
BOTH: dict[str, Any] = {**WORKFLOWS, **ACTIVITIES}


# What the official package does with each pair.
@pytest.mark.parametrize(
    ("first", "second", "overlapping"),
    [
        pytest.param(WORKFLOWS, WORKFLOWS, True, id="workflows"),
        pytest.param(ACTIVITIES, ACTIVITIES, True, id="activities"),
        pytest.param(BOTH, ACTIVITIES, True, id="activities of both"),
        pytest.param(BOTH, WORKFLOWS, True, id="workflows of both"),
        pytest.param(WORKFLOWS, ACTIVITIES, False, id="workflows, activities"),
        pytest.param(
            {**BOTH, "no_remote_activities": True}, ACTIVITIES, False, id="local activities"
        ),
        pytest.param(build("d", "1"), build("d", "1"), True, id="one build"),
        pytest.param(build("d", "1"), build("d", "2"), False, id="two builds"),
        pytest.param(build("d", "1"), build("e", "1"), True, id="one build of two deployments"),
        pytest.param(build("d", "1"), WORKFLOWS, False, id="a build, none"),
        pytest.param(
            {**WORKFLOWS, "build_id": "1"}, {**WORKFLOWS, "build_id": "2"}, True, id="no deployment"
        ),
        pytest.param(
            {**ACTIVITIES, "identity": "1"}, {**ACTIVITIES, "identity": "2"}, True, id="identities"
        ),
    ],
)
async def test_pairs_on_one_task_queue(
    client: Client,
    task_queue: str,
    first: dict[str, Any],
    second: dict[str, Any],
    overlapping: bool,
) -> None:
    worker = Worker(client, task_queue=task_queue, **first)
    Worker(client, task_queue=f"{task_queue}-other", **second)
    if not overlapping:
        Worker(client, task_queue=task_queue, **second)
        return
    with pytest.raises(RuntimeError, match=OVERLAPPING) as caught:
        Worker(client, task_queue=task_queue, **second)
    assert f'task queue "{task_queue}" of namespace "{client.namespace}"' in str(caught.value)
    assert not worker.is_running


async def test_the_tasks_are_free_after_the_worker(client: Client, task_queue: str) -> None:
    async with Worker(client, task_queue=task_queue, **BOTH):
        with pytest.raises(RuntimeError, match=OVERLAPPING):
            Worker(client, task_queue=task_queue, **BOTH)
    never_run = Worker(client, task_queue=task_queue, **BOTH)
    await never_run.shutdown()
    await never_run.run()
    async with Worker(client, task_queue=task_queue, **BOTH):
        pass


async def test_a_worker_that_may_not_run_is_in_nobody_s_way(
    client: Client, task_queue: str
) -> None:
    nowhere = await Client.connect(
        client.service_client.config.target_host, namespace="there-is-none"
    )
    worker = Worker(nowhere, task_queue=task_queue, **BOTH)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="Namespace there-is-none was not found"):
            await worker.run()
    Worker(nowhere, task_queue=task_queue, **BOTH)


async def test_another_client_comes_without_its_own_worker_s_tasks(
    client: Client, task_queue: str
) -> None:
    other = await Client.connect(client.service_client.config.target_host)
    first = Worker(client, task_queue=task_queue, **BOTH)
    second = Worker(other, task_queue=task_queue, **ACTIVITIES)
    with pytest.raises(ValueError, match=f"Failed replacing client: {OVERLAPPING}"):
        second.client = client
    assert second.client is other
    first.client = client
    await first.shutdown()
    await first.run()
    second.client = client
    with pytest.raises(RuntimeError, match=OVERLAPPING):
        Worker(client, task_queue=task_queue, **ACTIVITIES)
    Worker(other, task_queue=task_queue, **ACTIVITIES)
