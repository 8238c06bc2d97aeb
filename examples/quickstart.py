"""What `make quickstart` runs: a dev server, the worker, the client, each as its own process."""

import asyncio
import os
import sys
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

HERE = Path(__file__).resolve().parent


async def main() -> int:
    print("Starting a Temporal dev server", flush=True)
    async with await WorkflowEnvironment.start_local() as environment:
        address = environment.client.service_client.config.target_host
        print(f"Server is up at {address}; starting the worker", flush=True)
        variables = {**os.environ, "TEMPORAL_ADDRESS": address}
        worker = await asyncio.create_subprocess_exec(
            sys.executable, HERE / "run_worker.py", env=variables
        )
        try:
            print("Starting the workflow", flush=True)
            client = await asyncio.create_subprocess_exec(
                sys.executable, HERE / "run_workflow.py", env=variables
            )
            return await asyncio.wait_for(client.wait(), timeout=60)
        finally:
            if worker.returncode is None:
                worker.terminate()
            await worker.wait()
            print("Worker stopped; stopping the server", flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
