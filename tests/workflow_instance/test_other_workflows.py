"""Child workflows and other workflows: what a run asks for, and what it makes of the answers."""

from __future__ import annotations

import asyncio
import gc
from datetime import timedelta
from typing import Any

import pytest

from temporalio import workflow
from temporalio.api.common.v1 import Payload, Priority, RetryPolicy
from temporalio.bridge._callboard import (
    CancelJob,
    ChildWorkflowJob,
    ChildWorkflowStartJob,
    ExternalCancelJob,
    ExternalSignalJob,
)
from temporalio.common import (
    Priority as PriorityOption,
)
from temporalio.common import (
    RetryPolicy as RetryPolicyOption,
)
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDReusePolicy,
)
from temporalio.workflow import (
    ChildWorkflowCancellationType,
    ParentClosePolicy,
    VersioningIntent,
)

from .driving import Driven, TaskFailed, decode, encode, kinds, query, result
from .failures import unknown_workflow

KEYWORD = SearchAttributeKey.for_keyword("Keyword")


@workflow.defn
class Target:
    @workflow.run
    async def run(self, word: str) -> int:
        return len(word)

    @workflow.signal
    async def poke(self, first: str, second: int) -> None: ...


@workflow.defn
class Parent:
    def __init__(self) -> None:
        self.child: Any = None

    @workflow.run
    async def run(self, options: dict[str, Any]) -> Any:
        self.child = await workflow.start_child_workflow(
            Target.run,
            "word",
            id="child",
            task_queue="elsewhere",
            cancellation_type=ChildWorkflowCancellationType.TRY_CANCEL,
            parent_close_policy=ParentClosePolicy.ABANDON,
            execution_timeout=timedelta(seconds=30),
            run_timeout=timedelta(seconds=20),
            task_timeout=timedelta(seconds=10),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            retry_policy=RetryPolicyOption(maximum_attempts=3),
            cron_schedule="* * * * *",
            memo={"note": "of a child"},
            search_attributes=TypedSearchAttributes([SearchAttributePair(KEYWORD, "key")]),
            versioning_intent=VersioningIntent.DEFAULT,
            static_summary="in short",
            static_details="at length",
            priority=PriorityOption(priority_key=2),
        )
        return [self.child.id, self.child.first_execution_run_id, await self.child]

    @workflow.query
    def started(self) -> bool:
        return self.child is not None

    @workflow.query
    async def acts(self, how: str) -> None:
        if how == "start":
            await workflow.start_child_workflow(Target.run, "word", id="child")
        elif how == "signal child":
            await self.child.signal(Target.poke, args=["a", 1])
        elif how == "signal":
            await workflow.get_external_workflow_handle("other").signal("poke")
        elif how == "cancel":
            await workflow.get_external_workflow_handle("other").cancel()
        elif how == "attributes":
            workflow.upsert_search_attributes([KEYWORD.value_set("v")])
        else:
            workflow.upsert_memo({"a": 1})


def payload(value: Any) -> bytes:
    [encoded] = encode(value)
    return encoded


def test_child_gets_all_options() -> None:
    driven = Driven(Parent, {})
    [start] = driven.start()
    assert decode(start["memo"].pop("note")) == "of a child"
    attribute = Payload.FromString(start["search_attributes"].pop("Keyword"))
    assert (attribute.data, attribute.metadata["type"]) == (b'"key"', b"Keyword")
    assert RetryPolicy.FromString(start.pop("retry_policy")).maximum_attempts == 3
    assert Priority.FromString(start.pop("priority")).priority_key == 2
    assert [decode(one) for one in start.pop("arguments")] == ["word"]
    assert [decode(start.pop(name)) for name in ("summary", "details")] == ["in short", "at length"]
    assert start == {
        "command": "start_child_workflow",
        "sequence": 1,
        "workflow_id": "child",
        "workflow_type": "Target",
        "task_queue": "elsewhere",
        "execution_timeout": timedelta(seconds=30),
        "run_timeout": timedelta(seconds=20),
        "task_timeout": timedelta(seconds=10),
        "parent_close_policy": 2,
        "id_reuse_policy": 3,
        "cron_schedule": "* * * * *",
        "headers": {},
        "memo": {},
        "search_attributes": {},
        "cancellation_type": 1,
        "versioning_intent": 2,
        "versioning_override": None,
    }
    assert decode(driven.activate(query("started"))[0]["result"]) is False
    assert driven.activate(ChildWorkflowStartJob(1, run_id="run of child")) == []
    assert decode(driven.activate(query("started"))[0]["result"]) is True
    ended = driven.activate(ChildWorkflowJob(1, result=payload(7)))
    assert result(ended) == ["child", "run of child", 7]


@pytest.mark.parametrize("how", ["start", "signal child", "signal", "cancel", "attributes", "memo"])
def test_queries_cannot_act_on_others(how: str) -> None:
    driven = Driven(Parent, {})
    driven.start()
    driven.activate(ChildWorkflowStartJob(1, run_id="run of child"))
    [failed] = driven.activate(query("acts", how))
    assert failed["command"] == "fail_query"
    assert b"While in read-only function" in failed["failure"]
    # No number is used up, and nothing is shown.
    assert driven.instance.info.raw_memo == {}
    assert driven.instance.info.search_attributes == {}
    assert result(driven.activate(ChildWorkflowJob(1, result=payload(1))))[2] == 1


