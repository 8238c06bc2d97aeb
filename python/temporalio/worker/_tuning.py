"""How many tasks and polls a worker has at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from ..common import WorkerDeploymentVersion

_DEFAULT_SLOTS = 100


@dataclass(frozen=True)
class FixedSizeSlotSupplier:
    """Never hands out more than a fixed number of slots.

    Attributes:
        num_slots: That number.
    """

    num_slots: int


@dataclass(frozen=True)
class ResourceBasedTunerConfig:
    """How much of memory and processors should be in use.

    What counts is what the process's control group may use, if it has limits, or else the machine.

    Attributes:
        target_memory_usage: Share of the memory, from 0 to 1. Leave some room: a slot is given before
            anybody knows what its task will need.
        target_cpu_usage: Share of the processors, from 0 to 1.
    """

    target_memory_usage: float
    target_cpu_usage: float


@dataclass(frozen=True)
class ResourceBasedSlotConfig:
    """Bounds for slots that are given by the resources in use.

    Attributes:
        minimum_slots: Slots that are given whatever is in use; None for 5 slots for workflow tasks and 1
            for all others.
        maximum_slots: Slots that are given at most; None for 500.
        ramp_throttle: Time from one slot above the minimum to the next, so that what a task uses shows
            before the next one begins; None for no time between workflow tasks and 50 ms between others.
    """

    minimum_slots: int | None = None
    maximum_slots: int | None = None
    ramp_throttle: timedelta | None = None


@dataclass(frozen=True)
class ResourceBasedSlotSupplier:
    """Hands out slots while memory and processors are used less than they should be.

    Attributes:
        slot_config: Bounds for the number of slots.
        tuner_config: What should be in use; the same for all such suppliers of a worker.
    """

    slot_config: ResourceBasedSlotConfig
    tuner_config: ResourceBasedTunerConfig


class SlotPermit:
    """The right to use one slot. Subclasses may carry data."""


class SlotReserveContext(Protocol):
    """What a supplier is told of a wish for a slot."""

    slot_type: Literal["workflow", "activity", "local-activity"]
    """Kind of task that the slot is for."""
    task_queue: str
    """Task queue of the worker."""
    worker_identity: str
    """Identity of the worker."""
    worker_build_id: str
    """Build id of the worker.

    .. deprecated::
        :py:attr:`worker_deployment_version` has it.
    """
    worker_deployment_version: WorkerDeploymentVersion | None
    """Deployment version of the worker, if it has one."""
    is_sticky: bool
    """Whether the slot is for a poll of the worker's sticky queue."""


@runtime_checkable
class WorkflowSlotInfo(Protocol):
    """A workflow task that uses a slot."""

    workflow_type: str
    """Name of the workflow's type."""
    is_sticky: bool
    """Whether the task came from the sticky queue."""


@runtime_checkable
class ActivitySlotInfo(Protocol):
    """An activity that uses a slot."""

    activity_type: str
    """Name of the activity's type."""


@runtime_checkable
class LocalActivitySlotInfo(Protocol):
    """A local activity that uses a slot."""

    activity_type: str
    """Name of the activity's type."""


@runtime_checkable
class NexusSlotInfo(Protocol):
    """A Nexus operation that uses a slot."""

    service: str
    """Name of the service."""
    operation: str
    """Name of the operation."""


SlotInfo: TypeAlias = WorkflowSlotInfo | ActivitySlotInfo | LocalActivitySlotInfo | NexusSlotInfo


@dataclass(frozen=True)
class SlotMarkUsedContext(Protocol):
    """What a supplier is told when a task takes its slot.

    Attributes:
        slot_info: The task.
        permit: The permit that the supplier gave.
    """

    slot_info: SlotInfo
    permit: SlotPermit


@dataclass(frozen=True)
class SlotReleaseContext:
    """What a supplier is told when a slot comes back.

    Attributes:
        slot_info: The task that has used it, None if none has.
        permit: The permit that the supplier gave.
    """

    slot_info: SlotInfo | None
    permit: SlotPermit


