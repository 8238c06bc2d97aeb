"""Plugins of workers and replayers, and the simple one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    Plugin,
    Replayer,
    ReplayerConfig,
    Worker,
    WorkerConfig,
    WorkflowReplayResult,
)


@activity.defn
async def look() -> str:
    return "seen"


@workflow.defn
class Greet:
    @workflow.run
    async def run(self, name: str) -> str:
        return name


class Own(Plugin):
    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        config["activities"] = [*config.get("activities", []), look]
        config["workflows"] = Greet  # error: several workflows
        return config

    async def run_worker(self, worker: Worker, next: Callable[[Worker], Awaitable[None]]) -> None:
        await next(worker)

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        return {**config, "namespace": "mine"}

    def run_replayer(
        self,
        replayer: Replayer,
        histories: AsyncIterator[WorkflowHistory],
        next: Callable[
            [Replayer, AsyncIterator[WorkflowHistory]],
            AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]],
        ],
    ) -> AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]]:
        return next(replayer, histories)


class Unfinished(Plugin):
    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        return config


@asynccontextmanager
async def context() -> AsyncIterator[None]:
    yield


def more(present: Sequence[type] | None) -> Sequence[type]:
    return [*(present or ()), Greet]


def use(client: Client) -> None:
    simple = SimplePlugin(
        "simple",
        data_converter=DataConverter.default,
        activities=[look],
        workflows=more,
        run_context=context,
    )
    Worker(client, task_queue="queue", plugins=[Own(), simple], plugin_shutdown_timeout=None)
    Worker(client, task_queue="queue", workflow_task_executor=ThreadPoolExecutor(2))
    Replayer(workflows=[Greet], plugins=[Own(), simple])

    processes = ProcessPoolExecutor()
    Worker(client, task_queue="", workflow_task_executor=processes)  # error: no threads
    Unfinished()  # error: three methods are missing
    SimplePlugin()  # error: no name
    SimplePlugin("simple", workflows=Greet())  # error: no list of classes
    Worker(client, task_queue="queue", plugins=["own"])  # error: a name is no plugin
    Worker(client, task_queue="queue", plugin_shutdown_timeout=5)  # error: no timedelta
    Worker(client, task_queue="queue", plugin_shutdown_timeout=timedelta(seconds=5))
