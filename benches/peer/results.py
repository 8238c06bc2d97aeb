"""What was measured: ratios, the table, the file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from .rows import Row

UNITS = {"s": ((1, "s"), (1e3, "ms"), (1e6, "µs")), "B": ((1e-6, "MB"), (1e-3, "kB"), (1, "B"))}
HEADER = ("row", "official", "ours", "ratio", "spread", "target", "met")


@dataclass
class Result:
    """The figures of one row, in order of rounds.

    Attributes:
        baseline: Figures of the official package, or of what the row has in its place.
        ours: Figures of this package.
        problems: Why there are none, or not all, one for each side.
        failed: Whether one is a failure; else a package does not have what was to be measured.
    """

    row: Row
    baseline: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    failed: bool = False

    @property
    def ratios(self) -> list[float]:
        """One ratio a round: what was measured one after the other is compared."""
        pairs = zip(self.baseline, self.ours, strict=False)
        return [self.row.ratio(baseline, ours) for baseline, ours in pairs]

    @property
    def ratio(self) -> float | None:
        return median(self.ratios) if self.ratios and not self.problems else None

    @property
    def met(self) -> bool | None:
        if self.ratio is None or self.row.target is None:
            return None
        return self.row.target.met_by(self.ratio)

    def cells(self) -> tuple[str, ...]:
        """This row of the table, as text."""
        target = "" if self.row.target is None else str(self.row.target)
        baseline = amount(self.baseline, self.row.unit)
        if self.row.baseline is not None:
            baseline += " (asyncio)"
        if self.ratio is None:
            state = "failed" if self.failed else "not available"
            return (
                self.row.work,
                baseline,
                amount(self.ours, self.row.unit),
                "",
                "",
                target,
                state,
            )
        spread = f"{min(self.ratios):.2f} to {max(self.ratios):.2f}"
        met = {None: "", True: "yes", False: "no"}[self.met]
        ours = amount(self.ours, self.row.unit)
        return (self.row.work, baseline, ours, f"{self.ratio:.2f}", spread, target, met)

    def as_json(self) -> dict[str, Any]:
        target = self.row.target
        return {
            "name": self.row.name,
            "work": self.row.work,
            "unit": self.row.unit,
            "baseline": "official" if self.row.baseline is None else "plain asyncio",
            "baseline_figures": self.baseline,
            "our_figures": self.ours,
            "ratios": self.ratios,
            "ratio": self.ratio,
            "target": target and {"ratio": target.ratio, "at_most": target.at_most},
            "met": self.met,
            "failed": self.failed,
            "problems": self.problems,
        }


def amount(figures: list[float], unit: str) -> str:
    """The median of figures, in the unit that reads best."""
    if not figures:
        return "–"
    middle = median(figures)
    if unit == "/s":
        return f"{middle:,.0f}/s"
    factor, name = UNITS[unit][-1]
    for larger, larger_name in UNITS[unit]:
        if abs(middle) * larger >= 1:
            factor, name = larger, larger_name
            break
    return f"{middle * factor:.3g} {name}"


def table(results: list[Result]) -> str:
    """All rows as a table of Markdown, and below it what went wrong."""
    lines = [HEADER, *(result.cells() for result in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    text = [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    text += [f"\n{result.row.name}: {why}" for result in results for why in result.problems]
    return "\n".join(text) + "\n"


def write(folder: Path, results: list[Result], about: dict[str, Any]) -> Path:
    """Writes the table as text and as JSON; returns the file of JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.md").write_text(table(results))
    path = folder / "table.json"
    everything = {**about, "rows": [result.as_json() for result in results]}
    path.write_text(json.dumps(everything, indent=2) + "\n")
    return path
