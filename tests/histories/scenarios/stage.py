"""What the scripts of the scenarios are given, and the list that they enter themselves in."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from .activities import ACTIVITIES

PATIENCE_SECONDS = 60.0
ACTIVITIES_SUFFIX = "-activities"
SET_LANG_FLAG = "_set_default_workflow_logic_flag"

Handle = WorkflowHandle[Any, Any]


@dataclass(frozen=True)
class Kept:
    """A run whose history is worth keeping, and how it is called."""

    name: str
    workflow_id: str
    run_id: str | None = None


@dataclass
class Stage:
    """A task queue of its own on a server, and what runs there.

    Attributes:
        client: A client of the server.
        task_queue: Where the workflow under test runs; its name is that of the scenario.
        workflows: The workflows of a worker, unless its script asks for others.
        keep: The runs whose histories to keep, filled in by the script.
    """

    client: Client
    task_queue: str
    workflows: Sequence[type]
    keep: list[Kept] = field(default_factory=list)

    async def start(self, workflow: str, *args: Any, **options: Any) -> Handle:
        """Start a workflow under the name of the scenario, and keep its history."""
        handle = await self.client.start_workflow(
            workflow, args=args, id=self.task_queue, task_queue=self.task_queue, **options
        )
        self.keep.append(Kept("", handle.id, handle.first_execution_run_id))
        return handle

    @asynccontextmanager
    async def worker(
        self, *workflows: type, single_batch: bool = False, **options: Any
    ) -> AsyncIterator[Worker]:
        """A worker for the workflows of the scenario, or for those given.

        Args:
            workflows: They have the names of those of the scenario.
            single_batch: Whether it sets lang flag 2 for new runs, which no package does by default.
            options: Of the worker.
        """
        worker = Worker(
            self.client,
            task_queue=self.task_queue,
            workflows=workflows or self.workflows,
            activities=ACTIVITIES,
            workflow_runner=UnsandboxedWorkflowRunner(),
            sticky_queue_schedule_to_start_timeout=timedelta(milliseconds=200),
            **{"max_cached_workflows": 100, **options},
        )
        if single_batch:
            getattr(worker, SET_LANG_FLAG)(2, enabled=True)
        async with worker:
            yield worker

    @asynccontextmanager
    async def activities(self) -> AsyncIterator[None]:
        """A worker for the activities, on a task queue of their own.

        A script can so stop the worker of the workflow while activities go on.
        """
        async with Worker(
            self.client, task_queue=self.task_queue + ACTIVITIES_SUFFIX, activities=ACTIVITIES
        ):
            yield

    async def until(self, handle: Handle, event: str, count: int = 1) -> HistoryEvent:
        """Wait for an event in the history of a run.

        Args:
            handle: The run.
            event: Its type, without `EVENT_TYPE_`.
            count: Which of them: 1 is the first.

        Returns:
            The event.

        Raises:
            TimeoutError: It did not come.
        """
        wanted = EventType.Value(f"EVENT_TYPE_{event}")
        handle = self.client.get_workflow_handle(
            handle.id, run_id=handle.run_id or handle.first_execution_run_id
        )
        give_up = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up:
            events = [e for e in (await handle.fetch_history()).events if e.event_type == wanted]
            if len(events) >= count:
                return events[count - 1]
            await asyncio.sleep(0.05)
        raise TimeoutError(f"{self.task_queue}: no {event} number {count}")


Script = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    """What is done with some workflows, so that a history shows something.

    Attributes:
        name: What it shows, in snake case.
        workflows: The workflows of its worker; the first one is replayed with the history.
        script: What to do.
        since: The first version of the package that has what it uses.
        python: The first version of Python that has what it uses.
        slow: Whether it takes seconds when its tasks are run again.
        same_code: Whether every task was done by the code that the run ended with, and as by default.
        by_chance: Whether local activities that run again may end in another order.
        needs: A method that the package's worker must have.
    """

    name: str
    workflows: Sequence[type]
    script: Script
    since: tuple[int, int] = (1, 0)
    python: tuple[int, int] = (3, 10)
    slow: bool = False
    same_code: bool = True
    by_chance: bool = False
    needs: str | None = None

    def runs_on(self, package: tuple[int, int]) -> bool:
        """Whether a version of the package, on this Python, has all that it uses."""
        has_method = self.needs is None or hasattr(Worker, self.needs)
        return has_method and self.since <= package and self.python <= sys.version_info[:2]


SCENARIOS: dict[str, Scenario] = {}


def scenario(*workflows: type, **limits: Any) -> Callable[[Script], Script]:
    """Enter a script in the list, under its own name."""

    def enter(script: Script) -> Script:
        name = script.__name__
        if name in SCENARIOS:
            raise ValueError(f"two scenarios are called {name}")
        SCENARIOS[name] = Scenario(name, workflows, script, **limits)
        return script

    return enter


def simple(*args: Any, **limits: Any) -> Callable[[type], type]:
    """Enter a workflow that needs nothing but its start, under its own name in snake case."""

    def enter(workflow: type) -> type:
        async def script(stage: Stage) -> None:
            async with stage.activities(), stage.worker():
                await outcome(await stage.start(workflow.__name__, *args))

        name = re.sub(r"(?<!^)(?=[A-Z])", "_", workflow.__name__).lower()
        SCENARIOS[name] = Scenario(name, [workflow], script, **limits)
        return workflow

    return enter


async def outcome(handle: Handle) -> Any:
    """Wait for the end of a workflow, whatever it is.

    Returns:
        Its result or the exception that it ended with.
    """
    try:
        return await asyncio.wait_for(handle.result(), PATIENCE_SECONDS)
    except asyncio.TimeoutError:
        raise
    except Exception as error:
        return error
