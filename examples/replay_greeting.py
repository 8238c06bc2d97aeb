"""Check that a workflow's code still fits the runs that a server has, by replaying their histories."""

import asyncio
import os
from collections.abc import AsyncIterator

from greeting_workflow import GreetingWorkflow
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer


async def histories(client: Client) -> AsyncIterator[WorkflowHistory]:
    runs = client.list_workflows("WorkflowType = 'GreetingWorkflow'")
    async for history in runs.map_histories():
        # JSON as the web interface and the CLI write it: keep such files and replay them in tests.
        text = history.to_json()
        yield WorkflowHistory.from_json(history.workflow_id, text)


async def main() -> None:
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"))
    replayer = Replayer(workflows=[GreetingWorkflow])
    async with replayer.workflow_replay_iterator(histories(client)) as results:
        async for result in results:
            print(f"{result.history.workflow_id}: {result.replay_failure or 'replays'}")


if __name__ == "__main__":
    asyncio.run(main())
