"""What can be measured: a workflow, its activities, and the answer that is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from measuring import activities


@dataclass(frozen=True)
class Scenario:
    """One workflow with all that serving and checking it takes.

    Attributes:
        workflow: Its class; its run method takes a number.
        activities: What a worker for it must serve.
        expected: The right answer for a number.
    """

    workflow: type
    activities: list[Callable[..., Any]]
    expected: Callable[[int], object]


# Each imports its own workflow alone: a worker should hold nothing that is not measured.


def one_activity() -> Scenario:
    from measuring.workflows.one_activity import OneActivity

    return Scenario(OneActivity, [activities.double], lambda number: number * 2)


def ten_activities() -> Scenario:
    from measuring.workflows.ten_activities import TenActivities

    return Scenario(TenActivities, [activities.add_one], lambda number: number + 10)


def threaded_activity() -> Scenario:
    from measuring.workflows.threaded_activity import ThreadedActivity

    return Scenario(ThreadedActivity, [activities.double_in_thread], lambda number: number * 2)


def fan_out() -> Scenario:
    from measuring.workflows.fan_out import FanOut

    return Scenario(FanOut, [activities.double], lambda count: count * (count - 1))


def large_document() -> Scenario:
    from measuring.document import DOCUMENT
    from measuring.workflows.large_document import LargeDocument

    orders = len(DOCUMENT["orders"])
    return Scenario(LargeDocument, [activities.stamp], lambda number: [number, orders, 1])


def wait_for_greeting() -> Scenario:
    from measuring.workflows.wait_for_greeting import WaitForGreeting

    return Scenario(WaitForGreeting, [], lambda number: f"hello {number}")


def activity_and_timer() -> Scenario:
    from measuring.workflows.activity_and_timer import ActivityAndTimer

    return Scenario(ActivityAndTimer, [activities.double], lambda number: number * 2 + 1)


SCENARIOS = {
    made.__name__: made
    for made in (
        one_activity,
        ten_activities,
        threaded_activity,
        fan_out,
        large_document,
        wait_for_greeting,
        activity_and_timer,
    )
}