@workflow.defn
class Calling:
    """Sends to another workflow what it is told to."""

    @workflow.run
    async def run(self, how: str) -> str:
        other = workflow.get_external_workflow_handle_for(Target.run, "other", run_id="its run")
        if how == "signal":
            await other.signal("poke", args=["a", 1])
        elif how == "cancel":
            await other.cancel(reason="because")
        elif how == "cancelled wait":
            waiting = asyncio.create_task(other.cancel())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        return f"{other.id} {other.run_id}"


def test_external_signal() -> None:
    driven = Driven(Calling, "signal")
    [sent] = driven.start()
    assert [decode(one) for one in sent.pop("arguments")] == ["a", 1]
    assert sent == {
        "command": "signal_external_workflow",
        "sequence": 1,
        "child": False,
        "workflow_id": "other",
        "run_id": "its run",
        "signal_name": "poke",
        "headers": {},
    }
    assert result(driven.activate(ExternalSignalJob(1))) == "other its run"


def test_external_cancel() -> None:
    driven = Driven(Calling, "cancel")
    assert driven.start() == [
        {
            "command": "request_cancel_external_workflow",
            "sequence": 1,
            "workflow_id": "other",
            "run_id": "its run",
            "reason": "because",
        }
    ]
    assert result(driven.activate(ExternalCancelJob(1))) == "other its run"


def test_answer_to_a_cancel_that_nobody_waits_for_is_dropped() -> None:
    driven = Driven(Calling, "cancelled wait")
    assert kinds(driven.start()) == ["request_cancel_external_workflow 1", "complete_workflow"]
    assert driven.activate(ExternalCancelJob(1)) == []


@pytest.mark.parametrize(
    ("job", "message"),
    [
        (ChildWorkflowStartJob(9, run_id="r"), "child workflow handle for sequence 9"),
        (ChildWorkflowJob(9), "child workflow handle for sequence 9"),
        (ExternalSignalJob(9), "pending external signal for sequence 9"),
        (ExternalCancelJob(9), "pending external cancel for sequence 9"),
    ],
)
def test_answers_to_nothing_fail_the_task(job: Any, message: str) -> None:
    driven = Driven(Calling, "signal")
    driven.start()
    with pytest.raises(TaskFailed, match=message):
        driven.activate(job)


# ---- teardown, and what nobody waits for ----


@workflow.defn
class Holding:
    """Has one of each kind under way, and tells how their waits end."""

    def __init__(self) -> None:
        self.log: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        child = await workflow.start_child_workflow("child", id="child")
        other = workflow.get_external_workflow_handle("other")
        waits = {
            "starting": asyncio.create_task(self.note_end("starting")),
            "child": asyncio.ensure_future(child),
            "signal": asyncio.create_task(other.signal("poke")),
            "child signal": asyncio.create_task(child.signal("poke")),
            "cancel": asyncio.create_task(other.cancel()),
        }
        try:
            await workflow.wait_condition(lambda: False)
        finally:
            self.log.append("over")
            for wait in waits.values():
                wait.cancel()
                wait.cancel()
            await asyncio.gather(*waits.values(), return_exceptions=True)

    async def note_end(self, name: str) -> None:
        try:
            await workflow.start_child_workflow("second", id="second")
        finally:
            NOTED.append(name)


NOTED: list[str] = []


def test_teardown_ends_all_waits_and_issues_nothing() -> None:
    NOTED.clear()
    driven = Driven(Holding)
    driven.start()
    commands = driven.activate(ChildWorkflowStartJob(1, run_id="run"))
    assert kinds(commands) == [
        "start_child_workflow 2",
        "signal_external_workflow 1",
        "signal_external_workflow 2",
        "request_cancel_external_workflow 1",
    ]
    holding = driven.instance.workflow_object
    driven.evict()
    assert (holding.log, NOTED) == (["over"], ["starting"])
    assert not driven.instance.event_loop.tasks


@workflow.defn
class Leaving:
    """Goes on after its cancellation, which came while a child was started."""

    @workflow.run
    async def run(self) -> None:
        try:
            await workflow.execute_child_workflow("child", id="child")
        except asyncio.CancelledError:
            await workflow.wait_condition(lambda: False)


@pytest.mark.parametrize(
    "jobs",
    [
        [ChildWorkflowStartJob(1, failed=("child", "child", 1))],
        [
            ChildWorkflowStartJob(1, run_id="run"),
            ChildWorkflowJob(1, failure=unknown_workflow().SerializeToString()),
        ],
    ],
    ids=["start", "end"],
)
def test_failure_of_a_child_that_was_left_is_no_news(
    jobs: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    driven = Driven(Leaving)
    driven.start()
    assert kinds(driven.activate(CancelJob("enough"))) == ["cancel_child_workflow 1"]
    for job in jobs:
        assert driven.activate(job) == []
    gc.collect()
    assert caplog.records == []
