"""Histories of runs with local activities, in a form in which two packages can be compared.

In an environment that has the official package, ``python -m tests.end_to_end.local_histories`` writes
``local_histories.json`` beside this file. ``… run ADDRESS FOLDER`` keeps whole histories of runs on that
package, and ``… replay FOLDER`` replays those that are there.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

from ..all_said import leave
from . import local_cooks as cooks
from . import local_kitchen as kitchen
from .kitchen import Order

RECORDED = Path(__file__).with_suffix(".json")
ORDERS = [Order("pear", 2), Order("fig", 5)]

# Name, workflow, arguments. Those side by side end in any order, so their markers are sorted.
CASES: list[tuple[str, type, list[Any]]] = [
    ("side by side: every form", kitchen.LocalPrices, [ORDERS]),
    ("many in a row", kitchen.ManyLocals, [kitchen.Steps(locals=3, parallel=1)]),
    ("retried", kitchen.LocalRetries, [3]),
    ("backs off", kitchen.LocalBacksOff, [3]),
    ("fails", kitchen.LocalFails, []),
    ("gives up", kitchen.LocalGivesUp, []),
    ("times out", kitchen.LocalTimesOut, [{"start_to_close_timeout": 0.3}]),
    ("times out over all", kitchen.LocalTimesOut, [{"schedule_to_close_timeout": 0.3}]),
    *(
        (f"cancelled {name} {kind}", kitchen.CancelsLocal, [name, kind])
        for name in ("wait_until_cancelled", "survive_cancellation")
        for kind in range(3)
    ),
    ("cancelled at once", kitchen.CancelsLocalAtOnce, []),
    ("cancelled in a backoff", kitchen.CancelsBackoff, []),
    ("continues as new meanwhile", kitchen.ContinuesMeanwhile, [True]),
    ("ends at once", kitchen.EndsMeanwhile, [True]),
    ("ends meanwhile", kitchen.EndsMeanwhile, [False]),
]
# Others, whose histories are only replayed: they differ from one time to the next.
MORE_CASES: list[tuple[str, type, list[Any]]] = [
    ("local and remote", kitchen.LocalAndRemote, []),
    ("many side by side", kitchen.ManyLocals, [kitchen.Steps(locals=4, parallel=5)]),
    ("long", kitchen.LongLocal, [4]),
    ("described", kitchen.InfoOfLocal, [True]),
    ("heartbeats", kitchen.HeartbeatsInVain, []),
]
TIME = re.compile(r'\{"seconds":\d{10},"nanos":\d+\}')
STACK = re.compile(r' *stack_trace: ".*"\n')


async def record(client: Client) -> dict[str, list[str]]:
    """Run the cases on a worker of this package; return their histories, described."""
    histories = await run(client, CASES)
    return {
        name: describe(list(history.events), sort_markers=name.startswith("side by side"))
        for name, history in histories.items()
    }


async def run(
    client: Client, cases: list[tuple[str, type, list[Any]]]
) -> dict[str, WorkflowHistory]:
    """Run cases on a worker of this package; return the histories of their first runs."""
    task_queue = f"histories-{uuid.uuid4()}"
    with ThreadPoolExecutor(8) as threads:
        async with Worker(
            client,
            task_queue=task_queue,
            workflows=kitchen.WORKFLOWS,
            activities=cooks.ACTIVITIES,
            activity_executor=threads,
            max_concurrent_activities=8,
            workflow_runner=UnsandboxedWorkflowRunner(),
        ):
            histories = await asyncio.gather(*(_run(client, task_queue, *case) for case in cases))
    return {case[0]: history for case, history in zip(cases, histories, strict=True)}


async def _run(
    client: Client, task_queue: str, name: str, workflow: Any, args: list[Any]
) -> WorkflowHistory:
    handle = await client.start_workflow(
        workflow.run,
        args=args,
        id=f"history-{uuid.uuid4()}",
        task_queue=task_queue,
        task_timeout=timedelta(seconds=2),
    )
    await handle.result()
    first_run = client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
    return await first_run.fetch_history()


async def keep(client: Client, folder: Path) -> None:
    """Run all cases on a worker of this package, and write their histories into a folder."""
    for name, history in (await run(client, [*CASES, *MORE_CASES])).items():
        (folder / f"{name}.json").write_text(history.to_json())


async def replay(folder: Path) -> dict[str, str]:
    """Replay the histories of a folder on this package; return those that fail, and why."""
    replayer = Replayer(workflows=kitchen.WORKFLOWS, workflow_runner=UnsandboxedWorkflowRunner())
    failures = {}
    for path in sorted(folder.glob("*.json")):
        history = WorkflowHistory.from_json(path.stem, path.read_text())
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if result.replay_failure is not None:
            failures[path.stem] = str(result.replay_failure)
    return failures


def describe(events: list[Any], *, sort_markers: bool) -> list[str]:
    """Return a line for each event, less what is another in each run."""
    lines = [_describe(event) for event in events]
    if not sort_markers:
        return lines
    lines = [re.sub(r'"activation_index":\d+', '"activation_index":N', line) for line in lines]
    for first in range(len(lines)):
        last = first
        while last < len(lines) and lines[last].startswith("MARKER_RECORDED"):
            last += 1
        lines[first:last] = sorted(lines[first:last])
    return lines


def _describe(event: Any) -> str:
    parts = [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")]
    if event.HasField("marker_recorded_event_attributes"):
        marker = event.marker_recorded_event_attributes
        parts.append(marker.marker_name)
        for key in sorted(marker.details):
            for payload in marker.details[key].payloads:
                data = TIME.sub("TIME", payload.data.decode())
                parts.append(f"{key}={dict(payload.metadata)}{data}")
        if marker.HasField("failure"):
            parts.append(STACK.sub("", str(marker.failure)))
    elif event.HasField("workflow_task_completed_event_attributes"):
        used = event.workflow_task_completed_event_attributes.sdk_metadata
        parts.append(f"{sorted(used.core_used_flags)} {sorted(used.lang_used_flags)}")
    elif event.HasField("timer_started_event_attributes"):
        timer = event.timer_started_event_attributes
        parts += [timer.timer_id, str(timer.start_to_fire_timeout.ToTimedelta())]
    elif event.HasField("activity_task_scheduled_event_attributes"):
        parts.append(event.activity_task_scheduled_event_attributes.activity_id)
    if event.HasField("user_metadata"):
        parts.append(event.user_metadata.summary.data.decode())
    return " ".join(parts)


async def _write_recorded() -> None:
    server = str(Path(sys.executable).with_name("temporal"))
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=server) as env:
        RECORDED.write_text(json.dumps(await record(env.client), indent=1) + "\n")


async def _main(command: str = "", *arguments: str) -> None:
    if command == "run":
        address, folder = arguments
        await keep(await Client.connect(address), Path(folder))
    elif command == "replay":
        print(json.dumps(await replay(Path(arguments[0]))))
    else:
        await _write_recorded()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
    leave()