class CustomSlotSupplier(ABC):
    """Decides itself over the slots of one kind of task.

    All methods are called on the event loop that the worker runs on. Only
    :py:meth:`reserve_slot` may take its time; the others must return soon. What they raise is logged and
    ends nothing.
    """

    @abstractmethod
    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        """Wait until there is a slot, for a poll or a local activity.

        The call is cancelled when nobody wants the slot any more. Every permit that is returned comes
        back to :py:meth:`release_slot`. After another error than a cancellation the supplier is asked
        again, after a while.

        Args:
            ctx: The wish.

        Returns:
            The permit.
        """

    @abstractmethod
    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:
        """Say at once whether there is a slot, for an activity that could start eagerly.

        Args:
            ctx: The wish.

        Returns:
            The permit, or None if there is no slot.
        """

    @abstractmethod
    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        """Note that a task holds the slot from now on. Before, it may have been held by a poll.

        Args:
            ctx: The task and its permit.
        """

    @abstractmethod
    def release_slot(self, ctx: SlotReleaseContext) -> None:
        """Take a slot back: its task has ended, or none has come.

        Args:
            ctx: The task, if there was one, and the permit.
        """


SlotSupplier: TypeAlias = FixedSizeSlotSupplier | ResourceBasedSlotSupplier | CustomSlotSupplier


class WorkerTuner(ABC):
    """Decides how many tasks of each kind a worker takes on at a time."""

    @classmethod
    def create_resource_based(
        cls,
        *,
        target_memory_usage: float,
        target_cpu_usage: float,
        workflow_config: ResourceBasedSlotConfig | None = None,
        activity_config: ResourceBasedSlotConfig | None = None,
        local_activity_config: ResourceBasedSlotConfig | None = None,
        nexus_config: ResourceBasedSlotConfig | None = None,
    ) -> WorkerTuner:
        """A tuner that takes tasks on while memory and processors are used less than they should be.

        Args:
            target_memory_usage: Share of the memory that should be in use, from 0 to 1.
            target_cpu_usage: Share of the processors that should be in use, from 0 to 1.
            workflow_config: Bounds for workflow tasks, the defaults if None, as for all others.
            activity_config: Bounds for activities.
            local_activity_config: Bounds for local activities.
            nexus_config: Bounds for Nexus tasks.
        """
        tuner = ResourceBasedTunerConfig(target_memory_usage, target_cpu_usage)
        default = ResourceBasedSlotConfig()
        return _CompositeTuner(
            ResourceBasedSlotSupplier(workflow_config or default, tuner),
            ResourceBasedSlotSupplier(activity_config or default, tuner),
            ResourceBasedSlotSupplier(local_activity_config or default, tuner),
            ResourceBasedSlotSupplier(nexus_config or default, tuner),
        )

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
        return _CompositeTuner(
            FixedSizeSlotSupplier(workflow_slots or _DEFAULT_SLOTS),
            FixedSizeSlotSupplier(activity_slots or _DEFAULT_SLOTS),
            FixedSizeSlotSupplier(local_activity_slots or _DEFAULT_SLOTS),
            FixedSizeSlotSupplier(nexus_slots or _DEFAULT_SLOTS),
        )

    @classmethod
    def create_composite(
        cls,
        *,
        workflow_supplier: SlotSupplier,
        activity_supplier: SlotSupplier,
        local_activity_supplier: SlotSupplier,
        nexus_supplier: SlotSupplier,
    ) -> WorkerTuner:
        """A tuner with a supplier for each kind of task.

        Args:
            workflow_supplier: Decides over workflow tasks.
            activity_supplier: Decides over activities.
            local_activity_supplier: Decides over local activities.
            nexus_supplier: Decides over Nexus tasks.
        """
        return _CompositeTuner(
            workflow_supplier, activity_supplier, local_activity_supplier, nexus_supplier
        )

    @abstractmethod
    def _get_workflow_task_slot_supplier(self) -> SlotSupplier: ...

    @abstractmethod
    def _get_activity_task_slot_supplier(self) -> SlotSupplier: ...

    @abstractmethod
    def _get_local_activity_task_slot_supplier(self) -> SlotSupplier: ...

    @abstractmethod
    def _get_nexus_slot_supplier(self) -> SlotSupplier: ...


@dataclass(frozen=True)
class _CompositeTuner(WorkerTuner):
    """A supplier for each kind of slot."""

    workflow_supplier: SlotSupplier
    activity_supplier: SlotSupplier
    local_activity_supplier: SlotSupplier
    nexus_supplier: SlotSupplier

    def _get_workflow_task_slot_supplier(self) -> SlotSupplier:
        return self.workflow_supplier

    def _get_activity_task_slot_supplier(self) -> SlotSupplier:
        return self.activity_supplier

    def _get_local_activity_task_slot_supplier(self) -> SlotSupplier:
        return self.local_activity_supplier

    def _get_nexus_slot_supplier(self) -> SlotSupplier:
        return self.nexus_supplier


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
