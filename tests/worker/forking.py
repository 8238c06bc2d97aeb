"""A process that forks although it has a worker.

Run as a script: ``python forking.py ADDRESS``. The child says how each thing failed that it tried, and
the parent goes on as if nothing had been.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer, Worker


@activity.defn
async def nothing() -> None:
    pass


@workflow.defn(sandboxed=False)
class Nothing:
    @workflow.run
    async def run(self) -> None:
        pass


def worker_on(client: Client) -> Worker:
    return Worker(client, task_queue="forked", workflows=[Nothing], activities=[nothing])


async def prepared() -> tuple[Client, Worker]:
    client = await Client.connect(sys.argv[1])
    return client, worker_on(client)


def in_child(client: Client, worker: Worker) -> None:
    async def make() -> Worker:
        return worker_on(client)

    tries: dict[str, Callable[[], Awaitable[Any]]] = {
        "call": lambda: client.service_client.check_health(),
        "start": lambda: client.start_workflow("Any", id="any", task_queue="any"),
        "run": worker.run,
        "connect": lambda: Client.connect(sys.argv[1]),
        "make": make,
        "replay": lambda: Replayer(workflows=[Nothing]).replay_workflow(WorkflowHistory("id", [])),
    }
    for name, call in tries.items():

        async def attempt(call: Callable[[], Awaitable[Any]] = call) -> None:
            await asyncio.wait_for(call(), 10)

        try:
            asyncio.run(attempt())
        except RuntimeError as error:
            print(name, "refused" if "forked" in str(error) else repr(error), flush=True)
        else:
            print(name, "went well", flush=True)


if __name__ == "__main__":
    made = asyncio.run(prepared())
    child = multiprocessing.get_context("fork").Process(target=in_child, args=made)
    child.start()
    child.join()
    assert child.exitcode == 0, child.exitcode
    assert asyncio.run(made[0].service_client.check_health())
    print("parent went on")
