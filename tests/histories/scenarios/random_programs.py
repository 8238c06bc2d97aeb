"""Programs made at random, that put everything into everything else.

What a program does is its input, so that a history says all that is needed to replay it. Its result is
what happened, in order.
"""

from __future__ import annotations

import asyncio
import os
import random
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import FailureError

from .activities import echo_after, local, refuse, remote, succeed_at
from .children import Child
from .stage import Handle, Script, Stage, outcome, scenario

Step = list[Any]
# The official 1.35 never ends a task of number 2, when it is recorded and when it is replayed.
SEEDS = [seed for seed in range(60 if os.environ.get("CALLBOARD_LONG_TESTS") else 10) if seed != 2]
LEAVES = (
    "timer",
    "activity",
    "local",
    "refused",
    "retried",
    "backoff",
    "child",
    "patch",
    "wait",
    "draw",
)
NESTED = ("together", "one after the other", "first of", "shielded", "limited", "cancelled")


def make(source: random.Random, depth: int = 3) -> Step:
    """A step, with steps in it while there is depth."""
    seconds = round(source.uniform(0.01, 0.4), 2)
    if depth == 0 or source.random() < 0.25:
        return [source.choice(LEAVES), seconds]
    kind = source.choice(NESTED)
    count = source.randint(2, 4) if kind in NESTED[:3] else 1
    return [kind, seconds, *(make(source, depth - 1) for _ in range(count))]


@workflow.defn
class RandomProgram:
    """Does what its input says; so do its handlers."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.signals = 0
        self.counted = 0

    @workflow.run
    async def run(self, program: Step) -> list[str]:
        try:
            await self.take("main", program)
        except asyncio.CancelledError:
            self.log.append("run was cancelled")
            await asyncio.shield(remote(echo_after, "cleaned up", 0.01))
        await workflow.wait_condition(workflow.all_handlers_finished, timeout=3)
        return self.log

    @workflow.signal
    async def told(self, step: Step) -> None:
        self.signals += 1
        await self.take(f"signal {self.signals}", step)

    @workflow.update
    async def asked(self, step: Step) -> int:
        await self.take("update", step)
        return len(self.log)

    @asked.validator
    def not_too_much(self, step: Step) -> None:
        if len(step) > 4:
            raise ValueError("too many steps")

    async def take(self, name: str, step: Step) -> None:
        """One step, with a line in the log for its end."""
        kind, seconds, *inner = step
        try:
            await getattr(self, f"do_{kind.replace(' ', '_')}")(f"{name} {kind}", seconds, inner)
        except (FailureError, asyncio.TimeoutError) as error:
            self.log.append(f"{name} {kind}: {type(error).__name__}")
        else:
            self.log.append(f"{name} {kind}")

    def tasks(self, name: str, steps: list[Step]) -> list[asyncio.Task[None]]:
        return [
            asyncio.create_task(self.take(f"{name} {number}", step))
            for number, step in enumerate(steps)
        ]

    async def do_timer(self, name: str, seconds: float, inner: list[Step]) -> None:
        await asyncio.sleep(seconds)

    async def do_activity(self, name: str, seconds: float, inner: list[Step]) -> None:
        await remote(echo_after, name, seconds)

    async def do_local(self, name: str, seconds: float, inner: list[Step]) -> None:
        await local(echo_after, name, seconds)

    async def do_refused(self, name: str, seconds: float, inner: list[Step]) -> None:
        start = local if seconds < 0.2 else remote
        await start(refuse, name)

    async def do_retried(self, name: str, seconds: float, inner: list[Step]) -> None:
        policy = RetryPolicy(initial_interval=timedelta(milliseconds=20))
        start = local if seconds < 0.2 else remote
        await start(succeed_at, 2, retry_policy=policy)

    async def do_backoff(self, name: str, seconds: float, inner: list[Step]) -> None:
        policy = RetryPolicy(initial_interval=timedelta(seconds=seconds))
        threshold = timedelta(milliseconds=5)
        await local(succeed_at, 3, retry_policy=policy, local_retry_threshold=threshold)

    async def do_child(self, name: str, seconds: float, inner: list[Step]) -> None:
        await workflow.execute_child_workflow(
            "Child", "plain" if seconds < 0.3 else "fail", result_type=str
        )

    async def do_patch(self, name: str, seconds: float, inner: list[Step]) -> None:
        if workflow.patched(f"patch {int(seconds * 10)}"):
            await asyncio.sleep(0)

    async def do_wait(self, name: str, seconds: float, inner: list[Step]) -> None:
        seen = self.signals
        await workflow.wait_condition(lambda: self.signals > seen, timeout=seconds)

    async def do_draw(self, name: str, seconds: float, inner: list[Step]) -> None:
        await remote(echo_after, [str(workflow.uuid4()), workflow.random().random()], 0)

    async def do_together(self, name: str, seconds: float, inner: list[Step]) -> None:
        await asyncio.gather(*self.tasks(name, inner))

    async def do_one_after_the_other(self, name: str, seconds: float, inner: list[Step]) -> None:
        for number, step in enumerate(inner):
            await self.take(f"{name} {number}", step)

    async def do_first_of(self, name: str, seconds: float, inner: list[Step]) -> None:
        _, pending = await workflow.wait(
            self.tasks(name, inner), return_when=asyncio.FIRST_COMPLETED
        )
        for task in pending:
            task.cancel()

    async def do_shielded(self, name: str, seconds: float, inner: list[Step]) -> None:
        await asyncio.shield(self.tasks(name, inner)[0])

    async def do_limited(self, name: str, seconds: float, inner: list[Step]) -> None:
        await asyncio.wait_for(self.tasks(name, inner)[0], seconds)

    async def do_cancelled(self, name: str, seconds: float, inner: list[Step]) -> None:
        task = self.tasks(name, inner)[0]
        await asyncio.sleep(seconds if seconds > 0.1 else 0)
        task.cancel()
        await workflow.wait([task])


async def disturb(handle: Handle, source: random.Random) -> None:
    """Send signals and updates at random moments, and now and then a cancel."""
    for _ in range(source.randint(1, 5)):
        await asyncio.sleep(source.uniform(0, 0.4))
        step = make(source, 1)
        if source.random() < 0.5:
            await handle.signal("told", step)
        else:
            await handle.execute_update("asked", step)
    if source.random() < 0.3:
        await handle.cancel()


def program(seed: int) -> Script:
    """What is done with the program that a seed makes."""

    async def script(stage: Stage) -> None:
        source = random.Random(seed)
        handle = await stage.start(
            "RandomProgram", ["together", 0.0, *(make(source) for _ in range(3))]
        )
        async with stage.activities():
            restart = source.random() < 0.3
            async with stage.worker():
                disturbing = asyncio.create_task(outcome_of(disturb(handle, source)))
                if restart:
                    await asyncio.sleep(source.uniform(0.1, 0.6))
                else:
                    await outcome(handle)
            async with stage.worker(max_cached_workflows=source.choice([0, 100])):
                await outcome(handle)
                await disturbing

    script.__name__ = f"random_program_{seed}"
    return script


async def outcome_of(work: Any) -> None:
    """Wait for what may fail when the workflow ends first."""
    try:
        await work
    except Exception as error:
        print(f"  disturbing: {error}")


for seed in SEEDS:
    # Packages before 1.34 do not write in which order results of local activities came, and replay
    # some of these programs wrongly, also those that the official 1.35 recorded.
    scenario(RandomProgram, Child, since=(1, 34), by_chance=True)(program(seed))
