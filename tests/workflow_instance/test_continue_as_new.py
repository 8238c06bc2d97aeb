"""Continue-as-new: what the next run is given, and what it takes over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from temporalio import workflow
from temporalio.api.common.v1 import Payload, RetryPolicy
from temporalio.common import RetryPolicy as RetryPolicyOption
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.workflow import ContinueAsNewVersioningBehavior, VersioningIntent

from .driving import Driven, decode

KEYWORD = SearchAttributeKey.for_keyword("Keyword")


@workflow.defn
class Continuing:
    @workflow.run
    async def run(self, how: str) -> None:
        if how == "nothing":
            workflow.continue_as_new()
        workflow.continue_as_new(
            args=["a", 1],
            workflow="Other",
            task_queue="elsewhere",
            run_timeout=timedelta(seconds=1),
            task_timeout=timedelta(seconds=2),
            backoff_start_interval=timedelta(seconds=3),
            retry_policy=RetryPolicyOption(maximum_attempts=4),
            memo={"note": 5},
            search_attributes=TypedSearchAttributes([SearchAttributePair(KEYWORD, "key")]),
            versioning_intent=VersioningIntent.COMPATIBLE,
            initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
        )


def test_continue_as_new_with_all_options() -> None:
    [next_run] = Driven(Continuing, "all").start()
    assert [decode(one) for one in next_run.pop("arguments")] == ["a", 1]
    assert decode(next_run["memo"].pop("note")) == 5
    attribute = Payload.FromString(next_run["search_attributes"].pop("Keyword"))
    assert (attribute.data, attribute.metadata["type"]) == (b'"key"', b"Keyword")
    assert RetryPolicy.FromString(next_run.pop("retry_policy")).maximum_attempts == 4
    assert next_run == {
        "command": "continue_as_new",
        "workflow_type": "Other",
        "task_queue": "elsewhere",
        "run_timeout": timedelta(seconds=1),
        "task_timeout": timedelta(seconds=2),
        "backoff_start_interval": timedelta(seconds=3),
        "memo": {},
        "headers": {},
        "search_attributes": {},
        "versioning_intent": 1,
        "initial_versioning_behavior": 1,
    }


def test_continue_as_new_leaves_unset_what_the_run_hands_on() -> None:
    """Compatibility, commands: continue-as-new takes over what is unset."""
    [next_run] = Driven(Continuing, "nothing").start()
    given = {name: value for name, value in next_run.items() if value}
    assert given == {"command": "continue_as_new"}


def test_nobody_else_makes_a_continuation() -> None:
    with pytest.raises(RuntimeError, match="Cannot instantiate ContinueAsNewError directly"):
        workflow.ContinueAsNewError("by hand")
    assert not issubclass(workflow.ContinueAsNewError, Exception)
