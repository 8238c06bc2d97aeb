"""The plugin that takes its parts as arguments, with client, worker and replayer."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import temporalio.client
import temporalio.worker
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.converter import DataConverter, DefaultPayloadConverter
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Replayer,
    UnsandboxedWorkflowRunner,
    Worker,
)

from ..conftest import DevServer


class OwnConverter(DefaultPayloadConverter):
    pass


CONVERTER = replace(DataConverter.default, payload_converter_class=OwnConverter)


@activity.defn
async def shout(text: str) -> str:
    return text.upper()


@activity.defn
async def whisper(text: str) -> str:
    return text.lower()


class OutOfTuneError(Exception):
    pass


@workflow.defn(sandboxed=False)
class Choir:
    @workflow.run
    async def run(self, text: str) -> list[str]:
        if text == "wrong":
            raise OutOfTuneError("out of tune")
        timeout = timedelta(seconds=10)
        return [
            await workflow.execute_activity(part, text, start_to_close_timeout=timeout)
            for part in (shout, whisper)
        ]


class _Counting(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, calls: list[str]) -> None:
        super().__init__(next)
        self.calls = calls

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        self.calls.append("activity")
        return await super().execute_activity(input)


class OfWorker(temporalio.worker.Interceptor):
    def __init__(self) -> None:
        self.calls: list[str] = []

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Counting(next, self.calls)


class OfClient(temporalio.client.Interceptor):
    pass


class OfBoth(OfWorker, temporalio.client.Interceptor):
    pass


async def sing(
    client: Client, task_queue: str, text: str
) -> temporalio.client.WorkflowHandle[Any, Any]:
    return await client.start_workflow(
        Choir.run, text, id=f"choir-{uuid.uuid4()}", task_queue=task_queue
    )


async def test_one_plugin_for_client_worker_and_replayer(
    dev_server: DevServer, task_queue: str
) -> None:
    log: list[str] = []

    @asynccontextmanager
    async def context() -> AsyncIterator[None]:
        log.append("in")
        yield
        log.append("out")

    of_worker, of_client, of_both = OfWorker(), OfClient(), OfBoth()
    plugin = SimplePlugin(
        "choir",
        data_converter=CONVERTER,
        interceptors=[of_worker, of_client, of_both],
        activities=[shout],
        workflows=[Choir],
        workflow_failure_exception_types=[OutOfTuneError],
        run_context=context,
    )
    assert plugin.name() == "choir"
    client = await Client.connect(dev_server.target_host, plugins=[plugin])
    assert client.data_converter is CONVERTER
    assert client.config(active_config=True)["interceptors"] == [of_client, of_both]
    assert client.config()["interceptors"] == []
    worker = Worker(client, task_queue=task_queue, activities=[whisper])
    assert log == []
    async with worker:
        handle = await sing(client, task_queue, "Song")
        assert await handle.result() == ["SONG", "song"]
        assert log == ["in"]
        with pytest.raises(WorkflowFailureError) as failed:
            await (await sing(client, task_queue, "wrong")).result()
        assert "out of tune" in str(failed.value.cause)
    assert log == ["in", "out"]
    # Both saw each activity once, the one that the client has too among them.
    assert (of_worker.calls, of_both.calls) == (["activity"] * 2, ["activity"] * 2)

    replayer = Replayer(workflows=[], plugins=[plugin])
    active = replayer.config(active_config=True)
    assert (active["data_converter"], active["workflows"]) == (CONVERTER, [Choir])
    assert active["interceptors"] == [of_worker, of_both]
    assert active["workflow_failure_exception_types"] == [OutOfTuneError]
    await replayer.replay_workflow(await handle.fetch_history())
    assert log == ["in", "out"] * 2


async def test_functions_are_given_what_is_there(client: Client, task_queue: str) -> None:
    runner = UnsandboxedWorkflowRunner()
    seen: list[object] = []

    def only_shout(present: Sequence[Any] | None) -> Sequence[Any]:
        seen.append(present)
        return [shout]

    def choose_runner(present: temporalio.worker.WorkflowRunner | None) -> Any:
        seen.append(type(present))
        return runner

    def convert(present: DataConverter | None) -> DataConverter:
        seen.append(present)
        return CONVERTER

    plugin = SimplePlugin(
        "functions",
        data_converter=convert,
        activities=only_shout,
        workflows=lambda present: [*(present or ()), Choir],
        workflow_runner=choose_runner,
        workflow_failure_exception_types=lambda _: [ValueError],
    )
    worker = Worker(client, task_queue=task_queue, activities=[whisper], plugins=[plugin])
    active = worker.config(active_config=True)
    assert seen == [[whisper], temporalio.worker.workflow_sandbox.SandboxedWorkflowRunner]
    assert (active["activities"], active["workflows"]) == ([shout], [Choir])
    assert active["workflow_runner"] is runner
    assert active["workflow_failure_exception_types"] == [ValueError]
    config = client.config()
    config["plugins"] = [plugin]
    copy = Client(**config)
    assert seen[2:] == [client.data_converter]
    assert copy.data_converter is CONVERTER


async def test_a_plugin_without_parts_changes_nothing(dev_server: DevServer) -> None:
    plugin = SimplePlugin("nothing")
    client = await Client.connect(dev_server.target_host, plugins=[plugin])
    assert client.config() == client.config(active_config=True)
    worker = Worker(client, task_queue="queue", activities=[shout])
    assert worker.config() == worker.config(active_config=True)
    async with worker:
        pass
    assert worker.is_shutdown
    replayer = Replayer(workflows=[Choir], plugins=[plugin])
    assert replayer.config() == replayer.config(active_config=True)


async def test_services_are_added(client: Client) -> None:
    handler = object()
    plugin = SimplePlugin("services", nexus_service_handlers=[handler])
    config = Worker(client, task_queue="queue", activities=[shout]).config()
    assert plugin.configure_worker(config)["nexus_service_handlers"] == [handler]
