"""Tuners and their slot suppliers, on a real server."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import uuid
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import (
    ActivitySlotInfo,
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    LocalActivitySlotInfo,
    PollerBehaviorAutoscaling,
    ResourceBasedSlotConfig,
    ResourceBasedSlotSupplier,
    ResourceBasedTunerConfig,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    SlotSupplier,
    Worker,
    WorkerTuner,
    WorkflowSlotInfo,
)

_TEN = FixedSizeSlotSupplier(10)
_TIMEOUT = timedelta(seconds=30)


class Concurrency:
    """How many run at a time, and how many have at most."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def __aenter__(self) -> None:
        self.now += 1
        self.most = max(self.most, self.now)

    async def __aexit__(self, *_: object) -> None:
        self.now -= 1


running = Concurrency()


@activity.defn
async def briefly() -> None:
    async with running:
        await asyncio.sleep(0.02)


@activity.defn
def in_thread() -> None: ...


@workflow.defn
class Both:
    """Runs activities of both kinds, some at a time."""

    @workflow.run
    async def run(self, count: int) -> None:
        local = [
            workflow.execute_local_activity(briefly, start_to_close_timeout=_TIMEOUT)
            for _ in range(count)
        ]
        polled = [
            workflow.execute_activity(briefly, start_to_close_timeout=_TIMEOUT)
            for _ in range(count)
        ]
        await asyncio.gather(*local, *polled)


def composite(
    workflow_supplier: SlotSupplier = _TEN,
    activity_supplier: SlotSupplier = _TEN,
    local_activity_supplier: SlotSupplier = _TEN,
) -> WorkerTuner:
    return WorkerTuner.create_composite(
        workflow_supplier=workflow_supplier,
        activity_supplier=activity_supplier,
        local_activity_supplier=local_activity_supplier,
        nexus_supplier=_TEN,
    )


def worker_with(client: Client, tuner: WorkerTuner, **options: Any) -> Worker:
    return Worker(
        client,
        task_queue=f"queue-{uuid.uuid4()}",
        workflows=[Both],
        activities=[briefly],
        tuner=tuner,
        **options,
    )


async def run_some(client: Client, worker: Worker, workflows: int, activities: int) -> None:
    queue = worker.task_queue
    await asyncio.gather(
        *(
            client.execute_workflow(Both.run, activities, id=f"{queue}-{number}", task_queue=queue)
            for number in range(workflows)
        )
    )


class Permit(SlotPermit):
    def __init__(self, context: SlotReserveContext) -> None:
        self.context = context


class Counting(CustomSlotSupplier):
    """Gives so many slots, and counts all that it hears."""

    def __init__(self, slots: int) -> None:
        self.size = slots
        self.held: set[Permit] = set()
        self.most = 0
        self.heard: Counter[str] = Counter()
        self.reserved: list[SlotReserveContext] = []
        self.used: list[Any] = []
        self.loops: set[asyncio.AbstractEventLoop] = set()

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        self.heard["reserve"] += 1
        try:
            while len(self.held) >= self.size:
                await asyncio.sleep(0.002)
        except asyncio.CancelledError:
            self.heard["cancelled"] += 1
            raise
        return self._permit(ctx)

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:
        self.heard["try"] += 1
        return self._permit(ctx) if len(self.held) < self.size else None

    def _permit(self, ctx: SlotReserveContext) -> Permit:
        self.loops.add(asyncio.get_running_loop())
        permit = Permit(ctx)
        self.reserved.append(ctx)
        self.held.add(permit)
        self.most = max(self.most, len(self.held))
        return permit

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        assert ctx.permit in self.held
        self.heard["used"] += 1
        self.used.append(ctx.slot_info)

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        assert isinstance(ctx.permit, Permit)
        self.held.remove(ctx.permit)
        self.heard["released used" if ctx.slot_info else "released unused"] += 1


