"""Each example, run the way its reader runs it: as a script, against a real server."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


async def start(script: str, env: WorkflowEnvironment) -> asyncio.subprocess.Process:
    address = env.client.service_client.config.target_host
    return await asyncio.create_subprocess_exec(
        sys.executable,
        EXAMPLES / script,
        env={**os.environ, "TEMPORAL_ADDRESS": address},
        stdout=asyncio.subprocess.PIPE,
    )


async def output_of(process: asyncio.subprocess.Process) -> str:
    output, _ = await asyncio.wait_for(process.communicate(), timeout=60)
    assert process.returncode == 0, f"exit {process.returncode}: {output.decode()}"
    return output.decode()


async def test_hello(env: WorkflowEnvironment) -> None:
    worker = await start("run_worker.py", env)
    try:
        client = await start("run_workflow.py", env)
        assert await output_of(client) == "Result: Hello, Callboard!\n"
    finally:
        worker.terminate()
        await worker.wait()


async def test_greeting(env: WorkflowEnvironment) -> None:
    process = await start("run_greeting.py", env)
    assert (await output_of(process)).splitlines() == [
        "Query: Good morning, Callboard!",
        "Update: Good evening, Callboard!",
        "Rejected update: ValueError: a salutation must not be empty",
        "Result: Good evening, Callboard!",
    ]


async def test_replay(env: WorkflowEnvironment) -> None:
    await output_of(await start("run_greeting.py", env))
    while not await runs_of("GreetingWorkflow", env):
        await asyncio.sleep(0.1)
    output = await output_of(await start("replay_greeting.py", env))
    verdicts = [line.partition(": ") for line in output.splitlines()]
    assert {run_id for run_id, _, _ in verdicts} >= await runs_of("GreetingWorkflow", env)
    assert {verdict for _, _, verdict in verdicts} == {"replays"}


async def runs_of(workflow_type: str, env: WorkflowEnvironment) -> set[str]:
    """Ids of the workflows that can be listed; those that have just begun come later."""
    runs = env.client.list_workflows(f"WorkflowType = '{workflow_type}'")
    return {run.id async for run in runs}
