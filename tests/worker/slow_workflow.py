"""A worker with a workflow whose task takes long. Run as a script: ``slow_workflow.py ADDRESS``."""

from __future__ import annotations

import asyncio
import sys
import time
import uuid

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker


@workflow.defn
class Slow:
    @workflow.run
    async def run(self) -> str:
        time.sleep(1.2)
        return "done"


async def main(address: str) -> None:
    client = await Client.connect(address)
    task_queue = f"slow-{uuid.uuid4()}"
    async with Worker(
        client,
        task_queue=task_queue,
        workflows=[Slow],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        handle = await client.start_workflow(Slow.run, id=task_queue, task_queue=task_queue)
        print(handle.result_run_id, await handle.result())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
