"""What Linux says about a process, and what a row of such figures says about its growth."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from xml.sax.saxutils import escape

TARGET = Path(__file__).parents[2] / "target" / "soak"
WIDTH, HEIGHT, MARGIN = 800, 400, 70


@dataclass(frozen=True)
class ProcessFigures:
    """A process at one moment.

    Attributes:
        resident: Bytes of memory that are resident.
        threads: Threads, those that Python does not know included.
        files: Open file descriptors.
    """

    resident: int
    threads: int
    files: int


def figures_of(process_id: int) -> ProcessFigures:
    """Read the figures of a process from ``/proc``."""
    folder = Path("/proc") / str(process_id)
    pages = int((folder / "statm").read_text().split()[1])
    return ProcessFigures(
        resident=pages * os.sysconf("SC_PAGE_SIZE"),
        threads=len(list((folder / "task").iterdir())),
        files=len(list((folder / "fd").iterdir())),
    )


def growth(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the straight line that is nearest to the points, by least squares."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


def steady_growth(points: Sequence[tuple[float, float]], parts: int = 4) -> float:
    """The growth that is there all the time: the median of the slopes of as many parts in turn.

    What is kept of each item grows in every part. An allocator that once takes another arena, because
    more has gone on at a time than before, makes a step in one.
    """
    size = len(points) // parts
    return median(growth(points[part * size : (part + 1) * size]) for part in range(parts))


def plot(
    path: Path, points: Sequence[tuple[float, float]], title: str, across: str, up: str
) -> None:
    """Draw points as a line, from zero, into a file of SVG."""
    largest_x = max(x for x, _ in points) or 1
    largest_y = max(y for _, y in points) * 1.1 or 1

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            MARGIN + x / largest_x * (WIDTH - 2 * MARGIN),
            HEIGHT - MARGIN - y / largest_y * (HEIGHT - 2 * MARGIN),
        )

    def text(x: float, y: float, words: str, anchor: str) -> str:
        return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(words)}</text>'

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        text(WIDTH / 2, MARGIN / 2, title, "middle"),
        text(WIDTH / 2, HEIGHT - MARGIN / 4, across, "middle"),
        text(MARGIN / 8, MARGIN - 12, up, "start"),
    ]
    for step in range(5):
        x, y = largest_x * step / 4, largest_y * step / 4
        below, left = place(x, 0), place(0, y)
        right = place(largest_x, y)
        parts.append(text(below[0], below[1] + 18, f"{x:,.0f}", "middle"))
        parts.append(text(left[0] - 8, left[1] + 4, f"{y:,.1f}", "end"))
        parts.append(
            f'<path d="M{left[0]:.1f} {left[1]:.1f}H{right[0]:.1f}" stroke="#ccc" fill="none"/>'
        )
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in points))
    parts.append(f'<polyline points="{line}" stroke="#2a7f62" stroke-width="2" fill="none"/></svg>')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts) + "\n")
