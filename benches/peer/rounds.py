"""Both sides in turn."""

from __future__ import annotations

from .bench import Bench
from .children import MeasurementFailed, NotAvailable
from .results import Result
from .rows import Row


def measure(bench: Bench, row: Row, rounds: int) -> Result:
    """Measure one row: the baseline, ours, the baseline, ours, ...

    A side that fails, or that does not have what is measured, is not measured again; the other one is.
    """
    result = Result(row)
    sides = (
        (
            "official" if row.baseline is None else "baseline",
            bench.official,
            row.baseline,
            result.baseline,
        ),
        ("ours", bench.ours, None, result.ours),
    )
    out: set[str] = set()
    for _ in range(rounds):
        for name, python, other, figures in sides:
            if name in out:
                continue
            try:
                figures.append((other or row.measurement).take(bench, python))
            except (MeasurementFailed, NotAvailable) as problem:
                out.add(name)
                result.failed |= isinstance(problem, MeasurementFailed)
                result.problems.append(f"{name}: {problem}")
    return result
