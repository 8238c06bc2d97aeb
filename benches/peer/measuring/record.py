"""Runs a workflow once and writes its history as JSON.

python -m measuring.record ADDRESS SCENARIO NUMBER FILE
"""

from __future__ import annotations

import asyncio
import sys
import uuid
from pathlib import Path

from measuring.protocol import answer, leave
from measuring.scenarios import SCENARIOS
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker


async def main(address: str, name: str, number: int, path: str) -> None:
    client = await Client.connect(address)
    scenario = SCENARIOS[name]()
    task_queue = f"record-{name}-{uuid.uuid4()}"
    async with Worker(
        client,
        task_queue=task_queue,
        workflows=[scenario.workflow],
        activities=scenario.activities,
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        handle = await client.start_workflow(
            scenario.workflow.run, number, id=task_queue, task_queue=task_queue
        )
        result = await handle.result()
        if result != scenario.expected(number):
            raise AssertionError(f"{name} returned {result!r}")
        history = await handle.fetch_history()
    Path(path).write_text(history.to_json())
    answer(events=len(history.events))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]))
    leave()
