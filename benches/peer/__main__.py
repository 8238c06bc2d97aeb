"""Measure both packages in turn and print the table.

From the project's folder, after `make build`: `.venv/bin/python -m benches.peer --help`.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .bench import PROJECT, Bench
from .children import FOLDER
from .interpreters import check_sides, describe, official_beside, plotting_python
from .results import amount, table, write
from .rounds import measure
from .rows import ROWS, rows_named


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benches.peer",
        description="Measure the official package and this one side by side.",
        epilog="Rows: " + ", ".join(row.name for row in ROWS),
    )
    parser.add_argument(
        "--rows", help="names with commas between, or `all`; else all with a target"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each side is measured")
    parser.add_argument("--quick", action="store_true", help="few samples, to see that it works")
    parser.add_argument("--ours", type=Path, default=PROJECT / ".venv" / "bin" / "python")
    parser.add_argument("--official", type=Path, help="else an environment is made for it")
    parser.add_argument("--address", help="a Temporal server; else a dev server is started")
    parser.add_argument(
        "--stub", type=Path, help="the stub service's program; else cargo builds it"
    )
    parser.add_argument("--output", type=Path, default=PROJECT / "target" / "bench-peer")
    parser.add_argument("--no-plot", action="store_true", help="do without matplotlib")
    given = parser.parse_args()
    if given.rounds < 1:
        parser.error("--rounds must be 1 or more")
    try:
        given.rows = rows_named(given.rows)
    except ValueError as error:
        parser.error(str(error))
    return given


def about_machine() -> dict[str, Any]:
    return {
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": platform.machine(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
    }


def draw(output: Path, table_file: Path) -> None:
    plot = output / "table.svg"
    subprocess.run([plotting_python(), FOLDER / "plot.py", table_file, plot], check=True)
    print(f"The plot is {plot}")


def main() -> int:
    given = arguments()
    # Not resolved: the link in a virtual environment is what makes it one.
    ours = given.ours.absolute()
    official = given.official.absolute() if given.official else official_beside(ours)
    versions = {"official": describe(official), "ours": describe(ours)}
    check_sides(versions["official"], versions["ours"])
    about = {**versions, **about_machine(), "rounds": given.rounds, "quick": given.quick}
    output = given.output.absolute()
    bench = Bench(
        official=official,
        ours=ours,
        output=output,
        quick=given.quick,
        address=given.address,
        stub_program=given.stub and given.stub.absolute(),
    )
    results = []
    with bench:
        for row in given.rows:
            result = measure(bench, row, given.rounds)
            results.append(result)
            figures = amount(result.baseline, row.unit), amount(result.ours, row.unit)
            print(f"{row.name}: {figures[0]}, ours {figures[1]}", file=sys.stderr, flush=True)
            # After each row, so that what was measured is not lost with what comes.
            table_file = write(output, results, about)
    print(table(results))
    print(f"The table is {table_file}")
    if not given.no_plot:
        draw(output, table_file)
    return 1 if any(result.failed for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
