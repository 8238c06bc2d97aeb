"""Plugins of replayers: what they change and what they wrap."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from temporalio.client import WorkflowHistory
from temporalio.worker import (
    Plugin,
    Replayer,
    ReplayerConfig,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkerConfig,
    WorkflowReplayResult,
)
from temporalio.workflow import NondeterminismError

from . import workflows
from .replaying import each, recorded

_Results = AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]]
_Next = Callable[[Replayer, AsyncIterator[WorkflowHistory]], _Results]


class Wrapping(Plugin):
    """Notes what goes on around each replay."""

    def __init__(self, label: str, log: list[str]) -> None:
        self.label = label
        self.log = log

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        raise NotImplementedError

    async def run_worker(self, worker: Worker, next: Callable[[Worker], Awaitable[None]]) -> None:
        raise NotImplementedError

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        self.log.append(f"{self.label} configures")
        return config

    @asynccontextmanager
    async def run_replayer(
        self, replayer: Replayer, histories: AsyncIterator[WorkflowHistory], next: _Next
    ) -> AsyncIterator[AsyncIterator[WorkflowReplayResult]]:
        self.log.append(f"{self.label} begins")
        async with next(replayer, histories) as results:
            yield results
        self.log.append(f"{self.label} ends")


class Adding(Wrapping):
    """Says which workflows there are, and how they run."""

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        config["workflows"].append(workflows.Order)  # type: ignore[attr-defined]
        config["workflow_runner"] = UnsandboxedWorkflowRunner()
        return config


class Filtering(Wrapping):
    """Keeps histories of one workflow id, and hides the failures of the rest."""

    @asynccontextmanager
    async def run_replayer(
        self, replayer: Replayer, histories: AsyncIterator[WorkflowHistory], next: _Next
    ) -> AsyncIterator[AsyncIterator[WorkflowReplayResult]]:
        async def kept() -> AsyncIterator[WorkflowHistory]:
            async for history in histories:
                if history.workflow_id == self.label:
                    yield history

        async with next(replayer, kept()) as results:
            yield results


def order_replayer(*plugins: Plugin, workflow: type = workflows.Order) -> Replayer:
    return Replayer(
        workflows=[workflow], workflow_runner=UnsandboxedWorkflowRunner(), plugins=plugins
    )


async def test_plugins_wrap_every_way_to_replay() -> None:
    log: list[str] = []
    made = order_replayer(Wrapping("first", log), Wrapping("second", log))
    assert log == ["first configures", "second configures"]
    wrapped = ["first begins", "second begins", "second ends", "first ends"]
    history = recorded("completed")

    log.clear()
    assert (await made.replay_workflow(history)).replay_failure is None
    assert log == wrapped

    log.clear()
    assert (await made.replay_workflows(each(history, history))).replay_failures == {}
    assert log == wrapped

    log.clear()
    async with made.workflow_replay_iterator(each(history)) as results:
        assert log == wrapped[:2]
        assert [one.history async for one in results] == [history]
    assert log == wrapped


async def test_failures_come_through_plugins() -> None:
    log: list[str] = []
    made = order_replayer(Wrapping("plugin", log), workflow=workflows.OrderWithoutTimer)
    with pytest.raises(NondeterminismError):
        await made.replay_workflow(recorded("completed"))
    with pytest.raises(NondeterminismError):
        await made.replay_workflows(each(recorded("completed")))
    quiet = await made.replay_workflows(each(recorded("completed")), raise_on_replay_failure=False)
    assert [type(one) for one in quiet.replay_failures.values()] == [NondeterminismError]


async def test_what_plugins_configure_is_what_replays() -> None:
    given: list[type] = []
    made = Replayer(workflows=given, plugins=[Adding("adding", [])])
    assert (await made.replay_workflow(recorded("completed"))).replay_failure is None
    assert given == made.config()["workflows"] == []
    assert made.config(active_config=True)["workflows"] == [workflows.Order]
    # Made again, it is changed once again.
    again = Replayer(**made.config(), plugins=made.plugins)
    assert again.config(active_config=True)["workflows"] == [workflows.Order]
    with pytest.raises(ValueError, match="At least one workflow must be specified"):
        Replayer(**made.config())


async def test_plugins_may_change_histories() -> None:
    made = order_replayer(Filtering("completed", []), workflow=workflows.OrderWithoutTimer)
    with pytest.raises(NondeterminismError):
        await made.replay_workflow(recorded("completed"))
    without = order_replayer(Filtering("none", []), workflow=workflows.OrderWithoutTimer)
    with pytest.raises(RuntimeError, match="plugin has given no result"):
        await without.replay_workflow(recorded("completed"))
    assert (await without.replay_workflows(each(recorded("completed")))).replay_failures == {}


async def test_a_configuration_that_is_none_is_refused_by_name() -> None:
    class Forgetful(Wrapping):
        def configure_replayer(self, config: ReplayerConfig) -> Any:
            config["namespace"] = "other"

    with pytest.raises(TypeError, match="configure_replayer of plugin .*Forgetful must return"):
        order_replayer(Forgetful("forgetful", []))


async def test_what_a_plugin_leaves_out_has_its_default() -> None:
    class Only(Wrapping):
        def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
            return ReplayerConfig(workflows=config["workflows"])

    made = order_replayer(Only("only", []))
    assert made.config(active_config=True)["namespace"] == "ReplayNamespace"
