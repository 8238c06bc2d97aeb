"""Workflows of a fleet whose workers are of two packages, and such a worker.

Run as a script, by an interpreter that has either package: ``python fleet.py serve ADDRESS TASK_QUEUE
IDENTITY`` serves, and prints ``serving`` once it does. ``python fleet.py replay FOLDER`` replays the
histories there, and prints how many there were.
"""

from __future__ import annotations

import asyncio
import random
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

# A killed worker's tasks come back to the others after these.
STICKY = timedelta(seconds=1)
TASK_TIMEOUT = timedelta(seconds=3)
ATTEMPT = timedelta(seconds=4)
SOON = RetryPolicy(initial_interval=timedelta(milliseconds=100), backoff_coefficient=1)

KINDS = (
    "timer",
    "activity",
    "local",
    "local_retried",
    "local_backoff",
    "local_parallel",
    "long_local",
    "both_parallel",
    "signal",
    "child",
    "chance",
    "patch",
)


@dataclass
class Plan:
    """What one workflow does: kinds of steps, and how much each of them adds."""

    steps: list[str]
    amounts: list[int]

    @staticmethod
    def draw(source: random.Random, length: int) -> Plan:
        """Return steps in a random order, at least one of them a signal."""
        steps = [source.choice(KINDS) for _ in range(length - 1)] + ["signal"]
        source.shuffle(steps)
        return Plan(steps, [source.randint(1, 100) for _ in steps])

    def result(self) -> int:
        """Return what the workflow has to come to."""
        return sum(self.amounts)

    def signals(self) -> int:
        """Return how many signals the workflow waits for."""
        return self.steps.count("signal")


@activity.defn
async def add(total: int, amount: int) -> int:
    await asyncio.sleep(0.01)
    return total + amount


@activity.defn
async def add_slowly(total: int, amount: int) -> int:
    await asyncio.sleep(3.5)
    return total + amount


@activity.defn
async def add_at_second_attempt(total: int, amount: int) -> int:
    if activity.info().attempt < 2:
        # Nothing that a log has to tell of.
        category = ApplicationErrorCategory.BENIGN
        raise ApplicationError("only the second attempt succeeds", category=category)
    return total + amount


@workflow.defn
class FleetChild:
    @workflow.run
    async def run(self, total: int, amount: int) -> int:
        await workflow.sleep(0.05)
        return await workflow.execute_local_activity(
            add, args=[total, amount], start_to_close_timeout=ATTEMPT, retry_policy=SOON
        )


@workflow.defn
class FleetMember:
    """Adds up what its plan says, in a different way at each step."""

    def __init__(self) -> None:
        self._total = 0
        self._signals: list[int] = []
        self._taken = 0

    @workflow.run
    async def run(self, plan: Plan) -> int:
        for kind, amount in zip(plan.steps, plan.amounts, strict=True):
            await getattr(self, f"_{kind}")(amount)
        return self._total

    @workflow.signal
    async def give(self, amount: int) -> None:
        self._signals.append(amount)

    @workflow.update
    async def give_and_count(self, amount: int) -> int:
        await workflow.sleep(0.01)
        self._signals.append(amount)
        return len(self._signals)

    @workflow.query
    def total(self) -> int:
        return self._total

    async def _timer(self, amount: int) -> None:
        await workflow.sleep(amount / 200)
        self._total += amount

    async def _activity(self, amount: int) -> None:
        self._total = await workflow.execute_activity(
            add, args=[self._total, amount], start_to_close_timeout=ATTEMPT, retry_policy=SOON
        )

    async def _local(self, amount: int) -> None:
        self._total = await self._locally(add, amount)

    async def _local_retried(self, amount: int) -> None:
        self._total = await self._locally(add_at_second_attempt, amount)

    async def _local_backoff(self, amount: int) -> None:
        self._total = await self._locally(
            add_at_second_attempt,
            amount,
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=500)),
            local_retry_threshold=timedelta(milliseconds=100),
        )

    async def _long_local(self, amount: int) -> None:
        self._total = await self._locally(
            add_slowly, amount, start_to_close_timeout=timedelta(seconds=20)
        )

    async def _locally(self, function: Any, amount: int, **options: Any) -> int:
        defaults = {"start_to_close_timeout": ATTEMPT, "retry_policy": SOON}
        result: int = await workflow.execute_local_activity(
            function, args=[self._total, amount], **{**defaults, **options}
        )
        return result

    async def _local_parallel(self, amount: int) -> None:
        shares = [amount // 3, amount // 3, amount - 2 * (amount // 3)]
        before = self._total
        ends = await asyncio.gather(*(self._locally(add, share) for share in shares))
        self._total = before + sum(end - before for end in ends)

    async def _both_parallel(self, amount: int) -> None:
        before = self._total
        remote = workflow.execute_activity(
            add, args=[0, amount], start_to_close_timeout=ATTEMPT, retry_policy=SOON
        )
        ends = await asyncio.gather(remote, self._locally(add, 0), workflow.sleep(0.02))
        self._total = before + ends[0]

    async def _signal(self, amount: int) -> None:
        self._taken += 1
        await workflow.wait_condition(lambda: len(self._signals) >= self._taken)
        self._total += amount

    async def _child(self, amount: int) -> None:
        self._total = await workflow.execute_child_workflow(
            FleetChild.run, args=[self._total, amount]
        )

    async def _chance(self, amount: int) -> None:
        # Streams of random numbers that differ would lead to different commands.
        for _ in range(workflow.random().randint(1, 3)):
            if workflow.uuid4().int % 2:
                await workflow.sleep(0.02)
            else:
                await self._locally(add, 0)
        self._total += amount

    async def _patch(self, amount: int) -> None:
        if workflow.patched("fleet"):
            await workflow.sleep(0.02)
        self._total += amount


WORKFLOWS = [FleetMember, FleetChild]
ACTIVITIES = [add, add_slowly, add_at_second_attempt]


async def serve(address: str, task_queue: str, identity: str) -> None:
    from temporalio.client import Client
    from temporalio.worker import UnsandboxedWorkflowRunner, Worker

    worker = Worker(
        await Client.connect(address),
        task_queue=task_queue,
        identity=identity,
        workflows=WORKFLOWS,
        activities=ACTIVITIES,
        sticky_queue_schedule_to_start_timeout=STICKY,
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    print("serving", flush=True)
    await worker.run()


async def replay(folder: str) -> None:
    """Replay each file of a folder, which is named after its workflow's id."""
    from temporalio.client import WorkflowHistory
    from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

    replayer = Replayer(workflows=WORKFLOWS, workflow_runner=UnsandboxedWorkflowRunner())
    replayed = 0
    for path in sorted(Path(folder).glob("*.json")):
        result = await replayer.replay_workflow(
            WorkflowHistory.from_json(path.stem, path.read_text()), raise_on_replay_failure=False
        )
        if result.replay_failure is not None:
            raise RuntimeError(f"{path.name} does not replay") from result.replay_failure
        replayed += 1
    print(f"replayed {replayed}", flush=True)


if __name__ == "__main__":
    asyncio.run({"serve": serve, "replay": replay}[sys.argv[1]](*sys.argv[2:]))
