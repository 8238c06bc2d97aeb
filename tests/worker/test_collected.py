"""Workers that nobody needs any more are collected, with their threads."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import (
    FixedSizeSlotSupplier,
    Interceptor,
    Replayer,
    ResourceBasedSlotConfig,
    ResourceBasedSlotSupplier,
    ResourceBasedTunerConfig,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkerTuner,
)

from ..limits import LIMIT_SECONDS


@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}"


@activity.defn
def greet_in_thread(name: str) -> str:
    return f"Hello, {name}"


@workflow.defn
class Nothing:
    @workflow.run
    async def run(self) -> None:
        pass


def tuned() -> dict[str, Any]:
    resources = ResourceBasedSlotSupplier(
        ResourceBasedSlotConfig(), ResourceBasedTunerConfig(0.8, 0.9)
    )
    return {
        "tuner": WorkerTuner.create_composite(
            workflow_supplier=FixedSizeSlotSupplier(5),
            activity_supplier=resources,
            local_activity_supplier=resources,
            nexus_supplier=FixedSizeSlotSupplier(5),
        )
    }


KINDS: dict[str, Callable[[], dict[str, Any]]] = {
    "both": lambda: {"workflows": [Nothing], "activities": [greet]},
    "workflows": lambda: {"workflows": [Nothing]},
    "activities": lambda: {"activities": [greet]},
    "threads": lambda: {
        "activities": [greet_in_thread],
        "activity_executor": ThreadPoolExecutor(1),
    },
    "intercepted": lambda: {
        "workflows": [Nothing],
        "activities": [greet],
        "interceptors": [Interceptor()],
    },
    "without sandbox": lambda: {
        "workflows": [Nothing],
        "activities": [greet],
        "workflow_runner": UnsandboxedWorkflowRunner(),
    },
    "tuned": lambda: {"workflows": [Nothing], "activities": [greet], **tuned()},
}


async def gone(reference: weakref.ref[Any]) -> None:
    give_up = time.monotonic() + LIMIT_SECONDS
    # What the runtime still holds it lets go of on threads of its own.
    while gc.collect() and reference() is not None or reference() is not None:
        assert time.monotonic() < give_up, f"still there: {gc.get_referrers(reference())}"
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_worker_that_has_ended_is_collected(
    client: Client, task_queue: str, kind: str
) -> None:
    async def use() -> weakref.ref[Worker]:
        worker = Worker(client, task_queue=task_queue, **KINDS[kind]())
        async with worker:
            if worker.config()["workflows"]:
                await client.execute_workflow(Nothing.run, id=task_queue, task_queue=task_queue)
        return weakref.ref(worker)

    await gone(await use())


@pytest.mark.parametrize("kind", KINDS)
async def test_a_worker_that_never_ran_is_collected_with_its_threads(
    client: Client, task_queue: str, kind: str
) -> None:
    before = threading.active_count()
    reference = weakref.ref(Worker(client, task_queue=task_queue, **KINDS[kind]()))
    await gone(reference)
    give_up = time.monotonic() + LIMIT_SECONDS
    while threading.active_count() > before:
        assert time.monotonic() < give_up, threading.enumerate()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("runs", [True, False])
async def test_a_worker_to_which_its_own_workflows_lead_is_collected(
    client: Client, task_queue: str, runs: bool
) -> None:
    async def use() -> weakref.ref[Worker]:
        known: list[Worker] = []
        worker = Worker(
            client,
            task_queue=task_queue,
            workflows=[Nothing],
            patch_activation_callback=lambda _: bool(known),
        )
        known.append(worker)
        if runs:
            async with worker:
                await client.execute_workflow(Nothing.run, id=task_queue, task_queue=task_queue)
        return weakref.ref(worker)

    await gone(await use())


async def test_a_replayer_is_collected() -> None:
    await gone(weakref.ref(Replayer(workflows=[Nothing])))
