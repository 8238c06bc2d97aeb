"""Child workflows, other workflows and upserts: what a run asks for, and what it makes of answers."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from temporalio import workflow
from temporalio.api.common.v1 import Payload, Priority, RetryPolicy
from temporalio.bridge._callboard import (
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
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy, VersioningIntent

from .driving import Driven, TaskFailed, decode, encode, kinds, query, result

KEYWORD = SearchAttributeKey.for_keyword("Keyword")
TAGS = SearchAttributeKey.for_keyword_list("Tags")
NUMBER = SearchAttributeKey.for_int("Number")
WHEN = SearchAttributeKey.for_datetime("When")


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
class Upserting:
    @workflow.run
    async def run(self, steps: list[str]) -> Any:
        moment = datetime(2020, 1, 2, tzinfo=timezone.utc)
        seen: list[Any] = []
        held = workflow.info().typed_search_attributes
        for step in steps:
            if step == "set":
                workflow.upsert_search_attributes(
                    [
                        KEYWORD.value_set("one"),
                        TAGS.value_set(["a", "b"]),
                        NUMBER.value_set(5),
                        WHEN.value_set(moment),
                    ]
                )
            elif step == "unset":
                workflow.upsert_search_attributes([KEYWORD.value_unset(), NUMBER.value_set(6)])
            elif step == "untyped":
                workflow.upsert_search_attributes({"Tags": ["c", "d"], "Number": [7], "X": []})
            elif step == "nothing":
                workflow.upsert_search_attributes([])
                workflow.upsert_memo({})
            elif step == "wrong":
                with pytest.raises(TypeError):
                    workflow.upsert_search_attributes(
                        [KEYWORD.value_set("lost"), NUMBER.value_set("text")]  # type: ignore[arg-type]
                    )
            elif step == "memo":
                workflow.upsert_memo({"a": 1, "b": {"c": 2}, "gone": 3})
                workflow.memo()
            elif step == "memo removed":
                workflow.upsert_memo({"a": "new", "gone": None, "never there": None})
            seen.append(
                [
                    {pair.key.name: str(pair.value) for pair in held},
                    {
                        k: [str(v) for v in vs]
                        for k, vs in workflow.info().search_attributes.items()
                    },
                    dict(workflow.memo()),
                    workflow.memo_value("b", None),
                ]
            )
        return seen


def run_upserts(*steps: str) -> tuple[list[dict[str, Any]], list[Any]]:
    commands = Driven(Upserting, list(steps)).start()
    return commands[:-1], result(commands)


def test_typed_search_attributes_show_at_once() -> None:
    commands, [[typed, untyped, *_], [typed_later, untyped_later, *_]] = run_upserts("set", "unset")
    assert kinds(commands) == ["upsert_search_attributes"] * 2
    sent = {
        name: (one.data, one.metadata.get("type"))
        for name, encoded in commands[0]["search_attributes"].items()
        for one in [Payload.FromString(encoded)]
    }
    assert sent == {
        "Keyword": (b'"one"', b"Keyword"),
        "Tags": (b'["a","b"]', b"KeywordList"),
        "Number": (b"5", b"Int"),
        "When": (b'"2020-01-02T00:00:00+00:00"', b"Datetime"),
    }
    removed = Payload.FromString(commands[1]["search_attributes"]["Keyword"])
    assert dict(removed.metadata) == {"encoding": b"binary/null"}
    moment = "2020-01-02 00:00:00+00:00"
    assert typed == {"Keyword": "one", "Tags": "['a', 'b']", "Number": "5", "When": moment}
    assert untyped == {"Keyword": ["one"], "Tags": ["a", "b"], "Number": ["5"], "When": [moment]}
    assert typed_later == {"Tags": "['a', 'b']", "Number": "6", "When": moment}
    assert untyped_later == {**untyped, "Keyword": [], "Number": ["6"]}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_untyped_search_attributes_guess_their_types() -> None:
    commands, [_, [typed, untyped, *_]] = run_upserts("set", "untyped")
    sent = {name: decode(one) for name, one in commands[1]["search_attributes"].items()}
    assert sent == {"Tags": ["c", "d"], "Number": [7], "X": []}
    assert (typed["Tags"], typed["Number"]) == ("['c', 'd']", "7")
    assert (untyped["Tags"], untyped["Number"], untyped["X"]) == (["c", "d"], ["7"], [])


def test_memo_shows_at_once() -> None:
    commands, [before, after] = run_upserts("memo", "memo removed")
    assert kinds(commands) == ["upsert_memo"] * 2
    assert before[2:] == [{"a": 1, "b": {"c": 2}, "gone": 3}, {"c": 2}]
    assert after[2:] == [{"a": "new", "b": {"c": 2}}, {"c": 2}]
    sent = {key: decode(one) for key, one in commands[1]["memo"].items()}
    assert sent == {"a": "new", "gone": None, "never there": None}


def test_upserts_of_nothing_or_of_something_wrong_leave_no_trace() -> None:
    commands, seen = run_upserts("nothing", "wrong")
    assert commands == []
    assert seen == [[{}, {}, {}, None]] * 2


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
