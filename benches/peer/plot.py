"""Draws the ratios of a table, for an interpreter that has matplotlib.

python plot.py TABLE.json PLOT.svg
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

MET, MISSED, NO_TARGET = "#2a7f62", "#c2553d", "#7a7f87"


def color(row: dict[str, Any]) -> str:
    return {True: MET, False: MISSED, None: NO_TARGET}[row["met"]]


def label(row: dict[str, Any]) -> str:
    return (
        row["work"] if row["baseline"] == "official" else f"{row['work']} (cost, lower is better)"
    )


def draw(about: dict[str, Any], path: Path) -> None:
    """Bars from a ratio of 1, with whiskers over all rounds and a mark at each target."""
    rows = [row for row in about["rows"] if row["ratio"] is not None]
    figure, axes = plt.subplots(figsize=(11, 1.6 + 0.45 * len(rows)), layout="constrained")
    for position, row in enumerate(rows):
        ratio, ratios = row["ratio"], row["ratios"]
        axes.barh(position, ratio - 1, left=1, color=color(row), height=0.6)
        axes.plot([min(ratios), max(ratios)], [position] * 2, color="black", linewidth=1)
        axes.annotate(
            f"{ratio:.1f}",
            (max(ratio, *ratios, 1), position),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
        )
        if row["target"]:
            axes.plot(row["target"]["ratio"], position, marker="|", markersize=18, color="black")
    axes.set_yticks(range(len(rows)), [label(row) for row in rows])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("official : ours, in one run on one machine; | is the target")
    axes.set_title(f"Callboard beside temporalio {about['official']['temporalio']}")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.margins(x=0.1)
    figure.savefig(path)


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
