"""Several runtimes in one process, on a real server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.worker import Worker

from ..conftest import DevServer
from ..limits import LIMIT_SECONDS
from .counting import CountsInActivity, count_on_loop
from .telling import SERVICE, buffered_runtime, counted, scrape, scraped_runtime

OTHER_RUNTIME = "New client is not on the same runtime as the existing client"


def worker_on(client: Client, task_queue: str) -> Worker:
    return Worker(
        client, task_queue=task_queue, workflows=[CountsInActivity], activities=[count_on_loop]
    )


async def counts(client: Client, task_queue: str, number: int) -> None:
    running: Any = client.execute_workflow(
        CountsInActivity.run, number, id=f"{task_queue}-{number}", task_queue=task_queue
    )
    assert await asyncio.wait_for(running, LIMIT_SECONDS) == number


async def test_each_has_clients_and_workers_of_its_own(
    dev_server: DevServer, task_queue: str
) -> None:
    (first, of_first), (second, of_second) = (buffered_runtime() for _ in range(2))
    queues = [f"{task_queue}-{name}" for name in ("first", "second", "default")]
    clients = [
        await Client.connect(dev_server.target_host, runtime=one) for one in (first, second, None)
    ]
    assert [one.service_client.config.runtime for one in clients] == [first, second, None]
    one, two, three = map(worker_on, clients, queues)
    async with one, two, three:
        await asyncio.gather(*map(counts, clients, queues, (1, 2, 3)))
    assert counted(of_first.retrieve_updates()) == {"activity": 1}
    assert counted(of_second.retrieve_updates()) == {"activity": 2}


async def test_a_worker_is_on_the_runtime_of_its_client(
    dev_server: DevServer, task_queue: str
) -> None:
    (of_worker, by_worker), (of_starter, by_starter) = (buffered_runtime() for _ in range(2))
    starter = await Client.connect(dev_server.target_host, runtime=of_starter)
    async with worker_on(
        await Client.connect(dev_server.target_host, runtime=of_worker), task_queue
    ):
        await counts(starter, task_queue, 7)
    assert counted(by_worker.retrieve_updates()) == {"activity": 7}
    assert counted(by_starter.retrieve_updates()) == {}


async def test_a_client_of_another_runtime_is_refused(
    dev_server: DevServer, task_queue: str
) -> None:
    made, buffer = buffered_runtime()
    client = await Client.connect(dev_server.target_host, runtime=made)
    of_default = await Client.connect(dev_server.target_host)
    of_other = await Client.connect(dev_server.target_host, runtime=buffered_runtime()[0])
    of_same = await Client.connect(dev_server.target_host, runtime=made)
    worker = worker_on(client, task_queue)
    async with worker:
        for refused in (of_default, of_other):
            with pytest.raises(ValueError, match=OTHER_RUNTIME):
                worker.client = refused
            assert worker.client is client
        worker.client = of_same
        assert worker.client is of_same
        await counts(of_default, task_queue, 5)
    assert counted(buffer.retrieve_updates()) == {"activity": 5}


async def test_the_default_is_the_same_however_it_is_named(
    dev_server: DevServer, task_queue: str
) -> None:
    worker = worker_on(await Client.connect(dev_server.target_host), task_queue)
    named = await Client.connect(dev_server.target_host, runtime=Runtime.default())
    worker.client = named
    assert worker.client is named


@pytest.mark.parametrize("prefix", [None, "mine_", ""])
async def test_what_runs_on_a_runtime_is_told_with_its_prefix_and_tags(
    dev_server: DevServer, prefix: str | None
) -> None:
    telemetry = {"metric_prefix": prefix, "global_tags": {"place": "here"}}
    made, address = scraped_runtime(telemetry)
    client = await Client.connect(dev_server.target_host, runtime=made)
    await client.workflow_service.get_system_info(GetSystemInfoRequest())
    found = await asyncio.to_thread(scrape, address)
    start = "temporal_" if prefix is None else prefix
    assert {name for name in found.types if not name.startswith(start)} == set()
    labels = [one for one, _ in found.series[f"{start}request"]]
    assert {**SERVICE, "place": "here", "operation": "GetSystemInfo"}.items() <= labels[0].items()
