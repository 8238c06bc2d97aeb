"""Calls through a faulty proxy, made by either package.

Run as a script, by an interpreter that has one of them: ``python -m tests.faults.caller ADDRESS TAPPED_ADDRESS
CUT_ADDRESS TASK_QUEUE`` makes the calls of all cases at once, and prints ``{"case": "how it ended"}`` as JSON in its
last line. What the package did in between, the proxy and the tap have seen.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.service import GrpcCompression, RetryConfig, RPCError
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker

from ..all_said import leave
from ..limits import LIMIT_SECONDS

CASE_HEADER = "fault-case"
NAMESPACE = "default"
SOON = RetryConfig(initial_interval_millis=20, multiplier=1.0, max_retries=3)
POLLS_SECONDS = 7.0
REPORT_SECONDS = 10.5
LARGE = bytes(100_000)

# A task that the server has lost is handed out again when this is over.
TASK_SECONDS = 60

# What has run in this process, by the id of its workflow.
workflows_seen: set[str | None] = set()
activities_seen: set[str | None] = set()


@activity.defn
async def nothing() -> None:
    activities_seen.add(activity.info().workflow_id)


@activity.defn
async def heartbeat_once() -> None:
    activities_seen.add(activity.info().workflow_id)
    activity.heartbeat()
    await asyncio.sleep(4)


@workflow.defn
class OneActivity:
    @workflow.run
    async def run(self, name: str) -> None:
        workflows_seen.add(workflow.info().workflow_id)
        await workflow.execute_activity(
            name,
            start_to_close_timeout=timedelta(seconds=TASK_SECONDS),
            heartbeat_timeout=timedelta(seconds=TASK_SECONDS),
        )


@workflow.defn
class ManyActivities:
    @workflow.run
    async def run(self, count: int) -> None:
        await asyncio.gather(
            *(
                workflow.execute_activity(nothing, start_to_close_timeout=timedelta(seconds=60))
                for _ in range(count)
            )
        )


@dataclass(frozen=True)
class Ways:
    """Where the calls go, and what they are about."""

    address: str
    tapped_address: str
    cut_address: str
    task_queue: str


Run = Callable[[Ways, str], Awaitable[str]]


async def outcome(call: Awaitable[object]) -> str:
    """How a call ended: ``done``, or the status that it failed with."""
    try:
        await call
    except RPCError as error:
        return error.status.name
    return "done"


async def connected(ways: Ways, case: str, retry: RetryConfig | None = None) -> Client:
    return await Client.connect(ways.address, rpc_metadata={CASE_HEADER: case}, retry_config=retry)


def describe(retry: bool, config: RetryConfig | None, seconds: float | None = None) -> Run:
    """A plain call of a user."""

    async def run(ways: Ways, case: str) -> str:
        from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest

        service = (await connected(ways, case, config)).workflow_service
        timeout = timedelta(seconds=seconds) if seconds is not None else None
        request = DescribeNamespaceRequest(namespace=NAMESPACE)
        return await outcome(service.describe_namespace(request, retry=retry, timeout=timeout))

    return run


async def poll_history(ways: Ways, case: str) -> str:
    """Wait for an event of a workflow that has ended: the server answers at once."""
    from temporalio.api.common.v1 import WorkflowExecution
    from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest

    service = (await connected(ways, case)).workflow_service
    request = GetWorkflowExecutionHistoryRequest(
        namespace=NAMESPACE,
        execution=WorkflowExecution(workflow_id=ways.task_queue),
        wait_new_event=True,
    )
    return await outcome(service.get_workflow_execution_history(request, retry=True))


async def poll_tasks(ways: Ways, case: str) -> str:
    """Run a worker with one poll for activity tasks at a time, for a while."""
    worker = Worker(
        await connected(ways, case),
        task_queue=f"{ways.task_queue}-{case}",
        activities=[nothing],
        max_concurrent_activity_task_polls=1,
    )
    async with worker:
        await asyncio.sleep(POLLS_SECONDS)
    return "done"


async def report(ways: Ways, case: str) -> str:
    """Run a worker with a workflow and its activity, for a while from when it has what it reports on."""
    queue = f"{ways.task_queue}-{case}"
    client = await connected(ways, case, SOON if case.endswith("configured") else None)
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[OneActivity],
        activities=[nothing, heartbeat_once],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    name = "heartbeat_once" if "heartbeat" in case else "nothing"
    seen = workflows_seen if case.startswith("task") else activities_seen
    async with worker:
        await client.start_workflow(
            OneActivity.run,
            name,
            id=queue,
            task_queue=queue,
            task_timeout=timedelta(seconds=TASK_SECONDS),
        )
        async with asyncio.timeout(TASK_SECONDS + LIMIT_SECONDS):
            while queue not in seen:
                await asyncio.sleep(0.1)
        await asyncio.sleep(REPORT_SECONDS)
    return "done"


def describe_over_a_cut(retry: bool) -> Run:
    """A call whose connection ends while it waits."""

    async def run(ways: Ways, case: str) -> str:
        return await describe(retry, SOON)(replace(ways, address=ways.cut_address), case)

    return run


async def start_and_stop(ways: Ways, case: str) -> str:
    """Run a worker for a moment."""
    queue = f"{ways.task_queue}-{case}"
    async with Worker(await connected(ways, case), task_queue=queue, activities=[nothing]):
        await asyncio.sleep(1)
    return "done"


async def scale(ways: Ways, case: str) -> str:
    """Have a burst of activities for a worker that follows the server's hints."""
    queue = f"{ways.task_queue}-{case}"
    client = await connected(ways, case)
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[ManyActivities],
        activities=[nothing],
        workflow_runner=UnsandboxedWorkflowRunner(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(initial=4, maximum=8),
        disable_eager_activity_execution=True,
    )
    async with worker:
        await client.execute_workflow(ManyActivities.run, 40, id=queue, task_queue=queue)
    return "done"