async def test_custom_suppliers_decide_over_all_slots(client: Client) -> None:
    workflows, activities, local = Counting(3), Counting(2), Counting(2)
    worker = worker_with(client, composite(workflows, activities, local), identity="me")
    async with worker:
        assert worker.snapshot()["slots"]["activity"]["size"] is None
        await run_some(client, worker, 6, 5)
    for supplier, slot_type in (
        (workflows, "workflow"),
        (activities, "activity"),
        (local, "local-activity"),
    ):
        assert supplier.most <= supplier.size
        assert not supplier.held, "every slot has come back"
        assert supplier.heard["used"] == supplier.heard["released used"]
        assert {ctx.slot_type for ctx in supplier.reserved} == {slot_type}
        assert {(ctx.task_queue, ctx.worker_identity) for ctx in supplier.reserved} == {
            (worker.task_queue, "me")
        }
        assert all(ctx.worker_build_id for ctx in supplier.reserved)
        assert supplier.loops == {asyncio.get_running_loop()}
    assert activities.heard["used"] == local.heard["used"] == 30
    assert activities.heard["try"] > 0
    assert {ctx.is_sticky for ctx in workflows.reserved} == {True, False}
    assert all(isinstance(info, WorkflowSlotInfo) for info in workflows.used)
    assert {info.workflow_type for info in workflows.used} == {"Both"}
    assert all(isinstance(info, ActivitySlotInfo) for info in activities.used)
    assert all(isinstance(info, LocalActivitySlotInfo) for info in local.used)
    assert {info.activity_type for info in [*activities.used, *local.used]} == {"briefly"}
    # At shutdown polls held slots or waited for them.
    assert workflows.heard["released unused"] + workflows.heard["cancelled"] > 0


class Failing(Counting):
    """Fails each first time."""

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        if self.heard["reserve"] == 0:
            self.heard["reserve"] += 1
            raise ValueError("no slot at first")
        return await super().reserve_slot(ctx)

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:
        raise ValueError("none at all")

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        super().mark_slot_used(ctx)
        raise ValueError("not used")

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        super().release_slot(ctx)
        raise ValueError("not released")


