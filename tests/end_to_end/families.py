"""Workflows that start, signal, cancel and label each other, for the end-to-end tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import (
    RetryPolicy,
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import (
    ApplicationError,
    ChildWorkflowError,
    FailureError,
    WorkflowAlreadyStartedError,
)
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

# The server of the tests knows them.
SHADE = SearchAttributeKey.for_keyword("Shade")
SIZE = SearchAttributeKey.for_int("Size")
TAGS = SearchAttributeKey.for_keyword_list("Tags")


async def fate(awaitable: Awaitable[Any]) -> str:
    """Return what became of something, with the reason below the reason."""
    try:
        return f"result {await awaitable}"
    except FailureError as error:
        told = [f"{type(error).__name__}: {error}"]
        cause = error.cause
        while cause is not None:
            told.append(f"{type(cause).__name__}: {cause}")
            cause = cause.__cause__
        return " < ".join(told)
    except asyncio.CancelledError:
        return "cancelled"


@workflow.defn
class Child:
    """Ends as it is told to, and says what has reached it."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.finished = False

    @workflow.run
    async def run(self, how: str) -> str:
        info = workflow.info()
        if how == "fail":
            raise ApplicationError("the child fails", "a detail", type="Sad")
        if how == "fail first" and info.attempt < 2:
            raise ApplicationError(f"attempt {info.attempt}")
        if how == "continue":
            workflow.continue_as_new("second run")
        if how == "who":
            assert info.parent is not None
            assert info.root is not None
            return f"{info.parent.workflow_id} {info.root.workflow_id} {info.attempt}"
        if how == "labels":
            shade = info.typed_search_attributes.get(SHADE)
            return f"{workflow.memo_value('note', None)} {shade} {info.task_queue}"
        if how in ("wait", "stubborn"):
            try:
                await workflow.wait_condition(lambda: self.finished)
            except asyncio.CancelledError:
                if how == "wait":
                    raise
                return f"stays, though cancelled: {workflow.cancellation_reason()}"
            return " ".join(self.notes)
        return f"did {how} in attempt {info.attempt}"

    @workflow.signal
    def note(self, what: str, times: int) -> None:
        self.notes += [what] * times

    @workflow.signal
    def finish(self) -> None:
        self.finished = True

    @workflow.query
    def reason(self) -> str | None:
        return workflow.cancellation_reason()


@workflow.defn
class RunsChild:
    """Runs one child, in each of the ways to name it."""

    @workflow.run
    async def run(self, how: str) -> list[str]:
        return [
            await workflow.execute_child_workflow(Child.run, how),
            await workflow.execute_child_workflow("Child", args=[how], result_type=str),
            await (await workflow.start_child_workflow(Child.run, how)),
        ]


@workflow.defn
class RunsMany:
    @workflow.run
    async def run(self, count: int) -> list[str]:
        children = (
            workflow.execute_child_workflow(Child.run, f"number {number}")
            for number in range(count)
        )
        return await asyncio.gather(*children)


@workflow.defn
class ChildWithOptions:
    @workflow.run
    async def run(self, child_id: str, how: str) -> str:
        return await workflow.execute_child_workflow(
            Child.run,
            how,
            id=child_id,
            memo={"note": ["of", "a", "child"]},
            search_attributes=TypedSearchAttributes([SearchAttributePair(SHADE, "dark")]),
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=10)),
            static_summary="the child in short",
            static_details="the child\n\nat length",
        )


@workflow.defn
class SeesChildFail:
    """Returns all that the error says."""

    @workflow.run
    async def run(self, child_id: str, how: str) -> list[str]:
        try:
            limit = timedelta(seconds=1 if how == "wait" else 30)
            await workflow.execute_child_workflow(Child.run, how, id=child_id, run_timeout=limit)
        except ChildWorkflowError as error:
            assert error.retry_state is not None
            assert error.cause is not None
            return [
                error.message,
                f"{type(error.cause).__name__}: {error.cause}",
                error.workflow_id,
                error.workflow_type,
                error.namespace,
                error.retry_state.name,
                str(bool(error.run_id)),
                str(error.started_event_id > error.initiated_event_id > 0),
            ]
        return []


