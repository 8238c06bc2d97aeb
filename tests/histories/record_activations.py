"""Record what the official package makes of random workflow tasks, for the Rust tests of the engine.

Usage: python record_activations.py [COUNT [SEED]]. Needs the package ``temporalio`` of Temporal, not
ours, and ``grpcio``. Each scenario is run by a worker that caches the run, then its last task, with
the whole history, by one that does not.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import sys
import uuid
from pathlib import Path
from typing import Any

import temporalio.bridge.worker
from google.protobuf.message import Message as AnyMessage
from growing_history import EPOCH, GrowingHistory
from prepared_server import Answer, PreparedServer, prepared_server

from temporalio import workflow
from temporalio.api.enums.v1 import CommandType, EventType, WorkflowTaskFailedCause
from temporalio.api.workflowservice.v1 import (
    PollWorkflowTaskQueueResponse,
    RespondQueryTaskCompletedRequest,
    RespondWorkflowTaskCompletedRequest,
)
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

TARGET = Path(__file__).with_name("activations.json")
SETTLING_SECONDS = 0.05
RESET = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW
UPDATES = ["u", "u", "w", "r"]
LANGUAGE_FLAGS: list[list[int]] = [[], [], [], [1], [2], [1, 2], [7]]


@workflow.defn(name="W")
class TimerLoop:
    """Starts timer after timer; the Rust tests have the same workflow."""

    def __init__(self) -> None:
        self.fired = 0

    @workflow.run
    async def run(self) -> None:
        while True:
            await workflow.sleep(1)
            self.fired += 1

    @workflow.signal
    def s(self) -> None: ...

    @workflow.signal
    def p0(self) -> None:
        workflow.patched("p0")

    @workflow.signal
    def p1(self) -> None:
        workflow.patched("p1")

    @workflow.update
    async def u(self) -> None: ...

    @workflow.update
    async def w(self) -> None:
        before = self.fired
        await workflow.wait_condition(lambda: self.fired > before)

    @workflow.update
    async def r(self) -> None: ...

    @r.validator
    def refuse(self) -> None:
        raise ApplicationError("no")

    @workflow.query
    def q(self) -> int:
        return self.fired


@workflow.defn(name="Idle")
class Idle(TimerLoop):
    """The same without timers: its tasks have nothing to say."""

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)


def show(activation: Any) -> str:
    """An activation as one line; the Rust tests write the same."""
    time = activation.timestamp.seconds - EPOCH
    flags = list(activation.available_internal_flags)
    jobs = [show_job(job) for job in activation.jobs]
    return (
        f"replay={activation.is_replaying!s:5} len={activation.history_length} t={time} "
        f"flags={flags} {jobs}"
    )


def show_job(job: Any) -> str:
    kind = job.WhichOneof("variant")
    content = getattr(job, kind)
    if kind == "initialize_workflow":
        return "init"
    if kind == "notify_has_patch":
        return f"patch {content.patch_id}"
    if kind == "update_random_seed":
        return f"seed {content.randomness_seed}"
    if kind == "signal_workflow":
        return f"sig {content.signal_name}"
    if kind == "do_update":
        return f"upd {content.id} val={content.run_validator}"
    if kind == "fire_timer":
        return f"fire {content.seq}"
    if kind == "query_workflow":
        return f"query {content.query_id}"
    return str(kind)


def show_answer(answer: Answer) -> list[str]:
    """The kinds of the commands, then the ids of the messages."""
    if isinstance(answer, RespondWorkflowTaskCompletedRequest):
        kinds = [CommandType.Name(command.command_type) for command in answer.commands]
        messages = [message.id for message in answer.messages]
        return [kind.removeprefix("COMMAND_TYPE_") for kind in kinds] + messages
    if isinstance(answer, RespondQueryTaskCompletedRequest):
        return ["query"]
    raise RuntimeError(f"the official package failed a task: {answer.failure.message}")


def encoded(message: AnyMessage) -> str:
    return base64.b64encode(message.SerializeToString(deterministic=True)).decode()


class Scenario:
    """A workflow, what happens to it, and what the worker answers."""

    def __init__(
        self, server: PreparedServer, activations: dict[str, list[str]], seed: int
    ) -> None:
        self.server = server
        self.activations = activations
        self.random = random.Random(seed)
        self.history = GrowingHistory(self.random.choice(["W", "W", "Idle"]))
        self.updates = 0
        self.warm_tasks: list[PollWorkflowTaskQueueResponse] = []
        self.warm_commands: list[list[str]] = []
        self.resets: list[int] = []

    def new_run_id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128)))

    def happen(self) -> None:
        """Up to three things that are not the worker's doing."""
        begun = len(self.history.events)
        for _ in range(self.random.choice([0, 0, 1, 1, 2, 3])):
            chance = self.random.random()
            if chance < 0.35:
                self.history.signal(self.random.choice(["s", "s", "p0", "p1"]))
            elif chance < 0.75:
                if self.history.open_timers:
                    self.history.fire_timer()
            elif chance < 0.94:
                self.fail_task(begun, is_reset=chance >= 0.88)

    def fail_task(self, begun: int, *, is_reset: bool) -> None:
        if len(self.history.events) == begun:
            self.history.signal("s")
        self.history.start_task()
        if is_reset:
            new_run_id = f"newrun{self.random.randrange(9)}"
            self.history.end_task("FAILED", cause=RESET, new_run_id=new_run_id)
        else:
            self.history.end_task(self.random.choice(["FAILED", "TIMED_OUT"]))

    def new_updates(self) -> list[tuple[str, str]]:
        chosen = []
        for _ in range(self.random.choice([0, 0, 0, 1, 1, 2])):
            self.updates += 1
            chosen.append((f"up{self.updates}", self.random.choice(UPDATES)))
        return chosen

    def query(self, share: float) -> dict[str, str]:
        return {"q1": "q"} if self.random.random() < share else {}

    async def play(self) -> dict[str, Any]:
        run_id = self.new_run_id()
        for step in range(self.random.randrange(1, 9)):
            if step and self.random.random() < 0.15:
                task = self.history.query_task(run_id, "q", is_whole=False)
                await self.give_warm(task, 0)
            await self.step(run_id, is_first=step == 0)
        await asyncio.sleep(SETTLING_SECONDS)
        warm = self.activations.pop(run_id)
        cold_run_id = self.new_run_id()
        task = self.last_task(cold_run_id)
        answer, reply = await self.server.give(task)
        reply.set_result(0)
        await asyncio.sleep(SETTLING_SECONDS)
        return {
            "warm_tasks": [encoded(task) for task in self.warm_tasks],
            "warm": warm,
            "warm_commands": self.warm_commands,
            "resets": self.resets,
            "cold_task": encoded(task),
            "cold": self.activations.pop(cold_run_id),
            "cold_commands": show_answer(answer),
            "sdk_metadata": self.server.keeps_flags,
        }

    async def give_warm(self, task: PollWorkflowTaskQueueResponse, reset_to: int) -> Answer:
        self.warm_tasks.append(task)
        answer, reply = await self.server.give(task)
        self.warm_commands.append(show_answer(answer))
        self.resets.append(reset_to)
        reply.set_result(reset_to)
        return answer

    async def step(self, run_id: str, *, is_first: bool) -> None:
        """What happens before a task, and the task."""
        begun = len(self.history.events)
        self.happen()
        is_speculative = len(self.history.events) == begun and not is_first
        updates = self.new_updates()
        self.history.start_task()
        queries = self.query(0.2)
        task = self.history.task(run_id, is_whole=False, updates=updates, queries=queries)
        # The server throws a task away that was for updates alone, all of which were rejected.
        is_thrown_away = is_speculative and bool(updates) and all(how == "r" for _, how in updates)
        reset_to = self.history.previous_started if is_thrown_away else 0
        answer = await self.give_warm(task, reset_to)
        if is_thrown_away:
            del self.history.events[begun:]
            self.history.started = self.history.previous_started
        else:
            assert isinstance(answer, RespondWorkflowTaskCompletedRequest)
            self.history.obey(answer, self.random.choice(LANGUAGE_FLAGS))

    def last_task(self, run_id: str) -> PollWorkflowTaskQueueResponse:
        """A task or a query for a worker that knows nothing of the run.

        Where the last task had nothing to say, there is neither a query nor a new update at once:
        there we differ on purpose.
        """
        completed = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
        had_nothing_to_say = self.history.events[-1].event_type == completed
        if self.random.random() < 0.25 and not had_nothing_to_say:
            if self.random.random() < 0.5:
                self.happen()
                self.history.add("WORKFLOW_EXECUTION_TERMINATED")
            return self.history.query_task(run_id, "q", is_whole=True)
        self.happen()
        is_same = self.history.events[-1].event_type == completed
        updates = [] if is_same else self.new_updates()
        self.history.start_task()
        return self.history.task(run_id, is_whole=True, updates=updates, queries=self.query(0.3))


