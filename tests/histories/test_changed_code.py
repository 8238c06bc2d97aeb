"""Changed code on an old history: what tells the difference, and what the official package says."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from .official import NEWEST, official_environment, official_python
from .recorded_set import PACKAGES, RECORDED
from .replaying import replay_changes
from .scenarios.changing import CHANGES
from .test_elsewhere import run


@pytest.mark.parametrize("package", PACKAGES)
async def test_changed_code_is_noticed(package: str) -> None:
    """Changed code gives `[TMPRL1100]` with the event and the command in the message."""
    found = await replay_changes(RECORDED / package)
    for change in CHANGES:
        verdict = found[change.name]
        if not change.event:
            assert verdict is None, change.name
            continue
        assert verdict is not None, change.name
        assert "[TMPRL1100] Nondeterminism error" in verdict, change.name
        # Its number and its type, and what the code does instead.
        assert re.search(rf"event \d+ \({change.event}", verdict), f"{change.name}: {verdict}"
        assert re.search("command|scheduled it with", verdict), f"{change.name}: {verdict}"


async def test_official_package_notices_the_same() -> None:
    """The official package finds the same changes harmful, and no others."""
    python = await asyncio.to_thread(official_python, NEWEST)
    command = [python, "-m", "tests.histories.replaying", "changes", RECORDED / "1.35"]
    printed = await asyncio.to_thread(run, command, official_environment())
    said = next(line for line in printed.splitlines() if line.startswith("verdicts "))
    theirs = json.loads(said.removeprefix("verdicts "))
    assert {name for name, verdict in theirs.items() if verdict} == {
        change.name for change in CHANGES if change.event
    }
    assert all("[TMPRL1100]" in verdict for verdict in theirs.values() if verdict)
