"""Programs about what a process has one of: the default runtime, its threads, its forks.

Run as a script: ``python programs.py NAME [ADDRESS]``.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import temporalio.client
import temporalio.worker
from temporalio import runtime, workflow
from temporalio.runtime import Runtime
from temporalio.service import ConnectConfig, ServiceClient
from temporalio.testing import WorkflowEnvironment

LIMIT_SECONDS = 30.0


@workflow.defn(sandboxed=False)
class Nothing:
    @workflow.run
    async def run(self) -> None:
        pass


def threads() -> int:
    return len(os.listdir("/proc/self/task"))


def attempt(name: str, call: Callable[[], Any]) -> None:
    try:
        call()
    except RuntimeError as error:
        print(name, "raises:", error, flush=True)
    else:
        print(name, "goes well", flush=True)


def imported() -> None:
    lazy = [name for name in sys.modules if name.startswith("temporalio.runtime._")]
    print(*sorted(lazy))
    print(threads(), "thread")
    Runtime.default()
    print("more threads" if threads() > 1 else "no more threads")
    assert temporalio.client and temporalio.worker


def prevented() -> None:
    Runtime.prevent_default()
    attempt("default", Runtime.default)
    own = Runtime(telemetry=runtime.TelemetryConfig())
    attempt("set_default", lambda: Runtime.set_default(own))
    print("default is", "it" if Runtime.default() is own else "another")
    other = Runtime(telemetry=runtime.TelemetryConfig())
    attempt("second set_default", lambda: Runtime.set_default(other))
    print("default is", "it" if Runtime.default() is own else "another")
    attempt("replacing", lambda: Runtime.set_default(other, error_if_already_set=False))
    print("default is", "it" if Runtime.default() is own else "another")
    attempt("prevent_default", Runtime.prevent_default)


def made() -> None:
    with ThreadPoolExecutor(8) as pool:
        all_at_once = {pool.submit(Runtime.default) for _ in range(100)}
    defaults = {id(one.result()) for one in all_at_once} | {id(Runtime.default())}
    print("default is", "the same" if len(defaults) == 1 else "another")
    attempt("prevent_default", Runtime.prevent_default)


def dropped() -> None:
    asyncio.run(_dropped(sys.argv[2]))


async def _dropped(address: str) -> None:
    # What asyncio and the extension start once stays.
    await _use(address)
    before = await _fewest_threads(0)
    for _ in range(3):
        await _use(address)
    left = await _fewest_threads(before)
    print("threads end" if left <= before else f"{before} threads have become {left}")


async def _use(address: str) -> None:
    buffer = runtime.MetricBuffer(1000)
    kinds: list[Any] = [None, buffer, runtime.PrometheusConfig("127.0.0.1:0")]
    for metrics in kinds:
        own = Runtime(telemetry=runtime.TelemetryConfig(metrics=metrics))
        client = await temporalio.client.Client.connect(address, runtime=own)
        assert await client.service_client.check_health()
        counter = own.metric_meter.create_counter("counter")
        counter.add(1)
        # The last reference may be any of them.
        del own, client
        counter.add(1)


async def _fewest_threads(enough: int) -> int:
    give_up = time.monotonic() + (LIMIT_SECONDS if enough else 3)
    fewest = threads()
    while fewest > enough and time.monotonic() < give_up:
        gc.collect()
        await asyncio.sleep(0.05)
        fewest = min(fewest, threads())
    return fewest


def forked() -> None:
    parents, client = asyncio.run(_connected(sys.argv[2]))
    child = multiprocessing.get_context("fork").Process(target=_in_child, args=(parents, client))
    child.start()
    child.join()
    assert child.exitcode == 0, child.exitcode
    assert asyncio.run(client.service_client.check_health())
    print("parent goes on")


async def _connected(address: str) -> tuple[Runtime, temporalio.client.Client]:
    own = Runtime(telemetry=runtime.TelemetryConfig())
    return own, await temporalio.client.Client.connect(address, runtime=own)


def _in_child(parents: Runtime, client: temporalio.client.Client) -> None:
    connect = temporalio.client.Client.connect
    try:
        asyncio.run(asyncio.wait_for(connect(sys.argv[2], runtime=parents), 10))
    except RuntimeError as error:
        print("parent's runtime", "refused" if "forked" in str(error) else repr(error), flush=True)
    try:
        asyncio.run(asyncio.wait_for(client.service_client.check_health(), 10))
    except RuntimeError as error:
        print("parent's client", "refused" if "forked" in str(error) else repr(error), flush=True)
    buffer = runtime.MetricBuffer(1000)
    Runtime.set_default(Runtime(telemetry=runtime.TelemetryConfig(metrics=buffer)))

    async def use() -> bool:
        own = await connect(sys.argv[2])
        return await own.service_client.check_health()

    assert asyncio.run(asyncio.wait_for(use(), 30))
    Runtime.default().metric_meter.create_counter("of-child").add(2)
    assert [one.value for one in buffer.retrieve_updates() if one.metric.name == "of-child"] == [2]
    print("own runtime goes well", flush=True)


def without_default() -> None:
    Runtime.prevent_default()
    asyncio.run(_without_default(sys.argv[2]))


async def _without_default(address: str) -> None:
    own = Runtime(telemetry=runtime.TelemetryConfig())
    service = await ServiceClient.connect(ConnectConfig(address, runtime=own))
    print("service client", await service.check_health())
    async with await WorkflowEnvironment.start_local(runtime=own) as environment:
        client = await environment.connect_client()
        print("environment", await client.service_client.check_health())
        handle = await client.start_workflow("Nothing", id="nothing", task_queue="nothing")
        history = await handle.fetch_history()
    await temporalio.worker.Replayer(workflows=[Nothing], runtime=own).replay_workflow(history)
    print("replayed")
    lazy = await ServiceClient.connect(ConnectConfig(address, lazy=True))
    try:
        await lazy.check_health()
    except RuntimeError as error:
        print("lazy client raises:", error)
    Runtime.set_default(own)
    print("lazy client", await lazy.check_health())


PROGRAMS = (imported, prevented, made, dropped, forked, without_default)

if __name__ == "__main__":
    {each.__name__: each for each in PROGRAMS}[sys.argv[1]]()
