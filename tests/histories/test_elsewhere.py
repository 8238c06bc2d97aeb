"""The gate's second half: what is recorded here replays on the official packages, and here."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import DevServer

from .official import PROJECT, VERSIONS, full_version, official_environment, official_python
from .recorded_set import RECORDED, recorded
from .scenarios import SCENARIOS

LONG = bool(os.environ.get("CALLBOARD_LONG_TESTS"))
LIMIT_SECONDS = 600 if LONG else 200


def recorded_scenarios() -> list[str]:
    """The scenarios that are recorded; the long form has the slow ones too."""
    return [
        name
        for name, scenario in SCENARIOS.items()
        if scenario.runs_on((1, 35)) and (LONG or not scenario.slow)
    ]


def run(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> str:
    """Run one of the scripts; what it printed.

    Raises:
        AssertionError: It failed; what it printed is in the message.
        subprocess.TimeoutExpired: It takes too long.
    """
    ended = subprocess.run(
        command,
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr[-6000:]
    return ended.stdout


# Of the session, as its server is: the tests of a module may run with others in between.
@pytest.fixture(scope="session")
def recorded_here(dev_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with histories of all scenarios, recorded with this package just now."""
    folder = tmp_path_factory.mktemp("recorded")
    names = recorded_scenarios()
    address = ["--address", dev_server.target_host]
    run([sys.executable, "-m", "tests.histories.recording", *address, "--into", folder, *names])
    return folder


def verdicts(
    python: str | Path, folder: Path, environment: dict[str, str] | None
) -> dict[str, str]:
    """Replay a folder of histories elsewhere; those that do not replay, and why."""
    printed = run([python, "-m", "tests.histories.replaying", "replay", folder], environment)
    said = next(line for line in printed.splitlines() if line.startswith("verdicts "))
    found = json.loads(said.removeprefix("verdicts "))
    assert found, "nothing was replayed"
    return {name: failure for name, failure in found.items() if failure}


@pytest.mark.parametrize("version", VERSIONS)
async def test_official_package_replays_ours(version: str, recorded_here: Path) -> None:
    """Compatibility, the gate: record here; replay on the official 1.31, 1.33 and 1.35."""
    python = await asyncio.to_thread(official_python, full_version(version))
    failed = await asyncio.to_thread(verdicts, python, recorded_here, official_environment())
    assert failed == {}


async def test_we_replay_ours(recorded_here: Path) -> None:
    """Histories recorded here replay here, in another process."""
    assert await asyncio.to_thread(verdicts, sys.executable, recorded_here, None) == {}


# Their results hold random values, or tell which worker or which message was the first.
BY_CHANCE = {
    "children_signalled",
    "dynamic_handlers",
    "queue_of_signals",
    "random_values",
    "reset_to_the_first_task",
    "reset_to_the_first_task_1",
    "reset_with_random_values",
    "reset_with_random_values_1",
    "reset_with_random_values_2",
    "timed_random_ids",
}


# An activity that has little time for all its attempts has none at all on a busy server; what the
# server calls that differs.
TOO_LATE = re.compile(
    "(?<=<RetryState.TIMEOUT: 3> TimeoutError: )"
    "(activity Schedule(ToStart|ToClose) timeout|Not enough time to schedule next retry before "
    "activity ScheduleToClose timeout, giving up retrying)"
)


def end_of(about: dict[str, Any]) -> tuple[str, str]:
    """How a run ended, and its result; the order of a list tells what came first, which may differ."""
    results = [
        json.loads(TOO_LATE.sub("too late", result or "null")) for result in about.get("result", ())
    ]
    parts = [sorted(map(repr, one)) if isinstance(one, list) else one for one in results]
    return about["ends"], repr(parts)


def test_same_outcomes_as_official(recorded_here: Path) -> None:
    """A workflow ends here in the way, and with the result, that it has on the official 1.35."""
    scenarios = {name for name in recorded_scenarios() if not SCENARIOS[name].by_chance}
    theirs, ours = (
        {one.name: one.about for one in recorded(folder) if one.about["scenario"] in scenarios}
        for folder in (RECORDED / "1.35", recorded_here)
    )
    assert set(ours) == set(theirs)
    different = {
        name: (end_of(about), end_of(theirs[name]))
        for name, about in ours.items()
        if end_of(about)[: 1 if name in BY_CHANCE else 2]
        != end_of(theirs[name])[: 1 if name in BY_CHANCE else 2]
    }
    assert different == {}
