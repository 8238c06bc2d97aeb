"""Faults in the middle of a workflow, at its first task and at later ones, whatever it does there.

The short form has one code of each class; ``CALLBOARD_LONG_TESTS=1`` has all.
"""

from __future__ import annotations

import asyncio
import os

import grpc
import pytest

from temporalio.client import Client

from ..limits import LIMIT_SECONDS
from .cases import CODES, Case, ErrandHandle, all_of
from .errands import DONE, Errand
from .kinds import Kind, case_of, work
from .proxy import FaultyProxy

SHORT_FORM = [
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.INVALID_ARGUMENT,
]


async def update(case: Case, handle: ErrandHandle) -> None:
    """Three updates, the last of which waits for the signals of the others."""
    updates = [
        asyncio.create_task(handle.execute_update(Errand.noted_by, steps)) for steps in (0, 1, 2)
    ]
    for _ in range(2):
        await handle.signal(Errand.step)
        await asyncio.sleep(0.05)
    assert await asyncio.wait_for(asyncio.gather(*updates), LIMIT_SECONDS) == [DONE] * 3
    await handle.signal(Errand.go)


KINDS = [
    Kind("local_activities"),
    Kind("long_local_activity"),
    Kind("updated", update),
    Kind("children"),
    Kind("continued"),
]


@pytest.mark.parametrize("kind", KINDS, ids=[kind.errand for kind in KINDS])
async def test_one_task_of_a_workflow(proxy: FaultyProxy, direct: Client, kind: Kind) -> None:
    codes = CODES if os.environ.get("CALLBOARD_LONG_TESTS") else SHORT_FORM
    cases = [
        case_of(proxy, direct, method, code, after_server=after_server, spared=number % 4)
        for method in ("PollWorkflowTaskQueue", "RespondWorkflowTaskCompleted")
        for after_server in (False, True)
        for number, code in enumerate(codes, after_server)
    ]
    await all_of(cases, lambda case: work(case, kind))
