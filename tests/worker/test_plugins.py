"""Plugins of workers, on a real server: what they change, what they wrap, and how they end."""

from __future__ import annotations

import asyncio
import uuid
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import pytest

import temporalio.client
from temporalio import activity, workflow
from temporalio.client import Client, ClientConfig, WorkflowHistory
from temporalio.service import ConnectConfig, ServiceClient
from temporalio.worker import (
    Interceptor,
    Plugin,
    Replayer,
    ReplayerConfig,
    Worker,
    WorkerConfig,
    WorkflowReplayResult,
)

from ..conftest import DevServer
from ..limits import LIMIT_SECONDS

_Next = Callable[[Worker], Awaitable[None]]


@activity.defn
async def greet(name: str) -> str:
    return f"hello {name}"


@workflow.defn
class Greeting:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(
            greet, name, start_to_close_timeout=timedelta(seconds=10)
        )


class Noting(Plugin):
    """Notes when it is called and changes nothing. Other plugins of the tests are derived from it."""

    def __init__(self, label: str = "plugin", log: list[str] | None = None) -> None:
        self.label = label
        self.log: list[str] = [] if log is None else log

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        self.log.append(f"{self.label} configures")
        return config

    async def run_worker(self, worker: Worker, next: _Next) -> None:
        self.log.append(f"{self.label} before, running: {worker.is_running}")
        try:
            await next(worker)
        finally:
            self.log.append(f"{self.label} after, stopped: {worker.is_shutdown}")

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        raise NotImplementedError

    def run_replayer(
        self,
        replayer: Replayer,
        histories: AsyncIterator[WorkflowHistory],
        next: Callable[
            [Replayer, AsyncIterator[WorkflowHistory]],
            AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]],
        ],
    ) -> AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]]:
        raise NotImplementedError


class OfClient(Noting, temporalio.client.Plugin):
    """One that a client takes too."""

    def configure_client(self, config: ClientConfig) -> ClientConfig:
        return config

    async def connect_service_client(
        self, config: ConnectConfig, next: Callable[[ConnectConfig], Awaitable[ServiceClient]]
    ) -> ServiceClient:
        return await next(config)


class Adding(Noting):
    """Gives a worker its workflow, its activity and its task queue, by changing what it is given."""

    def __init__(self, task_queue: str) -> None:
        super().__init__("adding")
        self.task_queue = task_queue

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        config["workflows"].append(Greeting)  # type: ignore[attr-defined]
        config["activities"].append(greet)  # type: ignore[attr-defined]
        config["interceptors"].append(Interceptor())  # type: ignore[attr-defined]
        config["task_queue"] = self.task_queue
        config["max_cached_workflows"] = 7
        return config


async def client_with(dev_server: DevServer, *plugins: temporalio.client.Plugin) -> Client:
    return await Client.connect(dev_server.target_host, plugins=plugins)


async def greeted(client: Client, task_queue: str) -> str:
    return await client.execute_workflow(
        Greeting.run, "you", id=f"plugins-{uuid.uuid4()}", task_queue=task_queue
    )


async def test_plugins_wrap_the_whole_run_those_of_the_client_first(
    dev_server: DevServer, task_queue: str
) -> None:
    log: list[str] = []
    client = await client_with(dev_server, OfClient("client's", log))
    plugins = [Noting("first", log), Noting("second", log)]
    worker = Worker(client, task_queue=task_queue, activities=[greet], plugins=plugins)
    configured = ["client's configures", "first configures", "second configures"]
    assert log == configured
    async with worker:
        pass
    names = ("client's", "first", "second")
    assert log[3:] == [
        *(f"{name} before, running: False" for name in names),
        *(f"{name} after, stopped: True" for name in reversed(names)),
    ]


async def test_what_plugins_configure_is_what_runs(client: Client, task_queue: str) -> None:
    workflows: list[type] = []
    plugin = Adding(task_queue)
    async with Worker(
        client, task_queue="replaced", workflows=workflows, plugins=[plugin]
    ) as worker:
        assert worker.task_queue == task_queue
        assert await greeted(client, task_queue) == "hello you"
    assert workflows == []


