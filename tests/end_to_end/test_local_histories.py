"""Runs with local activities leave the histories that the official SDK leaves, byte by byte.

Compatibility, formats and local activities: the marker's fields and its place among the events, the
activation index at resolution, the flags. And each package replays what the other has recorded.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from temporalio.testing import WorkflowEnvironment

from ..caching import Cache
from ..histories.official import official_environment, official_python
from .local_histories import CASES, MORE_CASES, RECORDED, keep, record, replay

REPOSITORY = Path(__file__).parents[2]
# 1.35.0 does not replay its own histories of these either: in replay it raises a timeout as it is,
# and not within the `ActivityError` that it raised when it happened.
NOT_ON_THE_OFFICIAL = {"times out", "times out over all"}


@pytest.mark.replays_as_a_whole
async def test_histories_are_those_of_the_official_sdk(
    env: WorkflowEnvironment, cache: Cache
) -> None:
    if cache is Cache.ONE_RUN:
        pytest.skip("runs that wait for one another's places let tasks time out")
    assert await record(env.client) == json.loads(RECORDED.read_text())


async def on_the_official_package(*arguments: str) -> str:
    """Run the module of these histories on the official package; return what it prints."""
    process = await asyncio.create_subprocess_exec(
        await asyncio.to_thread(official_python),
        "-m",
        "tests.end_to_end.local_histories",
        *arguments,
        cwd=REPOSITORY,
        env=official_environment(),
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed.decode()


async def test_official_package_replays_ours(env: WorkflowEnvironment, tmp_path: Path) -> None:
    await keep(env.client, tmp_path)
    assert len(list(tmp_path.iterdir())) == len(CASES) + len(MORE_CASES)
    printed = await on_the_official_package("replay", str(tmp_path))
    # Its runtime logs to the same place, so what counts is the last line.
    assert json.loads(printed.splitlines()[-1]).keys() == NOT_ON_THE_OFFICIAL
    assert await replay(tmp_path) == {}


async def test_theirs_replay_on_ours(env: WorkflowEnvironment, tmp_path: Path) -> None:
    address = env.client.service_client.config.target_host
    await on_the_official_package("run", address, str(tmp_path))
    assert len(list(tmp_path.iterdir())) == len(CASES) + len(MORE_CASES)
    assert await replay(tmp_path) == {}