def send_small_and_large(compression: GrpcCompression) -> Run:
    """Two calls of a user, of which one has much to say."""

    async def run(ways: Ways, case: str) -> str:
        from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution
        from temporalio.api.workflowservice.v1 import (
            DescribeNamespaceRequest,
            SignalWorkflowExecutionRequest,
        )

        client = await Client.connect(ways.tapped_address, grpc_compression=compression)
        service = client.workflow_service
        await service.describe_namespace(DescribeNamespaceRequest(namespace=NAMESPACE))
        signal = SignalWorkflowExecutionRequest(
            namespace=NAMESPACE,
            workflow_execution=WorkflowExecution(workflow_id="nobody"),
            signal_name="much",
            input=Payloads(payloads=[Payload(data=LARGE)]),
        )
        return await outcome(service.signal_workflow_execution(signal))

    return run


AT_ONCE: dict[str, Run] = {
    **{f"retried-{code}": describe(True, SOON) for code in range(1, 17)},
    **{f"once-{code}": describe(False, SOON) for code in range(1, 17)},
    **{f"default-{name}": describe(True, None) for name in ("unavailable", "too-large")},
    "deadline-of-call": describe(False, None, 7),
    "silence-retried": describe(True, SOON, 5),
    "shutdown-unavailable": start_and_stop,
    "scaling": scale,
    **{f"history-{name}": poll_history for name in ("unavailable", "throttled", "denied")},
    **{
        f"polls-{name}": poll_tasks
        for name in ("unavailable", "internal", "cancelled", "deadline", "throttled", "denied")
    },
    **{
        f"{kind}-{name}": report
        for kind in ("activity", "task", "heartbeat")
        for name in ("unavailable", "throttled", "denied", "configured")
    },
}

# One after the other, so that the tap can tell their connections apart, and one cut is for one call.
IN_TURN: dict[str, Run] = {
    "cut-retried": describe_over_a_cut(True),
    "cut-once": describe_over_a_cut(False),
    "gzip": send_small_and_large(GrpcCompression.GZIP),
    "plain": send_small_and_large(GrpcCompression.NONE),
}


async def main(ways: Ways) -> None:
    ends = await asyncio.gather(*(run(ways, case) for case, run in AT_ONCE.items()))
    ended = dict(zip(AT_ONCE, ends, strict=True))
    for case, run in IN_TURN.items():
        ended[case] = await run(ways, case)
    print(json.dumps(ended))


if __name__ == "__main__":
    asyncio.run(main(Ways(*sys.argv[1:])))
    leave()
