"""From the suppliers of a tuner to the slots of the runtime."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, cast

from ..common import WorkerDeploymentVersion
from ._option_checks import check_count, check_interval
from ._tuning import (
    ActivitySlotInfo,
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    LocalActivitySlotInfo,
    ResourceBasedSlotConfig,
    ResourceBasedSlotSupplier,
    ResourceBasedTunerConfig,
    SlotInfo,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    SlotSupplier,
    WorkerTuner,
    WorkflowSlotInfo,
)

if TYPE_CHECKING:
    from ..bridge._callboard import ResourceTuner, SlotReservation, _Slots, _SlotTask

logger = logging.getLogger(__name__)

_SlotType = Literal["workflow", "activity", "local-activity"]

_MAXIMUM_SLOTS: Final = 500
_RAMP: Final = timedelta(milliseconds=50)
# After an error of a supplier, so that one that always fails does not keep the loop busy.
_PAUSE: Final = 1.0


def most_slots(supplier: SlotSupplier) -> int | None:
    """Return how many slots a supplier gives at most, None if it does not say."""
    if isinstance(supplier, FixedSizeSlotSupplier):
        return supplier.num_slots
    if isinstance(supplier, ResourceBasedSlotSupplier):
        return supplier.slot_config.maximum_slots or _MAXIMUM_SLOTS
    return None


@dataclass(frozen=True)
class Slots:
    """The slots of a worker by kind of task, as the bridge takes them."""

    workflow: _Slots
    activity: _Slots
    local_activity: _Slots


def check_slots(tuner: WorkerTuner) -> None:
    """Check the suppliers of a tuner.

    Raises:
        TypeError: A supplier is of an unknown kind, or has a number that is none or is negative.
        ValueError: Suppliers by resources have different targets, or a number is negative.
    """
    suppliers = _suppliers(tuner)
    for kind, supplier in suppliers.items():
        if isinstance(supplier, FixedSizeSlotSupplier):
            check_count(f"num_slots of the {kind} slots", supplier.num_slots)
        elif isinstance(supplier, ResourceBasedSlotSupplier):
            _check_config(kind, supplier.slot_config)
        elif not isinstance(supplier, CustomSlotSupplier):
            raise TypeError(f"Unknown slot supplier type: {supplier!r}")
    targets = _targets(suppliers.values())
    if len(targets) > 1:
        raise ValueError(
            "All resource-based slot suppliers must have the same ResourceBasedTunerConfig, got "
            + ", ".join(sorted(map(str, targets)))
        )


def _check_config(kind: str, config: ResourceBasedSlotConfig) -> None:
    for name in ("minimum_slots", "maximum_slots"):
        if (count := getattr(config, name)) is not None:
            check_count(f"{name} of the {kind} slots", count)
    if config.ramp_throttle is not None:
        check_interval(f"ramp_throttle of the {kind} slots", config.ramp_throttle)


def _suppliers(tuner: WorkerTuner) -> dict[str, SlotSupplier]:
    return {
        "workflow": tuner._get_workflow_task_slot_supplier(),
        "activity": tuner._get_activity_task_slot_supplier(),
        "local-activity": tuner._get_local_activity_task_slot_supplier(),
        "nexus": tuner._get_nexus_slot_supplier(),
    }


def _targets(suppliers: Iterable[SlotSupplier]) -> set[ResourceBasedTunerConfig]:
    return {
        supplier.tuner_config
        for supplier in suppliers
        if isinstance(supplier, ResourceBasedSlotSupplier)
    }


def slots_of(tuner: WorkerTuner, about: AboutWorker) -> Slots:
    """Return the slots that a tuner stands for, which :py:func:`check_slots` has approved."""
    suppliers = _suppliers(tuner)
    targets = _targets(suppliers.values())
    resources = _resources(targets.pop()) if targets else None
    slots = {kind: _slots(kind, supplier, resources, about) for kind, supplier in suppliers.items()}
    return Slots(slots["workflow"], slots["activity"], slots["local-activity"])


def _resources(config: ResourceBasedTunerConfig) -> ResourceTuner:
    # Few workers need it.
    from ..bridge._callboard import ResourceTuner

    return ResourceTuner(config.target_memory_usage, config.target_cpu_usage)


def _slots(
    kind: str, supplier: SlotSupplier, resources: ResourceTuner | None, about: AboutWorker
) -> _Slots:
    if isinstance(supplier, FixedSizeSlotSupplier):
        return supplier.num_slots
    if isinstance(supplier, CustomSlotSupplier):
        return CustomSlots(supplier, about)
    assert resources is not None
    config = supplier.slot_config
    is_workflow = kind == "workflow"
    minimum = config.minimum_slots
    maximum = config.maximum_slots
    ramp = config.ramp_throttle
    if minimum is None:
        minimum = 5 if is_workflow else 1
    if maximum is None:
        maximum = _MAXIMUM_SLOTS
    if ramp is None:
        ramp = timedelta() if is_workflow else _RAMP
    return (
        resources,
        minimum,
        maximum,
        ramp.total_seconds(),
    )


@dataclass(frozen=True)
class AboutWorker:
    """What suppliers are told of the worker that asks."""

    task_queue: str
    identity: str
    build_id: str
    deployment_version: WorkerDeploymentVersion | None


@dataclass
class _Reserve:
    slot_type: _SlotType
    task_queue: str
    worker_identity: str
    worker_build_id: str
    worker_deployment_version: WorkerDeploymentVersion | None
    is_sticky: bool


@dataclass(frozen=True)
class _MarkUsed:
    slot_info: SlotInfo
    permit: SlotPermit


@dataclass(frozen=True)
class _Workflow(WorkflowSlotInfo):
    workflow_type: str
    is_sticky: bool


@dataclass(frozen=True)
class _Activity(ActivitySlotInfo):
    activity_type: str


@dataclass(frozen=True)
class _LocalActivity(LocalActivitySlotInfo):
    activity_type: str


class CustomSlots:
    """Asks a supplier of the user's. Called on the worker's event loop."""

    def __init__(self, supplier: CustomSlotSupplier, about: AboutWorker) -> None:
        """Ask ``supplier`` for the worker that ``about`` describes."""
        self._supplier = supplier
        self._about = about
        self._asking: dict[int, asyncio.Task[None]] = {}
        self._permits: dict[int, SlotPermit] = {}

    def reserve(self, slot_type: str, is_sticky: bool, reservation: SlotReservation) -> None:
        """Ask for a slot, and answer when there is one."""
        asking = self._reserve(self._context(slot_type, is_sticky), reservation)
        number = reservation.number
        self._asking[number] = asyncio.get_running_loop().create_task(asking)

    async def _reserve(self, context: SlotReserveContext, reservation: SlotReservation) -> None:
        try:
            while True:
                try:
                    permit = await self._supplier.reserve_slot(context)
                    break
                except Exception:
                    logger.warning("Error in custom slot supplier `reserve_slot`", exc_info=True)
                await asyncio.sleep(_PAUSE)
        finally:
            self._asking.pop(reservation.number, None)
        self._give(reservation, permit)

    def try_reserve(self, slot_type: str, is_sticky: bool, reservation: SlotReservation) -> None:
        """Ask for a slot, and answer at once."""
        try:
            permit = self._supplier.try_reserve_slot(self._context(slot_type, is_sticky))
        except Exception:
            logger.warning("Error in custom slot supplier `try_reserve_slot`", exc_info=True)
            permit = None
        if permit is None:
            reservation.answer(False)
        else:
            self._give(reservation, permit)

    def _give(self, reservation: SlotReservation, permit: SlotPermit) -> None:
        self._permits[reservation.number] = permit
        if not reservation.answer(True):
            self.release(reservation.number, None)

    def cancel(self, number: int) -> None:
        """Take a wish back."""
        asking = self._asking.pop(number, None)
        if asking is not None:
            asking.cancel()

    def mark_used(self, number: int, task: _SlotTask) -> None:
        """Tell which task has a slot."""
        try:
            context = _MarkUsed(_info(task), self._permits[number])
            self._supplier.mark_slot_used(cast(SlotMarkUsedContext, context))
        except Exception:
            logger.warning("Error in custom slot supplier `mark_slot_used`", exc_info=True)

    def release(self, number: int, task: _SlotTask | None) -> None:
        """Give a slot back."""
        permit = self._permits.pop(number)
        info = None if task is None else _info(task)
        try:
            self._supplier.release_slot(SlotReleaseContext(info, permit))
        except Exception:
            logger.warning("Error in custom slot supplier `release_slot`", exc_info=True)

    def _context(self, slot_type: str, is_sticky: bool) -> SlotReserveContext:
        about = self._about
        return _Reserve(
            cast(_SlotType, slot_type),
            about.task_queue,
            about.identity,
            about.build_id,
            about.deployment_version,
            is_sticky,
        )


def _info(task: _SlotTask) -> SlotInfo:
    slot_type, name, is_sticky = task
    if slot_type == "workflow":
        return _Workflow(name, is_sticky)
    return _Activity(name) if slot_type == "activity" else _LocalActivity(name)
