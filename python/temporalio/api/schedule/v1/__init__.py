from typing import TYPE_CHECKING

from temporalio._lazy import names_of as _names_of

if TYPE_CHECKING:
    from .message_pb2 import (
        BackfillRequest,
        CalendarSpec,
        IntervalSpec,
        Range,
        Schedule,
        ScheduleAction,
        ScheduleActionResult,
        ScheduleInfo,
        ScheduleListEntry,
        ScheduleListInfo,
        SchedulePatch,
        SchedulePolicies,
        ScheduleSpec,
        ScheduleState,
        StructuredCalendarSpec,
        TriggerImmediatelyRequest,
    )

__all__ = [
    "BackfillRequest",
    "CalendarSpec",
    "IntervalSpec",
    "Range",
    "Schedule",
    "ScheduleAction",
    "ScheduleActionResult",
    "ScheduleInfo",
    "ScheduleListEntry",
    "ScheduleListInfo",
    "SchedulePatch",
    "SchedulePolicies",
    "ScheduleSpec",
    "ScheduleState",
    "StructuredCalendarSpec",
    "TriggerImmediatelyRequest",
]

_modules = {
    "message_pb2": "BackfillRequest CalendarSpec IntervalSpec Range Schedule ScheduleAction ScheduleActionResult ScheduleInfo ScheduleListEntry ScheduleListInfo SchedulePatch SchedulePolicies ScheduleSpec ScheduleState StructuredCalendarSpec TriggerImmediatelyRequest".split(),
}

__getattr__, __dir__ = _names_of(__name__, _modules)
