"""Serve the workflow and its activity until interrupted."""

import asyncio
import os

from activities import say_hello
from temporalio.client import Client
from temporalio.worker import Worker
from workflows import SayHello


async def main() -> None:
    client = await Client.connect(os.environ.get("TEMPORAL_ADDRESS", "localhost:7233"))
    worker = Worker(client, task_queue="hello-queue", workflows=[SayHello], activities=[say_hello])
    print("Worker is polling task queue hello-queue", flush=True)
    await worker.run()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
