"""What the runtime counts of itself, on a real server. Names, labels and counts are the official package's."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError
from temporalio.runtime import BUFFERED_METRIC_KIND_GAUGE, BufferedMetricUpdate
from temporalio.worker import Worker, WorkerTuner

from ..conftest import DevServer
from ..limits import LIMIT_SECONDS
from .scenario import EndsAs, end_as, run_all, wait_for_the_cancellable
from .telling import SERVICE, Scrape, buffered_runtime, scrape, scraped_runtime

Counts = dict[tuple[str, ...], float]

_ACTIVITY = ("end_as", "EndsAs")
_WAITING = ("wait_for_the_cancellable", "EndsAs")
_FAILED = ("end_as", "ActivityError", "EndsAs")
_TYPE = ("EndsAs",)
_SLOTS = ("ActivityWorker", "LocalActivityWorker", "WorkflowWorker")

# Values of the labels, in the order of their names, without namespace, task queue and service name.
OFFICIAL: dict[str, Counts] = {
    "activity_execution_failed": {_FAILED: 2},
    "activity_execution_latency_count": {_ACTIVITY: 6},
    "activity_schedule_to_start_latency_count": {(): 6},
    "activity_succeed_endtoend_latency_count": {_ACTIVITY: 2},
    "local_activity_execution_failed": {_FAILED: 2},
    "local_activity_execution_latency_count": {_ACTIVITY: 5, _WAITING: 1},
    "local_activity_succeed_endtoend_latency_count": {_ACTIVITY: 2, _WAITING: 1},
    "local_activity_total": {_ACTIVITY: 5, _WAITING: 1},
    "num_pollers": {("activity_task",): 0, ("sticky_workflow_task",): 0, ("workflow_task",): 0},
    "request": {
        ("DescribeNamespace",): 1,
        ("GetSystemInfo",): 1,
        ("RequestCancelWorkflowExecution",): 1,
        ("RespondActivityTaskCanceled",): 1,
        ("RespondActivityTaskCompleted",): 2,
        ("RespondActivityTaskFailed",): 3,
        ("RespondWorkflowTaskCompleted",): 15,
        ("RespondWorkflowTaskFailed",): 1,
        ("ShutdownWorker",): 1,
        ("StartWorkflowExecution",): 7,
    },
    "sticky_cache_size": {(): 0},
    "sticky_cache_total_forced_eviction": {(): 1},
    "worker_start": {(): 1},
    "worker_task_slots_available": {(kind,): 100 for kind in _SLOTS},
    "worker_task_slots_used": {(kind,): 0 for kind in _SLOTS},
    "workflow_canceled": {_TYPE: 1},
    "workflow_completed": {_TYPE: 4},
    "workflow_continue_as_new": {_TYPE: 1},
    "workflow_endtoend_latency_count": {_TYPE: 8},
    "workflow_failed": {_TYPE: 1},
    "workflow_task_execution_failed": {("WorkflowError", "EndsAs"): 1},
    "workflow_task_execution_latency_count": {_TYPE: 16},
    "workflow_task_schedule_to_start_latency_count": {(): 16},
}


def worker_on(client: Client, task_queue: str, **options: Any) -> Worker:
    activities = [end_as, wait_for_the_cancellable]
    options = {"workflows": [EndsAs], "activities": activities, **options}
    return Worker(client, task_queue=task_queue, **options)


def counts(found: Scrape, name: str, namespace: str, task_queue: str) -> Counts:
    """The values of a metric by the labels that tell its series apart."""
    values: Counts = {}
    for labels, value in found.series[f"temporal_{name}"]:
        assert labels.pop("service_name") == SERVICE["service_name"]
        assert labels.pop("namespace", namespace) == namespace
        assert labels.pop("task_queue", task_queue) == task_queue
        values[tuple(labels[key] for key in sorted(labels))] = value
    return values


async def test_a_scenario_is_counted_as_by_the_official_package(
    dev_server: DevServer, task_queue: str
) -> None:
    made, address = scraped_runtime()
    client = await Client.connect(dev_server.target_host, runtime=made)
    # Heartbeats go at once, so that the cancellation of the activity comes soon.
    often = timedelta(milliseconds=50)
    async with worker_on(
        client,
        task_queue,
        max_heartbeat_throttle_interval=often,
        default_heartbeat_throttle_interval=often,
    ):
        observer = await Client.connect(dev_server.target_host)
        await asyncio.wait_for(run_all(client, observer, task_queue), LIMIT_SECONDS)
    found = scrape(address)
    shown = {name: counts(found, name, client.namespace, task_queue) for name in OFFICIAL}
    # So many, but when they come depends on the server.
    assert shown["request"].pop(("RecordActivityTaskHeartbeat",)) >= 1
    assert shown == OFFICIAL
    received = counts(found, "activity_task_received", client.namespace, task_queue)
    assert sum(received.values()) == 6
    assert set(received) <= {("end_as", eager, "EndsAs") for eager in ("true", "false")}
    assert found.types["temporal_request_latency"] == "histogram"
    assert found.types["temporal_request"] == "counter"
    assert found.types["temporal_num_pollers"] == "gauge"


def slot_sums(updates: list[BufferedMetricUpdate]) -> list[float]:
    """Available and used slots of activities after each pair of updates, added up."""
    sums: list[float] = []
    available: float | None = None
    for update in updates:
        if update.attributes.get("worker_type") != "ActivityWorker":
            continue
        assert update.metric.kind == BUFFERED_METRIC_KIND_GAUGE
        if update.metric.name == "temporal_worker_task_slots_available":
            available = update.value
        elif update.metric.name == "temporal_worker_task_slots_used":
            assert available is not None
            sums.append(available + update.value)
            available = None
    return sums


@activity.defn
async def wait_a_little(number: int) -> int:
    await asyncio.sleep(0.01)
    return number


@workflow.defn(sandboxed=False)
class ManyActivities:
    """Has more activities than there are slots."""

    @workflow.run
    async def run(self, count: int) -> int:
        limit = timedelta(seconds=LIMIT_SECONDS)
        numbers = await asyncio.gather(
            *(
                workflow.execute_activity(wait_a_little, number, start_to_close_timeout=limit)
                for number in range(count)
            )
        )
        return sum(numbers)


async def test_slots_available_and_used_always_add_up(
    dev_server: DevServer, task_queue: str
) -> None:
    made, buffer = buffered_runtime()
    client = await Client.connect(dev_server.target_host, runtime=made)
    async with worker_on(
        client,
        task_queue,
        workflows=[ManyActivities],
        activities=[wait_a_little],
        max_concurrent_activities=4,
    ):
        running: Any = client.execute_workflow(
            ManyActivities.run, 60, id=task_queue, task_queue=task_queue
        )
        assert await asyncio.wait_for(running, LIMIT_SECONDS) == sum(range(60))
    updates = list(buffer.retrieve_updates())
    sums = slot_sums(updates)
    # Once at the start, and at the begin and end of each activity.
    assert sums == [4] * 121
    used = [
        update.value
        for update in updates
        if update.metric.name == "temporal_worker_task_slots_used"
        and update.attributes["worker_type"] == "ActivityWorker"
    ]
    assert max(used) <= 4 and used[-1] == 0


async def test_a_run_that_has_left_the_cache_is_a_miss(
    dev_server: DevServer, task_queue: str
) -> None:
    made, address = scraped_runtime()
    client = await Client.connect(dev_server.target_host, runtime=made)
    async with worker_on(
        client, task_queue, workflows=[Sleepy], activities=[], max_cached_workflows=1
    ):
        handles = [
            await client.start_workflow(
                Sleepy.run, id=f"{task_queue}-{number}", task_queue=task_queue
            )
            for number in range(3)
        ]
        for handle in handles:
            await asyncio.wait_for(handle.result(), LIMIT_SECONDS)
    found = scrape(address)
    evicted = counts(found, "sticky_cache_total_forced_eviction", client.namespace, task_queue)
    assert evicted[()] >= 2
    assert counts(found, "sticky_cache_miss", client.namespace, task_queue)[()] >= 1


@workflow.defn(sandboxed=False)
class Sleepy:
    """Has several tasks, with time between them."""

    @workflow.run
    async def run(self) -> None:
        for _ in range(3):
            await workflow.sleep(0.2)


async def test_resources_are_shown_each_second(dev_server: DevServer, task_queue: str) -> None:
    made, buffer = buffered_runtime()
    client = await Client.connect(dev_server.target_host, runtime=made)
    tuner = WorkerTuner.create_resource_based(target_memory_usage=0.9, target_cpu_usage=0.9)
    names = {
        f"temporal_resource_slots_{resource}_{shown}"
        for resource in ("mem", "cpu")
        for shown in ("usage", "pid_output")
    }
    seen: Counter[str] = Counter()
    async with worker_on(client, task_queue, tuner=tuner):
        async with asyncio.timeout(LIMIT_SECONDS):
            while min((seen[name] for name in names), default=0) < 3:
                await asyncio.sleep(0.1)
                for update in buffer.retrieve_updates():
                    if update.metric.name not in names:
                        continue
                    seen[update.metric.name] += 1
                    assert dict(update.attributes) == SERVICE
                    if update.metric.name.endswith("_usage"):
                        assert 0 <= update.value <= 100
                    else:
                        assert -100 <= update.value <= 100
    # All four at once.
    assert len(set(seen.values())) == 1


@activity.defn
async def takes_long(_number: int) -> None:
    await asyncio.sleep(60)


@workflow.defn(sandboxed=False)
class TimesOut:
    """Has local activities that time out."""

    @workflow.run
    async def run(self) -> None:
        short = timedelta(milliseconds=200)
        for options in ({"start_to_close_timeout": short}, {"schedule_to_close_timeout": short}):
            try:
                await workflow.execute_local_activity(
                    takes_long, 0, retry_policy=RetryPolicy(maximum_attempts=1), **options
                )
            except ActivityError:
                workflow.logger.debug("as it was told")


async def test_local_activities_that_time_out_have_failed(
    dev_server: DevServer, task_queue: str
) -> None:
    made, address = scraped_runtime()
    client = await Client.connect(dev_server.target_host, runtime=made)
    async with worker_on(client, task_queue, workflows=[TimesOut], activities=[takes_long]):
        running: Any = client.execute_workflow(TimesOut.run, id=task_queue, task_queue=task_queue)
        await asyncio.wait_for(running, LIMIT_SECONDS)
    found = scrape(address)
    types = ("takes_long", "TimesOut")
    for name, expected in {
        "local_activity_total": {types: 2},
        "local_activity_execution_latency_count": {types: 2},
        "local_activity_execution_failed": {("takes_long", "timeout", "TimesOut"): 2},
    }.items():
        assert counts(found, name, client.namespace, task_queue) == expected
