"""How a worker is brought to make each of its calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import grpc

from temporalio.client import Client
from temporalio.service import RPCError

from ..limits import LIMIT_SECONDS
from .cases import (
    Case,
    ErrandHandle,
    check_deadlines,
    connect,
    has_completed_task,
    is_idle,
    name_of,
    start,
    until,
    worker_of,
)
from .errands import DONE, Errand, attempts
from .proxy import Fault, FaultyProxy

Errands = Callable[[Case, ErrandHandle], Awaitable[None]]


MOST_ERRANDS = 10


@dataclass
class Kind:
    """How a worker is brought to make one call.

    Attributes:
        errand: The kind of errand.
        meanwhile: What happens while the errand is under way.
        options: Options of the worker.
    """

    errand: str = "nothing_else"
    meanwhile: Errands | None = None
    options: dict[str, Any] = field(default_factory=dict)


async def let_go(case: Case, handle: ErrandHandle) -> None:
    """Cancel an activity once it runs."""
    await until(lambda: attempts[handle.id], "the activity runs")
    await handle.signal(Errand.go)


async def query(case: Case, handle: ErrandHandle) -> None:
    """Ask a workflow that is idle, until an answer has met the fault and one has come through."""
    answer = None
    while answer is None or not case.fault.happened:
        # Once it has nothing else to do, a query is a task of its own.
        await asyncio.sleep(0.1)
        try:
            answer = await handle.query(Errand.may_go, rpc_timeout=timedelta(seconds=2))
        except RPCError:
            # Nobody has told the server; it is asked again.
            continue
    assert answer is False
    await handle.signal(Errand.go)


async def push_out(case: Case, handle: ErrandHandle) -> None:
    """Have another run take the only place in the cache, so that the history is asked for."""
    await has_completed_task(handle)
    other = await start(case.direct, case.name, "signal")
    await has_completed_task(other)
    await handle.signal(Errand.go)
    await handle.result()
    await other.signal(Errand.go)
    await finish(other)


ONLY_POLLS: dict[str, Any] = {"disable_eager_activity_execution": True}
OFTEN: dict[str, Any] = {"max_heartbeat_throttle_interval": timedelta(milliseconds=200)}

KINDS = {
    "PollWorkflowTaskQueue": Kind(),
    "PollActivityTaskQueue": Kind(options=ONLY_POLLS),
    "RespondWorkflowTaskCompleted": Kind(),
    "RespondWorkflowTaskFailed": Kind("failed_task"),
    "RespondQueryTaskCompleted": Kind("signal", query),
    "RespondActivityTaskCompleted": Kind(),
    "RespondActivityTaskFailed": Kind("retried_activity"),
    "RespondActivityTaskCanceled": Kind("cancelled_activity", let_go, OFTEN),
    "RecordActivityTaskHeartbeat": Kind("heartbeats"),
    "GetWorkflowExecutionHistory": Kind("signal", push_out, {"max_cached_workflows": 1}),
}
"""The calls of a worker that works."""


def brings_task(answer: bytes) -> bool:
    """Whether the answer to a poll has a task, which is lost with it."""
    from temporalio.api.workflowservice.v1 import PollActivityTaskQueueResponse

    # Both kinds of answers have the token in the same field.
    return bool(PollActivityTaskQueueResponse.FromString(answer).task_token)


def case_of(
    proxy: FaultyProxy,
    direct: Client,
    method: str,
    code: grpc.StatusCode | None,
    *,
    after_server: bool,
    times: int = 1,
    spared: int = 0,
    swallowed: bool = False,
) -> Case:
    """A case whose worker meets a fault in a call.

    Args:
        proxy: Where it happens.
        direct: A client that meets no fault.
        method: The call.
        code: What is answered.
        after_server: Whether the server acts first. Of polls only those count that bring a task.
        times: How often it happens.
        spared: How many calls go well before.
        swallowed: Whether nothing is answered at all.
    """
    way = "lost" if after_server else "instead"
    name = name_of(method, code.name if code is not None else "silence", way)
    only_tasks = brings_task if after_server and method.startswith("Poll") else None
    fault = Fault(
        method,
        code,
        case=name,
        times=times,
        spared=spared,
        after_server=after_server,
        swallowed=swallowed,
        when=only_tasks,
    )
    return Case(name, proxy.add(fault), proxy, direct)


async def finish(handle: ErrandHandle) -> None:
    """See the errand end as it has to."""
    assert await asyncio.wait_for(handle.result(), LIMIT_SECONDS) == DONE
    assert attempts[handle.id] >= 1


async def work(case: Case, kind: Kind, *, until_idle: bool = True, **options: Any) -> None:
    """Run an errand whose worker meets the fault of its case.

    Args:
        case: The case.
        kind: What brings the worker to make the call.
        until_idle: Whether no slot may be in use in the end. A call that nobody answers holds one.
        options: Further options of the worker.
    """
    client = await connect(case.address, case.name)
    worker = worker_of(client, case.name, **kind.options, **options)
    async with worker:
        # A busy server may have lost the task that was to make the call.
        for _ in range(MOST_ERRANDS):
            handle = await start(case.direct, case.name, kind.errand)
            if kind.meanwhile is not None:
                await asyncio.wait_for(kind.meanwhile(case, handle), LIMIT_SECONDS)
            await finish(handle)
            if case.fault.happened == case.fault.times:
                break
        assert case.fault.happened == case.fault.times, (
            f"the call was made {case.fault.happened} times"
        )
        if until_idle:
            await is_idle(worker)
    check_deadlines(case.proxy.of_case(case.name))