async def test_a_worker_made_again_is_changed_once(dev_server: DevServer, task_queue: str) -> None:
    log: list[str] = []
    client = await client_with(dev_server, OfClient("client's", log))
    plugin = Adding(task_queue)
    worker = Worker(client, task_queue="given", plugins=[plugin])
    given, active = worker.config(), worker.config(active_config=True)
    assert (given["task_queue"], given["workflows"], given["activities"]) == ("given", [], [])
    assert (given["plugins"], given["interceptors"]) == ([plugin], [])
    assert given["max_cached_workflows"] == 1000
    assert (active["task_queue"], active["workflows"]) == (task_queue, [Greeting])
    assert (active["activities"], active["max_cached_workflows"]) == ([greet], 7)
    assert len(active["interceptors"]) == 1
    given["client"] = await client_with(dev_server, OfClient("client's", log))
    again = Worker(**given)
    assert again.config() == given
    assert again.config(active_config=True)["activities"] == [greet]
    assert len(again.config(active_config=True)["interceptors"]) == 1
    assert log == ["client's configures"] * 2
    async with again:
        assert await greeted(client, task_queue) == "hello you"
    # Nor has any of it become a default of others.
    assert Worker(client, task_queue="q", activities=[greet]).config()["interceptors"] == []


async def test_what_a_plugin_leaves_out_has_its_default(client: Client, task_queue: str) -> None:
    class Only(Noting):
        def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
            return WorkerConfig(
                client=config["client"], task_queue=config["task_queue"], activities=[greet]
            )

    worker = Worker(
        client, task_queue=task_queue, workflows=[Greeting], build_id="given", plugins=[Only()]
    )
    async with worker:
        active = worker.config(active_config=True)
    assert (active["workflows"], active["build_id"]) == ([], None)
    assert active["plugin_shutdown_timeout"] == timedelta(seconds=60)


async def test_a_configuration_that_is_none_is_refused_by_name(client: Client) -> None:
    class Forgetful(Noting):
        def configure_worker(self, config: WorkerConfig) -> Any:
            config["activities"] = [greet]

    class Careless(Noting):
        def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
            del config["task_queue"]
            return config

    class Wrong(Noting):
        def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
            return {**config, "max_cached_workflows": -1}

    def make(plugin: Plugin) -> None:
        Worker(client, task_queue="queue", activities=[greet], plugins=[plugin])

    with pytest.raises(TypeError, match="configure_worker of plugin .*Forgetful must return.*None"):
        make(Forgetful())
    with pytest.raises(KeyError, match="task_queue: plugins have left it out"):
        make(Careless())
    with pytest.raises(ValueError, match="max_cached_workflows must not be negative"):
        make(Wrong())


async def test_a_plugin_on_both_sides_is_warned_of(dev_server: DevServer) -> None:
    client = await client_with(dev_server, OfClient())
    with pytest.warns(UserWarning, match="OfClient.* were given to the client and to the") as seen:
        Worker(client, task_queue="queue", activities=[greet], plugins=[OfClient()])
    assert [one.filename for one in seen] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Worker(client, task_queue="another", activities=[greet], plugins=[Noting(), Noting()])


def test_a_plugin_is_called_by_its_class() -> None:
    assert Noting().name() == f"{__name__}.Noting"


class CleaningUp(Noting):
    """Takes its time after the worker has stopped."""

    def __init__(self, seconds: float, *, clings: bool = False) -> None:
        super().__init__()
        self.seconds = seconds
        self.clings = clings
        self.done = asyncio.Event()

    async def run_worker(self, worker: Worker, next: _Next) -> None:
        await next(worker)
        while True:
            try:
                await asyncio.sleep(self.seconds)
                break
            except asyncio.CancelledError:
                self.log.append("cancelled")
                if not self.clings:
                    raise
        self.done.set()


@pytest.mark.parametrize("timeout", [timedelta(seconds=60), None, timedelta()])
async def test_cleaning_up_is_waited_for(
    client: Client, task_queue: str, timeout: timedelta | None
) -> None:
    plugin = CleaningUp(0.3)
    async with Worker(
        client,
        task_queue=task_queue,
        activities=[greet],
        plugins=[plugin],
        plugin_shutdown_timeout=timeout,
    ) as worker:
        pass
    assert worker.is_shutdown
    assert plugin.done.is_set()
    assert plugin.log == ["plugin configures"]


