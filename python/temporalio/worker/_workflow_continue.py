"""The command with which a new run takes over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._workflow_activities import serialized_retry_policy
from ._workflow_calls import ContinueAsNewInput
from ._workflow_conversion import serialized_attributes, serialized_headers

if TYPE_CHECKING:
    from ._workflow_instance import _WorkflowInstanceImpl


def issue_continue_as_new(run: _WorkflowInstanceImpl, next_run: ContinueAsNewInput) -> None:
    """End ``run`` in favour of ``next_run``."""
    intent = next_run.versioning_intent
    run.commands.continue_as_new(
        workflow_type=next_run.workflow or "",
        task_queue=next_run.task_queue or "",
        arguments=run.conversion.encode_arguments(next_run.args),
        run_timeout=next_run.run_timeout or None,
        task_timeout=next_run.task_timeout or None,
        backoff_start_interval=next_run.backoff_start_interval or None,
        memo=run.conversion.encode_values(next_run.memo) if next_run.memo else None,
        headers=serialized_headers(next_run.headers),
        search_attributes=serialized_attributes(next_run.search_attributes),
        retry_policy=serialized_retry_policy(next_run.retry_policy),
        versioning_intent=0 if intent is None else intent.value,
        initial_versioning_behavior=int(next_run.initial_versioning_behavior or 0),
    )
