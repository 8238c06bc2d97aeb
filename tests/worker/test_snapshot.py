"""A worker that is looked at while it works, on a real server."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker, WorkerSnapshot

from ..limits import LIMIT_SECONDS

_go_on = asyncio.Event()


@activity.defn
async def wait() -> None:
    await _go_on.wait()


@workflow.defn
class Waits:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(wait, start_to_close_timeout=timedelta(seconds=60))


async def until(worker: Worker, holds: Callable[[WorkerSnapshot], bool]) -> WorkerSnapshot:
    async with asyncio.timeout(LIMIT_SECONDS):
        while not holds(snapshot := worker.snapshot()):
            await asyncio.sleep(0.01)
    return snapshot


async def test_a_snapshot_shows_what_the_worker_has_in_hand(
    client: Client, task_queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    _go_on.clear()
    worker = Worker(
        client,
        task_queue=task_queue,
        workflows=[Waits],
        activities=[wait],
        max_concurrent_activities=7,
        max_cached_workflows=50,
    )
    before = worker.snapshot()
    assert (before["state"], before["actors"]) == ("running", [])
    async with worker:
        handle = await client.start_workflow(Waits.run, id=task_queue, task_queue=task_queue)
        busy = await until(
            worker,
            lambda now: now["slots"]["activity"]["used"] == 1 and now["cache"]["idle_runs"] == 1,
        )
        activity_slots = busy["slots"]["activity"]
        assert activity_slots["size"] == 7
        assert (
            activity_slots["used"] + activity_slots["polling"] + (activity_slots["free"] or 0) == 7
        )
        assert busy["slots"]["workflow"]["size"] == 50
        assert busy["activities_in_flight"] == busy["cache"]["runs"] == 1
        assert busy["polls"]["workflow"]["normal"] >= 1
        assert busy["polls"]["workflow"]["sticky"] >= 1
        assert busy["polls"]["activity"] == {"normal": 5, "sticky": 0}
        actors = {actor["name"]: actor for actor in busy["actors"]}
        assert {"workflow poller", "activity poller", "run cache", "activity executor"} <= set(
            actors
        )
        assert all(actor["state"] == "alive" and not actor["restarts"] for actor in actors.values())
        assert actors["run cache"]["handled"] >= 1
        json.dumps(busy)

        with caplog.at_level(logging.INFO, logger="temporalio.worker"):
            worker.log_snapshot()
        [line] = [
            record.getMessage() for record in caplog.records if "slots" in record.getMessage()
        ]
        assert line.startswith(
            f"Worker on {task_queue} is running; slots workflow=0/50 activity=1/7 "
        )
        assert "\n" not in line

        _go_on.set()
        await handle.result()
        idle = await until(worker, lambda now: now["cache"]["runs"] == 0)
        assert idle["cache"]["evicted"] == 1
        # Mailboxes empty by themselves; each message is counted once.
        await until(worker, lambda now: not any(actor["waiting"] for actor in now["actors"]))
    after = worker.snapshot()
    assert after["state"] == "stopped"
    assert {actor["state"] for actor in after["actors"]} == {"ended"}
    assert after["slots"]["activity"]["used"] == after["slots"]["workflow"]["used"] == 0
