"""How one figure is taken, for one package."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from .bench import Bench
from .children import Child

CONCURRENCY = 50


class Measurement(ABC):
    """One way to take a figure. Times are in seconds, sizes in bytes."""

    @abstractmethod
    def take(self, bench: Bench, python: Path) -> float:
        """Take the figure once, in a process of its own.

        Args:
            bench: What all measurements share.
            python: The interpreter whose package is measured.

        Raises:
            MeasurementFailed: The measured process failed, or gave a wrong answer.
            NotAvailable: The package does not have what is measured.
        """


def runner(sandboxed: bool) -> str:
    return "sandboxed" if sandboxed else "unsandboxed"


@dataclass(frozen=True)
class Replay(Measurement):
    """CPU per replay of a recorded history."""

    scenario: str
    sandboxed: bool
    replays: int
    warm_up: int = 3

    def take(self, bench: Bench, python: Path) -> float:
        times = (2, 1) if bench.quick else (self.replays, self.warm_up)
        words = (self.scenario, bench.history(self.scenario), runner(self.sandboxed), *times)
        with Child.measuring(python, "replay", *words) as replay:
            return float(replay.answer()["cpu"])


@dataclass(frozen=True)
class PlainAsyncio(Measurement):
    """CPU of a fan-out without any package."""

    count: int
    times: int
    warm_up: int

    def take(self, bench: Bench, python: Path) -> float:
        times = (5, 1) if bench.quick else (self.times, self.warm_up)
        with Child.measuring(python, "plain_asyncio", self.count, *times) as plain:
            return float(plain.answer()["cpu"])


@dataclass(frozen=True)
class Imports(Measurement):
    """CPU of importing what a worker needs; the median of several fresh interpreters."""

    interpreters: int

    def take(self, bench: Bench, python: Path) -> float:
        figures = []
        # The first one writes or reads the bytecode for the others.
        for _ in range(1 + (1 if bench.quick else self.interpreters)):
            with Child.measuring(python, "imports") as imports:
                figures.append(float(imports.answer()["cpu"]))
        return median(figures[1:])


@dataclass(frozen=True)
class WorkerCpu(Measurement):
    """CPU of a worker's process per workflow, which a client in another process drives."""

    scenario: str
    sandboxed: bool
    workflows: int
    warm_up: int = 60
    concurrency: int = CONCURRENCY

    def take(self, bench: Bench, python: Path) -> float:
        workflows, warm_up = (4, 1) if bench.quick else (self.workflows, self.warm_up)
        queue = new_task_queue(self.scenario)
        with serving(python, bench.server, queue, self.scenario, self.sandboxed) as worker:
            words = (bench.server, queue, self.scenario, self.concurrency)
            with Child.measuring(bench.official, "client", *words) as client:
                client.ask("execute", warm_up)
                before = float(worker.ask("cpu")["cpu"])
                client.ask("execute", workflows)
                return (float(worker.ask("cpu")["cpu"]) - before) / workflows


@dataclass(frozen=True)
class ClientCpu(Measurement):
    """CPU of a client's process per `execute_workflow`; the worker is in another process."""

    scenario: str
    workflows: int
    warm_up: int = 60

    def take(self, bench: Bench, python: Path) -> float:
        workflows, warm_up = (4, 1) if bench.quick else (self.workflows, self.warm_up)
        queue = new_task_queue(self.scenario)
        with serving(bench.official, bench.server, queue, self.scenario, sandboxed=False):
            words = (bench.server, queue, self.scenario, CONCURRENCY)
            with Child.measuring(python, "client", *words) as client:
                client.ask("execute", warm_up)
                return float(client.ask("execute", workflows)["cpu"]) / workflows


@dataclass(frozen=True)
class CachedMemory(Measurement):
    """Resident memory of a worker's process per run that waits in its cache."""

    sandboxed: bool
    runs: int
    warm_up: int = 100

    def take(self, bench: Bench, python: Path) -> float:
        runs, warm_up = (4, 1) if bench.quick else (self.runs, self.warm_up)
        scenario = "wait_for_greeting"
        queue = new_task_queue(scenario)
        cached = runs + warm_up
        with serving(python, bench.server, queue, scenario, self.sandboxed, cached) as worker:
            words = (bench.server, queue, scenario, CONCURRENCY)
            with Child.measuring(bench.official, "client", *words) as client:
                # What is made once, not per run, must be there before the first reading. These runs
                # stay: were they to end, the others would take over the memory that they leave.
                client.ask("start", warm_up)
                before = int(worker.ask("memory")["memory"])
                client.ask("start", runs)
                after = int(worker.ask("memory")["memory"])
                client.ask("greet")
                return (after - before) / runs


@dataclass(frozen=True)
class StubThroughput(Measurement):
    """Workflows per second of one worker's process against the stub service."""

    sandboxed: bool
    workflows: int
    warm_up: int = 100
    in_flight: int = 100

    def take(self, bench: Bench, python: Path) -> float:
        workflows, warm_up = (4, 1) if bench.quick else (self.workflows, self.warm_up)
        queue = new_task_queue("stub")
        with Child([bench.stub, queue]) as stub:
            address = stub.answer()["address"]
            with serving(python, address, queue, "activity_and_timer", self.sandboxed):
                stub.ask("run", warm_up, self.in_flight)
                return workflows / float(stub.ask("run", workflows, self.in_flight)["seconds"])


def new_task_queue(scenario: str) -> str:
    return f"{scenario}-{uuid.uuid4()}"


@contextmanager
def serving(
    python: Path,
    address: str,
    task_queue: str,
    scenario: str,
    sandboxed: bool,
    cached: int = 1000,
) -> Iterator[Child]:
    """A worker in a process of its own, which serves when the context is entered."""
    words = (address, task_queue, scenario, runner(sandboxed), cached)
    with Child.measuring(python, "worker", *words) as worker:
        worker.answer()
        yield worker
