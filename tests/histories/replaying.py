"""A worker of the package that this interpreter has, for a `PastServer`; or a replay of histories.

Usage: python -m tests.histories.replaying serve --address HOST:PORT [--cache N]
       python -m tests.histories.replaying replay FOLDER [NAME …]
       python -m tests.histories.replaying changes FOLDER

`replay` prints a JSON object: for each history of the folder null, or why it does not replay. `changes`
does so for the history of `code_that_changes`, replayed with each change of its code.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from temporalio.client import Client, WorkflowHistory
from temporalio.service import __version__ as package_version
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ..all_said import leave
from .recorded_set import all_workflows, recorded
from .scenarios.activities import ACTIVITIES
from .scenarios.changing import CHANGES, CODE, ORIGINAL


def past_worker(client: Client, cache: int, task_queue: str = "past") -> Worker:
    """A worker with the code of all scenarios."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=all_workflows(),
        activities=ACTIVITIES,
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=cache,
    )


async def serve(address: str, cache: int) -> None:
    """Work until standard input ends."""
    client = await Client.connect(address)
    async with past_worker(client, cache):
        print("serving", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def replay(folder: Path, names: list[str]) -> dict[str, str | None]:
    """Replay histories with the code of their scenarios, as far as this package has what that uses.

    Returns:
        For each why it does not replay; none if it does.
    """
    from temporalio.worker import Replayer

    major, minor = (int(part) for part in package_version.split(".")[:2])
    version = (major, minor)
    verdicts: dict[str, str | None] = {}
    for one in recorded(folder):
        if (names and one.name not in names) or not one.scenario.runs_on(version):
            continue
        replayer = Replayer(
            workflows=list(one.scenario.workflows), workflow_runner=UnsandboxedWorkflowRunner()
        )
        history = WorkflowHistory(one.about["workflow_id"], list(one.events))
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        verdicts[one.name] = repr(result.replay_failure) if result.replay_failure else None
    return verdicts


async def replay_changes(folder: Path) -> dict[str, str | None]:
    """Replay the history of the code that changes, with each of its changes.

    Returns:
        For each change why the history does not replay; none if it does.
    """
    verdicts: dict[str, str | None] = {}
    try:
        for change in CHANGES:
            CODE[:] = change.steps
            verdicts.update(
                (change.name, verdict)
                for verdict in (await replay(folder, ["code_that_changes"])).values()
            )
    finally:
        CODE[:] = ORIGINAL
    return verdicts


def main() -> None:
    """Read the command line, and do it."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve")
    serving.add_argument("--address", required=True)
    serving.add_argument("--cache", type=int, default=0)
    replaying = commands.add_parser("replay")
    replaying.add_argument("folder", type=Path)
    replaying.add_argument("names", nargs="*")
    changing = commands.add_parser("changes")
    changing.add_argument("folder", type=Path)
    given = parser.parse_args()
    if given.command == "serve":
        asyncio.run(serve(given.address, given.cache))
        return
    work = (
        replay_changes(given.folder)
        if given.command == "changes"
        else replay(given.folder, given.names)
    )
    print("verdicts", json.dumps(asyncio.run(work)))
    leave()


if __name__ == "__main__":
    main()
