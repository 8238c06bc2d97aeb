"""Search attributes, memos, summaries and details."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from typing import Any

from temporalio import workflow
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
)
from temporalio.service import RPCError, RPCStatusCode

from .activities import echo, local, remote
from .stage import Stage, outcome, scenario

TEXT = SearchAttributeKey.for_text("CallboardText")
WORD = SearchAttributeKey.for_keyword("CallboardKeyword")
WORDS = SearchAttributeKey.for_keyword_list("CallboardKeywordList")
WHOLE = SearchAttributeKey.for_int("CallboardInt")
REAL = SearchAttributeKey.for_float("CallboardDouble")
TRUTH = SearchAttributeKey.for_bool("CallboardBool")
WHEN = SearchAttributeKey.for_datetime("CallboardDatetime")


async def add_search_attributes(client: Client) -> None:
    """Make the search attributes of these scenarios known to a server."""
    prefix = "INDEXED_VALUE_TYPE_"
    kinds = {
        key.name: IndexedValueType.Value(prefix + key.indexed_value_type.name)
        for key in (TEXT, WORD, WORDS, WHOLE, REAL, TRUTH, WHEN)
    }
    request = AddSearchAttributesRequest(search_attributes=kinds, namespace=client.namespace)  # type: ignore[arg-type]
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise


@workflow.defn
class Upserts:
    """Sets, changes and removes search attributes and fields of the memo."""

    @workflow.run
    async def run(self) -> list[Any]:
        workflow.upsert_search_attributes(
            [
                TEXT.value_set("some text"),
                WORD.value_set("word"),
                WORDS.value_set(["a", "b"]),
                WHOLE.value_set(7),
                REAL.value_set(0.5),
                TRUTH.value_set(True),
                WHEN.value_set(datetime(2024, 2, 29, 12, tzinfo=timezone.utc)),
            ]
        )
        workflow.upsert_memo({"added": {"deep": [1]}, "started": None})
        await asyncio.sleep(0.05)
        workflow.upsert_search_attributes([WORD.value_set("changed"), WHOLE.value_unset()])
        workflow.upsert_memo({"added": "again"})
        await remote(echo, sorted(workflow.memo()))
        names = sorted(pair.key.name for pair in workflow.info().typed_search_attributes)
        return [names, workflow.memo()]


@scenario(Upserts)
async def search_attributes_and_memo(stage: Stage) -> None:
    await add_search_attributes(stage.client)
    async with stage.activities(), stage.worker():
        attributes = TypedSearchAttributes([SearchAttributePair(WORD, "from the start")])
        memo = {"started": "with", "kept": 1}
        await outcome(await stage.start("Upserts", search_attributes=attributes, memo=memo))


@workflow.defn
class UpsertsBetweenPatches:
    """Upserts of its own before, between and after patches, and one without types."""

    @workflow.run
    async def run(self) -> list[bool]:
        workflow.upsert_search_attributes([WHOLE.value_set(1)])
        answers = [workflow.patched("one")]
        workflow.upsert_search_attributes({WORD.name: ["untyped"]})
        answers.append(workflow.patched("two"))
        await local(echo, 1)
        workflow.upsert_search_attributes([WHOLE.value_set(2)])
        answers.append(workflow.patched("one"))
        return answers


@scenario(UpsertsBetweenPatches)
async def upserts_between_patches(stage: Stage) -> None:
    await add_search_attributes(stage.client)
    async with stage.worker():
        await outcome(await stage.start("UpsertsBetweenPatches"))


@workflow.defn
class ContinuesWithAttributes:
    """Its search attributes and memo go on in the next run."""

    @workflow.run
    async def run(self, round: int) -> list[Any]:
        if round == 0:
            workflow.upsert_search_attributes([WORD.value_set("first run"), WHOLE.value_set(1)])
            workflow.upsert_memo({"round": 1})
            workflow.continue_as_new(1)
        if round == 1:
            workflow.continue_as_new(
                2,
                memo={"replaced": True},
                search_attributes=TypedSearchAttributes([SearchAttributePair(WHOLE, 9)]),
            )
        names = sorted(pair.key.name for pair in workflow.info().typed_search_attributes)
        return [names, workflow.memo()]


@scenario(ContinuesWithAttributes)
async def continued_with_attributes(stage: Stage) -> None:
    await add_search_attributes(stage.client)
    async with stage.worker():
        handle = await stage.start("ContinuesWithAttributes", 0)
        await outcome(handle)


@workflow.defn
class Summaries:
    """Says what it does, in summaries and details that a person reads."""

    @workflow.run
    async def run(self) -> str:
        workflow.set_current_details("asleep")
        await workflow.sleep(0.05, summary="of a timer")
        await remote(echo, 1, summary="of an activity")
        try:
            await workflow.wait_condition(lambda: False, timeout=0.1, timeout_summary="of a limit")
        except asyncio.TimeoutError:
            workflow.set_current_details("done")
        return workflow.get_current_details()


@scenario(Summaries)
async def summaries_and_details(stage: Stage) -> None:
    async with stage.activities(), stage.worker():
        await outcome(
            await stage.start("Summaries", static_summary="summary", static_details="details")
        )
