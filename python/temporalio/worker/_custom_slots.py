"""Suppliers of slots that are the user's own."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

from ..common import WorkerDeploymentVersion
from ._slots import AboutWorker
from ._tuning import (
    ActivitySlotInfo,
    CustomSlotSupplier,
    LocalActivitySlotInfo,
    SlotInfo,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    WorkflowSlotInfo,
)

if TYPE_CHECKING:
    from ..bridge._callboard import SlotReservation, _SlotTask

logger = logging.getLogger(__name__)

_SlotType = Literal["workflow", "activity", "local-activity"]

# After an error of a supplier, so that one that always fails does not keep the loop busy.
_PAUSE: Final = 1.0


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
