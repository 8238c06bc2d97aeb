"""Workflow tests in four worlds: what a run does must not depend on how often it is replayed.

A module whose tests all run so says ``pytestmark = pytest.mark.usefixtures("cache")``; what a test
says of ``max_cached_workflows`` itself is left as it is. Each run that came of such a test is
replayed from its history after it, at once and task by task.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pytest
import pytest_asyncio

from temporalio.worker import Worker


class Cache(Enum):
    """How long a worker of the test keeps its runs."""

    WARM = "cache"
    ONE_RUN = "cache-of-one"
    """Two runs at once push each other out."""
    NONE = "no-cache"
    """No sticky queue: each task brings the history from its first event."""
    FORGETFUL = "evicted-after-every-task"
    """The sticky queue is used, yet each of its tasks misses the cache."""


_CACHED_RUNS = {Cache.WARM: 1000, Cache.ONE_RUN: 1, Cache.NONE: 0, Cache.FORGETFUL: 1000}

_FROM_WORKER = (
    "workflows",
    "workflow_runner",
    "unsandboxed_workflow_runner",
    "workflow_failure_exception_types",
)


@dataclass
class Witness:
    """A worker of the test, and the runs that it has worked on."""

    worker: Worker
    runs: dict[str, str] = field(default_factory=dict)
    """Workflow id by run id."""

    async def replay(self, *, every_task: bool) -> None:
        """Raise if a run's history does not bring its workflow code to the same commands and flags.

        Args:
            every_task: Also play each task as if it were happening now, and compare what it does.
        """
        from temporalio.worker import Replayer

        from .histories.comparing import different_tasks

        config = self.worker.config()
        client = config["client"]
        client_config = client.config(active_config=True)
        replayer = Replayer(
            **{name: config[name] for name in _FROM_WORKER if name in config},  # type: ignore[literal-required]
            namespace=client.namespace,
            data_converter=client_config["data_converter"],
            header_codec_behavior=client_config["header_codec_behavior"],
            interceptors=self.worker._interceptors,
            build_id=config.get("build_id"),
        )
        for run_id, workflow_id in self.runs.items():
            handle = client.get_workflow_handle(workflow_id, run_id=run_id)
            history = await handle.fetch_history()
            await replayer.replay_workflow(history)
            if not every_task:
                continue
            report = await replayer._replay(history, every_task=True, evicting=True)
            if report.failure is not None:
                raise AssertionError(f"{workflow_id} replays only as a whole") from report.failure
            if found := different_tasks(history.events, report.tasks):
                raise AssertionError(
                    "\n".join([f"{workflow_id} does otherwise in replay:", *found])
                )


@pytest_asyncio.fixture(params=Cache, ids=lambda cache: cache.value)
async def cache(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Cache]:
    """Have the workers that the test makes keep their runs like this; replay the runs at the end."""
    cache: Cache = request.param
    make = Worker.__init__

    @functools.wraps(make)
    def make_with_cache(self: Worker, *args: Any, **options: Any) -> None:
        options.setdefault("max_cached_workflows", _CACHED_RUNS[cache])
        make(self, *args, **options)
        witnesses.append(Witness(self))

    monkeypatch.setattr(Worker, "__init__", make_with_cache)
    witnesses: list[Witness] = []
    if not _is_ours():
        if cache is Cache.FORGETFUL:
            pytest.skip("the official package has no such switch")
        yield cache
        return
    if cache is Cache.FORGETFUL:
        forget_after_each_task(monkeypatch)
    _note_runs(witnesses, monkeypatch)
    yield cache
    if request.node.get_closest_marker("cannot_replay") is None:
        every_task = request.node.get_closest_marker("replays_as_a_whole") is None
        for witness in witnesses:
            await witness.replay(every_task=every_task)


def _note_runs(witnesses: list[Witness], monkeypatch: pytest.MonkeyPatch) -> None:
    from temporalio.worker._workflow import _WorkflowWorker

    create_run = _WorkflowWorker.create_run

    def create_and_note(self: _WorkflowWorker, activation: Any) -> Any:
        for witness in witnesses:
            if witness.worker._workflow_worker is self:
                witness.runs[activation.run_id] = activation.initialize.workflow_id
        return create_run(self, activation)

    monkeypatch.setattr(_WorkflowWorker, "create_run", create_and_note)


def forget_after_each_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no worker keep a run, whatever the size of its cache."""
    from temporalio.bridge._callboard import Worker as BridgeWorker

    forgetful = functools.partial(BridgeWorker, evict_after_each_task=True)
    monkeypatch.setattr("temporalio.worker._sides.BridgeWorker", forgetful)


def _is_ours() -> bool:
    """Return whether this is not the official package, on which the same tests run."""
    try:
        import temporalio.bridge._callboard
    except ImportError:
        return False
    return temporalio.bridge._callboard is not None