async def record(seeds: list[int], *, keeps_flags: bool) -> list[dict[str, Any]]:
    """Play the scenarios of these seeds."""
    activations: dict[str, list[str]] = {}
    poll = temporalio.bridge.worker.Worker.poll_workflow_activation

    async def observed(bridge_worker: Any) -> Any:
        activation = await poll(bridge_worker)
        if not any(job.HasField("remove_from_cache") for job in activation.jobs):
            activations.setdefault(activation.run_id, []).append(show(activation))
        return activation

    temporalio.bridge.worker.Worker.poll_workflow_activation = observed  # type: ignore[method-assign]
    try:
        async with prepared_server(keeps_flags) as server:
            client = await Client.connect(server.target_host)
            async with Worker(
                client,
                task_queue="queue",
                workflows=[TimerLoop, Idle],
                workflow_runner=UnsandboxedWorkflowRunner(),
            ):
                scenarios = [Scenario(server, activations, seed) for seed in seeds]
                recorded = await asyncio.gather(*(scenario.play() for scenario in scenarios))
                await server.close()
        return list(recorded)
    finally:
        temporalio.bridge.worker.Worker.poll_workflow_activation = poll  # type: ignore[method-assign]


async def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    seeds = list(range(first, first + count))
    old_server = seeds[: count // 6]
    scenarios = await record(old_server, keeps_flags=False)
    scenarios += await record(seeds[len(old_server) :], keeps_flags=True)
    TARGET.write_text(json.dumps(scenarios, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