async def test_errors_of_a_supplier_are_logged_and_end_nothing(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    workflows, activities, local = Failing(5), Failing(5), Failing(5)
    with caplog.at_level(logging.WARNING, logger="temporalio.worker"):
        worker = worker_with(client, composite(workflows, activities, local))
        async with worker:
            await run_some(client, worker, 2, 2)
    assert not workflows.held and not activities.held and not local.held
    logged = {record.getMessage() for record in caplog.records}
    for method in ("reserve_slot", "try_reserve_slot", "mark_slot_used", "release_slot"):
        assert f"Error in custom slot supplier `{method}`" in logged


class Never(Counting):
    """Has no slot, ever."""

    def __init__(self) -> None:
        super().__init__(0)


async def test_a_worker_whose_supplier_gives_nothing_can_be_shut_down(client: Client) -> None:
    supplier = Never()
    async with worker_with(client, composite(activity_supplier=supplier)):
        while not supplier.heard["reserve"]:
            await asyncio.sleep(0.01)
    assert supplier.heard["cancelled"] == supplier.heard["reserve"]


async def test_slots_by_resources(client: Client) -> None:
    running.most = 0
    tuner = WorkerTuner.create_resource_based(
        target_memory_usage=1.0,
        target_cpu_usage=1.0,
        activity_config=ResourceBasedSlotConfig(2, 4, timedelta(milliseconds=1)),
        local_activity_config=ResourceBasedSlotConfig(1, 2, timedelta()),
    )
    worker = worker_with(client, tuner)
    async with worker:
        await run_some(client, worker, 4, 5)
        slots = worker.snapshot()["slots"]
        assert [slots[kind]["size"] for kind in ("workflow", "activity", "local_activity")] == [
            500,
            4,
            2,
        ]
    assert 2 <= running.most <= 6


async def test_without_room_the_minimum_is_given(client: Client) -> None:
    running.most = 0
    tuner = WorkerTuner.create_resource_based(
        target_memory_usage=0.0,
        target_cpu_usage=0.0,
        activity_config=ResourceBasedSlotConfig(minimum_slots=1),
        local_activity_config=ResourceBasedSlotConfig(minimum_slots=1),
    )
    worker = worker_with(client, tuner)
    async with worker:
        await run_some(client, worker, 3, 3)
    assert running.most <= 2


def resources(memory: float) -> ResourceBasedSlotSupplier:
    return ResourceBasedSlotSupplier(
        ResourceBasedSlotConfig(), ResourceBasedTunerConfig(memory, 0.5)
    )


def bounded(config: ResourceBasedSlotConfig) -> WorkerTuner:
    return WorkerTuner.create_resource_based(
        target_memory_usage=0.5, target_cpu_usage=0.5, activity_config=config
    )


MISTAKES: list[tuple[Callable[[], WorkerTuner], type[Exception], str]] = [
    (
        lambda: composite(resources(0.5), resources(0.6)),
        ValueError,
        "All resource-based slot suppliers must have the same ResourceBasedTunerConfig",
    ),
    (lambda: composite(7), TypeError, "Unknown slot supplier type: 7"),  # type: ignore[arg-type]
    (
        lambda: composite(FixedSizeSlotSupplier(-1)),
        TypeError,
        "num_slots of the workflow slots must not be negative, got -1",
    ),
    (
        lambda: bounded(ResourceBasedSlotConfig(ramp_throttle=timedelta(seconds=-1))),
        TypeError,
        "ramp_throttle of the activity slots must not be negative",
    ),
    (
        lambda: bounded(ResourceBasedSlotConfig(minimum_slots=-1)),
        TypeError,
        "minimum_slots of the activity slots must not be negative, got -1",
    ),
]


@pytest.mark.parametrize(("make", "error", "message"), MISTAKES)
async def test_mistakes(
    client: Client, make: Callable[[], WorkerTuner], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        worker_with(client, make())


async def test_few_threads_are_warned_of_where_the_number_of_slots_is_known(
    client: Client,
) -> None:
    with concurrent.futures.ThreadPoolExecutor(3) as executor:
        for queue, (tuner, known) in enumerate(
            (
                (composite(), 10),
                (composite(activity_supplier=resources(0.5)), 500),
                (composite(activity_supplier=Counting(5)), None),
            )
        ):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                Worker(
                    client,
                    task_queue=f"queue-{queue}",
                    activities=[in_thread],
                    activity_executor=executor,
                    tuner=tuner,
                )
            messages = [str(warning.message) for warning in caught]
            expected = f"max_concurrent_activities is {known} but"
            assert [expected in message for message in messages] == ([True] if known else [])


async def test_polls_follow_the_server_within_their_bounds(client: Client) -> None:
    behavior = PollerBehaviorAutoscaling(minimum=1, maximum=8, initial=2)
    worker = Worker(
        client,
        task_queue=f"queue-{uuid.uuid4()}",
        workflows=[Both],
        activities=[briefly],
        workflow_task_poller_behavior=behavior,
        activity_task_poller_behavior=behavior,
        disable_eager_activity_execution=True,
    )
    most: Counter[str] = Counter()
    async with worker:
        load = asyncio.create_task(run_some(client, worker, 40, 5))
        while not load.done():
            polls = worker.snapshot()["polls"]
            for name, open_polls in (
                ("normal", polls["workflow"]["normal"]),
                ("sticky", polls["workflow"]["sticky"]),
                ("activity", polls["activity"]["normal"]),
            ):
                most[name] = max(most[name], open_polls)
            await asyncio.sleep(0.005)
        await load
    assert all(2 <= most[name] <= 8 for name in ("normal", "sticky", "activity")), most


@pytest.mark.parametrize(("minimum", "maximum", "initial"), [(0, 10, 5), (5, 2, 3), (1, 10, 20)])
async def test_bounds_of_polls_that_contradict_each_other(
    client: Client, minimum: int, maximum: int, initial: int
) -> None:
    with pytest.raises(ValueError, match="Invalid worker config: activity_task_poller_behavior"):
        Worker(
            client,
            task_queue="queue",
            activities=[briefly],
            activity_task_poller_behavior=PollerBehaviorAutoscaling(minimum, maximum, initial),
        )
