"""Start the workflow and print its result."""

import asyncio
import os

from temporalio.client import Client
from workflows import SayHello


async def main() -> None:
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"))
    result = await client.execute_workflow(
        SayHello.run, "Callboard", id="hello-workflow", task_queue="hello-queue"
    )
    print(f"Result: {result}")


if __name__ == "__main__":
    asyncio.run(main())
