"""Workflows that have to do with other workflows, for the comparison of command streams."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import FailureError
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

from .scenarios import Everything, activity

_KIND = SearchAttributeKey.for_keyword("Kind")
_TYPES = list(ChildWorkflowCancellationType)


async def fate(awaitable: Awaitable[Any]) -> str:
    """Return in a word what became of something."""
    try:
        return f"result {await awaitable}"
    except FailureError as error:
        return f"{type(error).__name__} {error} by {type(error.cause).__name__}"
    except asyncio.TimeoutError:
        return "timeout"
    except asyncio.CancelledError as error:
        return f"cancelled {error}"


async def child(name: str, *args: Any, **options: Any) -> Any:
    """Start a child that none of these tests runs."""
    return await workflow.start_child_workflow(name, args=args, **options)


@workflow.defn
class Family(Everything):
    """Does what a list of words says, with other workflows around it."""

    @workflow.run
    async def run(self, parts: list[str]) -> list[str]:
        self.note("run")
        for part in parts:
            self.note(f"begin {part}")
            self.note(await fate(getattr(self, f"part_{part}")()))
        return self.log

    @workflow.signal
    async def beget(self, number: int) -> None:
        self.note("beget " + await fate(workflow.execute_child_workflow("from_signal", number)))

    async def _loud(self, name: str, **options: Any) -> str:
        """Run a child, and note its start and end as they are seen."""
        handle = await child(name, id=name, **options)
        self.note(f"{name} started {handle.id} {handle.first_execution_run_id}")
        ending = await fate(handle)
        self.note(f"{name} ended {ending}")
        return ending

    # ---- children ----

    async def part_child(self) -> Any:
        return await workflow.execute_child_workflow("only_child", args=["a", 2])

    async def part_siblings(self) -> Any:
        return await asyncio.gather(*(self._loud(f"sibling {number}") for number in range(3)))

    async def part_child_and_activity(self) -> Any:
        return await asyncio.gather(
            self._loud("with company"), fate(activity("company")), fate(asyncio.sleep(2))
        )

    async def part_child_wait_for(self) -> Any:
        return await asyncio.wait_for(workflow.execute_child_workflow("late", id="late"), 3)

    async def part_child_types(self) -> Any:
        tasks = [
            asyncio.create_task(self._loud(kind.name, cancellation_type=kind)) for kind in _TYPES
        ]
        await asyncio.sleep(2)
        for number, task in enumerate(tasks):
            task.cancel(f"reason {number}" if number % 2 else None)
        return [await fate(task) for task in tasks]

    async def part_child_handles(self) -> Any:
        handles = [await child(kind.name, id=kind.name, cancellation_type=kind) for kind in _TYPES]
        for handle in handles:
            handle.cancel("by its handle")
            handle.cancel("again")
        return [await fate(handle) for handle in handles]

    async def part_child_never_sent(self) -> Any:
        task = asyncio.create_task(self._loud("never sent"))
        await asyncio.sleep(0)
        task.cancel("too early")
        return await fate(task)

    async def part_child_never_begun(self) -> Any:
        task = asyncio.create_task(self._loud("never begun"))
        task.cancel()
        return await fate(task)

    async def part_child_starting(self) -> Any:
        tasks = [
            asyncio.create_task(self._loud(f"start {kind.name}", cancellation_type=kind))
            for kind in _TYPES
        ]
        await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel("while it starts")
        return [await fate(task) for task in tasks]

    async def part_child_shield(self) -> Any:
        task = asyncio.create_task(self._loud("shielded"))
        self.note(await fate(asyncio.wait_for(asyncio.shield(task), 2)))
        return await task

    async def part_child_unheeded(self) -> Any:
        handle = await child("unheeded", parent_close_policy=ParentClosePolicy.ABANDON)
        return len(handle.id)

    async def part_child_signals(self) -> Any:
        handle = await child("signalled", id="signalled")
        signals = [fate(handle.signal("poke", number)) for number in range(3)]
        return [*await asyncio.gather(*signals), await fate(handle)]

    async def part_child_cleanup(self) -> Any:
        try:
            await self._loud("interrupted")
            await workflow.sleep(5)
        except asyncio.CancelledError:
            self.note("cleaning up")
            self.note(await fate(workflow.execute_child_workflow("cleanup", id="cleanup")))
            raise

    # ---- others ----

    async def part_signal(self) -> Any:
        other = workflow.get_external_workflow_handle("other", run_id="run of other")
        return [await fate(other.signal("poke", args=[1, "b"])), await fate(other.signal("none"))]

    async def part_signal_cancelled(self) -> Any:
        other = workflow.get_external_workflow_handle("other")
        sent = asyncio.create_task(other.signal("sent"))
        await asyncio.sleep(0.1)
        sent.cancel()
        unsent = asyncio.create_task(other.signal("unsent"))
        await asyncio.sleep(0)
        unsent.cancel()
        unsent.cancel()
        return [await fate(sent), await fate(unsent)]

    async def part_cancel_other(self) -> Any:
        other = workflow.get_external_workflow_handle("other")
        again = workflow.get_external_workflow_handle("again", run_id="run")
        return [
            await fate(other.cancel(reason="told to")),
            await fate(asyncio.wait_for(again.cancel(), 1)),
        ]

    async def part_everybody(self) -> Any:
        other = workflow.get_external_workflow_handle("other")
        return await asyncio.gather(
            self._loud("with others"),
            fate(other.signal("poke")),
            fate(other.cancel()),
            fate(activity("beside")),
        )

    async def part_upserts(self) -> Any:
        workflow.upsert_search_attributes([_KIND.value_set("a")])
        workflow.upsert_memo({"note": "kept", "other": None})
        await workflow.sleep(1)
        workflow.upsert_search_attributes([_KIND.value_unset()])
        workflow.upsert_memo({})
        return [dict(workflow.memo()), workflow.info().search_attributes]


@workflow.defn
class Relation:
    """Meets one other workflow in one way."""

    def __init__(self) -> None:
        self.log: list[str] = []

    @workflow.run
    async def run(self, how: str, name: str) -> list[str]:
        self.log.append(await getattr(self, how)(name))
        return self.log

    async def plain(self, name: str) -> str:
        result = await workflow.execute_child_workflow("child", id="child")
        return f"result {result}"

    async def of_type(self, name: str) -> str:
        kind = ChildWorkflowCancellationType[name]
        try:
            handle = await child("child", id="child", cancellation_type=kind)
            self.log.append("started")
            return await fate(handle)
        finally:
            self.log.append("left")
            await asyncio.sleep(0)
            self.log.append("a turn later")

    async def default_id(self, name: str) -> str:
        before = workflow.random().random()
        handle = await child("child")
        return f"{before} {handle.id} {workflow.random().random()}"

    async def signal(self, name: str) -> str:
        return await fate(workflow.get_external_workflow_handle("other").signal("poke"))

    async def cancel(self, name: str) -> str:
        return await fate(workflow.get_external_workflow_handle("other").cancel(reason=name))

    async def wrong_result(self, name: str) -> str:
        return await fate(
            workflow.execute_child_workflow("child", id="child", result_type=list[str])
        )

    async def wrong_argument(self, name: str) -> str:
        return await fate(workflow.execute_child_workflow("child", object(), id="child"))

    async def own_cancel(self, name: str) -> str:
        """Cancel the child with each kind of message that a task's cancellation can carry."""
        handle = await child("child", id="child")
        for message in ("text", None, 5):
            handle.cancel(message)
            await asyncio.sleep(0)
        return await fate(handle)


@workflow.defn
class Continuing:
    """Goes on as another run in one of several ways."""

    @workflow.run
    async def run(self, how: str) -> None:
        if how == "nothing":
            workflow.continue_as_new()
        workflow.upsert_memo({"upserted": 1})
        workflow.upsert_search_attributes([_KIND.value_set("mine")])
        if how == "after upserts":
            workflow.continue_as_new("again")
        if how == "caught":
            try:
                workflow.continue_as_new("again")
            except Exception as error:
                raise AssertionError("it is no Exception") from error
        if how == "in a task":
            await asyncio.create_task(self._later())
        if how == "with a child":
            await child("child", id="child")
            workflow.continue_as_new(args=["a", 1], workflow="Other", memo={}, search_attributes={})

    async def _later(self) -> None:
        workflow.continue_as_new("from a task")
