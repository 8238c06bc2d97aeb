"""Replaying histories."""

from __future__ import annotations

from collections.abc import AsyncIterator

from typing_extensions import assert_type

from temporalio import workflow
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import (
    Replayer,
    ReplayerConfig,
    WorkflowReplayResult,
    WorkflowReplayResults,
)


@workflow.defn
class Greet:
    @workflow.run
    async def run(self, name: str) -> str:
        return name


async def replay(client: Client, history: WorkflowHistory) -> None:
    replayer = Replayer(workflows=[Greet], namespace="mine")
    assert_type(replayer.config(), ReplayerConfig)
    assert_type(await replayer.replay_workflow(history), WorkflowReplayResult)
    histories = client.list_workflows().map_histories()
    results = await replayer.replay_workflows(histories, raise_on_replay_failure=False)
    assert_type(results, WorkflowReplayResults)
    for run_id, failure in results.replay_failures.items():
        assert_type((run_id, failure), tuple[str, Exception])
    async with replayer.workflow_replay_iterator(histories) as iterator:
        assert_type(iterator, AsyncIterator[WorkflowReplayResult])
        async for result in iterator:
            assert_type(result.replay_failure, Exception | None)

    await replayer.replay_workflow("history.json")  # error: a history, not a file
    await replayer.replay_workflows([history])  # error: not asynchronous
    Replayer(workflows=Greet)  # error: several workflows
    Replayer()  # error: no workflows