@workflow.defn
class TakesIdTwice:
    @workflow.run
    async def run(self, child_id: str) -> list[str]:
        child = await workflow.start_child_workflow(Child.run, "wait", id=child_id)
        seen: list[str] = []
        try:
            await workflow.start_child_workflow(Child.run, "wait", id=child_id)
        except WorkflowAlreadyStartedError as error:
            seen += [error.workflow_id, error.workflow_type, str(error)]
        await child.signal(Child.finish)
        seen.append(await child)
        seen.append(
            await fate(
                workflow.execute_child_workflow(
                    Child.run,
                    "again",
                    id=child_id,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                )
            )
        )
        return seen


@workflow.defn
class CancelsChild:
    """Cancels a child at one of several moments."""

    def __init__(self) -> None:
        self.finished = False
        self.seen: list[str] = []

    @workflow.query
    def seen_so_far(self) -> list[str]:
        return self.seen

    @workflow.signal
    def finish(self) -> None:
        self.finished = True

    @workflow.run
    async def run(self, child_id: str, moment: str, kind: int, how: str) -> list[str]:
        start = workflow.start_child_workflow(
            Child.run,
            how,
            id=child_id,
            cancellation_type=ChildWorkflowCancellationType(kind),
            parent_close_policy=ParentClosePolicy.ABANDON,
        )
        if moment == "unsent":
            task = asyncio.create_task(start)
            await asyncio.sleep(0)
            task.cancel()
            return [await fate(task)]
        child = await start
        if moment == "next task":
            await child.signal(Child.note, args=["a task goes by", 1])
        child.cancel("no longer needed")
        if moment == "twice":
            await asyncio.sleep(0)
            child.cancel("no longer needed")
            # The child may have ended by now.
            await fate(child.signal(Child.note, args=["a task goes by", 1]))
            child.cancel("no longer needed")
        self.seen.append(await fate(child))
        child.cancel()
        # A server does not pass a request on for a workflow that has ended.
        await workflow.wait_condition(lambda: self.finished)
        return self.seen


@workflow.defn
class WaitsForChild:
    """Is cancelled from outside while its child runs."""

    @workflow.run
    async def run(self, child_id: str, how: str) -> str:
        return await workflow.execute_child_workflow(Child.run, how, id=child_id)


@workflow.defn
class LeavesChild:
    """Ends before its child does."""

    @workflow.run
    async def run(self, child_id: str, policy: int) -> None:
        await workflow.start_child_workflow(
            Child.run, "wait", id=child_id, parent_close_policy=ParentClosePolicy(policy)
        )


@workflow.defn
class SignalsChild:
    @workflow.run
    async def run(self, child_id: str) -> list[str]:
        child = await workflow.start_child_workflow(Child.run, "wait", id=child_id)
        await child.signal(Child.note, args=["by handle", 1])
        await child.signal("note", args=["by name", 2])
        other = workflow.get_external_workflow_handle_for(Child.run, child_id)
        await other.signal(Child.finish)
        return [await child, await fate(child.signal(Child.finish))]


@workflow.defn
class Reaches:
    """Signals or cancels a workflow that it has nothing else to do with."""

    @workflow.run
    async def run(self, what: str, workflow_id: str, run_id: str | None) -> str:
        other = workflow.get_external_workflow_handle(workflow_id, run_id=run_id)
        if what == "cancel":
            return await fate(other.cancel(reason="a good reason"))
        if what == "taken back":
            task = asyncio.create_task(other.signal("finish"))
            await asyncio.sleep(0)
            task.cancel()
            return await fate(task)
        await fate(other.signal("note", args=["from afar", 1]))
        return await fate(other.signal("finish"))


