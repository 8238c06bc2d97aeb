"""The rows of the table: what is measured, and what it should come to.

A row that does not say how its workflows run has them sandboxed, as a worker does by default.
"""

from __future__ import annotations

from dataclasses import dataclass

from .measurements import (
    CachedMemory,
    ClientCpu,
    Imports,
    Measurement,
    PlainAsyncio,
    Replay,
    StubThroughput,
    WorkerCpu,
)

FAN_OUT = 200


@dataclass(frozen=True)
class Target:
    """A bound of a ratio."""

    ratio: float
    at_most: bool = False

    def met_by(self, ratio: float) -> bool:
        return ratio <= self.ratio if self.at_most else ratio >= self.ratio

    def __str__(self) -> str:
        return f"{'at most' if self.at_most else 'at least'} {self.ratio:g}"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        name: What `--rows` calls it.
        work: What is measured, in words.
        measurement: How.
        unit: What one figure is of: `s` (CPU time), `B` or `/s`.
        target: What the ratio should come to; a row without one is there for comparison.
        baseline: What this package is measured beside, if not the official one by the same measurement.
    """

    name: str
    work: str
    measurement: Measurement
    unit: str = "s"
    target: Target | None = None
    baseline: Measurement | None = None

    def ratio(self, baseline: float, ours: float) -> float:
        """How many times better ours is; with a baseline of its own, how many times dearer."""
        return ours / baseline if self.baseline or self.unit == "/s" else baseline / ours


ROWS = (
    Row(
        "replay-fan-out-unsandboxed",
        f"replay, fan-out of {FAN_OUT} activities, unsandboxed",
        Replay("fan_out", sandboxed=False, replays=20),
        target=Target(12),
    ),
    Row(
        "replay-fan-out",
        f"replay, fan-out of {FAN_OUT} activities, sandboxed",
        Replay("fan_out", sandboxed=True, replays=20),
        target=Target(30),
    ),
    Row(
        "replay-fan-out-asyncio",
        f"fan-out of {FAN_OUT} activities: plain asyncio with json, replay unsandboxed",
        # As often on both sides: while a process is young, the interpreter still adapts its code, and
        # looks once for garbage among all that was imported.
        Replay("fan_out", sandboxed=False, replays=100, warm_up=20),
        target=Target(1.5, at_most=True),
        baseline=PlainAsyncio(FAN_OUT, times=100, warm_up=20),
    ),
    Row(
        "replay-one",
        "replay, one activity, sandboxed",
        Replay("one_activity", sandboxed=True, replays=100),
        target=Target(15),
    ),
    Row(
        "worker-one",
        "worker CPU per workflow, one async activity, sandboxed",
        WorkerCpu("one_activity", sandboxed=True, workflows=300),
        target=Target(6),
    ),
    Row(
        "worker-ten",
        "worker CPU per workflow, ten activities in sequence, sandboxed",
        WorkerCpu("ten_activities", sandboxed=True, workflows=150, warm_up=30),
        target=Target(6),
    ),
    Row(
        "worker-threaded",
        "worker CPU per workflow, one threaded activity",
        WorkerCpu("threaded_activity", sandboxed=True, workflows=300),
        target=Target(4),
    ),
    Row(
        "client",
        "client CPU per execute_workflow",
        ClientCpu("one_activity", workflows=300),
        target=Target(3),
    ),
    Row(
        "memory",
        "memory per cached idle run, sandboxed",
        CachedMemory(sandboxed=True, runs=500),
        unit="B",
        target=Target(3),
    ),
    Row(
        "payload",
        "worker CPU, 1 MiB of JSON in and out of an activity",
        WorkerCpu("large_document", sandboxed=True, workflows=30, warm_up=5, concurrency=5),
        target=Target(2),
    ),
    Row(
        "imports",
        "import temporalio.client, temporalio.worker",
        Imports(interpreters=5),
        target=Target(2),
    ),
    Row(
        "stub",
        "workflows per second of one worker, stub service",
        StubThroughput(sandboxed=True, workflows=500),
        unit="/s",
        target=Target(6),
    ),
    Row(
        "replay-one-unsandboxed",
        "replay, one activity, unsandboxed",
        Replay("one_activity", sandboxed=False, replays=100),
    ),
    Row(
        "worker-one-unsandboxed",
        "worker CPU per workflow, one async activity, unsandboxed",
        WorkerCpu("one_activity", sandboxed=False, workflows=300),
    ),
    Row(
        "worker-ten-unsandboxed",
        "worker CPU per workflow, ten activities in sequence, unsandboxed",
        WorkerCpu("ten_activities", sandboxed=False, workflows=150, warm_up=30),
    ),
    Row(
        "worker-threaded-unsandboxed",
        "worker CPU per workflow, one threaded activity, unsandboxed",
        WorkerCpu("threaded_activity", sandboxed=False, workflows=300),
    ),
    Row(
        "memory-unsandboxed",
        "memory per cached idle run, unsandboxed",
        CachedMemory(sandboxed=False, runs=1000),
        unit="B",
    ),
    Row(
        "payload-unsandboxed",
        "worker CPU, 1 MiB of JSON in and out of an activity, unsandboxed",
        WorkerCpu("large_document", sandboxed=False, workflows=30, warm_up=5, concurrency=5),
    ),
    Row(
        "stub-unsandboxed",
        "workflows per second of one worker, stub service, unsandboxed",
        StubThroughput(sandboxed=False, workflows=500),
        unit="/s",
    ),
)


def rows_named(names: str | None) -> list[Row]:
    """The rows of a list of names with commas; all that have a target without one, and `all` for all.

    Raises:
        ValueError: There is no row of such a name.
    """
    if names is None:
        return [row for row in ROWS if row.target is not None]
    if names == "all":
        return list(ROWS)
    by_name = {row.name: row for row in ROWS}
    if unknown := [name for name in names.split(",") if name not in by_name]:
        raise ValueError(f"no row is called {', '.join(unknown)}; there are {', '.join(by_name)}")
    return [by_name[name] for name in names.split(",")]
