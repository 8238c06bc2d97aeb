"""The activities of the measured workflows."""

from __future__ import annotations

from typing import Any

from temporalio import activity


@activity.defn
async def double(number: int) -> int:
    return number * 2


@activity.defn
async def add_one(number: int) -> int:
    return number + 1


@activity.defn
def double_in_thread(number: int) -> int:
    return number * 2


@activity.defn
async def stamp(document: dict[str, Any]) -> dict[str, Any]:
    """Give the document back with a mark that it has been here."""
    document["stamps"] += 1
    return document
