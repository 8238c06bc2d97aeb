"""Histories of runs with local activities, in a form in which two packages can be compared.

``python -m tests.end_to_end.local_histories`` records them with the official package, in an
environment that has it, and writes ``local_histories.json`` beside this file.
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
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

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
TIME = re.compile(r'\{"seconds":\d{10},"nanos":\d+\}')
STACK = re.compile(r' *stack_trace: ".*"\n')


async def record(client: Client) -> dict[str, list[str]]:
    """Run all cases on a worker of this package; return their histories."""
    task_queue = f"histories-{uuid.uuid4()}"
    with ThreadPoolExecutor(8) as threads:
        async with Worker(
            client,
            task_queue=task_queue,
            workflows=kitchen.WORKFLOWS,
            activities=kitchen.ACTIVITIES,
            activity_executor=threads,
            max_concurrent_activities=8,
            workflow_runner=UnsandboxedWorkflowRunner(),
        ):
            histories = await asyncio.gather(*(_run(client, task_queue, *case) for case in CASES))
    return {case[0]: history for case, history in zip(CASES, histories, strict=True)}


async def _run(
    client: Client, task_queue: str, name: str, workflow: Any, args: list[Any]
) -> list[str]:
    handle = await client.start_workflow(
        workflow.run,
        args=args,
        id=f"history-{uuid.uuid4()}",
        task_queue=task_queue,
        task_timeout=timedelta(seconds=2),
    )
    await handle.result()
    first_run = client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
    events = [event async for event in first_run.fetch_history_events()]
    return describe(events, sort_markers=name.startswith("side by side"))


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


async def _main() -> None:
    server = str(Path(sys.executable).with_name("temporal"))
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=server) as env:
        RECORDED.write_text(json.dumps(await record(env.client), indent=1) + "\n")


if __name__ == "__main__":
    asyncio.run(_main())