@workflow.defn
class Labels:
    """Changes its own labels step by step."""

    def __init__(self) -> None:
        self.go_on = 0

    @workflow.run
    async def run(self) -> list[Any]:
        workflow.upsert_search_attributes(
            [SHADE.value_set("light"), SIZE.value_set(5), TAGS.value_set(["a", "b"])]
        )
        workflow.upsert_memo({"kept": {"a": 1}, "gone": "soon"})
        seen = [self.labels()]
        await workflow.wait_condition(lambda: self.go_on > 0)
        workflow.upsert_search_attributes([SHADE.value_unset(), SIZE.value_set(6)])
        workflow.upsert_memo({"gone": None, "new": 2})
        seen.append(self.labels())
        await workflow.wait_condition(lambda: self.go_on > 1)
        return [*seen, self.labels()]

    def labels(self) -> list[Any]:
        typed = workflow.info().typed_search_attributes
        attributes = {
            pair.key.name: pair.value for pair in typed if pair.key in (SHADE, SIZE, TAGS)
        }
        return [attributes, dict(workflow.memo())]

    @workflow.signal
    def step(self) -> None:
        self.go_on += 1

    @workflow.query
    def labels_now(self) -> list[Any]:
        return self.labels()


@workflow.defn
class HandsOver:
    """Continues as new after it has changed its labels, and tells what is left of them."""

    @workflow.run
    async def run(self, how: str) -> list[Any]:
        info = workflow.info()
        if info.continued_run_id:
            typed = info.typed_search_attributes
            attributes = {pair.key.name: pair.value for pair in typed if pair.key in (SHADE, SIZE)}
            policy = info.retry_policy
            attempts = None if policy is None else policy.maximum_attempts
            return [how, dict(workflow.memo()), attributes, attempts, info.attempt]
        workflow.upsert_search_attributes([SHADE.value_set("upserted")])
        workflow.upsert_memo({"note": "upserted", "more": 1})
        if how == "plain":
            workflow.continue_as_new("next")
        if how == "all":
            workflow.continue_as_new(
                args=["next"],
                workflow=HandsOver.run,
                task_queue=info.task_queue,
                run_timeout=timedelta(seconds=50),
                task_timeout=timedelta(seconds=5),
                backoff_start_interval=timedelta(milliseconds=10),
                retry_policy=RetryPolicy(maximum_attempts=7),
                memo={"note": "given"},
                search_attributes=TypedSearchAttributes([SearchAttributePair(SIZE, 9)]),
            )
        try:
            workflow.continue_as_new("next", workflow="HandsOver")
        except Exception as error:
            raise ApplicationError("a continuation is no Exception") from error


@workflow.defn
class UpdatedToHandOver:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def hand_over(self) -> None:
        workflow.continue_as_new()


@workflow.defn
class SaysMuch:
    """Sends a word that is told apart from all others to each place that words can go to."""

    @workflow.run
    async def run(self, child_id: str, other_id: str) -> str:
        child = await workflow.start_child_workflow(
            Child.run,
            "wait",
            id=child_id,
            memo={"note": "child memo"},
            static_summary="child summary",
            static_details="child details",
        )
        await child.signal(Child.note, args=["to child", 1])
        other = workflow.get_external_workflow_handle(other_id)
        await other.signal("note", args=["to other", 1])
        await child.signal(Child.finish)
        workflow.upsert_memo({"note": "own memo"})
        assert await child == "to child"
        await fate(workflow.execute_child_workflow(Child.run, "fail", id=f"{child_id}-2"))
        await workflow.sleep(0.001, summary="own summary")
        return "own result"


WORKFLOWS: list[type] = [
    Child,
    RunsChild,
    RunsMany,
    ChildWithOptions,
    SeesChildFail,
    TakesIdTwice,
    CancelsChild,
    WaitsForChild,
    LeavesChild,
    SignalsChild,
    Reaches,
    Labels,
    HandsOver,
    UpdatedToHandOver,
    SaysMuch,
]
