"""Run the greeting workflow on a worker of its own, and talk to it."""

import asyncio
import os
import uuid

from greeting_workflow import GreetingWorkflow, compose_greeting
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.worker import Worker


async def main() -> None:
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"))
    async with Worker(
        client,
        task_queue="greeting-queue",
        workflows=[GreetingWorkflow],
        activities=[compose_greeting],
    ):
        handle = await client.start_workflow(
            GreetingWorkflow.run,
            "Callboard",
            id=f"greeting-{uuid.uuid4()}",
            task_queue="greeting-queue",
        )
        await handle.signal(GreetingWorkflow.change_salutation, "Good morning")
        while await handle.query(GreetingWorkflow.current_greeting) != "Good morning, Callboard!":
            await asyncio.sleep(0.05)
        print("Query:", await handle.query(GreetingWorkflow.current_greeting))

        print("Update:", await handle.execute_update(GreetingWorkflow.greet_with, "Good evening"))
        try:
            await handle.execute_update(GreetingWorkflow.greet_with, "")
        except WorkflowUpdateFailedError as err:
            print("Rejected update:", err.cause)

        await handle.signal(GreetingWorkflow.complete)
        print("Result:", await handle.result())


if __name__ == "__main__":
    asyncio.run(main())
