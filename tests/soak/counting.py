"""A workflow for many workers in turn, by itself so that a sandbox has little to load."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

from temporalio import activity, workflow

STEPS = 3

steps_done: Counter[tuple[str, int]] = Counter()
"""How often each step of each workflow was worked on."""


@activity.defn
async def add_one(value: int) -> int:
    steps_done[activity.info().workflow_id or "", value] += 1
    await asyncio.sleep(0)
    return value + 1


@workflow.defn
class Count:
    @workflow.run
    async def run(self) -> int:
        value = 0
        while value < STEPS:
            value = await workflow.execute_activity(
                add_one, value, start_to_close_timeout=timedelta(seconds=5)
            )
            await workflow.sleep(0.01)
        return value
