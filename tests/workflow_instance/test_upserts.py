"""Upserts of search attributes and memo: what is sent, and what the run shows at once."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import (
    SearchAttributeKey,
)

from .driving import Driven, decode, kinds, result

KEYWORD = SearchAttributeKey.for_keyword("Keyword")
TAGS = SearchAttributeKey.for_keyword_list("Tags")
NUMBER = SearchAttributeKey.for_int("Number")
WHEN = SearchAttributeKey.for_datetime("When")


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
