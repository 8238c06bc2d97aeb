"""From the suppliers of a tuner to the slots of the runtime."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from ..common import WorkerDeploymentVersion
from ._option_checks import check_count, check_interval
from ._tuning import (
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    ResourceBasedSlotConfig,
    ResourceBasedSlotSupplier,
    ResourceBasedTunerConfig,
    SlotSupplier,
    WorkerTuner,
)

if TYPE_CHECKING:
    from ..bridge._callboard import ResourceTuner, _Slots

_MAXIMUM_SLOTS: Final = 500
_RAMP: Final = timedelta(milliseconds=50)


def most_slots(supplier: SlotSupplier) -> int | None:
    """Return how many slots a supplier gives at most, None if it does not say."""
    if isinstance(supplier, FixedSizeSlotSupplier):
        return supplier.num_slots
    if isinstance(supplier, ResourceBasedSlotSupplier):
        return supplier.slot_config.maximum_slots or _MAXIMUM_SLOTS
    return None


class Slots(NamedTuple):
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
        # Few workers need it.
        from ._custom_slots import CustomSlots

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


class AboutWorker(NamedTuple):
    """What suppliers are told of the worker that asks."""

    task_queue: str
    identity: str
    build_id: str
    deployment_version: WorkerDeploymentVersion | None
