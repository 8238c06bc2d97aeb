"""The histories that are recorded, as tests want them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from temporalio import workflow
from temporalio.api.history.v1 import History, HistoryEvent

from .scenarios import SCENARIOS, Scenario

RECORDED = Path(__file__).parent / "recorded"
PACKAGES = ("1.31", "1.33", "1.35")

# 1.31 held the results of local activities until none was outstanding. Nobody does that today: the
# official 1.35, given these tasks again, answers as we do.
HELD_RESULTS = {
    "1.31-local_activities_in_handlers",
    "1.31-local_cancelled",
    "1.31-local_left_running",
    "1.31-local_reactions",
}


@dataclass(frozen=True)
class Recorded:
    """One history, and what the index says of it."""

    name: str
    package: str
    folder: Path
    about: dict[str, Any]

    @property
    def scenario(self) -> Scenario:
        """What was done while it was recorded."""
        return SCENARIOS[self.about["scenario"]]

    @property
    def has_local_activities(self) -> bool:
        """Whether the results of local activities are in it."""
        markers = (event.marker_recorded_event_attributes for event in self.events)
        return any(marker.marker_name == "core_local_activity" for marker in markers)

    @cached_property
    def events(self) -> Sequence[HistoryEvent]:
        """Its events."""
        return History.FromString((self.folder / f"{self.name}.binpb").read_bytes()).events

    def __str__(self) -> str:
        """How tests call it."""
        return f"{self.package}-{self.name}"


def recorded(folder: Path) -> list[Recorded]:
    """All histories of a folder whose scenarios this interpreter can run."""
    index = json.loads((folder / "index.json").read_text())
    package = ".".join(index["package"].split(".")[:2])
    histories = index["histories"].items()
    return [
        Recorded(name, package, folder, about)
        for name, about in histories
        if about["scenario"] in SCENARIOS
    ]


def official_histories() -> list[Recorded]:
    """Those that the official packages recorded, which stand beside this file."""
    return [one for package in PACKAGES for one in recorded(RECORDED / package)]


def all_workflows() -> list[type]:
    """The workflows of all scenarios: for each name the code that its run ended with."""
    by_name: dict[str, type] = {}
    for scenario in SCENARIOS.values():
        for code in scenario.workflows:
            by_name.setdefault(workflow._Definition.must_from_class(code).name or "", code)
    return list(by_name.values())
