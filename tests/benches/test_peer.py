"""One quick measurement of each kind, for both sides, as the bench takes it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from benches.peer.bench import Bench
from benches.peer.children import Child, MeasurementFailed
from benches.peer.results import Result, table, write
from benches.peer.rounds import measure
from benches.peer.rows import ROWS, rows_named

from ..conftest import DevServer
from ..histories.official import NEWEST, folder_of_environments, python_version

PROJECT = Path(__file__).parents[2]
ROW_OF_EACH_KIND = [
    "replay-one-unsandboxed",
    "replay-fan-out-asyncio",
    "worker-one-unsandboxed",
    "client",
    "memory-unsandboxed",
    "imports",
]


def official_if_made() -> Path:
    """The official package's interpreter, or ours where no other test has made that one.

    Making it takes longer than the tests here may; the measurements are the same files either way.
    """
    folder = folder_of_environments() / f"temporalio-{NEWEST}-python-{python_version()}"
    made = (folder / "complete").exists()
    return folder / "bin" / "python" if made else Path(sys.executable)


@pytest.fixture
def bench(dev_server: DevServer, tmp_path: Path) -> Bench:
    return Bench(
        official=official_if_made(),
        ours=Path(sys.executable),
        output=tmp_path,
        quick=True,
        address=dev_server.target_host,
        stub_program=PROJECT / "no stub service",
    )


@pytest.mark.parametrize("name", ROW_OF_EACH_KIND)
def test_measures_both_sides(bench: Bench, name: str) -> None:
    result = measure(bench, *rows_named(name), rounds=1)

    assert not result.problems
    assert len(result.baseline) == len(result.ours) == len(result.ratios) == 1
    assert all(figure > 0 for figure in result.baseline)


def test_a_side_that_fails_is_reported_and_the_other_is_measured(bench: Bench) -> None:
    bench.ours = PROJECT / "no interpreter"

    result = measure(bench, *rows_named("imports"), rounds=2)

    assert result.failed and result.ratio is None
    assert "no interpreter cannot be started" in "".join(result.problems)
    assert len(result.baseline) == 2 and not result.ours
    assert "failed" in table([result])


def test_a_process_that_fails_says_why(bench: Bench) -> None:
    with (
        pytest.raises(MeasurementFailed, match="No such file or directory: 'no_history'"),
        Child.measuring(
            bench.ours, "replay", "fan_out", "no_history", "unsandboxed", 1, 1
        ) as replay,
    ):
        replay.answer()


def test_writes_the_table(tmp_path: Path) -> None:
    """Ratios are of figures taken one after the other; a cost ratio is ours to the baseline's."""
    faster, dearer = rows_named("replay-fan-out,replay-fan-out-asyncio")
    results = [
        Result(faster, baseline=[0.06, 0.1, 0.08], ours=[0.002, 0.002, 0.002]),
        Result(dearer, baseline=[0.002], ours=[0.004]),
    ]

    written = json.loads(write(tmp_path, results, {"rounds": 3}).read_text())

    assert [row["ratio"] for row in written["rows"]] == [pytest.approx(40), pytest.approx(2)]
    assert [row["met"] for row in written["rows"]] == [True, False]
    lines = (tmp_path / "table.md").read_text().splitlines()
    assert [cell.strip() for cell in lines[2].split("|")[2:-1]] == [
        "80 ms", "2 ms", "40.00", "30.00 to 50.00", "at least 30", "yes",
    ]  # fmt: skip


def test_names_of_rows() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert rows_named("all") == list(ROWS)
    with pytest.raises(ValueError, match="no row is called walking; there are replay-fan-out"):
        rows_named("walking,client")
