"""Record the histories in ``recorded`` with the official package.

Usage: python -m tests.replayer.record ADDRESS, from the root of the repository, with the package
``temporalio`` of Temporal and a development server.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from .workflows import Again, Failing, Order, Waiting, decorate

TASK_QUEUE = "recording"
PAUSE = 0.3


def without_origin(value: Any) -> Any:
    """Leave out what tells about the machine that recorded."""
    if isinstance(value, dict):
        left_out = ("identity", "stackTrace")
        return {key: without_origin(part) for key, part in value.items() if key not in left_out}
    return [without_origin(part) for part in value] if isinstance(value, list) else value


async def save(handle: WorkflowHandle[Any, Any], name: str) -> None:
    """Write what the server has of a run at this moment."""
    history = (await handle.fetch_history()).to_json_dict()
    path = Path(__file__).parent / "recorded" / f"{name}.json"
    path.write_text(json.dumps(without_origin(history), indent=1) + "\n")
    print(f"{path.name}: {len(history['events'])} events")


async def end(handle: WorkflowHandle[Any, Any]) -> None:
    """Wait until the workflow is over, however it ends."""
    try:
        await handle.result(follow_runs=False)
    except WorkflowFailureError:
        pass
    except Exception as error:
        print(f"  {handle.id}: {error!r}")


async def record_ended(client: Client) -> None:
    """Histories that complete, fail, continue as new, time out and are cancelled."""

    async def start(workflow: Any, name: str, *args: Any, **options: Any) -> Any:
        return await client.start_workflow(
            workflow, args=args, id=name, task_queue=TASK_QUEUE, **options
        )

    for workflow, name, args in (
        (Order.run, "completed", ("text",)),
        (Failing.run, "failed", ()),
        (Again.run, "continued_as_new", (1,)),
    ):
        handle = await start(workflow, name, *args)
        first = client.get_workflow_handle(name, run_id=handle.first_execution_run_id)
        await end(first)
        await save(first, name)
    handle = await start(Waiting.run, "timed_out", run_timeout=timedelta(seconds=2))
    await end(handle)
    await save(handle, "timed_out")
    handle = await start(Waiting.run, "cancelled")
    await asyncio.sleep(PAUSE)
    await handle.cancel()
    await end(handle)
    await save(handle, "cancelled")


async def record_mid_flight(client: Client) -> None:
    """The history of one run at several moments, the last one its termination."""
    handle = await client.start_workflow(Waiting.run, id="mid_flight", task_queue=TASK_QUEUE)
    await asyncio.sleep(PAUSE)
    await handle.signal(Waiting.poke)
    await asyncio.sleep(4 * PAUSE)
    await handle.signal(Waiting.go)
    await handle.signal(Waiting.go)
    await asyncio.sleep(2 * PAUSE)
    await save(handle, "mid_flight")
    await handle.terminate()
    await save(handle, "terminated")


async def main() -> None:
    """Record all of them."""
    client = await Client.connect(sys.argv[1])
    async with Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[Order, Failing, Again, Waiting],
        activities=[decorate],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        await record_ended(client)
        await record_mid_flight(client)
        handle = await client.start_workflow(Waiting.run, id="pending", task_queue=TASK_QUEUE)
        await asyncio.sleep(PAUSE)
    # Nobody works on these any more.
    await handle.signal(Waiting.go)
    await save(handle, "pending")
    handle = await client.start_workflow(Waiting.run, id="fresh", task_queue=TASK_QUEUE)
    await save(handle, "fresh")


if __name__ == "__main__":
    asyncio.run(main())
