"""Workflows that together use everything, and what is done with each while it is recorded.

They run unchanged on every version of the official package and on ours.
"""

from . import (
    asyncio_tools,
    attributes,
    cancellation,
    changing,
    children,
    endings,
    local_activities,
    messages,
    patches,
    random_programs,
    randomness,
    tasks,
)
from .stage import SCENARIOS, Kept, Scenario, Stage

__all__ = [
    "SCENARIOS",
    "Kept",
    "Scenario",
    "Stage",
    "asyncio_tools",
    "attributes",
    "cancellation",
    "changing",
    "children",
    "endings",
    "local_activities",
    "messages",
    "patches",
    "random_programs",
    "randomness",
    "tasks",
]
