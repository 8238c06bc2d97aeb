"""Runs scenarios with the package that this interpreter has, and writes their histories.

Usage: python -m tests.histories.recording --address HOST:PORT --into FOLDER [NAME …]
(`record.py` starts a server and this, for any package.)

Each history is a serialized `temporal.api.history.v1.History`, with stack traces and identities left
out. `index.json` says what each one is of.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import traceback
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import EventType, TaskQueueKind
from temporalio.api.history.v1 import History
from temporalio.client import Client
from temporalio.service import __version__ as package_version

from .scenarios import SCENARIOS, Kept, Scenario, Stage

SIDE_BY_SIDE = 12


async def record(client: Client, scenario: Scenario, folder: Path) -> dict[str, Any]:
    """Play one scenario and write the histories that it keeps.

    Returns:
        What the index says about each of them.
    """
    stage = Stage(client, scenario.name, scenario.workflows)
    await asyncio.wait_for(scenario.script(stage), 120)
    entries = {}
    for kept in stage.keep:
        history = await fetch(client, kept)
        name = scenario.name + kept.name
        path = folder / f"{name}.binpb"
        path.write_bytes(history.SerializeToString(deterministic=True))
        entries[name] = describe(scenario, kept, history)
    return entries


async def fetch(client: Client, kept: Kept) -> History:
    """The history of a run, without what tells about the machine that recorded it."""
    handle = client.get_workflow_handle(kept.workflow_id, run_id=kept.run_id)
    history = History(events=(await handle.fetch_history()).events)
    for event in history.events:
        scrub(event)
    return history


def scrub(message: Any) -> None:
    """Leave out what tells about the machine that recorded."""
    for field, value in message.ListFields():
        if field.name in ("stack_trace", "identity"):
            message.ClearField(field.name)
        elif field.name == "task_queue" and value.kind == TaskQueueKind.TASK_QUEUE_KIND_STICKY:
            value.name = "sticky"
        elif field.message_type and not field.message_type.GetOptions().map_entry:
            for part in value if hasattr(value, "append") else [value]:
                scrub(part)


def describe(scenario: Scenario, kept: Kept, history: History) -> dict[str, Any]:
    """The line of the index about one history."""
    start = history.events[0].workflow_execution_started_event_attributes
    last = history.events[-1]
    entry: dict[str, Any] = {
        "scenario": scenario.name,
        "workflow": start.workflow_type.name,
        "workflow_id": kept.workflow_id,
        "run_id": kept.run_id or start.original_execution_run_id,
        "input": [payload.data.decode() for payload in start.input.payloads],
        "events": len(history.events),
        "ends": EventType.Name(last.event_type).removeprefix("EVENT_TYPE_"),
    }
    if last.HasField("workflow_execution_completed_event_attributes"):
        result = last.workflow_execution_completed_event_attributes.result
        entry["result"] = [payload.data.decode() for payload in result.payloads]
    return entry


async def record_all(address: str, folder: Path, names: list[str]) -> int:
    """Play scenarios, several side by side.

    Returns:
        How many of them failed; what failed is printed.
    """
    client = await Client.connect(address)
    folder.mkdir(parents=True, exist_ok=True)
    package = tuple(int(part) for part in package_version.split(".")[:2])
    chosen = [SCENARIOS[name] for name in names] or list(SCENARIOS.values())
    permits = asyncio.Semaphore(SIDE_BY_SIDE)
    entries: dict[str, Any] = {}
    failed: list[str] = []

    async def one(scenario: Scenario) -> None:
        async with permits:
            try:
                entries.update(await record(client, scenario, folder))
            except Exception:
                failed.append(scenario.name)
                print(f"{scenario.name} failed:\n{traceback.format_exc()}", flush=True)

    # Ours goes by the version of the API that it has.
    supported = [scenario for scenario in chosen if scenario.runs_on((package[0], package[1]))]
    await asyncio.gather(*(one(scenario) for scenario in supported))
    index_path = folder / "index.json"
    index = json.loads(index_path.read_text()) if names and index_path.exists() else {}
    histories = dict(sorted({**index.get("histories", {}), **entries}.items()))
    about = {"package": package_version, "python": platform.python_version()}
    index_path.write_text(json.dumps({**about, "histories": histories}, indent=1) + "\n")
    print(f"{len(entries)} histories, {len(failed)} failed: {', '.join(failed)}", flush=True)
    return len(failed)


def main() -> None:
    """Read the command line and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--into", required=True, type=Path)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    raise SystemExit(1 if asyncio.run(record_all(given.address, given.into, given.names)) else 0)


if __name__ == "__main__":
    main()