@pytest.mark.parametrize("clings", [False, True])
async def test_a_plugin_that_hangs_is_abandoned(
    client: Client, task_queue: str, clings: bool, caplog: pytest.LogCaptureFixture
) -> None:
    plugin = CleaningUp(1 if clings else 1000, clings=clings)
    worker = Worker(
        client,
        task_queue=task_queue,
        activities=[greet],
        plugins=[plugin],
        plugin_shutdown_timeout=timedelta(milliseconds=100),
    )

    async def use() -> None:
        async with worker:
            pass

    await asyncio.wait_for(use(), LIMIT_SECONDS)
    assert worker.is_shutdown
    assert not plugin.done.is_set()
    assert "Plugins are not done 0:00:00.100000 after the worker" in caplog.text
    await asyncio.sleep(0)
    assert plugin.log[-1] == "cancelled"
    if clings:
        # Nobody waits for it any more, so that it still ends by itself.
        await asyncio.wait_for(plugin.done.wait(), LIMIT_SECONDS)


class Failing(Noting):
    """Fails before the worker runs, or after it."""

    def __init__(self, when: str) -> None:
        super().__init__()
        self.when = when

    async def run_worker(self, worker: Worker, next: _Next) -> None:
        if self.when == "after":
            await next(worker)
        raise LookupError(f"the plugin's own, {self.when}")


async def test_a_plugin_that_fails_first_ends_the_block(client: Client, task_queue: str) -> None:
    worker = Worker(client, task_queue=task_queue, activities=[greet], plugins=[Failing("before")])

    async def use() -> None:
        async with worker:
            await asyncio.sleep(LIMIT_SECONDS)

    with pytest.raises(LookupError, match="own, before"):
        await asyncio.wait_for(use(), LIMIT_SECONDS / 2)
    assert (worker.is_running, worker.is_shutdown) == (False, False)
    await asyncio.wait_for(worker.shutdown(), LIMIT_SECONDS)


async def test_a_plugin_that_fails_last_is_heard(client: Client, task_queue: str) -> None:
    worker = Worker(client, task_queue=task_queue, activities=[greet], plugins=[Failing("after")])
    with pytest.raises(LookupError, match="own, after"):
        async with worker:
            pass
    assert worker.is_shutdown


async def test_a_plugin_that_never_runs_the_worker_keeps_nobody(
    client: Client, task_queue: str
) -> None:
    class Idle(Noting):
        async def run_worker(self, worker: Worker, next: _Next) -> None:
            self.log.append("idle")

    plugin = Idle()
    worker = Worker(client, task_queue=task_queue, activities=[greet], plugins=[plugin])
    await asyncio.wait_for(worker.run(), LIMIT_SECONDS)
    await asyncio.wait_for(worker.shutdown(), LIMIT_SECONDS)
    assert plugin.log[-1] == "idle"


async def test_leaving_while_a_plugin_prepares_ends_well(client: Client, task_queue: str) -> None:
    class Preparing(Noting):
        async def run_worker(self, worker: Worker, next: _Next) -> None:
            await asyncio.sleep(0.2)
            await next(worker)
            self.log.append("ran")

    plugin = Preparing()
    async with Worker(
        client, task_queue=task_queue, activities=[greet], plugins=[plugin]
    ) as worker:
        await asyncio.sleep(0)
    assert plugin.log[-1] == "ran"
    assert worker.is_shutdown


async def test_a_plugin_sees_what_has_stopped_the_worker(client: Client, task_queue: str) -> None:
    seen: list[BaseException] = []

    class Watching(Noting):
        async def run_worker(self, worker: Worker, next: _Next) -> None:
            try:
                await next(worker)
            except BaseException as error:
                seen.append(error)
                raise

    worker = Worker(client, task_queue=task_queue, activities=[greet], plugins=[Watching()])
    running = asyncio.create_task(worker.run())
    while not worker.is_running:
        await asyncio.sleep(0.01)
    worker._lifecycle.fail(OSError("made up"))
    with pytest.raises(OSError, match="made up") as caught:
        await asyncio.wait_for(running, LIMIT_SECONDS)
    assert seen == [caught.value]
    cancelled = Worker(client, task_queue=task_queue, activities=[greet], plugins=[Watching()])
    running = asyncio.create_task(cancelled.run())
    while not cancelled.is_running:
        await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, LIMIT_SECONDS)
    assert isinstance(seen[-1], asyncio.CancelledError)
