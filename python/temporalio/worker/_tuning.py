"""How many tasks and polls a worker has at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TypeAlias

_DEFAULT_SLOTS = 100


@dataclass(frozen=True)
class FixedSizeSlotSupplier:
    """Never hands out more than a fixed number of slots.

    Attributes:
        num_slots: That number.
    """

    num_slots: int


class WorkerTuner(ABC):
    """Decides how many tasks of each kind a worker takes on at a time."""

    @classmethod
    def create_fixed(
        cls,
        *,
        workflow_slots: int | None = None,
        activity_slots: int | None = None,
        local_activity_slots: int | None = None,
        nexus_slots: int | None = None,
    ) -> WorkerTuner:
        """A tuner with a fixed number of slots for each kind of task.

        Args:
            workflow_slots: Workflow tasks at a time, 100 by default as all others.
            activity_slots: Activities at a time.
            local_activity_slots: Local activities at a time.
            nexus_slots: Nexus tasks at a time.
        """
        return _FixedTuner(
            workflow_slots or _DEFAULT_SLOTS,
            activity_slots or _DEFAULT_SLOTS,
            local_activity_slots or _DEFAULT_SLOTS,
            nexus_slots or _DEFAULT_SLOTS,
        )

    @abstractmethod
    def _get_workflow_task_slot_supplier(self) -> FixedSizeSlotSupplier: ...

    @abstractmethod
    def _get_activity_task_slot_supplier(self) -> FixedSizeSlotSupplier: ...

    @abstractmethod
    def _get_local_activity_task_slot_supplier(self) -> FixedSizeSlotSupplier: ...

    @abstractmethod
    def _get_nexus_slot_supplier(self) -> FixedSizeSlotSupplier: ...


@dataclass(frozen=True)
class _FixedTuner(WorkerTuner):
    workflow_slots: int
    activity_slots: int
    local_activity_slots: int
    nexus_slots: int

    def _get_workflow_task_slot_supplier(self) -> FixedSizeSlotSupplier:
        return FixedSizeSlotSupplier(self.workflow_slots)

    def _get_activity_task_slot_supplier(self) -> FixedSizeSlotSupplier:
        return FixedSizeSlotSupplier(self.activity_slots)

    def _get_local_activity_task_slot_supplier(self) -> FixedSizeSlotSupplier:
        return FixedSizeSlotSupplier(self.local_activity_slots)

    def _get_nexus_slot_supplier(self) -> FixedSizeSlotSupplier:
        return FixedSizeSlotSupplier(self.nexus_slots)


@dataclass(frozen=True)
class PollerBehaviorSimpleMaximum:
    """Polls as long as a slot is free, with up to a fixed number of calls at a time.

    Attributes:
        maximum: That number; at least 2 for workflow tasks, 1 for all others.
    """

    maximum: int = 5


@dataclass(frozen=True)
class PollerBehaviorAutoscaling:
    """Polls with as many calls at a time as the server's answers suggest.

    Attributes:
        minimum: Calls that are always open while slots are free.
        maximum: Calls that are open at most.
        initial: Calls to begin with, between the two.
    """

    minimum: int = 1
    maximum: int = 100
    initial: int = 5


PollerBehavior: TypeAlias = PollerBehaviorSimpleMaximum | PollerBehaviorAutoscaling
