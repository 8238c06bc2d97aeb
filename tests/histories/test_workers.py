"""The gate with real workers: each recorded task comes to one as if it were happening now.

Local activities run, and the run cache takes and evicts runs. What comes back is compared with what the
history holds.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Collection

import pytest

from temporalio.api.workflowservice.v1 import RespondWorkflowTaskFailedRequest
from temporalio.client import Client

from .comparing import TIMES, TIMES_AND_INDEX, differences, flag_differences
from .past import Past, past_server
from .recorded_set import HELD_RESULTS, PACKAGES, RECORDED, Recorded, recorded
from .replaying import past_worker

LONG = bool(os.environ.get("CALLBOARD_LONG_TESTS"))
PATIENCE_SECONDS = 30.0


def comparable(package: str, cache: int) -> list[Recorded]:
    """The histories whose tasks, run again, give the same.

    A local activity that outlives its task begins anew when its run is evicted: not with a cache of one.
    """
    return [
        one
        for one in recorded(RECORDED / package)
        if one.scenario.same_code
        and not one.scenario.by_chance
        and str(one) not in HELD_RESULTS
        and (not one.scenario.slow or (LONG and cache != 1))
    ]


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("cache", [1000, 1, 0])
async def test_workers_do_what_was_recorded(package: str, cache: int) -> None:
    """Compatibility, the gate: cold, evicted after every task, with random page cuts, and warm.

    A worker without a cache gets every task with the history from the start; one with a cache of one
    fetches it whenever another run has taken the place.
    """
    seed = int(os.environ.get("CALLBOARD_SEED") or random.randrange(2**32))
    source = random.Random(seed)
    pasts = {
        str(one): (
            one,
            Past(
                one.about["workflow_id"],
                one.about["run_id"],
                one.events,
                cold=cache == 0,
                page_cuts=None if cache == 1000 else random.Random(source.random()),
            ),
        )
        for one in comparable(package, cache)
    }
    with past_server() as server:
        client = await Client.connect(server.address)
        async with past_worker(client, cache):
            for _, past in pasts.values():
                server.send(past)
            loop, deadline = asyncio.get_running_loop(), PATIENCE_SECONDS
            await asyncio.wait_for(
                asyncio.gather(
                    *(
                        loop.run_in_executor(None, past.done.wait, deadline)
                        for _, past in pasts.values()
                    )
                ),
                2 * deadline,
            )
    but = TIMES if package == "1.35" else TIMES_AND_INDEX
    found = {name: lines for name, (_, past) in pasts.items() if (lines := different(past, but))}
    assert found == {}, f"seed {seed}"


def different(past: Past, but: Collection[str]) -> list[str]:
    """Where the answers of a worker are not what the history holds."""
    lines = []
    if not past.done.is_set():
        lines.append(f"task {len(past.answers)} of {len(past.tasks)} is not answered")
    for number, (answer, task) in enumerate(zip(past.answers, past.tasks, strict=False)):
        if isinstance(answer, RespondWorkflowTaskFailedRequest):
            lines.append(f"task {number} failed: {answer.failure.message}")
            continue
        found = differences(answer, task.commands, but=but)
        found += flag_differences(answer.sdk_metadata, past.events, task)
        lines += (f"task {number}: {line}" for line in found)
    return lines
