"""CPU per replay of one history.

    python -m measuring.replay SCENARIO HISTORY RUNNER REPLAYS WARM_UP

The history is read before, and replayed as often as the warm-up says; what a replayer does for each
replay after that counts.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from measuring.protocol import answer, leave
from measuring.runners import workflow_runner
from measuring.scenarios import SCENARIOS
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer


async def replay(replayer: Replayer, history: WorkflowHistory, times: int) -> None:
    """Replay a history so many times, each of which must succeed."""

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for _ in range(times):
            yield history

    results = await replayer.replay_workflows(histories(), raise_on_replay_failure=True)
    if results.replay_failures:
        raise AssertionError(f"replay failed: {results.replay_failures}")


async def main(scenario: str, path: str, runner: str, replays: int, warm_up: int) -> None:
    history = WorkflowHistory.from_json(scenario, Path(path).read_text())
    replayer = Replayer(
        workflows=[SCENARIOS[scenario]().workflow], workflow_runner=workflow_runner(runner)
    )
    await replay(replayer, history, warm_up)
    before = time.process_time()
    await replay(replayer, history, replays)
    answer(cpu=(time.process_time() - before) / replays)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4], replays=int(sys.argv[4]), warm_up=int(sys.argv[5])))
    leave()
